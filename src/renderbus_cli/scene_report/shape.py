"""The object that ``renderbus analyse --json`` prints; docs/analyse.schema.json is made from it.

Members keep their names and meaning between versions; new ones may come. What a file does not say is null,
what it says there is none of is an empty list.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Number = int | float
Level = Literal["warning", "error"]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of the object."""


class Camera(Part, frozen=True, kw_only=True):
    """A camera; ``renderable`` is null where the application has no such switch."""

    name: str
    renderable: bool | None = None


class Layer(Part, frozen=True, kw_only=True):
    """What renders together; ``kind``: ``view layer``, ``render layer``, ``render setup`` or ``layer``."""

    name: str
    renderable: bool
    kind: str


class Frames(Part, frozen=True, kw_only=True):
    """The range that renders."""

    start: Number | None = None
    end: Number | None = None
    step: Number | None = None


class Output(Part, frozen=True, kw_only=True):
    """Where pictures go, as written."""

    path: str | None = None
    prefix: str | None = None
    format: str | None = None


class Plugin(Part, frozen=True, kw_only=True):
    """A plug-in that the scene asks for; ``used`` is null where that cannot be told."""

    name: str
    version: str | None = None
    used: bool | None = None


class SceneLink(Part, frozen=True, kw_only=True):
    """Another scene that this one refers to; ``depth`` 1 is one of its own, 2 is one of such a scene's.

    ``namespace`` is Maya's; of a Clarisse project the context that takes the scene in.
    """

    path: str
    namespace: str | None = None
    depth: int = 1
    loaded: bool = True


class Driver(Part, frozen=True, kw_only=True):
    """Houdini: a node that renders or simulates; the list is in order of need."""

    node: str
    type: str
    frames: str
    camera: str | None = None
    output: str | None = None
    purpose: str
    bypassed: bool = False


class ImageLayer(Part, frozen=True, kw_only=True):
    """Clarisse: a layer of an image; it has frames and an output of its own."""

    name: str
    type: str
    renderable: bool | None = None
    frames: str | None = None
    camera: str | None = None
    renderer: str | None = None
    output: str | None = None
    format: str | None = None


class Image(Part, frozen=True, kw_only=True):
    """Clarisse: an image; ``renderable`` is what the file says, null where it says nothing."""

    name: str
    renderable: bool | None = None
    frames: str | None = None
    resolution: tuple[int, int] | None = None
    output: str | None = None
    format: str | None = None
    layers: list[ImageLayer] = []


class BlenderScene(Part, frozen=True, kw_only=True):
    """Blender: one scene of the file; ``resolution`` has the percentage applied."""

    name: str
    engine: str
    resolution: tuple[int, int]
    frames: Frames
    camera: str | None
    view_layers: list[str]


class File(Part, frozen=True, kw_only=True):
    """A file that the scene names.

    ``path`` is as written. ``role``: ``input``, ``output`` or ``shipped`` (it comes with the application).
    ``resolved`` holds absolute paths on this machine; ``missing`` tells that something of it is not there,
    and ``why`` what was looked for. ``library`` is the scene that names it, where that is not this one.
    """

    path: str
    kind: str
    node: str
    attribute: str
    role: str
    resolved: list[str] = []
    missing: bool = False
    why: str | None = None
    library: str | None = None


class Script(Part, frozen=True, kw_only=True):
    """Text in the scene that would run when the application opens or renders it."""

    node: str
    event: str
    language: str | None = None
    text: str = ""


class Problem(Part, frozen=True, kw_only=True):
    """A finding; codes are those of tips.json."""

    code: str
    level: Level
    text: str


class SceneReport(Part, frozen=True, kw_only=True):
    """All that is known of a scene.

    ``format``: ``blender``, ``maya_ascii``, ``maya_binary``, ``houdini``, ``clarisse`` or ``povray``.
    ``complete`` is false for a file that is damaged or cut off: the rest is what was read before the damage.
    """

    format: str | None = None
    application: str | None = None
    version: str | None = None
    license: str | None = None
    codeset: str | None = None
    renderer: str | None = None
    cameras: list[Camera] = []
    layers: list[Layer] = []
    frames: Frames | None = None
    fps: Number | None = None
    resolution: tuple[int, int] | None = None
    output: Output | None = None
    plugins: list[Plugin] = []
    references: list[SceneLink] = []
    drivers: list[Driver] = []
    images: list[Image] = []
    scenes: list[BlenderScene] = []
    files: list[File] = []
    scripts: list[Script] = []
    problems: list[Problem] = []
    complete: bool = True
