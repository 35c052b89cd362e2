"""Tasks sent by the farm's own operations: published clients need their transmitter for the scene."""

from __future__ import annotations

import json
from typing import Any

from tests.together.farms import FarmProcess

from renderbus_model.documents import new_task_document
from renderbus_model.wire.task import (
    CREATE_TASK,
    SUBMIT_TASK,
    TASK_JSON_FILE,
    CreateTask,
    SubmitTask,
    TaskDocument,
)

SCENE = "/home/artist/shot010.blend"


def task_document(frames: str = "1-3[1]", **task_info: Any) -> dict[str, Any]:
    """A task.json as an analysis writes it: a Blender scene with one layer.

    Its engine is one that the farm's node has not, so its frames wait.
    """
    task = new_task_document()
    task["task_info"] |= {"input_cg_file": SCENE, "cg_id": "2007", "platform": "2", **task_info}
    task["software_config"] = {"cg_name": "Blender", "cg_version": "5.0", "plugins": {}}
    common = {
        "scene_name": ["Scene"],
        "view_layers": ["ViewLayer"],
        "frames": frames,
        "renderer": "PRMAN_RENDER",
    }
    task["scene_info"] = {"Scene/ViewLayer": {"renderable": "1", "common": common}}
    return task


def upload_document() -> dict[str, Any]:
    """The upload.json of the same scene."""
    return {"asset": [{"local": SCENE, "server": SCENE}]}


def upload_scene(farm: FarmProcess, content: bytes = b"BLENDER-v405 never opened here") -> None:
    """Put the scene into the account's input storage."""
    farm.put_inputs({SCENE: content})


def new_task(farm: FarmProcess) -> int:
    """The id of a task that was not submitted yet."""
    return farm.ask(CREATE_TASK, CreateTask()).task_id_list[0]


def upload_documents(farm: FarmProcess, task_id: int, task: dict[str, Any]) -> None:
    """Send task.json and upload.json, as a transmitter would."""
    for name, document in (("task.json", task), ("upload.json", upload_document())):
        upload_document_text(farm, task_id, name, json.dumps(document))


def upload_document_text(farm: FarmProcess, task_id: int, name: str, content: str) -> None:
    """Send one document."""
    farm.ask(TASK_JSON_FILE, TaskDocument(task_id=task_id, file_name=name, content=content))


def submitted_task(farm: FarmProcess, task: dict[str, Any] | None = None) -> int:
    """The id of a task whose frames wait for a node; its scene is one that nobody could open."""
    upload_scene(farm)
    task_id = new_task(farm)
    upload_documents(farm, task_id, task or task_document())
    farm.ask(SUBMIT_TASK, SubmitTask(task_id=task_id))
    return task_id
