"""What a Clarisse project holds: images with their layers, cameras, renderers, and the files it names.

Clarisse writes only what differs from its defaults: what the file does not say is None here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from renderbus_model.houdini_scene import Unresolved
from renderbus_model.scene import Reference, Role


@dataclass(frozen=True, slots=True)
class ClarisseLayer:
    """A layer of an image.

    Attributes:
        name: full name, ``project://scene/image.background``.
        type: its class, ``Layer3d`` or one of a plug-in.
        camera, renderer: object names as stored, "" for none.
        first, last, step: frames.
        output: path as written, "" for none.
        format_index: index into Clarisse's list of formats.
        saved: whether it is written to disk.
        deep: whether deep output is on; ``deep_output`` is its path.
    """

    name: str
    type: str
    camera: str = ""
    renderer: str = ""
    first: int | None = None
    last: int | None = None
    step: int | None = None
    output: str = ""
    format_index: int | None = None
    saved: bool | None = None
    deep: bool | None = None
    deep_output: str = ""


@dataclass(frozen=True, slots=True)
class ClarisseImage:
    """An image: frames and output as of a layer, its size, and the layers it is made of, in file order.

    Attributes:
        color_view: name of the view that colours are written for, "" when it is not written.
    """

    name: str
    first: int | None = None
    last: int | None = None
    step: int | None = None
    width: int | None = None
    height: int | None = None
    output: str = ""
    format_index: int | None = None
    saved: bool | None = None
    color_view: str = ""
    layers: tuple[ClarisseLayer, ...] = ()


@dataclass(frozen=True, slots=True)
class ClarisseObject:
    """An object that matters by its class: its full name and class."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class ClarisseScene:
    """All that a reader found in one project, in file order.

    Attributes:
        version: of the Clarisse that saved it, ``4``.
        serial, project_version: versions of the format.
        fps, start, end: from the preferences for animation.
        renderers: renderer objects; their classes tell Clarisse's own from plug-ins'.
        contexts: full names of contexts whose content lies in another file.
        unresolved: file names that only Clarisse could work out.
        complete: False when the file is damaged and only this much could be read.
    """

    version: str
    serial: str = ""
    project_version: str = ""
    fps: float | None = None
    start: float | None = None
    end: float | None = None
    images: tuple[ClarisseImage, ...] = ()
    cameras: tuple[ClarisseObject, ...] = ()
    renderers: tuple[ClarisseObject, ...] = ()
    contexts: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    complete: bool = True

    @property
    def application(self) -> str:
        """``Clarisse``."""
        return "Clarisse"

    @property
    def inputs(self) -> tuple[Reference, ...]:
        """The references that are read when the project renders."""
        return tuple(reference for reference in self.references if reference.role is Role.INPUT)

    def as_partial(self) -> ClarisseScene:
        """The same, marked as read from a damaged file."""
        return replace(self, complete=False)
