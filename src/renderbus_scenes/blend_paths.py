"""Every place in a .blend file that names a file which rendering reads or writes.

Each struct that holds a path has its reader in ``_READERS``, found by the struct's name in the file's own
DNA. Field names are those that files keep (an image's path is ``name``), not those of Blender's Python.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass

from renderbus_model.scene import DiskCache, Kind, Reference, Role, Spread
from renderbus_scenes.blend_file import Block, with_slashes
from renderbus_scenes.blend_owners import Owner, owned_records
from renderbus_scenes.blend_records import Record, Structs

LONGEST_PATH_BYTES = 1023
"""What Blender reads into its own buffers (``FILE_MAX`` less the closing zero)."""


@dataclass(frozen=True, slots=True)
class Place:
    """A reference, and the block that holds nothing but its path, where there is such a block."""

    reference: Reference
    block: Block | None = None


@dataclass(frozen=True, slots=True)
class Packed:
    """A data-block whose file is kept inside the scene."""

    name: str
    is_library: bool = False


Found = Iterator[Place | Packed | DiskCache]


def places(structs: Structs, kept: Container[int] | None = None) -> Found:
    """All places, in file order; ``kept`` as in ``owned_records``."""
    wanted = structs.dna.numbers_of(*_READERS)
    for record, owner in owned_records(structs, wanted, kept):
        yield from _READERS[record.layout.name](record, owner)


def _place(
    record: Record,
    owner: Owner,
    field: str,
    kind: Kind,
    *,
    role: Role = Role.INPUT,
    spread: Spread = Spread.ONE,
    tiles: tuple[int, ...] = (),
    optional: bool = False,
) -> Found:
    """The path in a member of fixed size; nothing when it is empty."""
    found, path = record.field(field), record.path(field)
    if found and path:
        yield Place(
            Reference(
                owner.node,
                owner.node_type,
                field,
                path,
                kind,
                role,
                spread,
                owner.library,
                tiles=tiles,
                optional=optional,
                offset=found[1],
                capacity=found[0].size - 1,
            )
        )


def _pointed_folder(record: Record, owner: Owner, field: str, *, optional: bool) -> Found:
    """The path of a folder of caches in a block of its own, which can be made longer."""
    block = record.block_at(field)
    path = with_slashes(record.pointed_text(field))
    if block and path:
        yield Place(
            Reference(
                owner.node,
                owner.node_type,
                field,
                path,
                Kind.CACHE,
                Role.INPUT,
                Spread.FOLDER,
                owner.library,
                optional=optional,
                offset=block.offset,
                capacity=LONGEST_PATH_BYTES,
            ),
            block,
        )


def _is_packed(record: Record) -> bool:
    return record.address("packedfile") != 0 or record.address("packedfiles.first") != 0


_IMAGE_SPREADS = {1: Spread.ONE, 2: Spread.SEQUENCE, 3: Spread.ONE, 6: Spread.TILES}
"""By ``Image.source``: a file, a sequence, a movie, tiles. Generated pictures and viewers have no file."""
_IMAGE_HAS_VIEWS = 1 << 14  # Image.flag


def _image(record: Record, owner: Owner) -> Found:
    spread = _IMAGE_SPREADS.get(record.number("source", 1))
    if _is_packed(record):
        yield Packed(owner.node)
        return
    if spread is None:
        return
    numbers = (tile.number("tile_number") for tile in record.list("tiles"))
    tiles = tuple(numbers) if spread is Spread.TILES else ()
    yield from _place(record, owner, "name", Kind.TEXTURE, spread=spread, tiles=tiles)
    if record.number("flag") & _IMAGE_HAS_VIEWS:
        for view in record.list("views"):
            if view.text("filepath") != record.text("name"):
                yield from _place(view, owner, "filepath", Kind.TEXTURE, spread=spread, tiles=tiles)


def _library(record: Record, owner: Owner) -> Found:
    if record.address("archive_parent_library"):
        return  # 5.0: a packed copy of linked data-blocks; its parent names the file
    if _is_packed(record):
        yield Packed(owner.node, is_library=True)
        return
    yield from _place(record, owner, "name", Kind.LIBRARY)


def _packable(kind: Kind) -> Callable[[Record, Owner], Found]:
    def read(record: Record, owner: Owner) -> Found:
        field = "name" if "name" in record else "filepath"
        if record.text(field) == "<builtin>":
            return
        if _is_packed(record):
            yield Packed(owner.node)
            return
        spread = Spread.SEQUENCE if record.number("is_sequence") else Spread.ONE
        yield from _place(record, owner, field, kind, spread=spread)

    return read


_CLIP_IS_SEQUENCE = 1  # MovieClip.source
_MOVIES = (
    ".avi",
    ".dv",
    ".m2ts",
    ".m4v",
    ".mkv",
    ".mov",
    ".mp4",
    ".mpeg",
    ".mpg",
    ".mts",
    ".mxf",
    ".ogv",
    ".webm",
)


def _movie_clip(record: Record, owner: Owner) -> Found:
    # Blender decides anew at each start, and stores "movie" when the pictures were not there the last time.
    pictures = record.number("source") == _CLIP_IS_SEQUENCE or not record.text("name").lower().endswith(
        _MOVIES
    )
    spread = Spread.SEQUENCE if pictures else Spread.ONE
    yield from _place(record, owner, "name", Kind.IMAGE, spread=spread)


def _cache_file(record: Record, owner: Owner) -> Found:
    spread = Spread.SEQUENCE if record.number("is_sequence") else Spread.ONE
    yield from _place(record, owner, "filepath", _scene_format(record), spread=spread)


def _cache_layer(record: Record, owner: Owner) -> Found:
    yield from _place(record, owner, "filepath", _scene_format(record))


def _scene_format(record: Record) -> Kind:
    suffix = record.text("filepath").lower().rpartition(".")[2]
    return Kind.USD if suffix in ("usd", "usda", "usdc", "usdz") else Kind.ALEMBIC


_STRIP_OF_PICTURES, _STRIP_OF_MOVIE = 0, 3  # Sequence.type; a strip of sound points to its sound


def _strip(record: Record, owner: Owner) -> Found:
    kind = record.number("type")
    strip = record.follow("strip", "Strip")
    folder = strip.field("dir") if strip else None
    if kind not in (_STRIP_OF_PICTURES, _STRIP_OF_MOVIE) or strip is None or folder is None:
        return
    first = strip.follow("stripdata", "StripElem")
    elements = first.array(first.block.size // max(1, first.layout.size)) if first else ()
    names = tuple(name for element in elements if (name := element.text("name")))
    if names:
        path = strip.path("dir")
        joined = path if not path or path.endswith("/") else path + "/"
        yield Place(
            Reference(
                record.text("name")[2:],
                "Strip",
                "dir",
                joined + names[0],
                Kind.IMAGE,
                spread=Spread.SEQUENCE if len(names) > 1 else Spread.ONE,
                library=owner.library,
                names=names,
                offset=folder[1],
                capacity=folder[0].size - 1,
            )
        )


def _when(number: str, wanted: int, field: str, kind: Kind) -> Callable[[Record, Owner], Found]:
    """A path that holds while a member has a certain value."""

    def read(record: Record, owner: Owner) -> Found:
        if record.number(number) == wanted:
            yield from _place(record, owner, field, kind)

    return read


def _plain(field: str, kind: Kind, role: Role = Role.INPUT) -> Callable[[Record, Owner], Found]:
    def read(record: Record, owner: Owner) -> Found:
        yield from _place(record, owner, field, kind, role=role)

    return read


def _ocean(record: Record, owner: Owner) -> Found:
    if record.number("cached"):
        yield from _place(record, owner, "cachepath", Kind.CACHE, spread=Spread.FOLDER)


# PointCache.flag
_CACHE_BAKED = 1 << 0
_CACHE_ON_DISK = 1 << 6
_CACHE_EXTERNAL = 1 << 9
_CACHE_NOT_BESIDE_LIBRARY = 1 << 11


def _point_cache(record: Record, owner: Owner) -> Found:
    flag = record.number("flag")
    if flag & _CACHE_EXTERNAL:
        yield from _place(record, owner, "path", Kind.CACHE, spread=Spread.FOLDER)
    elif flag & _CACHE_ON_DISK:
        beside_scene, baked = bool(flag & _CACHE_NOT_BESIDE_LIBRARY), bool(flag & _CACHE_BAKED)
        yield DiskCache(owner.node, owner.node_type, beside_scene, baked)


_FLUID_BAKED = 0b1010101010  # FluidDomainSettings.cache_flag: data, noise, mesh, particles, guiding


def _fluid(record: Record, owner: Owner) -> Found:
    baked = record.number("cache_flag") & _FLUID_BAKED
    yield from _place(record, owner, "cache_directory", Kind.CACHE, spread=Spread.FOLDER, optional=not baked)


_OLD_FLUID_DOMAIN = 2  # FluidsimSettings.type, up to 2.81


def _old_fluid(record: Record, owner: Owner) -> Found:
    # No Blender of today reads these caches, so that nothing is missing when they are.
    if record.number("type") == _OLD_FLUID_DOMAIN:
        yield from _place(record, owner, "surfdataPath", Kind.CACHE, spread=Spread.FOLDER, optional=True)


_BAKES_INTO_SCENE = 1  # bake_target, 4.4 on; 0 in a bake means "as its modifier"


def _nodes_modifier(record: Record, owner: Owner) -> Found:
    target = record.number("bake_target")
    optional = target == _BAKES_INTO_SCENE
    yield from _pointed_folder(record, owner, "simulation_bake_directory", optional=optional)
    bakes = record.follow("bakes", "NodesModifierBake")
    for bake in bakes.array(record.number("bakes_num")) if bakes else ():
        own = bake.number("bake_target") or target
        optional = own == _BAKES_INTO_SCENE or bake.address("packed") != 0
        yield from _pointed_folder(bake, owner, "directory", optional=optional)


def _import_node(record: Record, owner: Owner) -> Found:
    """Geometry nodes that read a file (5.0 on); a path that comes through a link is not known."""
    reader = record.text("idname").removeprefix("GeometryNodeImport")
    if reader == record.text("idname"):
        return
    for socket in record.list("inputs"):
        value = socket.follow("default_value", "bNodeSocketValueString")
        if value and socket.text("identifier") == "Path":
            kind = Kind.VOLUME if reader == "VDB" else Kind.CACHE
            yield from _place(value, owner, "value", kind)


def _scene(record: Record, owner: Owner) -> Found:
    for field in ("r.pic", "r.bake.filepath"):
        yield from _place(record, owner, field, Kind.IMAGE, role=Role.OUTPUT)


_READERS: dict[str, Callable[[Record, Owner], Found]] = {
    "Image": _image,
    "Library": _library,
    "bSound": _packable(Kind.AUDIO),
    "VFont": _packable(Kind.FONT),
    "Volume": _packable(Kind.VOLUME),
    "MovieClip": _movie_clip,
    "CacheFile": _cache_file,
    "CacheFileLayer": _cache_layer,
    "Sequence": _strip,
    "FluidDomainSettings": _fluid,
    "FluidsimSettings": _old_fluid,
    "OceanModifierData": _ocean,
    "MeshCacheModifierData": _plain("filepath", Kind.CACHE),
    "CustomDataExternal": _plain("filename", Kind.CACHE),
    "PointCache": _point_cache,
    "NodesModifierData": _nodes_modifier,
    "NodeShaderTexIES": _when("mode", 1, "filepath", Kind.IES),
    "NodeShaderScript": _when("mode", 1, "filepath", Kind.SHADER),
    "Camera": _when("custom_mode", 1, "custom_filepath", Kind.SHADER),
    "bNode": _import_node,
    "Scene": _scene,
    "NodeImageMultiFile": _plain("base_path", Kind.IMAGE, Role.OUTPUT),
    "DynamicPaintSurface": _plain("image_output_path", Kind.IMAGE, Role.OUTPUT),
}
