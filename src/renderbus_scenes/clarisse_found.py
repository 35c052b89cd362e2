"""What comes together while a Clarisse project is read: open blocks, and what closed ones said."""

from __future__ import annotations

import re
from typing import NamedTuple

from renderbus_model.clarisse_scene import ClarisseImage, ClarisseLayer, ClarisseObject, ClarisseScene
from renderbus_model.houdini_scene import Unresolved
from renderbus_model.scene import Reference
from renderbus_scenes.clarisse_blocks import unescaped
from renderbus_scenes.clarisse_files import SAVED, names_file, reference_to
from renderbus_scenes.clarisse_objects import image, layer, real
from renderbus_scenes.unpack import Searchable

_HEAD = re.compile(rb"#Isotropix_(Serial|Clarisse|Clarisse_Project)_Version[ \t]+([^\s]+)")
_HEAD_BYTES = 4096
_NAME = re.compile(rb'\s*(?:#[^\n]*\n\s*)*name[ \t]+"([^"\\]*(?:\\.[^"\\]*)*)"', re.DOTALL)


class Header(NamedTuple):
    """What opens a block: ``Image``, ``Context "scene"``, ``filename_open "map"``.

    Attributes:
        word: its first word; ``label`` the text behind it.
        collects: the attributes in the block matter.
        is_object: the word is a class.
        is_named: objects of that class are listed by name.
    """

    word: str
    label: str
    collects: bool
    is_object: bool
    is_named: bool
    is_preferences: bool


class Block:
    """An open block.

    Attributes:
        start: where its content begins.
        collected: its attributes by name, where they matter.
        layers: those of an image, as far as read.
    """

    __slots__ = ("collected", "header", "layers", "start")

    def __init__(self, header: Header, start: int) -> None:
        self.header = header
        self.start = start
        self.collected: dict[str, list[str]] | None = {} if header.collects else None
        self.layers: list[ClarisseLayer] = []


class Found:
    """A project as far as it is read.

    Attributes:
        open: blocks that are open, from the outermost.
    """

    def __init__(self, data: Searchable) -> None:
        self.open: list[Block] = []
        self._data = data
        self._images: list[ClarisseImage] = []
        self._cameras: list[ClarisseObject] = []
        self._renderers: list[ClarisseObject] = []
        self._contexts: list[str] = []
        self._references: list[Reference] = []
        self._unresolved: list[Unresolved] = []
        self._animation: dict[str, list[str]] = {}

    def take(self, block: Block, name: str, values: list[str]) -> None:
        """An attribute of ``block``, which is the innermost that is open."""
        if block.collected is not None:
            block.collected.setdefault(name, values)
        if (names_file(name) or name in SAVED) and not self._in_preferences:
            self._add(name, values, optional=False)

    def close(self, block: Block) -> None:
        """``block`` was the innermost that was open, and is complete."""
        header = block.header
        if block.collected is None:
            if header.is_named and not self._in_preferences:
                objects = self._cameras if header.word.startswith("Camera") else self._renderers
                objects.append(ClarisseObject(self._name(block), header.word))
        elif self._in_preferences:
            if header.word == "animation":
                self._animation = block.collected
        elif header.word == "Image":
            self._images.append(image(self._name(block), block.collected, tuple(block.layers)))
        elif header.is_object:
            self._close_layer(block, block.collected)
        else:
            self._close_file(header, block.collected)

    def _close_layer(self, block: Block, values: dict[str, list[str]]) -> None:
        owner = next((each for each in reversed(self.open) if each.header.word == "Image"), None)
        if owner:
            owner.layers.append(layer(self._name(block), block.header.word, values))

    def _close_file(self, header: Header, values: dict[str, list[str]]) -> None:
        """An attribute that is a block: ``filename { value "x" }``, ``filename_open "map" { value "x" }``."""
        name = f"{header.word} {header.label}" if header.label else header.word
        formula = values.get("expression")
        if formula:
            self._unresolved.append(Unresolved(self._name(), name, " ".join(formula)))
        self._add(name, values.get("value", []), optional=formula is not None)

    def _add(self, attribute: str, values: list[str], *, optional: bool) -> None:
        node = self._name()
        class_name = next((each.header.word for each in reversed(self.open) if _is_class(each)), "")
        for path in values:
            reference = reference_to(node, class_name, attribute, path, optional=optional)
            if reference:
                self._references.append(reference)
                if class_name in ("ContextReference", "Context"):
                    self._contexts.append(node)

    @property
    def _in_preferences(self) -> bool:
        return bool(self.open) and self.open[0].header.is_preferences

    def _name(self, innermost: Block | None = None) -> str:
        """Full name of the innermost object: contexts by slashes, what is embedded by a dot."""
        name, separator = "project:/", "/"
        for block in [*self.open, innermost] if innermost else self.open:
            header = block.header
            if header.word == "embedded_objects":
                separator = "."
            elif header.word == "Context":
                name += f"/{header.label}"
            elif header.is_object:
                found = _NAME.match(self._data, block.start)
                own = unescaped(found[1]) if found else header.label
                name, separator = f"{name}{separator}{own}", "/"
        return name

    def scene(self) -> ClarisseScene:
        """All that was read."""
        head = bytes(self._data[:_HEAD_BYTES])
        versions = {found[1]: found[2].decode("utf-8", "replace") for found in _HEAD.finditer(head)}
        return ClarisseScene(
            version=versions.get(b"Clarisse", ""),
            serial=versions.get(b"Serial", ""),
            project_version=versions.get(b"Clarisse_Project", ""),
            fps=real(self._animation, "frames_per_second"),
            start=real(self._animation, "start_frame"),
            end=real(self._animation, "end_frame"),
            images=tuple(self._images),
            cameras=tuple(self._cameras),
            renderers=tuple(self._renderers),
            contexts=tuple(dict.fromkeys(self._contexts)),
            references=tuple(self._references),
            unresolved=tuple(self._unresolved),
        )


def _is_class(block: Block) -> bool:
    return block.header.word[:1].isupper()
