"""Maya ASCII scenes of any age, line end and code page."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from pathlib import Path

import pytest

from renderbus_model.maya_scene import LayerKind, MayaScene, ReferenceEdit, Unresolved
from renderbus_model.scene import Kind, Role, Spread
from renderbus_scenes.errors import BadScene
from renderbus_scenes.maya_ascii import read_maya_ascii
from renderbus_scenes.reader import read, read_as

DATA = Path(__file__).parents[2] / "data" / "maya"
END = "// End of shot.ma\n"


def scene_of(body: str, *, head: str = "//Maya ASCII 2023 scene\n//Codeset: UTF-8\n") -> MayaScene:
    return read_maya_ascii((head + body + END).encode())


@pytest.fixture(scope="module")
def shot() -> MayaScene:
    return read_as(MayaScene, (DATA / "project" / "scenes" / "shot.ma").read_bytes(), "shot.ma")


@pytest.fixture(scope="module")
def renderers() -> MayaScene:
    return read_as(MayaScene, (DATA / "renderers.ma").read_bytes(), "renderers.ma")


def test_the_header_says_version_code_page_units_and_product(shot: MayaScene) -> None:
    assert (shot.version, shot.major_version, shot.codeset, shot.product) == (
        "2023",
        2023,
        "1252",
        "Maya 2023",
    )
    assert shot.build == "202202161415-df43006fd3"
    assert (shot.units.linear, shot.units.angle, shot.units.time, shot.units.fps) == (
        "centimeter",
        "degree",
        "pal",
        25.0,
    )
    assert shot.complete


def test_cameras_are_shapes_and_startup_cameras_are_told_apart(shot: MayaScene) -> None:
    assert [(each.name, each.renderable, each.startup) for each in shot.cameras] == [
        ("perspShape", False, True),
        ("shotCamShape", True, False),
    ]


def test_what_stands_in_a_script_makes_no_node(shot: MayaScene) -> None:
    assert "notThere" not in {each.name for each in shot.cameras}
    (script,) = shot.scripts
    assert (script.node, script.language, script.event) == (
        "greeting",
        "python",
        "opening and closing the scene",
    )
    assert script.text.startswith('print("hello\\n");\ncreateNode')


def test_layers_of_another_manager_are_stale(shot: MayaScene) -> None:
    assert [each.name for each in shot.layers] == ["defaultRenderLayer", "beauty"]
    assert shot.stale_layers == ("set:defaultRenderLayer",)
    assert {each.kind for each in shot.layers} == {LayerKind.LEGACY}


def test_a_legacy_layer_overrides_a_render_setting(shot: MayaScene) -> None:
    assert [each.settings.end for each in shot.layers] == [12.0, 24.0]


def test_settings_that_are_not_written_are_none_until_they_are_filled(shot: MayaScene) -> None:
    assert (shot.settings.step, shot.settings.filled().step) == (None, 1.0)
    assert (shot.settings.width, shot.settings.height) == (1920, 1080)
    assert (shot.settings.format_number, shot.settings.format_key, shot.settings.format_text) == (
        51,
        "exr",
        "jpeg",
    )


def test_every_reference_is_told_with_its_depth_and_whether_it_is_loaded(shot: MayaScene) -> None:
    assert [(each.node, each.namespace, each.depth, each.loaded) for each in shot.scenes] == [
        ("setRN", "set", 1, True),
        ("set:treeRN", "tree", 2, True),
        ("oldRN", "old", 1, False),
    ]
    assert shot.projects == ("D:/film",)


def test_edits_of_referenced_nodes_are_told(shot: MayaScene) -> None:
    assert shot.edits == (
        ReferenceEdit("|set:view|set:viewShape", "renderable", "1"),
        ReferenceEdit("set:bark", "fileTextureName", "bark_wet.png"),
    )


def test_textures_of_tiles_and_sequences_are_told_by_their_switches(shot: MayaScene) -> None:
    textures = {each.node: each.spread for each in shot.inputs}
    assert textures == {"wood": Spread.TILES, "plate": Spread.SEQUENCE}


def test_the_label_of_a_camera_is_no_file_and_what_comes_with_maya_is_no_input(shot: MayaScene) -> None:
    assert "perspShape" not in {each.node for each in shot.references}
    (shipped,) = (each for each in shot.references if each.role is Role.SHIPPED)
    assert shipped.kind is Kind.COLOUR


def test_a_value_that_an_expression_drives_is_unresolved(shot: MayaScene) -> None:
    assert shot.unresolved == (Unresolved("plate", "fe", "expression1.out[0]"),)


def test_a_plug_in_is_used_when_one_of_its_node_types_occurs(shot: MayaScene) -> None:
    assert [(each.name, each.used) for each in shot.plugins] == [("stereoCamera", None), ("mtoa", True)]


def test_each_type_of_the_table_is_read_from_a_made_up_scene(renderers: MayaScene) -> None:
    found = {(each.node_type, each.kind, each.spread) for each in renderers.inputs}
    for expected in [
        ("gpuCache", Kind.ALEMBIC, Spread.ONE),
        ("AlembicNode", Kind.ALEMBIC, Spread.ONE),
        ("aiStandIn", Kind.PROXY, Spread.SEQUENCE),
        ("aiImage", Kind.TEXTURE, Spread.TILES),
        ("aiVolume", Kind.VOLUME, Spread.SEQUENCE),
        ("VRayMesh", Kind.PROXY, Spread.ONE),
        ("VRayLightIESShape", Kind.IES, Spread.ONE),
        ("RedshiftDomeLight", Kind.TEXTURE, Spread.ONE),
        ("PxrNormalMap", Kind.TEXTURE, Spread.TILES),
        ("pgYetiMaya", Kind.HAIR, Spread.SEQUENCE),
        ("xgmPalette", Kind.HAIR, Spread.ONE),
        ("houdiniAsset", Kind.HDA, Spread.ONE),
        ("cacheFile", Kind.CACHE, Spread.FOLDER),
    ]:
        assert expected in found
    made = (DATA / "renderers.ma").read_text("utf-8").count('1";\n\tsetAttr')
    assert len(renderers.inputs) == made + 1  # and the irradiance map


def test_a_path_in_a_node_that_no_table_knows_is_swept_up(renderers: MayaScene) -> None:
    (swept,) = (each for each in renderers.inputs if each.node_type == "studioScatter")
    assert (swept.path, swept.kind) == ("cache/points.prt", Kind.OTHER)


def test_a_solution_is_read_in_some_modes_and_written_in_others(renderers: MayaScene) -> None:
    roles = {each.attribute: each.role for each in renderers.references if each.node == "vraySettings"}
    assert (roles["ifile"], roles["lcfnm"]) == (Role.INPUT, Role.OUTPUT)


def test_settings_of_the_current_renderer_win(renderers: MayaScene) -> None:
    settings = renderers.settings
    assert (settings.width, settings.height) == (1280, 720)
    assert (settings.format_text, settings.own_prefix) == ("exr (multichannel)", "<Scene>_v")


def test_a_stand_in_without_a_file_is_told(renderers: MayaScene) -> None:
    assert renderers.empty_proxies == ("empty",)


def test_scenes_that_were_put_together_are_read_as_one() -> None:
    content = (DATA / "project" / "scenes" / "shot.ma").read_bytes()
    other = (
        content.replace(b'"shotCamShape"', b'"otherShape"')
        .replace(b'"setRN"', b'"otherRN"')
        .replace(b'"beauty', b'"matte')
    )
    scene = read_as(MayaScene, content + other)
    assert [each.name for each in scene.cameras] == ["perspShape", "shotCamShape", "perspShape", "otherShape"]
    assert [each.name for each in scene.layers] == ["defaultRenderLayer", "beauty", "matte"]
    assert [each.node for each in scene.scenes if each.depth == 1] == ["setRN", "oldRN", "otherRN"]
    assert scene.node_count == 2 * read_as(MayaScene, content).node_count


_MANY = 3000
"""Nodes enough to fill several windows, and to have their types passed over."""


def test_what_stands_among_very_many_nodes_is_read() -> None:
    crowd = 'createNode transform -n "t";\n\trename -uid "A";\n' * _MANY
    scene = scene_of(
        'fileInfo "cutIdentifier" "1";\n'
        + crowd
        + 'select -ne :defaultRenderGlobals;\n\tsetAttr ".ifp" -type "string" "shot/one";\n'
        + crowd
        + 'file -r -ns "set" -rfn "setRN" -typ "mayaAscii" "set.ma";\n'
        + crowd
        + 'createNode camera -n "lateShape";\n'
        + crowd
    )
    assert scene.settings.prefix == "shot/one"
    assert [each.path for each in scene.scenes] == ["set.ma"]
    assert [each.name for each in scene.cameras] == ["lateShape"]
    assert scene.node_count == 4 * _MANY + 1


def test_numbers_and_many_nodes_may_take_turns() -> None:
    numbers = 'createNode mesh -n "m";\n\tsetAttr ".vt[0:9]" ' + "0.125 -3.5 1e-05\n\t\t" * 20_000 + ";\n"
    crowd = 'createNode joint -n "NNNN";\n' * _MANY
    link = 'connectAttr "a.b" "c.d";\nselect -ne :defaultResolution;\n\tsetAttr ".w" 64;\n'
    camera = 'createNode camera -n "c";\n'
    scene = scene_of(
        'fileInfo "cutIdentifier" "1";\n' + (numbers * 3 + camera + link + numbers + crowd + camera) * 3
    )
    assert scene.settings.width == 64
    assert len(scene.cameras) == 6
    assert scene.node_count == 3 * (4 + 2 + _MANY)


@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
def test_line_ends_make_no_difference(newline: bytes, shot: MayaScene) -> None:
    content = (DATA / "project" / "scenes" / "shot.ma").read_bytes().replace(b"\n", newline)
    assert read(content) == shot


def test_a_scene_of_maya_2_5_has_no_code_page() -> None:
    scene = scene_of(
        'requires maya "2.5";\ncreateNode camera -n "camShape" -p "cam";\n\tsetAttr ".rnd" no;\n',
        head="//Maya ASCII 2.5 scene\n//Name: old.ma\n",
    )
    assert (scene.version, scene.major_version, scene.codeset) == ("2.5", 2, None)
    assert [each.renderable for each in scene.cameras] == [False]


def test_long_names_of_flags_and_attributes_are_read() -> None:
    scene = scene_of(
        'createNode file -name "wood";\n\tsetAttr ".fileTextureName" -type "string" "tex/wood.png";\n'
        '\tsetAttr ".uvTilingMode" 3;\n'
        'createNode camera -shared -name "camShape" -parent "|a|cam";\n\tsetAttr ".renderable" off;\n'
    )
    assert [(each.node, each.path, each.spread) for each in scene.inputs] == [
        ("wood", "tex/wood.png", Spread.TILES)
    ]
    assert [(each.name, each.renderable) for each in scene.cameras] == [("camShape", False)]


def test_a_text_may_be_put_together_over_many_lines() -> None:
    parts = '( \n\t\t"tex/"\n\t\t+ "wood"\n\t\t+ ".png")'
    scene = scene_of(f'createNode file -n "wood";\n\tsetAttr ".ftn" -type "string" {parts};\n')
    assert [each.path for each in scene.inputs] == ["tex/wood.png"]


def test_statements_may_share_a_line_in_scenes_that_people_write() -> None:
    scene = read_maya_ascii(
        b'//Maya ASCII 2023 scene\n  createNode camera -n "a"; setAttr ".rnd" no; createNode camera -n "b";\n'
        + END.encode()
    )
    assert [(each.name, each.renderable) for each in scene.cameras] == [("a", False), ("b", True)]


def test_a_file_name_list_names_each_file() -> None:
    scene = scene_of(
        'createNode AlembicNode -n "abc";\n\tsetAttr ".fns" -type "stringArray" 2 "a.abc" "b.abc"  ;\n'
    )
    assert [each.path for each in scene.inputs] == ["a.abc", "b.abc"]


def test_a_flag_without_a_value_changes_nothing() -> None:
    scene = scene_of(
        'createNode camera -n "camShape";\n\tsetAttr -k off ".rnd";\n\tsetAttr -l on ".o" yes;\n'
    )
    assert [(each.renderable, each.orthographic) for each in scene.cameras] == [(True, True)]


@pytest.mark.parametrize(
    ("written", "codec", "path"),
    [
        ("936", "gbk", "D:/项目/木头.png"),
        ("932", "cp932", "D:/表示/ソース.png"),
        ("1251", "cp1251", "D:/дерево.png"),
        ("UTF-8", "utf-8", "D:/木/é.png"),
        ("949", "cp949", "D:/나무.png"),
        ("950", "big5", "D:/許功蓋.png"),
    ],
)
def test_paths_are_read_in_the_code_page_of_the_scene(written: str, codec: str, path: str) -> None:
    head = f"//Maya ASCII 2018 scene\n//Codeset: {written}\n".encode()
    body = b'createNode file -n "a";\n\tsetAttr ".ftn" -type "string" "' + path.encode(codec) + b'";\n'
    assert [each.path for each in read_maya_ascii(head + body + END.encode()).inputs] == [path]


@pytest.mark.parametrize("doubled", [False, True])
def test_a_backslash_as_second_byte_of_a_character_is_part_of_it(doubled: bool) -> None:
    # 表 is 95 5C in Shift-JIS; whether Maya doubles that 5C is not known: both are read, at the end, too.
    sign = b"\x95\x5c\x5c" if doubled else b"\x95\x5c"
    head = b"//Maya ASCII 2018 scene\n//Codeset: 932\n"
    body = (
        b'createNode file -n "a";\n\tsetAttr ".ftn" -type "string" "D:\\\\' + sign + b"\\\\" + sign + b'";\n'
    )
    scene = read_maya_ascii(head + body + b'createNode camera -n "behind";\n' + END.encode())
    assert [each.path for each in scene.inputs] == ["D:\\表\\表"]
    assert [each.name for each in scene.cameras] == ["behind"]


def test_bytes_that_fit_no_code_page_survive() -> None:
    head = b"//Maya ASCII 2018 scene\n//Codeset: UTF-8\n"
    body = b'createNode file -n "a";\n\tsetAttr ".ftn" -type "string" "w\xf6od.png";\n'
    (texture,) = read_maya_ascii(head + body + END.encode()).inputs
    assert texture.path.encode("utf-8", "surrogateescape") == b"w\xf6od.png"


def test_the_code_page_may_stand_before_the_version() -> None:
    content = b'//Codeset: 936\n//Maya ASCII 8.5 scene\nrequires maya "8.5";\n' + END.encode()
    scene = read_as(MayaScene, content)
    assert (scene.version, scene.codeset) == ("8.5", "936")


def test_a_scene_without_its_closing_comment_is_read_but_not_complete() -> None:
    scene = read_maya_ascii(b'//Maya ASCII 2023 scene\ncreateNode camera -n "a";\n')
    assert [each.name for each in scene.cameras] == ["a"]
    assert not scene.complete


def test_a_scene_that_ends_within_a_statement_is_refused_with_what_was_read() -> None:
    with pytest.raises(BadScene, match="is cut off") as error:
        read_maya_ascii(b'//Maya ASCII 2023 scene\ncreateNode camera -n "a";\n\tsetAttr ".rn', "shot.ma")
    assert error.value.offset == 63
    partial = error.value.partial
    assert isinstance(partial, MayaScene)
    assert [each.name for each in partial.cameras] == ["a"]
    assert not partial.complete


def test_every_cut_of_a_scene_ends_soon_and_keeps_what_was_read(shot: MayaScene) -> None:
    content = (DATA / "project" / "scenes" / "shot.ma").read_bytes()
    for size in range(len(b"//Maya ASCII 2023 scene\n"), len(content) - len(END), 101):
        try:
            scene: object = read(content[:size], "cut.ma")
        except BadScene as error:
            scene = error.partial
        assert isinstance(scene, MayaScene)
        assert not scene.complete
        assert {each.path for each in scene.inputs} <= {each.path for each in shot.inputs}


def test_a_string_that_never_ends_is_no_trap() -> None:
    head = b'//Maya ASCII 2023 scene\ncreateNode file -n "a";\n\tsetAttr ".ftn" -type "string" "'
    for tail in (b"\\" * 1_000_000, b"x" * 1_000_000, b'\\"' * 500_000):
        with pytest.raises(BadScene, match="cut off"):
            read_maya_ascii(head + tail)


@pytest.mark.parametrize(
    "trap",
    [
        b"\tsetAttr -a b " * 40_000,
        b"\tsetAttr -a " * 40_000,
        b"connectAttr -a b " * 40_000,
        b"addAttr -sn " * 40_000,
        b'\taddAttr -sn "atv" ' * 20_000,
        b"renderLayerManager." * 30_000,
        b"\n" * 400_000,
        b" " * 400_000,
        b'\n2 "' * 100_000,
        b'\tsetAttr ".ftn" -type "string" "' + b"#" * 60_000 + b'/";\n',
        b'\tsetAttr ".x" -type "string" "' + b"/." * 2_000 + b'";\n' * 5,
        b"createNode " * 40_000,
        b"(" * 400_000,
    ],
    ids=lambda trap: trap[:20].decode(),
)
@pytest.mark.parametrize("kind", [b"absOverride", b"file", b"reference", b"studioNode"])
def test_no_text_makes_reading_slow(kind: bytes, trap: bytes) -> None:
    head = b"//Maya ASCII 2023 scene\n//Codeset: 932\ncreateNode " + kind + b' -n "a";\n'
    began = time.process_time()
    with contextlib.suppress(BadScene):
        read_maya_ascii(head + trap + b"\n" + END.encode())
    assert time.process_time() - began < 2


_MEMORY = """
import mmap, sys
from renderbus_scenes.reader import read
with open(sys.argv[1], "rb") as file:
    read(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("RssAnon")))
"""


def test_memory_does_not_grow_with_a_scene(tmp_path: Path) -> None:
    mesh = b'createNode mesh -n "m";\n\tsetAttr -s 9 ".vt[0:8]"  ' + b"0.125 -3.5 1e-05 " * 100_000 + b";\n"
    path = tmp_path / "large.ma"
    path.write_bytes(b"//Maya ASCII 2023 scene\n" + mesh * 60 + END.encode())
    done = subprocess.run(
        [sys.executable, "-c", _MEMORY, str(path)], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 200_000  # kB


@pytest.mark.parametrize("name", [b"", b"base64", b"undefined", b"idna", b"no such", b"12\x0052", b"\xff"])
def test_a_code_page_that_is_none_counts_as_utf_8(name: bytes) -> None:
    scene = b'//Maya ASCII 2023 scene\n//Codeset: %s\nrequires maya "2023";\n// End of x.ma\n' % name
    assert read(scene).complete


def test_a_depth_that_is_no_number_of_this_world_counts_as_one() -> None:
    line = 'file -r -rpr "set" -dr 1 -rfn "setRN" -op "v=0;" "set.ma";'
    for depth in ("²", "x", "999999999999"):
        scene = f"//Maya ASCII 2023 scene\nfile -rdi {depth} {line[5:]}\n// End of x.ma\n"
        assert [each.depth for each in read_as(MayaScene, scene.encode()).scenes] == [1]
