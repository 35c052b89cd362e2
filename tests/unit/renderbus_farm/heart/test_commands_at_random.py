"""Whatever users, nodes and the farm do, in whatever order: it stays what it must be, and comes to an end."""

from __future__ import annotations

import contextlib
import logging
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.unit.renderbus_farm.heart.world import PICTURE, World, node

from renderbus_farm.rules.failures import LONGEST_WAIT_S
from renderbus_farm.rules.refusals import Refusal
from renderbus_farm.rules.standing import LONGEST_ASIDE_S
from renderbus_farm.rules.work import ChunkOrder, Failed, Fault, Finished, Output
from renderbus_farm.store import counting, tables
from renderbus_farm.store import tasks as task_queries
from renderbus_model.statuses import FrameStatus, TaskStatus
from renderbus_model.wire.frame import ChosenFrames
from renderbus_model.wire.task import RestartTasks, TaskLevel, TaskNodeLimit, TaskTimeLimit

NODES = [
    msgspec.structs.replace(node("a"), ram_gb=16.0),
    msgspec.structs.replace(node("b"), ram_gb=64.0),
    msgspec.structs.replace(node("c", places=1), ram_gb=32.0),
]
AT_REST = {
    TaskStatus.FINISHED,
    TaskStatus.FINISHED_HAS_FAILED,
    TaskStatus.FAILED,
    TaskStatus.ABANDON,
    TaskStatus.ANALYSE,
    TaskStatus.STOP,
    TaskStatus.FINISHED_TEST,
    TaskStatus.TIME_OUT_STOP,
}

which = st.integers(0, 30)


class TakenBack(Exception):
    """Undoes a transaction."""


Command = Callable[[World, int], object]
COMMANDS: list[Command] = [
    lambda world, task_id: world.tasks.stop([task_id], by=world.user),
    lambda world, task_id: world.tasks.start([task_id], by=world.user),
    lambda world, task_id: world.tasks.abort([task_id], by=world.user),
    lambda world, task_id: world.tasks.delete([task_id], by=world.user),
    lambda world, task_id: world.tasks.full_speed([task_id], by=world.user),
    lambda world, task_id: world.changes.level(TaskLevel(task_id=task_id, task_user_level=60), by=world.user),
    lambda world, task_id: world.changes.node_limit(
        TaskNodeLimit(task_id=task_id, task_limit=1), by=world.user
    ),
    lambda world, task_id: world.changes.time_limit(
        TaskTimeLimit(task_ids=[task_id], over_time=500), by=world.user
    ),
]
RESTARTS: list[Command] = [
    lambda world, task_id: world.tasks.restart_failed(RestartTasks(task_ids=[task_id]), by=world.user),
    lambda world, task_id: world.of_frames.restart(
        ChosenFrames(task_id=task_id, select_all=1), by=world.user
    ),
]


def in_order(world: World, frames: str) -> int:
    """A task that renders one frame after another."""
    task_id = world.submitted(frames)
    with world.database.writing() as db:
        db.execute(tables.task.update().where(tables.task.c.id == task_id).values(sequential=True))
    return task_id


KINDS: list[Callable[[World, str], int]] = [
    lambda world, frames: world.submitted(frames),
    lambda world, frames: world.submitted(frames, pre_frames="100"),
    lambda world, frames: world.submitted(frames, pre_frames="101", stop_after_test="1"),
    lambda world, frames: world.submitted(frames, frames_per_task="2"),
    lambda world, frames: world.submitted(frames, tiles="2", tiles_type="strip"),
    lambda world, frames: world.submitted(frames, layers=("a", "b"), enable_layered="1", tiles="2"),
    in_order,
]


class AnyDay(RuleBasedStateMachine):
    """A farm with three nodes; each rule is one thing that somebody does."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        shutil.copy(self.template, self.folder.name)
        self.world = World(Path(self.folder.name), NODES)
        self.tasks: list[int] = []
        self.done: set[int] = set()
        self.restarted: set[int] = set()

    def teardown(self) -> None:
        try:
            self.everything_ends()
        finally:
            self.world.close()
            self.folder.cleanup()

    def everything_ends(self) -> None:
        """With all nodes there and no more trouble, whatever may go on comes to rest."""
        self.world.executor.all_nodes = list(NODES)
        self.world.tick(after_s=LONGEST_ASIDE_S)
        for _ in range(5):
            self.world.tick(after_s=LONGEST_WAIT_S)
            self.world.render_to_end(most_ticks=300)
        self.stays_what_it_must_be()
        statuses = {task_id: self.world.status(task_id) for task_id in self.tasks if self.shown(task_id)}
        assert set(statuses.values()) <= AT_REST, statuses

    def shown(self, task_id: int) -> bool:
        with self.world.database.reading() as db:
            query = tables.task.select().where(tables.task.c.id == task_id, ~tables.task.c.deleted)
            return db.execute(query).first() is not None

    def ask(self, command: Command, number: int) -> None:
        """Somebody clicks; a refusal is an answer too."""
        if self.tasks:
            with contextlib.suppress(Refusal):
                command(self.world, self.tasks[number % len(self.tasks)])

    def order(self, number: int) -> ChunkOrder | None:
        orders = sorted(self.world.executor.orders)
        return self.world.executor.orders[orders[number % len(orders)]] if orders else None

    @initialize()
    def a_task_is_submitted(self) -> None:
        self.submits(3, 0)

    @precondition(lambda self: len(self.tasks) < 4)
    @rule(frames=st.integers(1, 5), kind=st.integers(0, len(KINDS) - 1))
    def submits(self, frames: int, kind: int) -> None:
        if len(self.tasks) < 4:
            self.tasks.append(KINDS[kind](self.world, f"1-{frames}[1]"))

    @rule(after_s=st.sampled_from([0.5, 1.0, 4.0, 20.0]))
    def time_passes(self, after_s: float) -> None:
        self.world.tick(after_s)

    @rule()
    def the_clock_is_set_back(self) -> None:
        self.world.tick(-3600.0)

    @rule(number=which)
    def a_node_begins(self, number: int) -> None:
        if order := self.order(number):
            self.world.executor.began(order.id)

    @rule(number=which)
    def a_node_finishes(self, number: int) -> None:
        if order := self.order(number):
            self.world.executor.finish(order.id)

    @rule(number=which, fault=st.sampled_from(Fault))
    def a_node_fails(self, number: int, fault: Fault) -> None:
        if order := self.order(number):
            self.world.executor.fail(order.id, "something is wrong", fault)

    @rule(number=which)
    def a_node_forgets(self, number: int) -> None:
        if order := self.order(number):
            self.world.executor.forget(order.id)

    @rule(number=which, finished=st.booleans())
    def a_report_comes_late_or_twice(self, number: int, finished: bool) -> None:
        claimed = self.world.claimed()
        over = [order.id for order in self.world.executor.history if order.id not in claimed]
        # Best of all, from a node that was given up while another one renders the same.
        again = [chunk for chunk in over if chunk.frame_id in {each.frame_id for each in claimed}]
        if over:
            chunk = (again or over)[number % len(again or over)]
            self.world.executor.orders.pop(chunk, None)
            made = Output("late.png", PICTURE, 7)
            report = Finished(chunk, (made,), 1.0) if finished else Failed(chunk, "late", Fault.SCENE)
            self.world.executor.reports.append(report)

    @rule(number=st.integers(0, len(NODES) - 1))
    def a_node_comes_or_goes(self, number: int) -> None:
        there = self.world.executor.all_nodes
        if NODES[number] in there:
            there.remove(NODES[number])
        else:
            there.append(NODES[number])

    @rule()
    def the_farm_is_killed(self) -> None:
        self.world.restart()

    @rule(number=which, command=st.sampled_from(COMMANDS), twice=st.booleans())
    def a_user_commands(self, number: int, command: Command, twice: bool) -> None:
        for _ in range(1 + twice):
            self.ask(command, number)

    @rule(number=which, command=st.sampled_from(RESTARTS))
    def a_user_restarts(self, number: int, command: Command) -> None:
        self.restarted |= self.done
        self.ask(command, number)

    @rule(number=which, command=st.sampled_from([*COMMANDS, *RESTARTS]))
    def a_user_commands_a_part(self, number: int, command: Command) -> None:
        shown = [task_id for task_id in self.tasks if self.shown(task_id)]
        parts = [
            part.id for task_id in shown for part in self.world.task(task_id).resp_rendering_task_list or ()
        ]
        if parts:
            self.restarted |= self.done
            with contextlib.suppress(Refusal):
                command(self.world, parts[number % len(parts)])

    @rule(number=which, frame=which, stops=st.booleans())
    def a_user_picks_a_frame(self, number: int, frame: int, stops: bool) -> None:
        task_id = self.tasks[number % len(self.tasks)]
        if not self.shown(task_id):
            return
        found = self.world.frames(task_id)
        ask = ChosenFrames(task_id=task_id, ids=[found[frame % len(found)].id])
        self.restarted |= self.done
        self.ask(
            lambda world, _: (world.of_frames.stop if stops else world.of_frames.restart)(ask, by=world.user),
            0,
        )

    @invariant()
    def stays_what_it_must_be(self) -> None:
        self.world.check()

    @invariant()
    def stages_stand_where_a_look_at_all_of_them_puts_them(self) -> None:
        frame = tables.frame.select().order_by(tables.frame.c.id)
        with contextlib.suppress(TakenBack), self.world.database.writing() as db:
            before = db.execute(frame).all()
            counting.unsettle(db)
            task_queries.refresh(db, task_queries.all_ids(db), self.world.now)
            assert db.execute(frame).all() == before
            raise TakenBack

    @invariant()
    def nothing_of_late_reports_is_kept(self) -> None:
        output, attempt = tables.output, tables.attempt
        with self.world.database.reading() as db:
            assert db.execute(output.select().where(output.c.path == "late.png")).first() is None
            assert db.execute(attempt.select().where(attempt.c.error == "late")).first() is None

    @invariant()
    def what_is_done_stays_done_until_somebody_asks(self) -> None:
        with self.world.database.reading() as db:
            frame = tables.frame
            rows = db.execute(frame.select().where(frame.c.status == FrameStatus.DONE)).all()
        done = {row.id for row in rows}
        assert self.done - self.restarted <= done
        self.done, self.restarted = done, set()

    @invariant()
    def no_node_has_more_than_its_places(self) -> None:
        executor = self.world.executor
        for each in NODES:
            groups = {order.task_id for order in executor.orders.values() if order.node == each.name}
            assert len(groups) <= each.places


@pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning")
def test_a_farm_stays_sound_whatever_happens(fresh_database: Path) -> None:
    AnyDay.template = fresh_database
    logging.getLogger("renderbus_farm").setLevel(logging.CRITICAL)  # thousands of warnings are no news here
    try:
        run_state_machine_as_test(
            AnyDay,
            settings=settings(
                max_examples=10,
                stateful_step_count=40,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        logging.getLogger("renderbus_farm").setLevel(logging.NOTSET)
