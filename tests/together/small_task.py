"""A task of three frames, for tests that need one and render nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rayvision_api import RayvisionAPI
from rayvision_api.task.check import RayvisionCheck
from rayvision_sync import engine
from renderbus_model.documents import new_task_document


def prepare(api: RayvisionAPI, folder: Path) -> dict[str, Any]:
    """The documents of a task, whose scene is uploaded."""
    scene = folder / "shot.blend"
    scene.write_bytes(b"BLENDER-v405 never opened here")
    task = new_task_document()
    task["task_info"] |= {"input_cg_file": str(scene), "cg_id": "2007", "project_name": "Film"}
    task["software_config"] = {"cg_name": "Blender", "cg_version": "5.0", "plugins": {}}
    common = {"scene_name": ["Scene"], "view_layers": ["ViewLayer"], "frames": "1-3[1]", "renderer": "CYCLES"}
    task["scene_info"] = {"Scene/ViewLayer": {"renderable": "1", "common": common}}
    upload = {"asset": [{"local": str(scene), "server": str(scene)}]}
    for name, content in (("task", task), ("upload", upload)):
        (folder / f"{name}.json").write_text(json.dumps(content))
    engine.upload(api, [(scene, str(scene))], "input")
    paths = {"task_json": str(folder / "task.json"), "upload_json": str(folder / "upload.json")}
    return {"folder": str(folder), **paths}


def submitted(api: RayvisionAPI, documents: dict[str, Any]) -> dict[str, Any]:
    """The same documents, checked and submitted."""
    check = RayvisionCheck(api, workspace=documents["folder"])
    task, number = check.execute(documents["task_json"], documents["upload_json"], only_id=False)
    api.transmit.upload_json_content(number, "task.json", json.dumps(task))
    api.transmit.upload_json_content(number, "upload.json", json.dumps(check.upload_info))
    api.submit(number)
    return {"task_id": number, "frame_id": api.query.task_frames(number)["items"][0]["id"]}
