"""What renders and simulates in a Houdini scene, in order of need: what is needed first stands first.

Source: a node drives below ``/out``, in a network for ROPs, or by its type anywhere (``rop_…``). ``trange``
off is the current frame only; else ``f`` holds start, end and step. A driver waits for those wired into it, a
distributed simulation for the driver that it names; caches come before pictures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from renderbus_model.houdini_scene import Driver, HoudiniCamera, Purpose, Slices
from renderbus_scenes.houdini_network import Network, Node
from renderbus_scenes.houdini_types import (
    CAMERAS,
    NETWORKS_FOR_DRIVERS,
    STAGE,
    STAGE_TYPES,
    DriverType,
    driver_type,
)

_ONE_FRAME = frozenset({"off", "0"})
_ON = frozenset({"on", "1", "specific"})
_UNKNOWN = DriverType(Purpose.UNKNOWN)
_LARGEST_FRAME = 999_999_999  # nine digits, the most that a frame number may have


def cameras(network: Network) -> tuple[HoudiniCamera, ...]:
    """Every camera object with its resolution."""
    return tuple(
        HoudiniCamera(node.path, *_size(network, node, "res"))
        for node in network.nodes.values()
        if node.type in CAMERAS
    )


def drivers(network: Network, frame: int, seen: tuple[HoudiniCamera, ...]) -> tuple[Driver, ...]:
    """All drivers; ``frame`` is the current one, ``seen`` the scene's cameras."""
    sizes = {camera.node: (camera.width, camera.height) for camera in seen}
    found = {node.path: _driver(network, node, known, frame, sizes) for node, known in _driving(network)}
    return tuple(_in_order_of_need(network, found))


def _driving(network: Network) -> Iterator[tuple[Node, DriverType]]:
    places: dict[str, bool] = {"": False, "/out": True}
    for node in network.nodes.values():
        if not node.type or node.parm is None:
            continue
        known = driver_type(node.type)
        if known and known.anywhere:
            if not (node.type.startswith("filecache") and node.text("loadfromdisk") in _ON):
                yield node, known
        elif known and node.type in STAGE_TYPES and _on_a_stage(network, node.parent):
            yield node, known
        elif _for_drivers(network, node.parent, places):
            if known:
                yield node, known
            elif node.values("trange"):
                yield node, _UNKNOWN


def _on_a_stage(network: Network, path: str) -> bool:
    owner = network.nodes.get(path)
    return path == STAGE or path.startswith(STAGE + "/") or (owner is not None and owner.type == "lopnet")


def _for_drivers(network: Network, path: str, places: dict[str, bool]) -> bool:
    """Whether nodes right below ``path`` are drivers; what is worked out is kept in ``places``."""
    waiting = []
    while path not in places:
        owner = network.nodes.get(path)
        if owner and owner.type in NETWORKS_FOR_DRIVERS:
            places[path] = True
            break
        if owner and owner.type not in ("subnet", "", "fetch") and driver_type(owner.type) is None:
            places[path] = False
            break
        waiting.append(path)
        path = path.rpartition("/")[0]
    answer = places[path]
    places.update(dict.fromkeys(waiting, answer))
    return answer


def _driver(
    network: Network,
    node: Node,
    known: DriverType,
    frame: int,
    sizes: Mapping[str, tuple[int | None, int | None]],
) -> Driver:
    mode = node.text("trange")
    components = node.values("f")
    start, end, step = (frame, frame, 1) if not components or mode in _ONE_FRAME else _range(network, node)
    camera = node.text(known.camera) if known.camera else ""
    width, height = _resolution(network, node, known, sizes.get(camera, (None, None)))
    return Driver(
        node.path,
        node.type,
        known.purpose,
        mode or None,
        start,
        end,
        step,
        tuple(value.text for value in components),
        node.text("take"),
        camera,
        width,
        height,
        *_output(network, node, known),
        node.bypassed,
        tuple(f"{node.parent}/{name}" for name in node.input_names),
        _slices(network, node) if known.purpose is Purpose.DISTRIBUTED else None,
    )


def _range(network: Network, node: Node) -> tuple[int, int, int]:
    numbers = [network.number(node, value) for value in node.values("f")[:3]]
    whole = [int(max(-_LARGEST_FRAME, min(number or 0, _LARGEST_FRAME))) for number in numbers]
    start, end, step = (*whole, 1, 1, 1)[:3] if len(whole) == 3 else (1, 1, 1)
    return start, end, max(1, step)


def _output(network: Network, node: Node, known: DriverType) -> tuple[str, str]:
    """The path as written, and with its formulas put in."""
    if node.type.startswith("filecache") and node.text("filemethod") in ("constructed", "0"):
        folder, name = node.text("basedir"), node.text("basename")
        parts = [network.text(node, value) for key in ("basedir", "basename") for value in node.values(key)]
        return f"{folder}/{name}", "" if None in parts else "/".join(filter(None, parts))
    for name in known.outputs:
        values = node.values(name)
        if values and values[0].text:
            settled = network.text(node, values[0]) or ""
            return values[0].text, settled.replace("\\", "/")
    return "", ""


def _resolution(
    network: Network, node: Node, known: DriverType, of_camera: tuple[int | None, int | None]
) -> tuple[int | None, int | None]:
    switch, name = known.override
    if not name or (switch and node.text(switch) not in _ON):
        return of_camera
    fraction = node.text("res_fraction")
    width, height = of_camera
    if fraction and fraction != "specific" and width and height:
        try:
            return max(1, int(width * float(fraction))), max(1, int(height * float(fraction)))
        except (ValueError, OverflowError):
            return of_camera
    return _size(network, node, name)


def _size(network: Network, node: Node, name: str) -> tuple[int | None, int | None]:
    values = node.values(name) or (*node.values(name + "x"), *node.values(name + "y"))
    numbers = [network.number(node, value) for value in values[:2]]
    if len(numbers) < 2 or numbers[0] is None or numbers[1] is None:
        return None, None
    return int(numbers[0]), int(numbers[1])


def _slices(network: Network, node: Node) -> Slices:
    numbers = [network.number(node, value) or 0 for value in node.values("slicediv")]
    kind = node.text("slice_type")
    count = [network.number(node, value) or 0 for value in node.values("num_slices")]
    divisions = tuple(int(number) for number in numbers)
    total = int(count[0]) if count else 1
    if kind == "volume":
        total = 1
        for number in divisions:
            total *= max(1, number)
    return Slices(kind, divisions, total, node.text("hq_sim_controls"), node.text("hq_driver"))


def _in_order_of_need(network: Network, found: Mapping[str, Driver]) -> Iterator[Driver]:
    done: set[str] = set()
    caches_first = sorted(found.values(), key=lambda driver: not driver.purpose.writes_caches)
    for driver in caches_first:
        waiting = [(driver.node, False)]
        while waiting:
            path, ready = waiting.pop()
            if ready:
                yield found[path]
            elif path in found and path not in done:
                done.add(path)
                waiting.append((path, True))
                waiting += [(other, False) for other in reversed(_needs(network, found[path]))]


def _needs(network: Network, driver: Driver) -> list[str]:
    """The drivers that must be done before this one."""
    node = network.nodes[driver.node]
    named = (node.text("source"), driver.slices.driver if driver.slices else "")
    others = (network.find(node.path, path) for path in named if path)
    return [*driver.inputs, *(other.path for other in others if other)]
