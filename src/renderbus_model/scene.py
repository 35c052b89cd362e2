"""What a scene reader found: files that a scene names, its scenes, layers, cameras and frames.

A reader returns what is *written*; whether a file exists is the caller's question.
Text that came from bytes which are no UTF-8 keeps them as surrogates, so that the path still finds its file.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum


class Kind(str, Enum):
    """What sort of thing a file is."""

    TEXTURE = "texture"
    IMAGE = "image"
    AUDIO = "audio"
    FONT = "font"
    CACHE = "cache"
    ALEMBIC = "alembic"
    USD = "usd"
    VOLUME = "volume"
    IES = "ies"
    SHADER = "shader"
    LIBRARY = "library"
    PROXY = "proxy"
    HAIR = "hair"
    SUBSTANCE = "substance"
    HDA = "hda"
    REFERENCE = "reference"
    TEXT = "text"
    COLOUR = "colour"
    OTHER = "other"


class Role(str, Enum):
    """Whether the file is read or written when the scene renders, or comes with the application."""

    INPUT = "input"
    OUTPUT = "output"
    SHIPPED = "shipped"


class Spread(str, Enum):
    """How many files one path stands for."""

    ONE = "one file"
    TILES = "UDIM tiles"
    SEQUENCE = "sequence"
    FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class Reference:
    """A place in a scene that names a file.

    Attributes:
        node: name of the data-block or node that holds the path, e.g. ``wood``.
        node_type: what that is, in the application's words, e.g. ``Image``.
        attribute: the field, e.g. ``filepath``.
        path: as written. Blender's with forward slashes, where ``//`` begins a path relative to the file
            that holds it and two backslashes a server's name.
        library: path as written of the library that relative paths start from, where that is not
            the file that was read (Blender 5.0 keeps packed copies of linked data-blocks). Empty else.
        names: all file names in the folder of ``path``, for image strips, which list theirs one by one.
        tiles: tile numbers of a UDIM image that writes its list.
        optional: a folder that the application fills when it needs to; its absence is no finding.
        offset: where the path's bytes begin in the (decompressed) file, -1 where that has no meaning.
        capacity: longest path in bytes that fits there, a closing zero byte not counted.
        expanded: the path with forward slashes, once formulas and names that the scene itself settles are
            put in. Empty where there are none, or one of them is not known.
        source: the application that told it, e.g. ``Houdini 19.5.805``; empty where the file says it.
    """

    node: str
    node_type: str
    attribute: str
    path: str
    kind: Kind
    role: Role = Role.INPUT
    spread: Spread = Spread.ONE
    library: str = ""
    names: tuple[str, ...] = ()
    tiles: tuple[int, ...] = ()
    optional: bool = False
    offset: int = -1
    capacity: int = 0
    expanded: str = ""
    source: str = ""

    def __str__(self) -> str:
        return f"{self.node_type} {self.node!r}: '{on_one_line(self.path)}'"


def on_one_line(text: str) -> str:
    """A text of a stranger's file with its control characters spelled out, fit for a terminal.

    Backslashes stay single, as people know them from paths.
    """
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)


@dataclass(frozen=True, slots=True)
class ViewLayer:
    """A named set of channels; ``enabled`` tells whether it renders."""

    name: str
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class CameraSwitch:
    """From ``frame`` on the scene looks through ``camera`` (a marker bound to a camera)."""

    frame: int
    camera: str


@dataclass(frozen=True, slots=True)
class Scene:
    """One scene inside a file.

    Attributes:
        engine: render engine as stored, e.g. ``CYCLES``.
        camera: the camera it renders through, "" for none.
        cameras: every camera in it that the file itself shows, sorted, ``camera`` included.
        start, end, step: frames.
        fps: frames per second.
        width, height: before ``percent`` is applied.
        output: where pictures go, as written, e.g. ``//render/shot_####``.
        format: Blender's identifier, e.g. ``OPEN_EXR``; "" for one that is not known.
        samples: Cycles samples per pixel, None when not written (then the default of its version holds).
        composites: the compositor works on what the layers rendered.
        edits: the picture is that of the video editor's strips, which need no camera.
    """

    name: str
    engine: str = ""
    camera: str = ""
    cameras: tuple[str, ...] = ()
    camera_switches: tuple[CameraSwitch, ...] = ()
    view_layers: tuple[ViewLayer, ...] = ()
    start: int = 1
    end: int = 250
    step: int = 1
    fps: float = 24.0
    width: int = 1920
    height: int = 1080
    percent: int = 100
    output: str = ""
    format: str = ""
    samples: int | None = None
    composites: bool = False
    edits: bool = False

    @property
    def rendered_size(self) -> tuple[int, int]:
        """Width and height of the finished picture; Blender rounds down and never below one pixel."""
        return max(1, self.width * self.percent // 100), max(1, self.height * self.percent // 100)


@dataclass(frozen=True, slots=True)
class PythonDriver:
    """A value that only Python can work out: ``path`` (RNA) of data-block ``node`` by ``expression``."""

    node: str
    node_type: str
    path: str
    expression: str


@dataclass(frozen=True, slots=True)
class DiskCache:
    """A simulation of data-block ``node`` whose frames lie in a folder named after the scene's file.

    Attributes:
        folder_of_scene: the folder of the scene that is opened holds it, also for what is in a library.
        baked: it is complete, so that rendering relies on it.
    """

    node: str
    node_type: str
    folder_of_scene: bool = False
    baked: bool = False

    def reference(self, file_name: str) -> Reference:
        """The folder of the frames beside a .blend called ``file_name``.

        >>> DiskCache("flag", "Object").reference("shot 010.blend").path
        '//blendcache_shot 010'
        """
        stem = file_name[: -len(".blend")] if file_name.lower().endswith(".blend") else file_name
        return Reference(
            self.node,
            self.node_type,
            "point_cache",
            f"//blendcache_{stem}",
            Kind.CACHE,
            spread=Spread.FOLDER,
            optional=not self.baked,
        )


@dataclass(frozen=True, slots=True)
class Link:
    """Data-block ``name``, with the letters for its kind (``MAwood``), of the library at path ``library``."""

    name: str
    library: str


@dataclass(frozen=True, slots=True)
class SceneFacts:
    """All that a reader found in one file, in file order.

    Attributes:
        application: ``Blender``.
        version: of the program that saved it, ``5.1`` or ``2.93``.
        active_scene: the scene that renders unless another is named; "" in a file without scenes.
        cameras: every camera object of the file, sorted.
        links: data-blocks that come from libraries.
        disk_caches: simulations whose frames lie beside the file, under a name that follows from its own.
        packed: data-blocks whose file is inside the scene, so that nothing outside is read.
        packed_libraries: those of them that are scenes themselves; what these name is not known.
        complete: False when the file is damaged and only this much could be read.
        big_endian: saved on a machine of another age; Blender 5.0 and later refuse such files.
    """

    application: str
    version: str
    active_scene: str = ""
    scenes: tuple[Scene, ...] = ()
    cameras: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    python_drivers: tuple[PythonDriver, ...] = ()
    links: tuple[Link, ...] = ()
    disk_caches: tuple[DiskCache, ...] = ()
    packed: tuple[str, ...] = ()
    packed_libraries: tuple[str, ...] = ()
    complete: bool = True
    big_endian: bool = False

    def scene(self, name: str) -> Scene | None:
        """The scene of that name."""
        return next((scene for scene in self.scenes if scene.name == name), None)

    @property
    def inputs(self) -> tuple[Reference, ...]:
        """The references that are read when the scene renders."""
        return tuple(reference for reference in self.references if reference.role is Role.INPUT)

    def as_partial(self) -> SceneFacts:
        """The same, marked as read from a damaged file."""
        return replace(self, complete=False)
