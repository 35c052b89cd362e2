"""What a real farm answers is what the typed dictionaries of the client say, member for member."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
import pytest
from tests.together.farms import FarmProcess
from tests.together.small_task import prepare, submitted

from rayvision_api import RayvisionAPI

ENV = {
    "cgId": 2000,
    "cgName": "Maya",
    "cgVersion": "2020",
    "renderLayerType": 0,
    "editName": "mine",
    "renderSystem": 0,
    "pluginIds": [],
}

CALLS: dict[str, Callable[[int, int], tuple[Any, ...]]] = {
    "user.query_user_profile": lambda task, frame: (),
    "user.query_user_setting": lambda task, frame: (),
    "user.get_transfer_bid": lambda task, frame: (),
    "user.get_hardware_config": lambda task, frame: ([task],),
    "user.task_record": lambda task, frame: (),
    "user.login_record": lambda task, frame: (),
    "task.create_task": lambda task, frame: (2,),
    "task.full_speed": lambda task, frame: ([task],),
    "query.get_task_list": lambda task, frame: (),
    "query.task_info": lambda task, frame: ([task],),
    "query.task_frames": lambda task, frame: (task,),
    "query.get_all_frames": lambda task, frame: (task,),
    "query.all_frame_status": lambda task, frame: (),
    "query.get_task_processing_img": lambda task, frame: (task,),
    "query.get_frame_thumbnall": lambda task, frame: (frame,),
    "query.get_render_log": lambda task, frame: ("render", 1, 5, frame),
    "query.platforms": lambda task, frame: (),
    "query.error_detail": lambda task, frame: ("15000", "1"),
    "query.supported_software": lambda task, frame: (),
    "query.supported_plugin": lambda task, frame: ("maya",),
    "query.get_transfer_server_msg": lambda task, frame: (),
    "query.get_raysync_user_key": lambda task, frame: (),
    "query.get_pack_node_info": lambda task, frame: (),
    "tag.get_label_list": lambda task, frame: (),
    "tag.get_project_list": lambda task, frame: (),
    "tag.get_list": lambda task, frame: (2,),
    "env.add_render_env": lambda task, frame: ({**ENV, "editName": "another"},),
    "env.get_render_env": lambda task, frame: (),
    "transmit.get_transfer_config": lambda task, frame: (),
    "transmit.get_output_files": lambda task, frame: (),
}


@pytest.fixture(scope="module")
def api(farm: FarmProcess) -> Iterator[RayvisionAPI]:
    user = farm.as_user("typed answers")
    with RayvisionAPI(user.access_id, user.access_key, user.url, "2") as api:
        yield api


@pytest.fixture(scope="module")
def numbers(api: RayvisionAPI, tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """A submitted task and its first frame; a label and an environment are there too."""
    folder: Path = tmp_path_factory.mktemp("task")
    made = submitted(api, prepare(api, folder))
    api.task.stop_task([made["task_id"]])
    api.env.add_render_env(ENV)
    return {"task": made["task_id"], "frame": made["frame_id"]}


@pytest.mark.parametrize("call", CALLS)
def test_a_farm_answers_what_the_types_say(api: RayvisionAPI, numbers: dict[str, int], call: str) -> None:
    subject, name = call.split(".")
    method = getattr(getattr(api, subject), name)
    answer = method(*CALLS[call](numbers["task"], numbers["frame"]))
    promised = get_type_hints(method)["return"]
    assert msgspec.convert(answer, promised) == answer


def test_every_typed_method_is_asked(api: RayvisionAPI) -> None:
    typed = set()
    for subject in ("user", "task", "query", "tag", "env", "transmit"):
        owner = type(getattr(api, subject))
        for name in dir(owner):
            member = getattr(owner, name)
            if not name.startswith("_") and callable(member):
                told = str(get_type_hints(member).get("return"))
                typed |= {f"{subject}.{name}"} if "rayvision_api.answers" in told else set()
    assert typed <= set(CALLS)
