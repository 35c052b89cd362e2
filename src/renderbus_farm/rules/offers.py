"""What a farm offers: software as its nodes and the shipped list have it, kinds of nodes, platforms."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from renderbus_farm.rules.shipped_software import KINDS, PLUGINS, VERSIONS, PluginKey, SoftwareKind
from renderbus_farm.rules.work import Node
from renderbus_model.software import Application, title_of
from renderbus_model.wire.common import Platform
from renderbus_model.wire.hardware import HardwareConfig, NotSupportedVersion
from renderbus_model.wire.plugin import Plugin, PluginVersion, Software, SoftwareDetail, SoftwareVersion

PLATFORMS = {2: "w2", 3: "w3", 4: "w4", 6: "w6", 20: "pic", 21: "gpu"}
"""Numbers that published clients name; 4 is what the API client says when it is told nothing."""

_CPU, _GPU = 1, 2  # type of hardware
_NUMBERS = re.compile(r"[0-9]+(?:\.[0-9]+)*")


@dataclass(frozen=True, slots=True, order=True)
class VersionRecord:
    """A version of an application as it is kept."""

    id: int
    cg_id: int
    version: str


@dataclass(frozen=True, slots=True, order=True)
class PluginRecord:
    """A plug-in for one version of an application as it is kept."""

    id: int
    version_id: int
    name: str
    version: str


@dataclass(frozen=True, slots=True, order=True)
class HardwareKind:
    """What nodes of one kind have in common."""

    model: str
    ram_gb: int
    gpu_count: int


def versions(nodes: Iterable[Node]) -> list[tuple[int, str]]:
    """Each application's versions, shipped ones first: 5.0.1 of a node is also listed as 5.0."""
    shipped = [(cg_id, version) for cg_id, several in VERSIONS.items() for version in several]
    real = [
        (cg_id, form)
        for node in nodes
        for cg_id, version in sorted(node.applications.items())
        for form in (_major_minor(version), version)
    ]
    return list(dict.fromkeys((*((int(cg_id), version) for cg_id, version in shipped), *real)))


def plugins() -> list[PluginKey]:
    """Application, its version, name and version of each plug-in."""
    return [
        (int(cg_id), of, name, version)
        for (cg_id, of), several in PLUGINS.items()
        for name, version in several
    ]


def _major_minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


def software(nodes: Iterable[Node] = ()) -> list[Software]:
    """Every application that the farm knows, and those of its operator's own that nodes have."""
    known = {kind.cg_id for kind in KINDS}
    own = sorted({cg_id for node in nodes for cg_id in node.applications} - known)
    return [
        Software(
            cg_id=kind.cg_id,
            cg_name=kind.name,
            cg_type=kind.suffixes,
            is_need_project_path=kind.need_project_path,
            is_support_linux=kind.support_linux,
        )
        for kind in (*KINDS, *(SoftwareKind(cg_id, title_of(cg_id), "", 1) for cg_id in own))
    ]


def title(cg_id: int) -> str:
    """An application's name; its number where nobody knows one."""
    return next((kind.name for kind in KINDS if kind.cg_id == cg_id), title_of(cg_id))


def default_application(nodes: Sequence[Node]) -> int:
    """What most nodes render; Blender where there are no nodes yet."""
    found = [cg_id for node in nodes for cg_id in node.applications]
    return max(sorted(set(found)), key=found.count, default=int(Application.BLENDER))


def detail(found: Sequence[VersionRecord], extensions: Iterable[PluginRecord]) -> SoftwareDetail:
    """The versions of one application, and the plug-ins for them by name."""
    by_name: dict[tuple[int, str], list[PluginVersion]] = defaultdict(list)
    for extension in extensions:
        by_name[extension.version_id, extension.name].append(plugin_version(extension))
    return SoftwareDetail(
        cg_plugin=[
            Plugin(cv_id=version_id, plugin_name=name, plugin_versions=several)
            for (version_id, name), several in by_name.items()
        ],
        cg_version=[
            SoftwareVersion(id=each.id, cg_id=each.cg_id, cg_name=title(each.cg_id), cg_version=each.version)
            for each in found
        ],
    )


def plugin_version(extension: PluginRecord) -> PluginVersion:
    """A plug-in as it is listed: its version repeats the name."""
    return PluginVersion(
        plugin_id=extension.id,
        plugin_name=extension.name,
        plugin_version=f"{extension.name} {extension.version}",
    )


def platforms() -> list[Platform]:
    """One farm under each number that clients may name."""
    return [Platform(platform=number, name=f"query_platform_{name}") for number, name in PLATFORMS.items()]


def kinds_of_nodes(nodes: Iterable[Node]) -> dict[HardwareKind, list[Node]]:
    """The nodes by what they have in common."""
    found: dict[HardwareKind, list[Node]] = defaultdict(list)
    for node in nodes:
        if node.applications:  # one that is still starting says nothing about itself
            found[HardwareKind(node.model, round(node.ram_gb), node.gpus)].append(node)
    return dict(found)


def hardware(
    kinds: Mapping[HardwareKind, Sequence[Node]],
    ids: Mapping[HardwareKind, int],
    known: Iterable[VersionRecord],
    *,
    chosen: Collection[int],
    platform: int,
    starting: bool,
) -> list[HardwareConfig]:
    """The kinds of nodes as clients choose between them.

    Args:
        ids: of every kind that the farm has or had; one without a node now cannot be chosen.
        known: every version that the farm lists.
        chosen: ids of the kinds that the asked tasks have chosen.
        platform: the number under which the caller came; clients look at no other.
        starting: some nodes have not told yet what they are, so what the farm had may come back.
    """
    known = list(known)
    return [
        HardwareConfig(
            id=number,
            type=_GPU if kind.gpu_count else _CPU,
            model=kind.model,
            ram=f"{kind.ram_gb}GB",
            platform=platform,
            gpu_num=str(kind.gpu_count) if kind.gpu_count else None,
            current=number in chosen,
            status=int(starting or kind in kinds),
            not_support_cg_id=_missing(known, kinds.get(kind, ())),
            not_support_cg_versions=tuple(
                NotSupportedVersion(cg_id=each.cg_id, cg_version_name=each.version)
                for each in known
                if _too_new(each, kinds.get(kind, ()))
            ),
        )
        for kind, number in ids.items()
    ]


def _missing(known: Iterable[VersionRecord], nodes: Sequence[Node]) -> tuple[int, ...]:
    """Applications that the farm lists and none of these nodes has."""
    real = {cg_id for node in nodes for cg_id in node.applications}
    return tuple(sorted({each.cg_id for each in known} - real)) if real else ()


def _too_new(wanted: VersionRecord, nodes: Sequence[Node]) -> bool:
    """Scenes of this version are newer than the application on any of the nodes: it may not open them."""
    real = [node.applications[wanted.cg_id] for node in nodes if wanted.cg_id in node.applications]
    return bool(real) and all(_series(wanted.version) > _series(version) for version in real)


def _series(version: str) -> tuple[int, ...]:
    found = _NUMBERS.search(version)
    return tuple(int(part) for part in found[0].split(".")[:2]) if found else ()
