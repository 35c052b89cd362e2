"""Several clients command the same tasks at once while they are rendered."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from tests.together.farms import FarmProcess, check_sound, farm_process, wait_for

from renderbus_model.statuses import TASK_ENDED, TaskStatus
from renderbus_model.wire.frame import (
    QUERY_TASK_FRAMES,
    RESTART_FRAME,
    STOP_TASK_FRAMES,
    ChosenFrames,
    FrameItem,
    FrameQuery,
)
from renderbus_model.wire.task import (
    CREATE_TASK,
    FULL_SPEED,
    QUERY_TASK_INFO,
    RESTART_FAILED_FRAMES,
    START_TASK,
    STOP_TASK,
    SUBMIT_TASK,
    TASK_JSON_FILE,
    CreateTask,
    RestartTasks,
    SubmitTask,
    TaskDocument,
    TaskIds,
)

PROGRAM = Path(__file__).parents[2] / "benchmarks" / "tiny_renderer.toml"
SCENE = "/home/artist/shot.tiny"
CLIENTS, COMMANDS_EACH, FRAMES = 4, 12, 6
ENDS_WITHIN_S = 60.0


@pytest.fixture
def farm(tmp_path: Path) -> Iterator[FarmProcess]:
    """A farm with two workers for a program that writes a small picture."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    settings = f"renderers = [{json.dumps(str(PROGRAM))}]\napplications = [9001]\n"
    (data / "farm.toml").write_text(settings, "utf-8")
    with farm_process(data, workers=2) as running:
        yield running


def submitted(farm: FarmProcess) -> int:
    farm.put_inputs({SCENE: b"tiny 1\nsize 16 8\nseconds 0.05\n"})
    (task_id,) = farm.ask(CREATE_TASK, CreateTask()).task_id_list
    common = {"frames": f"1-{FRAMES}[1]", "image_file_prefix": "shot_####"}
    task = {
        "task_info": {"input_cg_file": SCENE, "cg_id": "9001", "task_stop_time": "0"},
        "software_config": {"cg_name": "Tiny", "cg_version": "1.0"},
        "scene_info": {"main": {"renderable": "1", "common": common}},
    }
    upload = {"asset": [{"local": SCENE, "server": SCENE}]}
    for name, content in (("task.json", task), ("upload.json", upload)):
        document = TaskDocument(task_id=task_id, file_name=name, content=json.dumps(content))
        farm.ask(TASK_JSON_FILE, document)
    farm.ask(SUBMIT_TASK, SubmitTask(task_id=task_id))
    return task_id


def frames_of(farm: FarmProcess, task_id: int) -> list[FrameItem]:
    return farm.ask(QUERY_TASK_FRAMES, FrameQuery(task_id=task_id)).items


def command(farm: FarmProcess, chance: random.Random, task_ids: list[int]) -> None:
    """One click of an impatient user."""
    task_id = chance.choice(task_ids)
    one = [chance.choice(frames_of(farm, task_id)).id]
    this = TaskIds(task_ids=[task_id])
    clicks: list[Callable[[], object]] = [
        lambda: farm.ask(STOP_TASK, this),
        lambda: farm.ask(START_TASK, this),
        lambda: farm.ask(FULL_SPEED, this),
        lambda: farm.ask(RESTART_FAILED_FRAMES, RestartTasks(task_ids=[task_id])),
        lambda: farm.ask(RESTART_FRAME, ChosenFrames(task_id=task_id, select_all=1)),
        lambda: farm.ask(RESTART_FRAME, ChosenFrames(task_id=task_id, ids=one)),
        lambda: farm.ask(STOP_TASK_FRAMES, ChosenFrames(task_id=task_id, ids=one)),
    ]
    chance.choice(clicks)()


def test_clients_that_command_at_once_leave_a_farm_that_renders_on(farm: FarmProcess) -> None:
    task_ids = [submitted(farm) for _ in range(2)]

    def client(seed: int) -> None:
        chance = random.Random(seed)
        with requests.Session() as session:
            mine = replace(farm, session=session)
            for _ in range(COMMANDS_EACH):
                command(mine, chance, task_ids)

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(client, range(CLIENTS)))
    farm.ask(START_TASK, TaskIds(task_ids=task_ids))
    for task_id in task_ids:
        stopped = [frame.id for frame in frames_of(farm, task_id)]
        farm.ask(RESTART_FRAME, ChosenFrames(task_id=task_id, ids=stopped, status=[3]))

    def over() -> bool:
        statuses = [task.task_status for task in farm.ask(QUERY_TASK_INFO, TaskIds(task_ids=task_ids)).items]
        return all(status in TASK_ENDED for status in statuses)

    wait_for(over, "the tasks do not end", ENDS_WITHIN_S)
    found = farm.ask(QUERY_TASK_INFO, TaskIds(task_ids=task_ids)).items
    assert [(task.task_status, task.done_frames) for task in found] == [(TaskStatus.FINISHED, FRAMES)] * 2
    check_sound(farm.data)  # while it runs, too
