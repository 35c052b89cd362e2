"""Every place in a Houdini scene that names a file.

A text that looks like a file (a known suffix, or any suffix in what is clearly a path) counts wherever it
stands, so that digital assets nobody has heard of are read too; parameters known to name files count whatever
their text looks like. What a formula names is listed with the last result, and told as unresolved.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from renderbus_model.houdini_scene import Unresolved
from renderbus_model.scene import Kind, Reference, Role, Spread
from renderbus_scenes.houdini_network import Network, Node
from renderbus_scenes.houdini_types import (
    FILE_PARAMETERS,
    NOT_ON_DISK,
    PRIVATE,
    PROGRAM,
    SHIPPED,
    SHIPPED_NAMES,
    WRITING_TYPES,
    WRITTEN,
    bare_type,
)
from renderbus_scenes.houdini_values import Value, parameters_with
from renderbus_scenes.kinds import KIND_BY_SUFFIX

LONGEST_PATH = 4096

_MAYBE_A_FILE = re.compile(rb'\.[A-Za-z][A-Za-z0-9]{0,9}[ ]*["\t\]]')
_SUFFIX = re.compile(r"\.([A-Za-z][A-Za-z0-9]{1,9}(?:\.(?:sc|gz))?)\s*\Z")
_CLEARLY_A_PATH = re.compile(r"\s*(?:\$|/|\./|\.\./|~|[A-Za-z]:[\\/]|\\\\|`)")
_FRAMES = re.compile(r"\$\{?(?:F[0-9]?|FF|SF[0-9]?|T|N)(?![A-Za-z0-9_])|#|%0?[0-9]*d|<f[0-9]*>", re.I)
_TILES = re.compile(r"<u(?:dim|vtile)>|%\(udim\)d|_MAPID_", re.IGNORECASE)
_WRITES = frozenset({"write", "2"})
_OFF = frozenset({"off", "0"})
_SWITCHES = {"RS_objprop_proxy_file": "RS_objprop_proxy_enable", "vm_background": "vm_bgenable"}
_UNTOUCHED = frozenset({"./rules.txt", "$HIP/filename.$F4.rs"})


def file_references(network: Network, also: Collection[str] = ()) -> Iterator[Reference | Unresolved]:
    """What each node names, nodes in file order; a value that cannot be worked out comes as both.

    Args:
        also: names of parameters that name files in any node.
    """
    for node in network.nodes.values():
        if node.parm is None:
            continue
        seen: set[str] = set()
        for found in parameters_with(_MAYBE_A_FILE, node.parm):
            for value in found.values:
                if _looks_like_a_file(value.text):
                    seen.add(found.name)
                    yield from _references(network, node, found.name, value)
        known = FILE_PARAMETERS.get(bare_type(node.type), ()) if node.type else ()
        for name in dict.fromkeys((*known, *also)):
            if name not in seen:
                for value in node.values(name)[:1]:
                    if _may_name_a_file(value):
                        yield from _references(network, node, name, value)


def _looks_like_a_file(text: str) -> bool:
    if len(text) > LONGEST_PATH or "\n" in text:
        return False
    suffix = _SUFFIX.search(text)
    if suffix is None or (NOT_ON_DISK.match(text) and not PRIVATE.match(text)):
        return False
    return kind_of_suffix(text) is not Kind.OTHER or _CLEARLY_A_PATH.match(text) is not None


def _may_name_a_file(value: Value) -> bool:
    text = value.text
    if not text or len(text) > LONGEST_PATH or "\n" in text or NOT_ON_DISK.match(text):
        return False
    return bool(value.channel) or "/" in text or "\\" in text or "$" in text or "." in text


def _references(network: Network, node: Node, name: str, value: Value) -> Iterator[Reference | Unresolved]:
    settled = network.text(node, value)
    role = _role(node, name, value.text)
    if settled is None and role is Role.INPUT:
        found = node.formula(value.channel)
        yield Unresolved(node.path, name, found.text if found else value.text)
    path = value.text if settled is None or not value.channel else settled
    plain = (path if settled is None else settled).replace("\\", "/")
    yield Reference(
        node.path,
        node.type,
        name,
        path,
        _kind(node, name, plain),
        role,
        spread_of(plain),
        optional=settled is None or _is_off(node, name, plain),
        expanded=plain if settled is not None else "",
    )


def _role(node: Node, name: str, text: str) -> Role:
    bare = re.split(r"[\\/]", text)[-1]
    if (text == bare and bare in SHIPPED_NAMES) or SHIPPED.match(text) or name == PROGRAM:
        return Role.SHIPPED
    if text.startswith(".") and "/" not in text:  # a suffix to choose, no file
        return Role.OUTPUT
    if WRITTEN.fullmatch(name) or PRIVATE.match(text) or WRITING_TYPES.fullmatch(node.type):
        return Role.OUTPUT
    if name == "file" and node.text("filemode") in _WRITES:
        return Role.OUTPUT
    if name == "file" and node.text("loadfromdisk") in _OFF:
        return Role.OUTPUT
    if node.type.startswith(("afanasy", "af_")) or (name == "filename" and bare_type(node.type) == "alembic"):
        return Role.OUTPUT
    return Role.INPUT


def _kind(node: Node, name: str, path: str) -> Kind:
    by_suffix = kind_of_suffix(path)
    if by_suffix is not Kind.OTHER:
        return by_suffix
    return FILE_PARAMETERS.get(bare_type(node.type), {}).get(name, Kind.OTHER)


def _is_off(node: Node, name: str, path: str) -> bool:
    switch = _SWITCHES.get(name)
    return path in _UNTOUCHED or (switch is not None and node.text(switch) in _OFF)


def kind_of_suffix(path: str) -> Kind:
    """What sort of file the suffix tells, ``Kind.OTHER`` for one that is not known.

    >>> kind_of_suffix("$HIP/geo/smoke.$F4.bgeo.sc"), kind_of_suffix("wood.<UDIM>.exr")
    (<Kind.CACHE: 'cache'>, <Kind.TEXTURE: 'texture'>)
    """
    found = _SUFFIX.search(path)
    if found is None:
        return Kind.OTHER
    suffix = found[1].lower()
    return KIND_BY_SUFFIX.get(suffix) or KIND_BY_SUFFIX.get(suffix.rpartition(".")[2], Kind.OTHER)


def spread_of(path: str) -> Spread:
    """How many files a path stands for, by its tokens.

    >>> spread_of("$HIP/a.$F4.exr"), spread_of("$HIP/a.<UDIM>.exr"), spread_of("$HIP/$FILM/a.exr")
    (<Spread.SEQUENCE: 'sequence'>, <Spread.TILES: 'UDIM tiles'>, <Spread.ONE: 'one file'>)
    """
    if _TILES.search(path):
        return Spread.TILES
    return Spread.SEQUENCE if _FRAMES.search(path) else Spread.ONE
