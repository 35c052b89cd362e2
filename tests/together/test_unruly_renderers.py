"""Renderers that do not do as they should, on a real farm: ``tests/data/renders/unruly.py`` is theirs."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psutil
import pytest
from tests.together.farms import FarmProcess, farm_process, wait_for

from renderbus_farm.processes import NODE, marked
from renderbus_farm.rules.leases import LEASE_S
from renderbus_farm.worker_session import HALF_LOG_BYTES
from renderbus_model.statuses import FrameStatus, TaskStatus
from renderbus_model.wire.frame import FRAME_LOG, QUERY_TASK_FRAMES, FrameItem, FrameLogQuery, FrameQuery
from renderbus_model.wire.task import (
    ABORT_TASK,
    CREATE_TASK,
    QUERY_TASK_INFO,
    SUBMIT_TASK,
    TASK_JSON_FILE,
    CreateTask,
    SubmitTask,
    TaskDocument,
    TaskIds,
)

PROGRAM = Path(__file__).parents[1] / "data" / "renders" / "unruly.py"
GONE_WITHIN_S = 3.0
ENDS_WITHIN_S = 60.0

DESCRIPTION = f"""
cg_id = 9002
name = "Unruly"
program = "{PROGRAM}"
version = 'unruly (.+)'
suffix = ".png"
arguments = ["--scene", "{{scene}}", "--output", "{{output}}.png"]
"""

_numbers = count(os.getpid() * 1000)


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FarmProcess]:
    """A farm with one worker for unruly programs; a frame may leave 20 MB and be quiet for two seconds."""
    data = tmp_path_factory.mktemp("farm") / "data"
    data.mkdir(mode=0o700)
    (data / "unruly.toml").write_text(DESCRIPTION, "utf-8")
    settings = 'renderers = ["unruly.toml"]\napplications = [9002]\nstuck_after_s = 4.0\nscratch_gb = 0.02\n'
    (data / "farm.toml").write_text(settings, "utf-8")
    with farm_process(data, workers=1) as running:
        yield running


class Frame:
    """A task of one frame whose program does as ``how`` says; ``seconds`` marks what it leaves behind."""

    def __init__(self, farm: FarmProcess, how: str) -> None:
        self.farm = farm
        self.seconds = f"{next(_numbers)}.5"
        self.scene = f"/home/artist/{how.replace(' ', '-')}-{self.seconds}.unruly"
        farm.put_inputs({self.scene: f"{how}\n{self.seconds}\n".encode()})
        (self.task_id,) = farm.ask(CREATE_TASK, CreateTask()).task_id_list
        layers = {"main": {"renderable": "1", "common": {"frames": "1", "image_file_prefix": "shot_####"}}}
        info = {"input_cg_file": self.scene, "cg_id": "9002", "task_stop_time": "0"}
        software = {"cg_name": "Unruly", "cg_version": "1.0"}
        task = {"task_info": info, "software_config": software, "scene_info": layers}
        upload = {"asset": [{"local": self.scene, "server": self.scene}]}
        for name, content in (("task.json", task), ("upload.json", upload)):
            document = TaskDocument(task_id=self.task_id, file_name=name, content=json.dumps(content))
            farm.ask(TASK_JSON_FILE, document)
        farm.ask(SUBMIT_TASK, SubmitTask(task_id=self.task_id))

    @property
    def item(self) -> FrameItem:
        """As the list of frames shows it."""
        return self.farm.ask(QUERY_TASK_FRAMES, FrameQuery(task_id=self.task_id)).items[0]

    def ended(self) -> FrameItem:
        """Wait for its end."""
        over = (FrameStatus.DONE, FrameStatus.FAILED, FrameStatus.TIMED_OUT)
        wait_for(lambda: self.item.frame_status in over, "the frame does not end", ENDS_WITHIN_S)
        return self.item

    def processes(self) -> list[int]:
        """Everything that it has started, by its scene or by what the scene says in the arguments."""
        found = []
        for process in psutil.process_iter(["cmdline"]):
            words = process.info["cmdline"] or ()
            if any(word.endswith(self.scene) or word == self.seconds for word in words):
                found.append(process.pid)
        return found

    def attempts(self) -> int:
        """How often it was tried."""
        return self.farm.ask(FRAME_LOG, FrameLogQuery(frame_id=self.item.id)).attempts

    def log(self, attempt: int = 0) -> str:
        """What it wrote, in its last attempt or in this one."""
        return self.farm.ask(FRAME_LOG, FrameLogQuery(frame_id=self.item.id, attempt=attempt)).text


@pytest.mark.parametrize(("how", "processes"), [("deaf", 1), ("hides", 2), ("hops", 2), ("many", 41)])
def test_nothing_is_alive_three_seconds_after_an_abort(farm: FarmProcess, how: str, processes: int) -> None:
    frame = Frame(farm, how)
    wait_for(lambda: len(frame.processes()) >= processes, "the renderer does not begin")
    began = time.monotonic()
    farm.ask(ABORT_TASK, TaskIds(task_ids=[frame.task_id]))
    wait_for(lambda: not frame.processes(), "it is alive", GONE_WITHIN_S)
    assert time.monotonic() - began < GONE_WITHIN_S
    assert farm.ask(QUERY_TASK_INFO, TaskIds(task_ids=[frame.task_id])).items[0].task_status == (
        TaskStatus.ABANDON
    )


@pytest.mark.parametrize("how", ["talks", "long line"])
def test_a_flood_fills_neither_memory_nor_log(farm: FarmProcess, how: str) -> None:
    assert Frame(farm, "nothing").ended().frame_status == FrameStatus.DONE  # all is warm
    worker = next(
        pid for pid in marked({NODE: "node-1"}) if str(farm.data) in Path(f"/proc/{pid}/environ").read_text()
    )
    watched = [psutil.Process(farm.process.pid), psutil.Process(worker)]
    before = [process.memory_info().rss for process in watched]
    frame = Frame(farm, how)
    assert frame.ended().frame_status == FrameStatus.DONE
    grown = [process.memory_info().rss - rss for process, rss in zip(watched, before, strict=True)]
    assert max(grown) < 40_000_000
    assert len(frame.log()) < 2 * HALF_LOG_BYTES + 100_000


def test_a_renderer_that_closes_its_streams_is_waited_for(farm: FarmProcess) -> None:
    assert Frame(farm, "mute").ended().frame_status == FrameStatus.DONE


def test_a_frame_that_fills_the_disk_is_ended_and_leaves_nothing(farm: FarmProcess) -> None:
    item = Frame(farm, "fills").ended()
    assert item.frame_status == FrameStatus.FAILED
    assert "of files for this frame; the render was ended" in item.error
    scratch = farm.data / "nodes" / "node-1" / "render"
    wait_for(lambda: not list(scratch.rglob("cache")), "the files stay")


def test_a_frame_that_does_nothing_is_given_up_and_says_so(farm: FarmProcess) -> None:
    frame = Frame(farm, "stuck")
    item = frame.ended()
    assert item.frame_status == FrameStatus.FAILED
    assert "no progress, no output and no processor time" in item.error
    assert frame.processes() == []


def test_a_worker_whose_farm_is_frozen_ends_by_itself_what_it_renders(farm: FarmProcess) -> None:
    frame = Frame(farm, "slow")
    wait_for(frame.processes, "the renderer does not begin")
    farm.process.send_signal(signal.SIGSTOP)
    try:
        wait_for(lambda: not frame.processes(), "it renders on", LEASE_S + 5)
    finally:
        farm.process.send_signal(signal.SIGCONT)
    wait_for(lambda: frame.attempts() > 1, "it is not tried again")
    farm.ask(ABORT_TASK, TaskIds(task_ids=[frame.task_id]))
    assert frame.log(attempt=1) == f"its node could not reach the farm for {LEASE_S:g} s"


def test_want_of_memory_is_told_from_an_error_of_the_scene(farm: FarmProcess) -> None:
    item = Frame(farm, "hungry").ended()
    assert item.frame_status == FrameStatus.FAILED
    assert "MemoryError" in item.error
    assert "no node that could render it has more than" in item.error


def test_a_program_that_is_killed_is_lost_and_tried_again(farm: FarmProcess) -> None:
    frame = Frame(farm, "killed")
    wait_for(lambda: frame.attempts() > 1, "it is not tried again")
    farm.ask(ABORT_TASK, TaskIds(task_ids=[frame.task_id]))
    assert "was killed by SIGKILL" in frame.log(attempt=1)
