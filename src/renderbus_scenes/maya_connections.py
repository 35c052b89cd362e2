"""Connections of a Maya ASCII scene: only those into attributes that matter in this scene.

Large scenes connect millions of attributes. What the nodes say tells which few are of interest: without
render setup nothing of it needs to be followed, and the frame of a texture matters only for sequences.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from renderbus_scenes.maya_files import FILES
from renderbus_scenes.maya_text import CodePage
from renderbus_scenes.maya_values import Node, RawScene, as_flag
from renderbus_scenes.unpack import Content

_LAYERS = ("rlid", "renderLayerId")
_ADJUSTED = ("adjs", "adjustments")
_SETUP = (
    *("pls", "parentList", "prv", "previous", "frl", "firstRenderLayer"),
    *("sel", "selector", "lrl", "legacyRenderLayer"),
)
_SETTINGS = ("ren", "fs", "startFrame", "ef", "endFrame", "bfs", "ifp", "imageFilePrefix")
_FRAMES = ("fe", "frameExtension")
_FILES = frozenset(name for each in FILES.values() for attribute in each for name in attribute.names)

CONNECTED = frozenset({*_LAYERS, *_ADJUSTED, *_SETUP, *_SETTINGS, *_FRAMES, *_FILES})
"""All attributes whose incoming connections may matter: the first part of what stands behind the node."""

_NAMELESS_WITHOUT = frozenset({"file", "imagePlane", "cacheFile", "AlembicNode", "gpuCache"})
"""Types that are nothing without a file; to ask for those of plug-ins in each scene would cost too much."""


def wanted_plugs(raw: RawScene) -> tuple[str, ...]:
    """Those of ``CONNECTED`` that matter in a scene with these nodes; layers come without asking.

    A file name or a frame that something drives is not written in its node.
    """
    names: dict[str, None] = {}
    for node in raw.nodes:
        if node.type == "renderLayer" and any(name.startswith(_ADJUSTED) for name in node.values):
            names |= dict.fromkeys(_ADJUSTED)
        elif node.type == "renderSetupLayer":
            names |= dict.fromkeys(_SETUP)
        elif node.type in FILES:
            names |= dict.fromkeys(_driven(node))
    return tuple(sorted(names))


def _driven(node: Node) -> Iterator[str]:
    attribute = FILES[node.type][0]
    if node.get(*attribute.names) is None and node.type in _NAMELESS_WITHOUT:
        yield from (name for name in attribute.names if len(name) > 1)
    elif attribute.frames and as_flag(node.get(*attribute.frames)):
        yield from _FRAMES


def connections(
    content: Content, start: int, end: int, names: tuple[str, ...], page: CodePage
) -> Iterator[tuple[str, str]]:
    """Source and destination of connections there into attributes of these names."""
    for found in _into(names).finditer(content, start, end):
        yield page.decode(found[1]), page.decode(found[2])


@lru_cache(maxsize=64)
def _into(names: tuple[str, ...]) -> re.Pattern[bytes]:
    return re.compile(
        rb'connectAttr\s[^"\\;]{0,200}"([^"]*)"\s+"([^".]*\.' + any_of(names).encode() + rb'(?:[\[.][^"]*)?)"'
    )


def any_of(names: Iterable[str]) -> str:
    """A pattern for any of these names; common beginnings are tried once, which is what makes it fast.

    >>> any_of(["fs", "fileName", "fileName2"])
    '(?:f(?:ileName(?:2)?|s))'
    """
    tree = _Tree()
    for name in names:
        place = tree
        for sign in name:
            place = place.setdefault(sign, _Tree())
        place[""] = _Tree()
    return f"(?:{_spelled(tree)})"


class _Tree(dict[str, "_Tree"]):
    """Names by their first letters; an empty key ends one."""


def _spelled(tree: _Tree) -> str:
    ways = [re.escape(sign) + _spelled(rest) for sign, rest in sorted(tree.items()) if sign]
    if not ways:
        return ""
    if len(ways) == 1 and "" not in tree:
        return ways[0]
    return f"(?:{'|'.join(ways)})" + ("?" if "" in tree else "")
