"""Commands from many threads while the dispatcher looks, and farms that are killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from tests.unit.renderbus_farm.heart.world import World, node

from renderbus_farm.rules.refusals import Refusal
from renderbus_model.statuses import FRAME_ENDED, FrameStatus, TaskStatus
from renderbus_model.wire.frame import ChosenFrames
from renderbus_model.wire.task import RestartTasks
from renderbus_model.wire.transfer import OutputQuery

NODES = [node(f"w-{number:02d}", places=8) for number in range(16)]


def no_frame_was_lost_or_doubled(world: World, task_ids: list[int]) -> None:
    """Every frame is done, by exactly one attempt since it was last asked for, and has one picture."""
    assert world.miscounted() == []
    for task_id in task_ids:
        found = world.frames(task_id)
        assert {frame.frame_status for frame in found} == {FrameStatus.DONE}
        tries = world.outcomes(task_id)
        ended = Counter(frame_id for frame_id, outcome in tries if outcome in ("RENDERED", "CRASHED"))
        for frame in found:
            assert ended[frame.id] == 1 + frame.recommit_flag
        files = world.transfers.list_outputs(OutputQuery(task_id=task_id), by=world.user).files
        assert len(files) == len(found)


def test_thousands_of_frames_are_each_rendered_once(tmp_path: Path) -> None:
    world = World(tmp_path, NODES)
    task_ids = [world.submitted("1-1000[1]") for _ in range(3)]
    world.render_to_end()
    no_frame_was_lost_or_doubled(world, task_ids)
    assert len(world.executor.history) == 3000
    assert world.executor.cancelled == []
    world.close()


def test_a_farm_that_dies_at_any_moment_loses_and_doubles_nothing(tmp_path: Path) -> None:
    world = World(tmp_path, NODES)
    task_ids = [world.submitted("1-300[1]") for _ in range(2)]
    chance = random.Random(7)
    for _ in range(30):
        world.tick()
        for chunk in sorted(world.executor.orders):
            what = chance.random()
            if what < 0.3:
                world.executor.finish(chunk)
            elif what < 0.32:
                world.executor.forget(chunk)
        if chance.random() < 0.5:
            world.restart()
    world.lose()
    world.render_to_end()
    no_frame_was_lost_or_doubled(world, task_ids)
    world.close()


ANNOYANCES: list[Callable[[World, int], object]] = [
    lambda world, task_id: world.tasks.stop([task_id], by=world.user),
    lambda world, task_id: world.tasks.start([task_id], by=world.user),
    lambda world, task_id: world.tasks.full_speed([task_id], by=world.user),
    lambda world, task_id: world.tasks.restart_failed(RestartTasks(task_ids=[task_id]), by=world.user),
    lambda world, task_id: world.lists.info([task_id], by=world.user),
    lambda world, task_id: world.frames(task_id),
]


def test_commands_from_many_threads_during_dispatch_end_in_one_truth(tmp_path: Path) -> None:
    world = World(tmp_path, NODES)
    task_ids = [world.submitted("1-60[1]") for _ in range(6)]
    over = threading.Event()

    def annoy(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(25):
            chance.choice(ANNOYANCES)(world, chance.choice(task_ids))

    def dispatch() -> None:
        chance = random.Random(0)
        while not over.is_set():
            world.tick(0.01)
            for chunk in sorted(world.executor.orders)[: chance.randrange(40)]:
                world.executor.fail(chunk) if chance.random() < 0.1 else world.executor.finish(chunk)

    with ThreadPoolExecutor(7) as pool:
        ticking = pool.submit(dispatch)
        for annoyed in [pool.submit(annoy, seed) for seed in range(6)]:
            annoyed.result()
        over.set()
        ticking.result()
    world.tasks.start(task_ids, by=world.user)
    world.render_to_end()
    world.tasks.restart_failed(RestartTasks(task_ids=task_ids), by=world.user)
    world.render_to_end()
    no_frame_was_lost_or_doubled(world, task_ids)
    world.close()


def test_a_stop_during_a_tick_is_never_overtaken_by_a_claim(world: World) -> None:
    """After a stop has answered, the next tick leaves nothing of the task running."""
    for _ in range(20):
        task_id = world.submitted("1-9[1]")
        with ThreadPoolExecutor(2) as pool:
            ticking = pool.submit(world.tick)
            pool.submit(world.tasks.stop, [task_id], by=world.user).result()
            ticking.result()
        world.tick()
        assert not [order for order in world.executor.orders.values() if order.task_id == task_id]
        world.tasks.delete([task_id], by=world.user)
        world.tick()


KILLED = """
import random, sys, threading
from pathlib import Path
from tests.unit.renderbus_farm.heart.world import World, node
folder, seed = Path(sys.argv[1]), int(sys.argv[2])
world = World.reopened(folder, [node(f"w-{n}", places=8) for n in range(4)])
task_ids = [int(text) for text in sys.argv[3:]]
print("ready", flush=True)
chance = random.Random(seed)
def annoy():
    while True:
        world.tasks.stop([task_ids[0]], by=world.user)
        world.tasks.start([task_ids[0]], by=world.user)
threading.Thread(target=annoy, daemon=True).start()
while True:
    world.tick(0.01)
    for chunk in sorted(world.executor.orders):
        if chance.random() < 0.2:
            world.executor.finish(chunk)
"""


def test_a_process_killed_in_the_middle_of_transactions_leaves_a_sound_database(tmp_path: Path) -> None:
    world = World(tmp_path, NODES)
    task_ids = [world.submitted("1-400[1]") for _ in range(2)]
    world.database.close()
    arguments = [sys.executable, "-c", KILLED, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    chance = random.Random(11)
    for seed in range(6):
        command = [*arguments, str(seed), *map(str, task_ids)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            with suppress(subprocess.TimeoutExpired):
                process.wait(chance.uniform(0.05, 0.4))
            assert process.poll() is None
            process.send_signal(signal.SIGKILL)
    again = World.reopened(tmp_path, NODES)
    with again.database.reading() as db:
        assert db.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
        assert db.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    assert again.miscounted() == []
    again.tasks.start(task_ids, by=again.user)
    again.render_to_end()
    no_frame_was_lost_or_doubled(again, task_ids)
    again.close()


def test_a_tick_with_nothing_to_do_costs_next_to_nothing(tmp_path: Path) -> None:
    world = World(tmp_path, NODES)
    for _ in range(20):
        world.submitted("1-200[1]")
    world.tick()
    times = []
    for _ in range(200):
        began = time.perf_counter()
        world.tick(0.01)
        times.append(time.perf_counter() - began)
    assert sorted(times)[len(times) // 4] < 0.002 * SLOW_MACHINE
    world.close()


SLOW_MACHINE = 5
"""Test machines are shared; docs/performance.md has the figure of a quiet one."""


def test_restarts_from_all_sides_end_with_every_frame_rendered(world: World) -> None:
    task_id = world.submitted("1-20[1]")
    for _ in range(15):
        world.tick()
        world.executor.finish_all()
        ids = [frame.id for frame in world.frames(task_id)][::3]
        with suppress(Refusal):
            world.of_frames.restart(ChosenFrames(task_id=task_id, ids=ids), by=world.user)
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED
    assert all(FrameStatus(status) in FRAME_ENDED for status in world.frame_statuses(task_id))
    assert world.miscounted() == []
