"""Choose a reader by a file's first bytes; its name and suffix are never asked."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar

from renderbus_model.any_scene import AnyScene
from renderbus_model.software import Application
from renderbus_scenes.blender import read_blend
from renderbus_scenes.clarisse import MAGIC as CLARISSE
from renderbus_scenes.clarisse import read_project
from renderbus_scenes.errors import BadScene
from renderbus_scenes.houdini import read_hip
from renderbus_scenes.houdini_archive import license_of
from renderbus_scenes.maya_ascii import is_maya_ascii, read_maya_ascii
from renderbus_scenes.maya_binary import is_maya_binary, read_maya_binary
from renderbus_scenes.unpack import GZIP, MOST_BYTES, ZSTD, Content

_OTHERS = {
    b"PK\x03\x04": "a zip archive",
    b"\x89PNG": "a PNG picture",
    b"<?xml": "an XML file",
}
_Facts = TypeVar("_Facts", bound=AnyScene)

_LFS = b"version https://git-lfs"
HEAD_BYTES = 256
"""Of a file's beginning, enough to tell whose scene it is."""

_SHOWN = 40  # bytes of a stranger's file in a message: enough to recognise it


def application_of(head: bytes) -> Application | None:
    """Whose scene a file is that begins so (``HEAD_BYTES`` of it are enough), None where it is nobody's.

    >>> application_of(b"//Maya ASCII 2023 scene")
    <Application.MAYA: 2000>
    """
    if head.startswith((b"BLENDER", GZIP, ZSTD)):
        return Application.BLENDER
    if license_of(head):
        return Application.HOUDINI
    if head.startswith(CLARISSE):
        return Application.CLARISSE
    if is_maya_ascii(head) or is_maya_binary(head):
        return Application.MAYA
    return None


def read(
    content: Content, name: str = "", *, limit: int = MOST_BYTES, only: Collection[str] | None = None
) -> AnyScene:
    """What a scene file holds; ``name`` is only for messages.

    Args:
        only: of a library: the data-blocks that are linked (``SceneFacts.links``); all count without it.

    Raises:
        BadScene: no scene that is read here, damaged, or more than ``limit`` bytes when unpacked.
    """
    head = bytes(memoryview(content)[:HEAD_BYTES])
    application = application_of(head)
    if application is Application.BLENDER:
        return read_blend(content, name, limit=limit, only=only)
    if application is Application.HOUDINI:
        return read_hip(content, name, limit=limit)
    if application is Application.CLARISSE:
        return read_project(content, name, limit=limit)
    if application is Application.MAYA:
        return read_maya_ascii(content, name) if is_maya_ascii(head) else read_maya_binary(content, name)
    raise BadScene(name, _what_it_is(head))


def read_as(
    kind: type[_Facts],
    content: Content,
    name: str = "",
    *,
    limit: int = MOST_BYTES,
    only: Collection[str] | None = None,
) -> _Facts:
    """What a scene file of one application holds; arguments as for ``read``.

    Raises:
        BadScene: see ``read``, or it is a scene of another application.
    """
    facts = read(content, name, limit=limit, only=only)
    if not isinstance(facts, kind):
        raise BadScene(name, f"is a scene of {facts.application} {facts.version}")
    return facts


def _what_it_is(head: bytes) -> str:
    if not head:
        return "is empty (0 bytes)"
    if head.startswith(_LFS):
        return "is a Git LFS pointer, not the scene itself; fetch the real file with `git lfs pull`"
    for start, what in _OTHERS.items():
        if head.startswith(start):
            return f"is {what}, which is not read; scenes of Blender, Maya, Houdini and Clarisse are"
    try:
        text = head[:_SHOWN].decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if text and all(sign.isprintable() or sign.isspace() for sign in text):
        return f"is a text file, not a scene; it begins with {text!r}"
    return f"is no scene that is read here; it begins with the bytes {head[:8].hex(' ')}"
