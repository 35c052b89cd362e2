"""A farm and renderers other than Blender: what runs before what, and parts that become a picture."""

from __future__ import annotations

import io
import json
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.together.farms import FarmProcess, farm_process, wait_for

from rayvision_api import RayvisionAPI
from rayvision_api.answers.frame import FrameItem
from rayvision_api.task.check import RayvisionCheck
from rayvision_sync import engine
from rayvision_sync.download import RayvisionDownload
from renderbus_model.documents import new_task_document

ROOT = Path(__file__).parents[2]
TINY = ROOT / "benchmarks" / "tiny_renderer.toml"

# Stands in for Houdini: refuses any arguments but those that a node of that kind is run with.
HYTHON = """#!/usr/bin/env -S python3 -I -S
import pathlib, sys
sys.path.insert(0, str(pathlib.Path(__file__).parent))
import tiny_renderer as tiny
match sys.argv[1:]:
    case ["--version"]:
        print("hython 19.5.805")
    case ["simulate", scene, "/obj/pool/water", first, last, "into", folder]:
        assert (first, last) == ("1", "4"), (first, last)
        (pathlib.Path(folder) / "water.cache").write_text("water")
    case ["render", scene, "/out/mantra1" | "/out/mantra2" as rop, frame, "with", caches, "as", picture]:
        assert [path.name for path in pathlib.Path(caches).rglob("*.cache")] == ["water.cache"], caches
        box = (0, 0, 8, 8)
        pathlib.Path(picture).write_bytes(tiny.png(8, 8, tiny.pixels(rop.encode(), int(frame), box)))
    case other:
        sys.exit(f"hython: error: {other} is nothing that a farm should ask")
"""
DESCRIPTION = """
cg_id = 2004
name = "Houdini"
program = "hython"
version = 'hython ([0-9.]+)'
complaint = 'hython: error: (.+)'
arguments = ["render", "{scene}", "{layer}", "{frame}", "with", "{caches}", "as", "{output}.png"]
simulate_arguments = ["simulate", "{scene}", "{layer}", "{first}", "{last}", "into", "{folder}"]
"""


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FarmProcess]:
    folder = tmp_path_factory.mktemp("renderers")
    programs = (
        folder / "programs"
    )  # what lies there may be read by them, what lies beside the farm's data not
    programs.mkdir()
    program = programs / "hython"
    program.write_text(HYTHON, "utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    (programs / "tiny_renderer.py").write_text((TINY.parent / "tiny_renderer.py").read_text("utf-8"), "utf-8")
    (programs / "houdini.toml").write_text(DESCRIPTION, "utf-8")
    (folder / "data").mkdir()
    described = json.dumps([str(TINY), str(programs / "houdini.toml")])
    settings = f"renderers = {described}\napplications = [9001, 2004]\n"
    (folder / "data" / "farm.toml").write_text(settings, "utf-8")
    with farm_process(folder / "data", workers=2) as running:
        yield running


def rendered(
    farm: FarmProcess, folder: Path, name: str, content: bytes, info: Mapping[str, Any], scene_info: Any
) -> tuple[dict[str, bytes], list[FrameItem]]:
    """Submit a task, wait for its end: its pictures by path, and its frames as listed."""
    folder.mkdir(parents=True, exist_ok=True)
    scene = folder / name
    scene.write_bytes(content)
    task = new_task_document()
    task["task_info"] |= {"input_cg_file": str(scene), **info}
    task["software_config"] = {"cg_name": "", "cg_version": "1", "plugins": {}}
    task["scene_info"] = task["scene_info_render"] = scene_info
    upload = {"asset": [{"local": str(scene), "server": str(scene)}]}
    for document, told in (("task", task), ("upload", upload), ("tips", {}), ("asset", {})):
        (folder / f"{document}.json").write_text(json.dumps(told), "utf-8")
    with RayvisionAPI(access_id=farm.access_id, access_key=farm.access_key, domain=farm.url) as api:
        engine.upload(api, [(scene, str(scene))], "input")
        check = RayvisionCheck(api, workspace=str(folder))
        documents = (str(folder / "task.json"), str(folder / "upload.json"))
        told, number = check.execute(*documents, only_id=False)
        api.transmit.upload_json_content(number, "task.json", json.dumps(told))
        api.transmit.upload_json_content(number, "upload.json", json.dumps(check.upload_info))
        api.submit(number)

        def state() -> int:
            return int(api.query.task_info([number])["items"][0]["taskStatus"])

        wait_for(lambda: state() in (25, 30, 35, 45), f"task {number} has not ended", 60.0)
        frames = api.query.task_frames(number)["items"]
        assert state() == 25, [(frame["frameIndex"], frame.get("errorMsg")) for frame in frames]
        RayvisionDownload(api).download(task_id_list=[number], local_path=str(folder / "out"))
    found = (path for path in (folder / "out").rglob("*.png"))
    return {path.name: path.read_bytes() for path in found}, frames


def pixels(content: bytes) -> tuple[tuple[int, int], bytes]:
    with Image.open(io.BytesIO(content)) as picture:
        return picture.size, picture.tobytes()


def test_a_frame_in_tiles_is_the_same_picture_and_only_that_is_delivered(
    farm: FarmProcess, tmp_path: Path
) -> None:
    common = {"frames": "1-2[1]", "width": "37", "height": "23", "image_file_prefix": "shot_####"}
    layers = {"beauty": {"renderable": "1", "common": common}}
    scene = (b"tiny 1\nsize 16 16\n", {"cg_id": "9001"}, layers)
    whole, _ = rendered(farm, tmp_path / "whole", "a.tiny", *scene)
    tiled = (scene[0], {"cg_id": "9001", "tiles": "4", "tiles_type": "block"}, layers)
    merged, frames = rendered(farm, tmp_path / "tiles", "a.tiny", *tiled)
    assert sorted(merged) == sorted(whole) == ["shot_0001.png", "shot_0002.png"]
    for name in whole:
        assert pixels(merged[name]) == pixels(whole[name])
    assert len(frames) == 10  # four tiles and one merge for each of two frames


def test_simulations_of_houdini_run_before_the_rops_that_read_them(farm: FarmProcess, tmp_path: Path) -> None:
    nodes = {
        "geo_node": [{"node": "/obj/pool/water", "frames": "1-4[1]", "option": "0", "render": "1"}],
        "rop_node": [
            {"node": f"/out/mantra{each}", "frames": "1-4[1]", "option": "-1", "render": str(each % 2)}
            for each in (1, 2)
        ],
    }
    content = b"hip of no version"
    pictures, frames = rendered(farm, tmp_path / "hip", "pool.hip", content, {"cg_id": "2004"}, nodes)
    assert len(pictures) == 4  # the second ROP is switched off
    types = [int(frame["frameType"]) for frame in frames]
    assert types.count(8) == 1
    assert len(types) == 5
