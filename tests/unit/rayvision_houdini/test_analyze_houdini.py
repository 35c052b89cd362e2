"""The documents of a Houdini scene, as the published package writes them."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.data.houdini.make import Members, archive, limited, node, scene

from rayvision_houdini.analyze_houdini import AnalyzeHoudini
from rayvision_houdini.installed import installed_houdini
from rayvision_houdini.reference_types import database_folder
from rayvision_utils.choose import ChoiceNotInScene
from rayvision_utils.choose_analyzer import analyzer_for
from rayvision_utils.exception.exception import (
    AnalyseFailError,
    CGExeNotExistError,
    CGFileNameIllegalError,
    CGFileNotExistsError,
    GetCGVersionError,
)

DATA = Path(__file__).parents[2] / "data" / "houdini"
NORMAL = {"trange": '"normal"', "f": "1\t10\t1"}


def analysed(path: Path, workspace: Path, version: str = "19.5.368", **options: Any) -> AnalyzeHoudini:
    return AnalyzeHoudini(str(path), version, workspace=str(workspace), **options).analyse()


def written(tmp_path: Path, members: Members, name: str = "shot.hip") -> Path:
    folder = tmp_path / "show" / "shots"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(archive(members))
    return folder / name


def test_the_published_example_is_written_exactly(tmp_path: Path, workspace: Path) -> None:
    path = tmp_path / "sphere.hip"
    shutil.copy(DATA / "sphere.hip", path)
    analysis = analysed(path, workspace, "16.5.268", project_name="dasdd", plugin_config={})
    task = json.loads(Path(analysis.task_json).read_text("utf-8"))
    published = {
        "rop_node": [{"node": "/out/mantra1", "frames": "1-10[1]", "option": "-1", "render": "1"}],
        "geo_node": [],
    }
    assert task["scene_info_render"] == published
    assert task["scene_info"] == published
    assert task["software_config"] == {"cg_version": "16.5.268", "cg_name": "Houdini", "plugins": {}}
    assert task["task_info"]["cg_id"] == "2004"
    assert task["task_info"]["input_cg_file"] == str(path)
    upload = json.loads(Path(analysis.upload_json).read_text("utf-8"))
    assert upload["asset"] == [{"local": str(path), "server": str(path)}]
    assert json.loads(Path(analysis.tips_json).read_text("utf-8")) == {
        "15013": ["the scene was saved by Houdini 17.0.352, chosen is 16.5.268"]
    }
    assert json.loads(Path(analysis.asset_json).read_text("utf-8")) == {
        "Normal": {}, "Miss": {}, "camera": {"normal": ["/obj/cam1"], "diff": [], "miss": []},
    }  # fmt: skip
    assert analysis.check_result() == (True, None)


def test_simulations_and_slices_stand_in_lists_of_their_own(tmp_path: Path, workspace: Path) -> None:
    nodes = [
        node("/obj/cam1", "cam", {"res": "640\t480"}),
        node("/out/m", "ifd", {**NORMAL, "camera": "/obj/cam1"}, bypass=True),
        node("/out/c", "geometry", {**NORMAL, "sopoutput": "$HIP/c.$F.bgeo"}),
        node(
            "/out/p",
            "hq_sim",
            {
                **NORMAL,
                "hq_driver": "/out/c",
                "slice_type": '"volume"',
                "slicediv": "3\t3\t2",
                "num_slices": "1",
            },
        ),
    ]
    analysis = analysed(written(tmp_path, scene(nodes)), workspace)
    info = analysis.task_info["scene_info"]
    assert info["rop_node"] == [{"node": "/out/m", "frames": "1-10[1]", "option": "-1", "render": "0"}]
    assert info["geo_node"] == [{"node": "/out/c", "frames": "1-10[1]", "option": "0", "render": "0"}]
    (distributed,) = info["distributedsim_node"]
    assert distributed["option"] == "1"
    assert (distributed["output_driver"], distributed["output_file"]) == ("/out/c", "$HIP/c.$F.bgeo")
    assert (distributed["sliceType"], distributed["num_slices"]) == ("volume", "18")
    assert analysis.tips_info == {"50008": ["/out/p: 18 slices, where 16 are the most"]}


def test_files_are_found_by_variable_and_the_rest_is_told_as_missing(tmp_path: Path, workspace: Path) -> None:
    nodes = [
        node("/out/m", "ifd", {**NORMAL, "camera": "/obj/gone"}),
        node("/obj/g/a", "file", {"file": "$HIP/geo/a.bgeo"}),
        node("/obj/g/b", "file", {"file": "$JOB/gone.bgeo"}),
        node("/obj/g/c", "file", {"file": "$STUDIO/c.bgeo"}),
        node("/obj/g/d", "file", {"file": '`python(\\"x\\")`/d.bgeo'}),
        node("/obj/light1", "envlight", {"env_map": "$JOB/sky.hdr", "other_map": "$SHOT/sun.exr"}),
    ]
    path = written(tmp_path, scene(nodes, JOB=str(tmp_path / "show"), SHOT=str(tmp_path / "show")))
    for name in ("shots/geo/a.bgeo", "sun.exr"):
        (tmp_path / "show" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "show" / name).write_bytes(b"x")
    analysis = analysed(path, workspace)
    local = [Path(entry["local"]).name for entry in analysis.upload_info["asset"]]
    assert local == ["a.bgeo", "sun.exr", "shot.hip"]
    assert analysis.asset_info["Normal"]["/obj/g/a"] == ["$HIP/geo/a.bgeo", [str(path.parent / "geo/a.bgeo")]]
    assert set(analysis.asset_info["Miss"]) == {"/obj/g/b", "/obj/light1"}
    assert analysis.asset_info["camera"]["miss"] == ["/obj/gone"]
    assert {code: len(texts) for code, texts in analysis.tips_info.items()} == {
        "50002": 1, "60033": 1, "50001": 1, "10025": 1, "10012": 1, "60034": 1,
    }  # fmt: skip


def test_a_mapping_and_a_search_folder_find_what_lies_elsewhere(tmp_path: Path, workspace: Path) -> None:
    nodes = [
        node("/out/n", "null", NORMAL),
        node("/obj/g/a", "file", {"file": "Q:/geo/A.bgeo"}),
        node("/obj/g/b", "file", {"file": "R:/geo/b.bgeo"}),
    ]
    analysis = AnalyzeHoudini(str(written(tmp_path, scene(nodes))), "19.5.368", workspace=str(workspace))
    for name in ("q/geo/a.bgeo", "lib/b.bgeo"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_bytes(b"x")
    analysis.mapping, analysis.search = {"Q:": str(tmp_path / "q")}, [str(tmp_path / "lib")]
    analysis.analyse()
    assert [Path(entry["local"]).name for entry in analysis.upload_info["asset"]][:2] == ["a.bgeo", "b.bgeo"]
    assert [text.partition(" was found ")[2] for text in analysis.tips_info["60030"]] == [
        "by the mapping of Q:", f"by its name in {tmp_path / 'lib'}",
    ]  # fmt: skip


def test_a_limited_licence_and_an_unknown_driver_are_told(tmp_path: Path, workspace: Path) -> None:
    path = tmp_path / "shot.hip"
    path.write_bytes(limited(scene([node("/out/x", "studio::render", NORMAL)])))
    tips = analysed(path, workspace).tips_info
    assert "limited commercial licence" in tips["60032"][0]
    assert "studio::render" in tips["60035"][0]
    assert "no ROP" in tips["60031"][0]


def test_an_expanded_scene_is_analysed_like_its_archive(tmp_path: Path, workspace: Path) -> None:
    members = scene([node("/obj/cam1", "cam"), node("/out/m", "ifd", {**NORMAL, "camera": "/obj/cam1"})])
    folder = tmp_path / "shot.hip.dir"
    for name, content in members.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    analysis = analysed(folder, workspace)
    assert [each["node"] for each in analysis.task_info["scene_info"]["rop_node"]] == ["/out/m"]
    local = {entry["local"] for entry in analysis.upload_info["asset"]}
    assert local == {str(folder / name) for name in members}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"BLENDER-v300", "cut off"),
        (b"070707" + b"0" * 100, "damaged"),
        (b"hello", "text file"),
    ],
)
def test_what_is_no_scene_fails_with_a_tip(
    content: bytes, said: str, tmp_path: Path, workspace: Path
) -> None:
    path = tmp_path / "shot.hip"
    path.write_bytes(content)
    analysis = AnalyzeHoudini(str(path), "19.5", workspace=str(workspace))
    with pytest.raises(AnalyseFailError, match=said):
        analysis.analyse()
    assert said in json.loads(Path(analysis.tips_json).read_text("utf-8"))["15002"][0]


def test_the_database_of_parameters_is_kept_where_it_is_asked_for(
    tmp_path: Path, workspace: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen, named = tmp_path / "chosen", tmp_path / "named"
    chosen.mkdir()
    named.mkdir()
    assert database_folder(None) == home / "renderfarm_sdk"
    monkeypatch.setenv("RAYVISION_HOUDINI", str(named))
    assert database_folder(tmp_path / "gone") == named
    assert database_folder(chosen) == chosen
    nodes = [
        node("/out/n", "null", NORMAL),
        node("/obj/g/a", "gizmo", {"blob": "$HIP/data", "tex": "$HIP/t.exr"}),
    ]
    path = written(tmp_path, scene(nodes))
    first = analysed(path, workspace, custom_db_path=str(chosen))
    assert first.custom_db_path == str(chosen)
    assert first.facts is not None
    assert [each.path for each in first.facts.inputs] == ["$HIP/t.exr"]
    with closing(sqlite3.connect(chosen / "data_tl.db")) as database, database:
        assert database.execute("select * from ReFerType").fetchall() == [("file", ""), ("tex", "texture")]
        database.execute("insert into ReFerType values ('blob', 'ours')")
    second = analysed(path, workspace, custom_db_path=str(chosen))
    assert second.facts is not None
    assert [each.path for each in second.facts.inputs] == ["$HIP/t.exr", "$HIP/data"]


def test_a_database_that_cannot_be_opened_stops_nothing(tmp_path: Path, workspace: Path) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "data_tl.db").write_bytes(b"no database" * 100)
    path = written(tmp_path, scene([node("/out/n", "null", NORMAL)]))
    assert analysed(path, workspace, custom_db_path=str(folder)).facts is not None


def test_the_published_methods_answer(tmp_path: Path, workspace: Path) -> None:
    path = tmp_path / "sphere.hip"
    shutil.copy(DATA / "sphere.hip", path)
    analysis = AnalyzeHoudini(str(path), "17.0.352", workspace=str(workspace))
    assert analysis.get_save_version(str(path)) == "17.0.352"
    analysis.check_cg_name()
    analysis.add_tip("999", 5)
    assert analysis.tips_info == {"999": ["5"]}
    with pytest.raises(CGExeNotExistError, match="not installed"):
        analysis.find_location()
    assert analysis.location_from_reg("17.0") is None
    (tmp_path / "notes.txt").write_text("no scene")
    with pytest.raises(GetCGVersionError):
        analysis.get_save_version(str(tmp_path / "notes.txt"))
    with pytest.raises(CGFileNotExistsError, match="is not found"):
        AnalyzeHoudini(str(tmp_path / "gone.hip"), "17.0", workspace=str(workspace))
    assert analyzer_for("shot.hiplc") is AnalyzeHoudini


def test_a_chinese_name_is_told(tmp_path: Path, workspace: Path) -> None:
    analysis = analysed(written(tmp_path, scene([node("/out/n", "null", NORMAL)]), "场景.hip"), workspace)
    assert "15033" in analysis.tips_info
    with pytest.raises(CGFileNameIllegalError):
        analysis.check_cg_name()


def test_other_frames_can_be_chosen_and_nothing_else(tmp_path: Path, workspace: Path) -> None:
    camera = node("/obj/cam1", "cam")
    path = written(tmp_path, scene([camera, node("/out/m", "ifd", {**NORMAL, "camera": "/obj/cam1"})]))
    analysis = AnalyzeHoudini(str(path), "19.5.368", workspace=str(workspace))
    with pytest.raises(AnalyseFailError, match="analyse the scene first"):
        analysis.choose(frames="1")
    analysis.analyse()
    analysis.choose(frames="3-5")
    task = json.loads(Path(analysis.task_json).read_text("utf-8"))
    assert task["scene_info_render"]["rop_node"][0]["frames"] == "3-5[1]"
    assert task["scene_info"]["rop_node"][0]["frames"] == "1-10[1]"
    with pytest.raises(ChoiceNotInScene, match="camera"):
        analysis.choose(camera="/obj/other")


def test_an_installed_houdini_is_found_also_of_a_near_version(tmp_path: Path) -> None:
    program = tmp_path / "hfs19.5.805" / "bin" / "hython"
    program.parent.mkdir(parents=True)
    program.write_text("")
    assert installed_houdini("19.5.805", windows=False, root=tmp_path) == str(program)
    assert installed_houdini("19.5.368", windows=False, root=tmp_path) == str(program)
    assert installed_houdini("18.0", windows=False, root=tmp_path) is None
    assert installed_houdini("", windows=False, root=tmp_path) is None


def test_cameras_are_looked_for_where_rops_mean_them(tmp_path: Path, workspace: Path) -> None:
    nodes = [
        node("/obj/cam1", "cam"),
        node("/out/a", "ifd", {**NORMAL, "camera": "../../obj/cam1"}),
        node("/stage/b", "usdrender_rop", {**NORMAL, "override_camera": "/cameras/camera1"}),
        node("/out/c", "karma", {**NORMAL, "camera": "/cameras/camera1"}),
        node("/out/d", "ifd", {**NORMAL, "camera": '"`chs(\\"../a/camera\\")`"'}),
        node("/out/e", "ifd", {**NORMAL, "camera": "/obj/gone"}, bypass=True),
        node("/out/f", "ifd", {**NORMAL, "camera": '""'}),
    ]
    tips = analysed(written(tmp_path, scene(nodes)), workspace).tips_info
    assert tips == {"50002": ["/out/f: names no camera"]}


def test_plug_ins_that_were_not_chosen_and_scripts_are_told(tmp_path: Path, workspace: Path) -> None:
    redshift = {**NORMAL, "RS_renderCamera": "/obj/cam1", "tprerender": '"on"', "prerender": '"echo"'}
    path = written(tmp_path, scene([node("/obj/cam1", "cam"), node("/out/r", "Redshift_ROP", redshift)]))
    assert analysed(path, workspace).tips_info == {
        "60036": ["Redshift_ROP comes with redshift, which is not in plugin_config"],
        "60011": ["/out/r: prerender runs 'echo'"],
    }
    assert "60036" not in analysed(path, workspace, plugin_config={"Redshift": "3.5"}).tips_info


def test_a_sequence_that_is_there_in_part_is_found_and_missing(tmp_path: Path, workspace: Path) -> None:
    nodes = [
        node("/obj/cam1", "cam"),
        node("/out/m", "ifd", {**NORMAL, "camera": "/obj/cam1"}),
        node("/obj/light1", "envlight", {"env_map": "$HIP/sky.$F4.exr"}),
    ]
    path = written(tmp_path, scene(nodes))
    for frame in (1, 2, 50):
        (path.parent / f"sky.{frame:04d}.exr").write_bytes(b"x")
    analysis = analysed(path, workspace)
    names = [Path(each).name for each in analysis.asset_info["Normal"]["/obj/light1"][1]]
    assert names == ["sky.0001.exr", "sky.0002.exr"]
    assert analysis.asset_info["Miss"] == {"/obj/light1": ["$HIP/sky.$F4.exr", []]}
    assert "is not complete: frames 3-10[1]" in analysis.tips_info["10027"][0]
