"""A farm in an environment without Blender's wheel: the rest renders, and Blender's tasks say why not."""

from __future__ import annotations

import json
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.together.farms import FarmProcess, farm_process, wait_for
from tests.together.small_task import prepare, submitted

from rayvision_api import RayvisionAPI
from rayvision_sync import engine
from rayvision_sync.download import RayvisionDownload
from renderbus_model.documents import new_task_document

SCENE = "camera { location -3*z } sphere { 0, 1 pigment { rgb x } finish { ambient 1 } }\n"


def environment_without(name: str, folder: Path) -> Path:
    """The Python of an environment that has all that this one has, but for one package."""
    packages = Path(sysconfig.get_path("purelib"))
    there = folder / packages.relative_to(sys.prefix)
    there.mkdir(parents=True)
    for each in packages.iterdir():
        if each.name != name and not each.name.startswith(f"{name}-"):
            (there / each.name).symlink_to(each)
    original = Path(sys._base_executable)  # type: ignore[attr-defined]  # venv looks for it there too
    (folder / "pyvenv.cfg").write_text(f"home = {original.parent}\n", "utf-8")
    python = folder / "bin" / "python"
    python.parent.mkdir()
    python.symlink_to(original)
    return python


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FarmProcess]:
    folder = tmp_path_factory.mktemp("wheel")
    python = environment_without("bpy", folder / "environment")
    (folder / "data").mkdir()
    with farm_process(folder / "data", workers=1, python=str(python)) as running:
        yield running


def povray_task(api: RayvisionAPI, folder: Path) -> dict[str, Any]:
    """The documents of a task for POV-Ray, whose scene is uploaded."""
    scene = folder / "ball.pov"
    scene.write_text(SCENE, "utf-8")
    task = new_task_document()
    task["task_info"] |= {"input_cg_file": str(scene), "cg_id": "8000"}
    task["software_config"] = {"cg_name": "POV-Ray", "cg_version": "3.7", "plugins": {}}
    common = {"frames": "1-1[1]", "width": "32", "height": "24", "image_file_prefix": "shot_####"}
    task["scene_info"] = task["scene_info_render"] = {"all": {"renderable": "1", "common": common}}
    upload = {"asset": [{"local": str(scene), "server": str(scene)}]}
    for name, content in (("task", task), ("upload", upload)):
        (folder / f"{name}.json").write_text(json.dumps(content), "utf-8")
    engine.upload(api, [(scene, str(scene))], "input")
    paths = {"task_json": str(folder / "task.json"), "upload_json": str(folder / "upload.json")}
    return {"folder": str(folder), **paths}


def test_povray_renders_while_blenders_tasks_are_told_what_is_missing(
    farm: FarmProcess, tmp_path: Path
) -> None:
    for name in ("blender", "povray"):
        (tmp_path / name).mkdir()
    with RayvisionAPI(access_id=farm.access_id, access_key=farm.access_key, domain=farm.url) as api:
        waits = submitted(api, prepare(api, tmp_path / "blender"))["task_id"]
        renders = submitted(api, povray_task(api, tmp_path / "povray"))["task_id"]

        def status() -> int:
            return int(api.query.task_info([renders])["items"][0]["taskStatus"])

        wait_for(lambda: status() in (25, 30, 35), "POV-Ray has not ended", 60.0)
        assert status() == 25, api.query.task_frames(renders)["items"]
        RayvisionDownload(api).download(task_id_list=[renders], local_path=str(tmp_path / "out"))
        told = api.query.explain_task(waits)
    assert not told.possible
    assert "no node of the farm has Blender; install it on one" in " ".join(told.reasons)
    (picture,) = (tmp_path / "out").rglob("*.png")
    with Image.open(picture) as opened:
        assert opened.size == (32, 24)
        assert opened.convert("RGB").getpixel((16, 12)) == (255, 0, 0)
