"""Every place in a Maya scene's nodes that names a file, as references."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from renderbus_model.scene import Kind, Reference, Role, Spread
from renderbus_scenes.maya_files import FILES, FileAttribute
from renderbus_scenes.maya_sweep import is_path, is_written
from renderbus_scenes.maya_values import Node, RawScene, Value, as_flag, as_number, as_text
from renderbus_scenes.maya_wanted import WANTED

SCENE_NAME = "<Scene>"
"""In a path: the name of the scene's file without its suffix, which a reader does not know."""

RESOURCES = "<MAYA_RESOURCES>"
"""Begins a path to something that comes with Maya."""

_WITHOUT_FILES = WANTED.keys() - FILES.keys()  # cameras, layers and the like: read for other reasons

PROXIES = frozenset(
    {"VRayMesh", "VRayProxy", "aiStandIn", "RedshiftProxyMesh", "gpuCache", "RenderManArchive"}
)
"""Stand-ins that are nothing without a file."""

_TILE_TOKENS = re.compile(r"<udim>|<uvtile>|%\(udim\)d|_mapid_|<tile>|u<u>_v<v>", re.IGNORECASE)
_FRAME_TOKENS = re.compile(r"<f[0-9]?>|<frame|#|%[0-9]{0,2}d|\$\{?F[0-9]?|<attr:", re.IGNORECASE)
_TILED_MODES = frozenset({1.0, 2.0, 3.0})  # ZBrush, Mudbox, UDIM; 4 lists its tiles one by one
_STAYS_INSIDE = ("anon:",)


@dataclass(frozen=True, slots=True)
class Places:
    """The references in file order, and the stand-ins that name no file."""

    references: tuple[Reference, ...]
    empty: tuple[str, ...]


def read_places(raw: RawScene) -> Places:
    """All that nodes of a scene name."""
    references: list[Reference] = []
    empty: list[str] = []
    for node in raw.nodes:
        if node.type in _WITHOUT_FILES:
            continue
        found = list(_of_node(node)) or list(_unsaid(node))
        references += found
        if node.type in PROXIES and not found:
            empty.append(node.name)
    references += _colour(raw)
    return Places(tuple(references), tuple(empty))


def _of_node(node: Node) -> Iterator[Reference]:
    if node.type not in FILES:
        yield from _swept(node)
        return
    table = _BY_NAME[node.type]
    for written, value in node.values.items():
        attribute = table.get(written.rpartition(".")[2].partition("[")[0])
        if attribute:
            yield from _named(node, written, attribute, value)


_BY_NAME = {
    kind: {name: each for each in reversed(attributes) for name in each.names}
    for kind, attributes in FILES.items()
}
"""Attributes by any of their names; of two with one name the first counts."""


def _unsaid(node: Node) -> Iterator[Reference]:
    """A palette of XGen that names no file has one that is named after the scene and the palette."""
    if node.type == "xgmPalette":
        path = f"{SCENE_NAME}__{node.name.replace(':', '__')}.xgen"
        yield Reference(node.name, node.type, "xfn", path, Kind.HAIR)


def _named(node: Node, written: str, attribute: FileAttribute, value: Value) -> Iterator[Reference]:
    texts = value if isinstance(value, tuple) else (as_text(value) or "",)
    role, spread = _role(node, attribute), _spread(node, attribute)
    prefix = as_text(node.get(*attribute.beside)) if attribute.folder and attribute.beside else None
    for text in texts:
        path = text.strip()
        if path and not path.startswith(_STAYS_INSIDE):
            yield Reference(
                node.name,
                node.type,
                written,
                path,
                attribute.kind,
                role=Role.SHIPPED if path.startswith(RESOURCES) else role,
                spread=spread_of(path) if spread is Spread.ONE else spread,
                names=(prefix,) if prefix else (),
                optional=attribute.optional,
            )


def _role(node: Node, attribute: FileAttribute) -> Role:
    """A solution is read in some modes only; in the others the name says where it is saved."""
    if not attribute.modes:
        return attribute.role
    return Role.INPUT if as_number(node.get(*attribute.beside)) in attribute.modes else Role.OUTPUT


def _spread(node: Node, attribute: FileAttribute) -> Spread:
    if attribute.folder:
        return Spread.FOLDER
    if attribute.tiles and as_number(node.get(*attribute.tiles)) in _TILED_MODES:
        return Spread.TILES
    if attribute.frames and as_flag(node.get(*attribute.frames)):
        return Spread.SEQUENCE
    return Spread.ONE


def spread_of(path: str) -> Spread:
    """How many files a path stands for, by the tokens in its name."""
    name = path.replace("\\", "/").rpartition("/")[2]
    if _TILE_TOKENS.search(name):
        return Spread.TILES
    return Spread.SEQUENCE if _FRAME_TOKENS.search(name) else Spread.ONE


def _swept(node: Node) -> Iterator[Reference]:
    """Paths in a node of a plug-in that the table lacks."""
    for written, value in node.values.items():
        text = as_text(value)
        if text and is_path(text) and not text.startswith(_STAYS_INSIDE):
            role = Role.OUTPUT if is_written(written) else Role.INPUT
            if text.startswith(RESOURCES):
                role = Role.SHIPPED
            yield Reference(
                node.name, node.type, written, text, Kind.OTHER, role=role, spread=spread_of(text)
            )


def _colour(raw: RawScene) -> Iterator[Reference]:
    """The colour configuration, where one is used."""
    node = raw.defaults.get("defaultColorMgtGlobals")
    path = as_text(node.get("cfp", "configFilePath")) if node else None
    if not node or not path:
        return
    shipped = path.startswith(RESOURCES)
    if shipped or as_flag(node.get("cfe", "configFileEnabled")):
        attribute = "cfp" if "cfp" in node.values else "configFilePath"
        role = Role.SHIPPED if shipped else Role.INPUT
        yield Reference(node.name, "colorManagementGlobals", attribute, path, Kind.COLOUR, role=role)
