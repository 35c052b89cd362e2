"""What a Houdini scene holds: what renders and simulates in it, in order of need, and the files it names.

Values are those that the file stores; what only Houdini could work out is listed as unresolved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from types import MappingProxyType

from renderbus_model.scene import Reference, Role


class License(str, Enum):
    """The licence that saved the scene; the limited ones render only with a licence of their own class."""

    COMMERCIAL = "commercial"
    LIMITED = "limited commercial"
    NON_COMMERCIAL = "non-commercial"


class Purpose(str, Enum):
    """What a driver is there for."""

    RENDER = "render"
    IMAGES = "images"
    CACHE = "cache"
    SIMULATION = "simulation"
    DISTRIBUTED = "distributed simulation"
    SETTINGS = "settings"
    FLOW = "flow"
    FARM = "farm"
    UNKNOWN = "unknown"

    @property
    def writes_pictures(self) -> bool:
        """A ROP of task.json's ``rop_node``."""
        return self in (Purpose.RENDER, Purpose.IMAGES)

    @property
    def writes_caches(self) -> bool:
        """A node of task.json's ``geo_node``."""
        return self in (Purpose.CACHE, Purpose.SIMULATION, Purpose.DISTRIBUTED)


@dataclass(frozen=True, slots=True)
class HoudiniCamera:
    """A camera object and its resolution; None where the file does not say."""

    node: str
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Slices:
    """How a distributed simulation is cut.

    Attributes:
        kind: ``volume``, ``particle`` or ``cluster``, as stored.
        divisions: along three axes, for volumes.
        count: how many there are.
        controls: node that holds the simulation's controls.
        driver: node that writes the cache.
    """

    kind: str
    divisions: tuple[int, ...]
    count: int
    controls: str
    driver: str


@dataclass(frozen=True, slots=True)
class Driver:
    """A node that renders, writes a cache, or sends others to a farm.

    Attributes:
        node: full path, ``/out/mantra1``.
        type: its type as stored, ``ifd``.
        range_mode: ``trange`` as stored: ``off`` is the current frame only. None where it is not written.
        start, end, step: frames that it renders.
        stored_range: ``f`` as stored, a driven value as its last result.
        camera: node path as stored, "" for none.
        width, height: of the picture, None where neither driver nor camera says.
        output: path as written, of a driven value its last result.
        expanded_output: the path once formulas that the scene itself settles are put in, "" where one of
            them is not known.
        bypassed: switched off.
        inputs: drivers that come first, by node path.
        slices: of a distributed simulation.
    """

    node: str
    type: str
    purpose: Purpose
    range_mode: str | None = None
    start: int = 1
    end: int = 1
    step: int = 1
    stored_range: tuple[str, ...] = ()
    take: str = ""
    camera: str = ""
    width: int | None = None
    height: int | None = None
    output: str = ""
    expanded_output: str = ""
    bypassed: bool = False
    inputs: tuple[str, ...] = ()
    slices: Slices | None = None

    @property
    def frames(self) -> str:
        """As task.json writes it, ``1-10[1]``; a range that ends before it starts is its first frame."""
        return f"{self.start}-{max(self.start, self.end)}[{self.step}]"


@dataclass(frozen=True, slots=True)
class Script:
    """Text in the scene that would run when Houdini opens or renders it. It is never run here.

    Attributes:
        node: where it is, "" for the scene itself.
        attribute: ``prerender``, or ``hou.session``.
    """

    node: str
    attribute: str
    text: str


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A value that names a file or matters for frames, and that only Houdini can work out."""

    node: str
    attribute: str
    expression: str


_NO_VARIABLES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class HoudiniScene:
    """All that a reader found in one scene, in file order.

    Attributes:
        version: of the Houdini that saved it, ``17.0.352``.
        hip: folder where it was saved; ``hip_name`` its name without suffix, ``job`` the value of ``$JOB``.
        variables: all global variables as stored.
        start, end: the playback range.
        frame: the current frame when it was saved.
        drivers: what renders and simulates, what is needed first standing first.
        libraries: HDA files that the scene loaded itself, as written.
        complete: False when the file is damaged and only this much could be read.
        member_count, node_count: how much there is: members, and nodes with a type.
        networks: names of the networks at the top, ``obj``, ``out``.
    """

    version: str
    license: License = License.COMMERCIAL
    hip: str = ""
    hip_name: str = ""
    job: str = ""
    variables: Mapping[str, str] = field(default_factory=lambda: _NO_VARIABLES)
    fps: float | None = None
    start: int | None = None
    end: int | None = None
    frame: int | None = None
    drivers: tuple[Driver, ...] = ()
    cameras: tuple[HoudiniCamera, ...] = ()
    libraries: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    scripts: tuple[Script, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    complete: bool = True
    member_count: int = 0
    node_count: int = 0
    networks: tuple[str, ...] = ()

    @property
    def application(self) -> str:
        """``Houdini``."""
        return "Houdini"

    @property
    def inputs(self) -> tuple[Reference, ...]:
        """The references that are read when the scene renders."""
        return tuple(reference for reference in self.references if reference.role is Role.INPUT)

    def driver(self, node: str) -> Driver | None:
        """The driver at that path."""
        return next((driver for driver in self.drivers if driver.node == node), None)

    def as_partial(self) -> HoudiniScene:
        """The same, marked as read from a damaged file."""
        return replace(self, complete=False)
