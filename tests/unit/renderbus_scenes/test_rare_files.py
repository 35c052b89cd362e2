"""Files that few scenes name, and numbers in a file that decide whether a path counts."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from renderbus_model.scene import DiskCache, Kind, Reference, Role, Spread
from renderbus_scenes.blend_file import BlendFile
from renderbus_scenes.blend_records import Structs
from renderbus_scenes.blender import read_blend as read
from renderbus_scenes.unpack import unpacked

FORMS = {1: "<b", 2: "<h", 4: "<i", 8: "<Q"}


@pytest.fixture(scope="session")
def rare(scenes: Path) -> bytes:
    return bytes(unpacked((scenes / "rare.blend").read_bytes()))


def inputs(content: bytes, node: str) -> list[Reference]:
    return [each for each in read(content).inputs if each.node == node]


def with_number(content: bytes, struct_name: str, member: str, value: int) -> bytes:
    """The scene with another number in each struct of that name."""
    changed = bytearray(content)
    structs = Structs(BlendFile(memoryview(content)))
    for block in structs.file.blocks:
        record = structs.record(block)
        found = record.field(member) if record and record.layout.name == struct_name else None
        if found:
            struct.pack_into(FORMS[found[0].size], changed, found[1], value)
    assert changed != content
    return bytes(changed)


def test_rare_files_are_found_too(rare: bytes) -> None:
    found = {(each.node_type, each.path, each.kind, each.spread) for each in read(rare).inputs}
    assert found == {
        ("Cache file", "//made/cloth.abc", Kind.ALEMBIC, Spread.ONE),
        ("Cache file", "//made/crowd.abc", Kind.ALEMBIC, Spread.ONE),
        ("Cache file", "//made/town.usdc", Kind.USD, Spread.SEQUENCE),
        ("Camera", "//made/lens.osl", Kind.SHADER, Spread.ONE),
        ("Font", "//made/mono.woff2", Kind.FONT, Spread.ONE),
        ("Image", "//made/stereo.png", Kind.TEXTURE, Spread.ONE),
        ("Mesh", "//made/rock.btx", Kind.CACHE, Spread.ONE),
        ("Movie clip", "//made/clip_001.png", Kind.IMAGE, Spread.SEQUENCE),
        ("Object", "//made/custom", Kind.CACHE, Spread.FOLDER),
        ("Object", "//made/fluid", Kind.CACHE, Spread.FOLDER),
    }


def test_what_dynamic_paint_writes_is_an_output(rare: bytes) -> None:
    outputs = [each.path for each in read(rare).references if each.role is Role.OUTPUT]
    assert "//made/paint" in outputs


def test_a_fluid_that_was_never_baked_needs_no_folder(rare: bytes) -> None:
    (fluid,) = inputs(rare, "tank")
    assert fluid.optional
    (baked,) = inputs(with_number(rare, "FluidDomainSettings", "cache_flag", 0b10), "tank")
    assert not baked.optional


def test_a_bake_into_the_scene_needs_no_folder(rare: bytes) -> None:
    (on_disk,) = inputs(rare, "baked")
    assert not on_disk.optional
    (in_scene,) = inputs(with_number(rare, "NodesModifierData", "bake_target", 1), "baked")
    assert in_scene.optional


@pytest.mark.parametrize(
    ("flag", "told"),
    [
        (0b1000000, DiskCache("cached", "Object")),
        (0b1000001, DiskCache("cached", "Object", baked=True)),
        (0b100001000001, DiskCache("cached", "Object", folder_of_scene=True, baked=True)),
    ],
)
def test_a_simulation_kept_on_disk_names_no_folder_but_is_told(
    everything: bytes, flag: int, told: DiskCache
) -> None:
    raw = bytes(unpacked(everything))
    assert read(raw).disk_caches == ()
    facts = read(with_number(raw, "PointCache", "flag", flag))
    assert facts.disk_caches == (told,)
    assert all(each.attribute != "path" for each in facts.inputs)


def test_an_ocean_names_its_folder_once_it_is_baked(rare: bytes) -> None:
    assert inputs(rare, "sea") == []
    (ocean,) = inputs(with_number(rare, "OceanModifierData", "cached", 1), "sea")
    assert (ocean.path, ocean.spread) == ("//made/ocean", Spread.FOLDER)


def test_a_clip_whose_pictures_were_not_there_is_still_a_sequence(rare: bytes) -> None:
    (clip,) = inputs(with_number(rare, "MovieClip", "source", 2), "clip_001.png")
    assert clip.spread is Spread.SEQUENCE


@pytest.mark.parametrize(
    ("struct_name", "member", "value", "gone"),
    [
        ("Image", "source", 4, "oak"),
        ("Image", "packedfile", 1, "oak"),
        ("Library", "packedfile", 1, "shed.blend"),
        ("bSound", "packedfile", 1, "silence.wav"),
        ("NodeShaderTexIES", "mode", 0, "lamp"),
        ("Sequence", "type", 2, "pictures"),
        ("Strip", "stripdata", 0, "pictures"),
        ("bNode", "idname", 0, "geometry"),
    ],
)
def test_a_path_that_is_not_used_does_not_count(
    everything: bytes, struct_name: str, member: str, value: int, gone: str
) -> None:
    raw = bytes(unpacked(everything))
    assert inputs(raw, gone)
    if member == "idname":
        changed = raw.replace(b"GeometryNodeImportSTL\0", b"GeometryNodeXmportSTL\0")
    else:
        changed = with_number(raw, struct_name, member, value)
    assert inputs(changed, gone) == []


def test_a_library_inside_the_scene_is_told_apart_from_other_packed_files(everything: bytes) -> None:
    raw = bytes(unpacked(everything))
    assert read(raw).packed_libraries == ()
    facts = read(with_number(raw, "Library", "packedfile", 1))
    assert facts.packed_libraries == ("shed.blend",)
    assert "shed.blend" in facts.packed


def test_a_scene_without_compositing_says_so(everything: bytes) -> None:
    raw = bytes(unpacked(everything))
    structs = Structs(BlendFile(memoryview(raw)))
    scene = next(each for each in structs.file.blocks if each.code == "SC")
    mode = structs.record(scene)
    assert mode
    off = read(with_number(raw, "Scene", "r.scemode", mode.number("r.scemode") & ~64)).scene("Shot")
    assert off
    assert not off.composites


def test_strips_make_the_picture_where_the_editor_is_on(everything: bytes) -> None:
    raw = bytes(unpacked(everything))
    assert [scene.edits for scene in read(raw).scenes] == [False, True]
    off = read(with_number(raw, "Scene", "r.scemode", 64))
    assert [scene.edits for scene in off.scenes] == [False, False]
    assert [scene.edits for scene in read(with_number(raw, "Editing", "seqbase.first", 0)).scenes] == [
        False,
        False,
    ]


def test_a_format_that_is_not_known_is_left_out(everything: bytes) -> None:
    raw = bytes(unpacked(everything))
    assert {scene.format for scene in read(with_number(raw, "Scene", "r.im_format.imtype", 99)).scenes} == {
        ""
    }


def test_no_frame_rate_base_gives_the_rate_as_it_is(everything: bytes) -> None:
    raw = bytes(unpacked(everything))
    changed = with_number(raw, "Scene", "r.frs_sec_base", 0)
    shot = read(changed).scene("Shot")
    assert shot
    assert shot.fps == 30
