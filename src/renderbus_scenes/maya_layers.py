"""Render layers of a Maya scene, legacy and render setup, with what each of them overrides.

A layer is alive when the node ``renderLayerManager`` has a connection to it; imports leave dead ones behind.
Each layer ``L`` of render setup has a legacy twin, called ``rs_L``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from renderbus_model.maya_scene import DEFAULT_LAYER, LayerKind, MayaCamera, MayaLayer
from renderbus_scenes.maya_settings import GLOBALS, RESOLUTION, render_settings, short_name
from renderbus_scenes.maya_values import Node, RawScene, Value, as_flag, as_number, as_text
from renderbus_scenes.maya_wanted import OVERRIDES

_LIVE = re.compile(r":?renderLayerManager\.(?:rlmi|renderLayerId)\[([0-9]{1,9})\]")
_ADJUSTMENT = re.compile(r"(.+)\.(adjs|adjustments)\[([0-9]{1,9})\]\.(?:plg|plug)")
DEEPEST_SETUP = 64
"""Groups within groups of a render setup that are followed."""

RENDERABLE = "rnd"


@dataclass(frozen=True, slots=True)
class Layers:
    """Those alive in their order, and the names of those left behind."""

    alive: tuple[MayaLayer, ...]
    stale: tuple[str, ...]


def bare(name: str) -> str:
    """A node's name without its DAG path and the leading colon of default nodes.

    >>> bare("|group|cam|camShape"), bare(":perspShape")
    ('camShape', 'perspShape')
    """
    return name.rpartition("|")[2].removeprefix(":")


def split_plug(plug: str) -> tuple[str, str]:
    """Node and attribute of ``node.attribute``."""
    node, _, attribute = plug.partition(".")
    return bare(node), attribute


def read_layers(
    raw: RawScene, written: Mapping[tuple[str, str], Value], cameras: tuple[MayaCamera, ...]
) -> Layers:
    """All layers. ``written`` are the render settings; a layer adds its overrides to them."""
    nodes = {node.name: node for node in raw.nodes if node.type == "renderLayer"}
    order = _live_order(raw)
    order.setdefault(DEFAULT_LAYER, -1)
    setup = _Setup(raw)
    states = dict(written) | {(each.name, RENDERABLE): float(each.renderable) for each in cameras}
    plugs = _adjusted_plugs(raw)
    states |= _legacy_overrides(nodes.get(DEFAULT_LAYER), plugs)
    position = {name: number for number, name in enumerate(setup.layers)}
    alive = sorted(
        (name for name in order if name in nodes or name == DEFAULT_LAYER),
        key=lambda name: (setup.twin_of(name) in position, position.get(setup.twin_of(name), order[name])),
    )
    return Layers(
        tuple(_layer(name, nodes.get(name), setup, states, plugs, cameras) for name in alive),
        tuple(name for name in nodes if name not in order),
    )


def _layer(
    name: str,
    node: Node | None,
    setup: _Setup,
    states: Mapping[tuple[str, str], Value],
    plugs: Mapping[tuple[str, str], tuple[str, str]],
    cameras: tuple[MayaCamera, ...],
) -> MayaLayer:
    values = dict(states)
    if name != DEFAULT_LAYER:
        values |= _legacy_overrides(node, plugs)
    title = setup.twin_of(name)
    for override in setup.overrides(title):
        override.apply(values)
    renderable = as_flag(node.get("rndr", "renderable")) if node else None
    return MayaLayer(
        name,
        renderable is not False,
        LayerKind.SETUP if title else LayerKind.LEGACY,
        title,
        render_settings(values),
        tuple(each.name for each in cameras if as_flag(values.get((each.name, RENDERABLE)))),
    )


def _live_order(raw: RawScene) -> dict[str, int]:
    """The layers alive, with their places in the list of layers."""
    order: dict[str, int] = {}
    for source, target in raw.connections:
        node, attribute = split_plug(target)
        if attribute in ("rlid", "renderLayerId") and (found := _LIVE.fullmatch(source)):
            order.setdefault(node, int(found[1]))
    return order


def _adjusted_plugs(raw: RawScene) -> dict[tuple[str, str], tuple[str, str]]:
    """What a layer's adjustment changes: layer and ``adjs[0]`` to node and attribute."""
    plugs: dict[tuple[str, str], tuple[str, str]] = {}
    for source, target in raw.connections:
        if found := _ADJUSTMENT.fullmatch(target):
            node, attribute = split_plug(source)
            plugs[bare(found[1]), found[3]] = node, short_name(node, attribute)
    return plugs


def _legacy_overrides(
    layer: Node | None, plugs: Mapping[tuple[str, str], tuple[str, str]]
) -> dict[tuple[str, str], Value]:
    """The values that a legacy layer puts in place of the scene's."""
    if layer is None:
        return {}
    changed: dict[tuple[str, str], Value] = {}
    for attribute, value in layer.values.items():
        found = re.fullmatch(r"(?:adjs|adjustments)\[([0-9]{1,9})\]\.(?:val|value)", attribute)
        if found and (layer.name, found[1]) in plugs:
            changed[plugs[layer.name, found[1]]] = value
    return changed


@dataclass(frozen=True, slots=True)
class _Override:
    """A change by render setup of an attribute of ``nodes``: ``value``, or else ``multiply``, ``offset``."""

    nodes: tuple[str, ...]
    attribute: str
    value: Value | None
    multiply: float = 1.0
    offset: float = 0.0

    def apply(self, values: dict[tuple[str, str], Value]) -> None:
        for node in self._meant({node for node, _ in values}):
            key = node, short_name(node, self.attribute)
            if self.value is not None:
                values[key] = self.value
            elif (now := _now(values, key)) is not None:
                values[key] = now * self.multiply + self.offset

    def _meant(self, known: set[str]) -> Iterator[str]:
        for name in self.nodes:
            if name in known or name in (GLOBALS, RESOLUTION):
                yield name
            elif "*" in name or "?" in name:
                yield from (node for node in known if fnmatchcase(node, name))


def _now(values: Mapping[tuple[str, str], Value], key: tuple[str, str]) -> float | None:
    written = as_number(values.get(key))
    if written is not None or key[0] not in (GLOBALS, RESOLUTION):
        return written
    defaults = render_settings(values).filled()
    by_name = {
        "fs": defaults.start,
        "ef": defaults.end,
        "bfs": defaults.step,
        "w": float(defaults.width or 0),
        "h": float(defaults.height or 0),
    }
    return by_name.get(key[1])


class _Setup:
    """Render setup: its layers in their order, and the overrides of each.

    Attributes:
        layers: names in render setup, in its order.
    """

    def __init__(self, raw: RawScene) -> None:
        self._nodes = {node.name: node for node in raw.nodes}
        self._parents: dict[str, str] = {}
        self._before: dict[str, str] = {}
        self._selectors: dict[str, str] = {}
        self._twins: dict[str, str] = {}
        first = ""
        for source, target in raw.connections:
            node, attribute = split_plug(target)
            origin, _ = split_plug(source)
            if attribute in ("pls", "parentList"):
                self._parents[node] = origin
            elif attribute in ("prv", "previous"):
                self._before[node] = origin
            elif attribute in ("sel", "selector"):
                self._selectors[node] = origin
            elif attribute == "lrl" and self._is(node, "renderSetupLayer"):
                self._twins[origin] = node
            elif attribute in ("frl", "firstRenderLayer"):
                first = origin
        made = [node.name for node in raw.nodes if node.type == "renderSetupLayer"]
        for name in made:
            self._twins.setdefault(f"rs_{name}", name)
        self.layers = tuple(dict.fromkeys([*self._chain(first), *made])) if first in made else tuple(made)
        self._overrides: dict[str, list[_Override]] = {}
        for each in raw.nodes:
            if each.type in OVERRIDES and (layer := self._layer_of(each.name)):
                self._overrides.setdefault(layer, []).append(self._override(each))

    def twin_of(self, legacy: str) -> str:
        """The name in render setup of a legacy layer, "" for none."""
        return self._twins.get(legacy, "")

    def overrides(self, layer: str) -> list[_Override]:
        """What a layer changes, by its name in render setup."""
        return self._overrides.get(layer, [])

    def _is(self, name: str, kind: str) -> bool:
        return name in self._nodes and self._nodes[name].type == kind

    def _chain(self, first: str) -> Iterator[str]:
        behind = {before: name for name, before in self._before.items() if self._is(name, "renderSetupLayer")}
        seen: set[str] = set()
        name = first
        while name and name not in seen:
            seen.add(name)
            yield name
            name = behind.get(name, "")

    def _layer_of(self, name: str) -> str:
        """The layer that an override works in, "" when it is in none or something above is switched off."""
        for _ in range(DEEPEST_SETUP):
            node = self._nodes.get(name)
            if node is None or as_flag(node.get("en", "enabled")) is False:
                return ""
            if as_flag(node.get("sen", "selfEnabled")) is False:
                return ""
            if node.type == "renderSetupLayer":
                return name
            name = self._parents.get(name, "")
        return ""

    def _override(self, node: Node) -> _Override:
        unique = as_text(node.get("tgName", "targetNodeName"))
        targets = (bare(unique),) if unique else self._selected(self._parents.get(node.name, ""))
        attribute = as_text(node.get("atr", "attribute")) or ""
        if node.type.startswith("rel"):
            multiply = as_number(node.get("mul", "multiply"))
            offset = as_number(node.get("ofs", "offset"))
            return _Override(targets, attribute, None, 1.0 if multiply is None else multiply, offset or 0.0)
        value = node.get("atv", "attrValue")
        return _Override(targets, attribute, 0.0 if value is None else value)

    def _selected(self, collection: str) -> tuple[str, ...]:
        """Names and patterns of the nodes that a collection holds."""
        selector = self._nodes.get(self._selectors.get(collection, ""))
        if selector is None:
            return ()
        listed = (as_text(selector.get("ssl", "staticSelection")) or "").split()
        patterns = re.split(r"[\s;,]+", as_text(selector.get("pat", "pattern")) or "")
        return tuple(bare(name) for name in [*listed, *patterns] if name)
