"""What a Maya scene holds: render settings, layers, cameras, references, plug-ins, and the files it names.

Maya writes only what differs from its defaults: None means "not written". ``RenderSettings.filled`` puts the
defaults in, nothing else does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, replace
from enum import Enum

from renderbus_model.scene import Reference, Role

STARTUP_CAMERAS = frozenset({"perspShape", "topShape", "frontShape", "sideShape"})
"""The cameras that Maya makes in every scene."""

DEFAULT_LAYER = "defaultRenderLayer"
"""The layer that is in every scene, called masterLayer by people."""


class LayerKind(str, Enum):
    """Which of Maya's two layer systems a layer belongs to."""

    LEGACY = "render layer"
    SETUP = "render setup"


@dataclass(frozen=True, slots=True)
class RenderSettings:
    """What the render settings say; None is "not written".

    Attributes:
        renderer: ``arnold``, ``mayaSoftware``, … as stored.
        start, end, step: frames, possibly fractional; they count when ``animation`` is on.
        animation: a range is rendered, not the current frame alone.
        renumber: pictures are counted from ``renumber_start`` on, in steps of ``renumber_step``.
        format_number: Maya's number of the picture format; 50 and 51 mean "as ``format_key`` says".
        format_text: what the renderer's own settings say instead, e.g. ``exr``.
        prefix: path of the pictures below the images folder, with tokens such as ``<Scene>``.
        own_prefix: what the renderer's own settings say instead.
        padding: digits of the frame number.
        width, height: pixels.
        pixel_aspect: width of a pixel by its height.
    """

    renderer: str | None = None
    start: float | None = None
    end: float | None = None
    step: float | None = None
    animation: bool | None = None
    renumber: bool | None = None
    renumber_start: float | None = None
    renumber_step: float | None = None
    format_number: int | None = None
    format_key: str | None = None
    format_text: str | None = None
    prefix: str | None = None
    own_prefix: str | None = None
    padding: int | None = None
    width: int | None = None
    height: int | None = None
    pixel_aspect: float | None = None

    def filled(self, version: int | None = None) -> RenderSettings:
        """The same with Maya's defaults where nothing is written.

        Args:
            version: Maya's year; the default picture grew from 640 x 480 to 960 x 540 about 2013.

        >>> RenderSettings(end=24.0).filled().end, RenderSettings().filled(2009).width
        (24.0, 640)
        """
        size = _OLD_SIZE if version is not None and version <= _OLD_SIZE_UP_TO else _SIZE
        defaults = replace(_DEFAULTS, width=size[0], height=size[1])
        written = {each.name: getattr(self, each.name) for each in fields(self)}
        return replace(defaults, **{name: value for name, value in written.items() if value is not None})


_SIZE, _OLD_SIZE, _OLD_SIZE_UP_TO = (960, 540), (640, 480), 2012
_DEFAULTS = RenderSettings(
    renderer="mayaSoftware",
    start=1.0,
    end=10.0,
    step=1.0,
    animation=False,
    renumber=False,
    renumber_start=1.0,
    renumber_step=1.0,
    format_number=7,
    prefix="",
    padding=1,
    pixel_aspect=1.0,
)


@dataclass(frozen=True, slots=True)
class MayaCamera:
    """A camera, by the name of its shape.

    Attributes:
        renderable: switched on for rendering; Maya writes only that it is off.
        startup: one of the cameras that every scene has.
    """

    name: str
    renderable: bool = True
    orthographic: bool = False
    startup: bool = False


@dataclass(frozen=True, slots=True)
class MayaLayer:
    """A render layer that is alive: those left behind by imports are not told.

    Attributes:
        name: of the node; for one of render setup ``rs_`` and ``setup_name``.
        setup_name: the name that people see in render setup, "" for a legacy layer.
        settings: the render settings with what this layer overrides.
        cameras: shapes of the cameras that render in this layer.
        source: the application that told settings and cameras, e.g. ``Maya 2023``; empty where the file says
            them.
    """

    name: str
    renderable: bool
    kind: LayerKind = LayerKind.LEGACY
    setup_name: str = ""
    settings: RenderSettings = field(default_factory=RenderSettings)
    cameras: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class SceneReference:
    """Another scene that this one refers to.

    Attributes:
        path: as written.
        namespace: prefix of its nodes, without the colon; or a prefix that is joined with ``_``.
        node: the reference node, which is the key among references.
        depth: 1 for one of this scene's own, more for those inside them.
        loaded: False when it is deferred: Maya does not open it until somebody asks.
        file_type: ``mayaAscii``, ``mayaBinary``, ``FBX``, …
    """

    path: str
    namespace: str
    node: str
    depth: int = 1
    loaded: bool = True
    file_type: str = ""

    @property
    def file_path(self) -> str:
        """The path without the copy number that Maya appends to a repeated reference.

        >>> SceneReference("D:/set.ma{2}", "set1", "setRN1").file_path
        'D:/set.ma'
        """
        return re.sub(r"\{[0-9]+\}$", "", self.path)


@dataclass(frozen=True, slots=True)
class ReferenceEdit:
    """A change that this scene makes to a node of a scene it refers to: ``attribute`` of ``node``."""

    node: str
    attribute: str
    value: str


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plug-in that the scene asks for.

    Attributes:
        node_types: those it brings, as far as the scene lists them.
        used: the scene has a node of such a type; None when that cannot be told.
    """

    name: str
    version: str
    node_types: tuple[str, ...] = ()
    used: bool | None = None


@dataclass(frozen=True, slots=True)
class ColourManagement:
    """How colours are managed.

    Attributes:
        enabled: None when not written.
        config: the OCIO configuration as written; ``<MAYA_RESOURCES>`` begins one that comes with Maya.
        config_enabled: the configuration is used.
        working_space: the rendering space, e.g. ``ACEScg``.
    """

    enabled: bool | None = None
    config: str | None = None
    config_enabled: bool | None = None
    working_space: str | None = None


@dataclass(frozen=True, slots=True)
class SceneScript:
    """A script node of the scene that would run.

    Attributes:
        event: when, e.g. ``open/close``, ``before rendering a frame``.
        language: ``mel`` or ``python``.
        text: how it begins.
    """

    node: str
    event: str
    language: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A value that only Maya can work out: ``attribute`` of ``node`` is driven by ``by``."""

    node: str
    attribute: str
    by: str


@dataclass(frozen=True, slots=True)
class Units:
    """Words of ``currentUnit``; ``fps`` is None for a time unit that is not known."""

    linear: str = ""
    angle: str = ""
    time: str = ""
    fps: float | None = None


@dataclass(frozen=True, slots=True)
class MayaScene:
    """All that a reader found in one Maya scene, in file order.

    Attributes:
        container: ``ma``, or the form of a binary scene: ``FOR4``, ``FOR8``.
        version: as the file says, ``2023`` or ``2017ff04``.
        product: ``Maya 2023``; ``build`` is its cut identifier.
        codeset: code page of the texts, as written.
        settings: the render settings before any layer.
        render_setup: the scene uses render setup.
        playback: minimum, maximum, animation start and end of the time slider.
        layers: those alive, render setup's in its own order.
        stale_layers: those that imports left behind.
        scenes: scenes that this one refers to.
        edits: changes to file names, cameras and layers inside those.
        references: files that it names.
        empty_proxies: stand-ins that name no file.
        node_count: how many nodes it makes.
        complete: False when the file is cut off or damaged.
    """

    version: str
    container: str = "ma"
    application: str = "Maya"
    product: str | None = None
    build: str | None = None
    codeset: str | None = None
    units: Units = field(default_factory=Units)
    settings: RenderSettings = field(default_factory=RenderSettings)
    render_setup: bool = False
    playback: tuple[float, ...] | None = None
    cameras: tuple[MayaCamera, ...] = ()
    layers: tuple[MayaLayer, ...] = ()
    stale_layers: tuple[str, ...] = ()
    scenes: tuple[SceneReference, ...] = ()
    edits: tuple[ReferenceEdit, ...] = ()
    references: tuple[Reference, ...] = ()
    empty_proxies: tuple[str, ...] = ()
    plugins: tuple[Plugin, ...] = ()
    colour: ColourManagement = field(default_factory=ColourManagement)
    scripts: tuple[SceneScript, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    node_count: int = 0
    complete: bool = True

    @property
    def major_version(self) -> int | None:
        """The leading number of the version: 2017 of ``2017ff04``, 2 of ``2.5``."""
        found = re.match(r"[0-9]{1,6}", self.version)
        return int(found[0]) if found else None

    @property
    def inputs(self) -> tuple[Reference, ...]:
        """The references that are read when the scene renders."""
        return tuple(reference for reference in self.references if reference.role is Role.INPUT)

    @property
    def projects(self) -> tuple[str, ...]:
        """Project folders that the paths show: what stands left of a ``//`` inside a path.

        >>> MayaScene("2023", scenes=(SceneReference("D:/film//scenes/set.ma", "set", "setRN"),)).projects
        ('D:/film',)
        """
        paths = [each.path for each in self.scenes] + [each.path for each in self.references]
        return tuple(dict.fromkeys(found[1] for path in paths if (found := _PROJECT.match(path))))

    def as_partial(self) -> MayaScene:
        """The same, marked as read from a damaged file."""
        return replace(self, complete=False)


_PROJECT = re.compile(r"([^<$%]*[^/:<$%])//(?!/)")
