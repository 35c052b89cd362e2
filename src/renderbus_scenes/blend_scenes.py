"""Scenes, view layers, cameras and render settings of a .blend file.

Source: field names and numbers as Blender 2.80 to 5.1 write them, checked by writing them with Blender 5.0;
those of 2.4x to 2.79 as their files write them.
"""

from __future__ import annotations

from collections.abc import Iterator

from renderbus_model.scene import CameraSwitch, Scene, ViewLayer
from renderbus_scenes.blend_records import Record, Structs

FORMATS = {
    0: "TARGA",
    1: "IRIS",
    4: "JPEG",
    7: "IRIS",
    14: "TARGA_RAW",
    15: "AVI_RAW",
    16: "AVI_JPEG",
    17: "PNG",
    20: "BMP",
    21: "HDR",
    22: "TIFF",
    23: "OPEN_EXR",
    24: "FFMPEG",
    26: "CINEON",
    27: "DPX",
    28: "OPEN_EXR_MULTILAYER",
    30: "JPEG2000",
    35: "WEBP",
}
"""Blender's identifiers by the number that a file stores (``r.im_format.imtype``)."""

_CAMERA = 11  # Object.type
_LAYER_RENDERS = 1  # ViewLayer.flag
_OLD_LAYER_IS_OFF = 0x20000  # SceneRenderLayer.layflag
_OLD_ENGINES = {0: "BLENDER_RENDER", 1: "YAFRAY"}  # r.renderer, up to 2.49
_EDITS, _COMPOSITES = 1, 64  # RenderData.scemode
_DEEPEST = 10_000  # properties and collections nest by tens; more is a damaged file


def id_name(record: Record) -> str:
    """A data-block's name, without the two letters for its kind."""
    return record.text("id.name")[2:]


def is_linked(record: Record) -> bool:
    """The data-block belongs to a library."""
    return record.address("id.lib") != 0


def own_scenes(structs: Structs) -> Iterator[tuple[int, Record]]:
    """The scenes that are the file's own, with their addresses."""
    for address, block in structs.file.by_address.items():
        if block.code == "SC" and (record := structs.record(block)) and not is_linked(record):
            yield address, record


def active_scene(structs: Structs) -> str:
    """The scene that is on screen when the file opens; the first where that is not written."""
    scenes = dict(own_scenes(structs))
    for block in structs.file.blocks:
        if block.code == "GLOB" and (record := structs.record(block, "FileGlobal")):
            chosen = scenes.get(record.address("curscene"))
            if chosen:
                return id_name(chosen)
    return next((id_name(record) for record in scenes.values()), "")


def cameras(structs: Structs) -> tuple[str, ...]:
    """The names of the file's own camera objects, sorted."""
    found = (structs.record(block) for block in structs.file.blocks if block.code == "OB")
    names = {
        id_name(each) for each in found if each and each.number("type") == _CAMERA and not is_linked(each)
    }
    return tuple(sorted(names))


def read_scene(record: Record) -> Scene:
    """One scene as a value."""
    camera = _pointed_name(record, "camera")
    switches = tuple(_camera_switches(record))
    fps_base = record.real("r.frs_sec_base", 1.0)
    return Scene(
        name=id_name(record),
        engine=_engine(record),
        camera=camera,
        cameras=tuple(
            sorted({*_scene_cameras(record), *filter(None, [camera]), *(s.camera for s in switches)})
        ),
        camera_switches=switches,
        view_layers=tuple(_view_layers(record)),
        start=record.number("r.sfra"),
        end=record.number("r.efra"),
        step=max(1, record.number("r.frame_step", 1)),
        fps=record.number("r.frs_sec") / fps_base if fps_base > 0 else float(record.number("r.frs_sec")),
        width=record.number("r.xsch"),
        height=record.number("r.ysch"),
        percent=record.number("r.size", 100),
        output=record.path("r.pic"),
        format=FORMATS.get(record.number("r.im_format.imtype", record.number("r.imtype")), ""),
        samples=_cycles_samples(record),
        composites=_composites(record),
        edits=_edits(record),
    )


def _engine(record: Record) -> str:
    if "r.engine" in record:
        return record.text("r.engine")
    number = record.number("r.renderer")
    return _OLD_ENGINES.get(number, f"renderer {number}")


def _view_layers(record: Record) -> Iterator[ViewLayer]:
    if "view_layers" in record:
        for layer in record.list("view_layers"):
            yield ViewLayer(layer.text("name"), bool(layer.number("flag") & _LAYER_RENDERS))
    else:  # "render layers" up to 2.79
        for layer in record.list("r.layers"):
            yield ViewLayer(layer.text("name"), not layer.number("layflag") & _OLD_LAYER_IS_OFF)


def _pointed_name(record: Record, field: str) -> str:
    """The name of the data-block a pointer leads to; a linked one has a stand-in of type ``ID``."""
    target = record.follow(field)
    if target is None:
        return ""
    return (target.text("id.name") or target.text("name"))[2:]


def _camera_switches(record: Record) -> Iterator[CameraSwitch]:
    for marker in record.list("markers"):
        if camera := _pointed_name(marker, "camera"):
            yield CameraSwitch(marker.number("frame"), camera)


def _scene_cameras(record: Record) -> Iterator[str]:
    """Cameras in the scene's collections, as far as the file itself shows their type."""
    for base in record.list("base"):  # up to 2.79, which had no collections of this kind
        ob = base.follow("object")
        if ob and ob.layout.name == "Object" and ob.number("type") == _CAMERA:
            yield id_name(ob)
    collections = [record.follow("master_collection")]
    seen: set[int] = set()
    while collections and len(seen) < _DEEPEST:
        collection = collections.pop()
        if collection is None or collection.offset in seen:
            continue
        seen.add(collection.offset)
        for member in collection.list("gobject"):
            ob = member.follow("ob")
            if ob and ob.layout.name == "Object" and ob.number("type") == _CAMERA:
                yield id_name(ob)
        collections += [child.follow("collection") for child in collection.list("children")]


def _composites(record: Record) -> bool:
    if not record.number("r.scemode") & _COMPOSITES:
        return False
    if "compositing_node_group" in record:  # 5.0 on; `use_nodes` is only kept for older programs
        return record.address("compositing_node_group") != 0
    return bool(record.number("use_nodes")) and record.address("nodetree") != 0


def _edits(record: Record) -> bool:
    cut = record.follow("ed", "Editing")
    strips = cut.address("seqbase.first") if cut else 0
    return bool(record.number("r.scemode") & _EDITS) and strips != 0


def _cycles_samples(record: Record) -> int | None:
    """Cycles keeps its settings as properties: in the ID's own up to 4.x, in its system's since 5.0."""
    for place in ("id.system_properties", "id.properties"):
        group = record.follow(place)
        settings = _property(group, "cycles") if group else None
        samples = _property(settings, "samples") if settings else None
        if samples and samples.number("data.val") > 0:
            return samples.number("data.val")
    return None


def _property(group: Record, name: str) -> Record | None:
    return next((each for each in group.list("data.group") if each.text("name") == name), None)
