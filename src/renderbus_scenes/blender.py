"""Read a .blend file of Blender 2.4x to 5.x, and replace the paths in it.

No disk, no settings: whether a file exists is the caller's question, and so is what a library holds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container

from renderbus_model.scene import DiskCache, Reference, SceneFacts
from renderbus_scenes.blend_drivers import python_drivers
from renderbus_scenes.blend_file import BlendFile
from renderbus_scenes.blend_links import links, needed
from renderbus_scenes.blend_paths import Packed, Place, places
from renderbus_scenes.blend_records import Structs
from renderbus_scenes.blend_scenes import active_scene, cameras, own_scenes, read_scene
from renderbus_scenes.errors import BadScene
from renderbus_scenes.unpack import MOST_BYTES, Content, unpacked


class PathTooLong(ValueError):
    """A path does not fit its place: ``reference`` has room for less than ``size_bytes``."""

    def __init__(self, reference: Reference, size_bytes: int) -> None:
        super().__init__(
            f"{reference}: {size_bytes} bytes do not fit, there is room for {reference.capacity}"
        )
        self.reference = reference
        self.size_bytes = size_bytes


def read_blend(
    content: Content, name: str = "", *, limit: int = MOST_BYTES, only: Collection[str] | None = None
) -> SceneFacts:
    """What a .blend file holds.

    Args:
        only: of a library: the data-blocks that are linked (``MAwood``). References, drivers and links are
            then those that these lead to.

    Raises:
        BadScene: it is none, is damaged, or unpacks to more than ``limit`` bytes.
    """
    structs = Structs(BlendFile(unpacked(content, name, limit=limit), name))
    with structs.told_as_bad_scene():
        facts = _facts(structs, None if only is None else needed(structs, only))
    if structs.file.damage:
        raise BadScene(name, structs.file.damage, offset=structs.file.stopped, partial=facts)
    return facts


def _facts(structs: Structs, kept: Container[int] | None) -> SceneFacts:
    found = list(places(structs, kept))
    packed = [each for each in found if isinstance(each, Packed)]
    return SceneFacts(
        application="Blender",
        version=structs.file.header.version_text,
        active_scene=active_scene(structs),
        scenes=tuple(read_scene(record) for _, record in own_scenes(structs)),
        cameras=cameras(structs),
        references=tuple(each.reference for each in found if isinstance(each, Place)),
        python_drivers=tuple(python_drivers(structs, kept)),
        links=tuple(links(structs, kept)),
        disk_caches=tuple(each for each in found if isinstance(each, DiskCache)),
        packed=tuple(each.name for each in packed),
        packed_libraries=tuple(each.name for each in packed if each.is_library),
        big_endian=structs.file.header.machine.order == ">",
    )


def repath(
    content: Content,
    resolve: Callable[[Reference], bytes | None],
    name: str = "",
    *,
    limit: int = MOST_BYTES,
) -> bytes:
    """The unpacked file with other paths in it; everything else stays as it was, byte for byte.

    ``resolve`` is asked for each reference in file order and answers the new path, or None to leave it.
    For a strip of pictures it answers the first one's path, whose name must stay: only the folder changes.

    Raises:
        BadScene: as ``read_blend``.
        PathTooLong: a path is longer than its place.
        ValueError: a path is empty or holds a zero byte, or a strip's file name changes.
    """
    structs = Structs(BlendFile(unpacked(content, name, limit=limit), name))
    if structs.file.damage:
        raise BadScene(name, structs.file.damage, offset=structs.file.stopped)
    changed = bytearray(structs.file.content)
    longer: list[tuple[Place, bytes]] = []
    with structs.told_as_bad_scene():
        found = list(places(structs))
    for place in found:
        path = resolve(place.reference) if isinstance(place, Place) else None
        if path is None or not isinstance(place, Place):
            continue
        reference = place.reference
        path = _checked(reference, path)
        if place.block is not None and len(path) >= place.block.size:
            longer.append((place, path))
        else:
            room = place.block.size if place.block else reference.capacity + 1
            changed[reference.offset : reference.offset + room] = path.ljust(room, b"\0")
    return _with_longer_blocks(structs.file, changed, longer)


def _checked(reference: Reference, path: bytes) -> bytes:
    """What is written into the field, for a new ``path``."""
    if not path or b"\0" in path:
        raise ValueError(f"{reference}: cannot become {path!r}")
    if reference.names:
        folder, slash, last = path.rpartition(b"/")
        if last != reference.names[0].encode("utf-8", "surrogateescape"):
            raise ValueError(f"{reference}: the name of a strip's file must stay, got {path!r}")
        path = folder + slash
    if len(path) > reference.capacity:
        raise PathTooLong(reference, len(path))
    return path


def _with_longer_blocks(file: BlendFile, content: bytearray, longer: list[tuple[Place, bytes]]) -> bytes:
    """The file with some blocks made longer; blocks are found by walking, so others need no change."""
    parts: list[bytes | memoryview] = []
    view = memoryview(content)
    position = 0
    for place, path in sorted(longer, key=lambda each: each[0].reference.offset):
        block = place.block
        if block is None:
            continue
        data = path + b"\0"
        parts += [view[position : block.header], file.header.block_header(view, block, len(data)), data]
        position = block.offset + block.size
    parts.append(view[position:])
    return b"".join(parts) if longer else bytes(content)
