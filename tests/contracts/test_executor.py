"""What every executor does; the local one with real worker processes and real Cycles."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from tests.unit.renderbus_farm.render.bench import PATIENCE_S, RED, Store, wait_until

from renderbus_farm.executors.executor import Executor, NoSuchNode
from renderbus_farm.executors.local import LocalExecutor
from renderbus_farm.processes import FOLDER, MARKER, marked
from renderbus_farm.rules.leases import LEASE_S, RENEW_S
from renderbus_farm.rules.work import ChunkId, ChunkOrder, Failed, Fault, Finished, Progress, Report, Started
from renderbus_farm.spool import Spool
from renderbus_farm.worker import REPORTS
from renderbus_model.frame_sets import RenderChoice

pytestmark = pytest.mark.render


class Farm:
    """An executor, and what it has reported so far."""

    def __init__(self, executor: Executor, changed: threading.Event, store: Store) -> None:
        self.executor = executor
        self.store = store
        self.reports: list[Report] = []
        self._changed = changed
        self._frames = 0

    def until(self, condition: Callable[[], object]) -> None:
        """Drain until the condition holds; the executor wakes us when there is something."""
        end = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < end, self.reports
            self._changed.wait(1.0)
            self._changed.clear()
            self.reports += self.executor.drain()

    def node(self) -> str:
        """The name of a node that is up."""
        self.until(self.executor.nodes)
        return self.executor.nodes()[0].name

    def order(self, scene: str, node: str | None = None) -> ChunkOrder:
        """A frame of a scene, not yet started."""
        self._frames += 1
        return ChunkOrder(
            id=ChunkId(self._frames, 1),
            node=node or self.node(),
            task_id=1,
            cg_id=2007,
            scene=self.store.farm(scene),
            inputs=self.store.manifest(scene),
            choice=RenderChoice("Main", ()),
            numbers=(1,),
            output="shot_####",
        )

    def start(self, scene: str) -> ChunkOrder:
        """Start a frame."""
        order = self.order(scene)
        self.executor.start(order)
        return order

    def about(self, order: ChunkOrder) -> list[Report]:
        """What was reported about a frame."""
        return [report for report in self.reports if report.id == order.id]

    def end_of(self, order: ChunkOrder) -> Finished | Failed:
        """Its last report."""
        self.until(lambda: any(isinstance(report, Finished | Failed) for report in self.about(order)))
        last = self.about(order)[-1]
        assert isinstance(last, Finished | Failed)
        return last

    def renders(self, order: ChunkOrder) -> None:
        """Wait until samples of it are done."""
        self.until(
            lambda: any(isinstance(report, Progress) and report.percent for report in self.about(order))
        )


class ExecutorContract:
    """What every executor does; each executor's tests subclass it and give ``farm``."""

    def test_a_node_says_what_it_can_render(self, farm: Farm) -> None:
        farm.until(farm.executor.nodes)
        (node,) = farm.executor.nodes()
        assert node.applications[2007].startswith("5.")
        assert "CYCLES" in node.engines
        assert node.places >= 1

    def test_a_chunk_is_reported_from_its_start_to_its_end(self, farm: Farm) -> None:
        order = farm.start("plain.blend")
        ended = farm.end_of(order)
        assert isinstance(ended, Finished)
        assert farm.about(order)[0] == Started(order.id, order.node)
        assert farm.store.squares(ended)[0] == RED
        assert len(farm.about(order)) == len({type(report) for report in farm.about(order)})

    def test_a_chunk_runs_until_its_end_was_drained(self, farm: Farm) -> None:
        order = farm.start("plain.blend")
        assert order.id in farm.executor.running()
        farm.end_of(order)
        assert order.id not in farm.executor.running()

    def test_a_chunk_that_is_started_twice_renders_once(self, farm: Farm) -> None:
        order = farm.start("plain.blend")
        farm.executor.start(order)
        later = farm.start("plain.blend")
        farm.end_of(later)
        assert len([report for report in farm.about(order) if isinstance(report, Started)]) == 1

    def test_a_cancelled_chunk_runs_no_more_and_reports_nothing(self, farm: Farm) -> None:
        order = farm.start("heavy.blend")
        farm.renders(order)
        farm.executor.cancel(order.id)
        assert order.id not in farm.executor.running()
        told = len(farm.about(order))
        later = farm.start("plain.blend")
        assert isinstance(farm.end_of(later), Finished)
        assert len(farm.about(order)) == told

    def test_a_chunk_that_is_not_there_is_cancelled_without_harm(self, farm: Farm) -> None:
        farm.executor.cancel(ChunkId(999, 9))

    def test_the_log_of_a_chunk_is_read_while_it_renders(self, farm: Farm) -> None:
        order = farm.start("heavy.blend")
        lined_up = farm.start("plain.blend")
        farm.renders(order)
        log = farm.executor.log_so_far(order.id)
        assert b"heavy.blend, attempt 1" in log
        assert b"Read blend" in log
        assert farm.executor.log_so_far(lined_up.id) == b""
        for each in (order, lined_up):
            farm.executor.cancel(each.id)
            assert farm.executor.log_so_far(each.id) == b""

    def test_a_node_that_was_never_there_is_refused(self, farm: Farm) -> None:
        with pytest.raises(NoSuchNode, match="nowhere"):
            farm.executor.start(farm.order("plain.blend", node="nowhere"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of the shared executor."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def shared(store: Store, data: Path) -> Iterator[Farm]:
    """A local executor with one worker, for all tests that leave it in order."""
    changed = threading.Event()
    marker = f"contract-{uuid4().hex}"  # the same module may run in another process at the same time
    executor = LocalExecutor(data, store.folder, 1, changed, marker)
    yield Farm(executor, changed, store)
    executor.close()
    assert list(marked({MARKER: marker})) == []


class TestLocalExecutor(ExecutorContract):
    """Worker processes on this machine."""

    @pytest.fixture
    def farm(self, shared: Farm) -> Farm:
        return shared

    def test_a_worker_that_dies_loses_its_chunks_and_is_replaced(self, farm: Farm, data: Path) -> None:
        renders = farm.start("heavy.blend")
        lined_up = farm.start("plain.blend")
        farm.renders(renders)
        os.kill(worker_of(data), signal.SIGKILL)
        for order in (renders, lined_up):
            ended = farm.end_of(order)
            assert isinstance(ended, Failed)
            assert ended.fault is Fault.LOST
            assert "was killed by SIGKILL" in ended.error
        assert isinstance(farm.end_of(farm.start("plain.blend")), Finished)

    def test_a_node_whose_folder_was_deleted_comes_back(self, farm: Farm, data: Path) -> None:
        renders = farm.start("heavy.blend")
        farm.renders(renders)
        worker = worker_of(data)
        shutil.rmtree(data / "nodes" / "node-1", ignore_errors=True)
        os.kill(worker, signal.SIGKILL)
        ended = farm.end_of(renders)
        assert isinstance(ended, Failed)
        assert ended.fault is Fault.LOST
        assert isinstance(farm.end_of(farm.start("plain.blend")), Finished)

    def test_a_frozen_worker_is_noticed_and_replaced(self, farm: Farm, data: Path) -> None:
        renders = farm.start("heavy.blend")
        farm.renders(renders)
        began = time.monotonic()
        os.kill(worker_of(data), signal.SIGSTOP)
        ended = farm.end_of(renders)
        assert isinstance(ended, Failed)
        assert ended.fault is Fault.LOST
        assert LEASE_S - RENEW_S <= time.monotonic() - began < 20.0
        assert isinstance(farm.end_of(farm.start("plain.blend")), Finished)

    def test_a_worker_renews_what_it_has(self, farm: Farm) -> None:
        renders, lined_up = farm.start("heavy.blend"), farm.start("plain.blend")
        renewed: set[ChunkId] = set()

        def both_renewed() -> bool:
            renewed.update(farm.executor.renewed())
            return {renders.id, lined_up.id} <= renewed

        farm.until(both_renewed)
        (node,) = farm.executor.nodes()
        assert renders.inputs in node.holds
        for order in (renders, lined_up):
            farm.executor.cancel(order.id)
        assert farm.executor.renewed() == set()

    def test_no_report_stays_on_the_node_once_it_is_written_down(self, farm: Farm, data: Path) -> None:
        order = farm.start("plain.blend")
        ended = farm.end_of(order)
        spool = Spool(data / "nodes" / order.node / REPORTS)
        assert ended in spool.kept()
        farm.executor.written({order.id})
        assert ended not in spool.kept()

    def test_the_environment_of_a_render_process_holds_none_of_ours(
        self, farm: Farm, data: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("RENDERBUS_ACCESS_KEY", "secret")
        farm.node()
        os.kill(worker_of(data), signal.SIGKILL)
        farm.until(lambda: not farm.executor.nodes())
        farm.node()
        for pid in marked({FOLDER: str(data / "nodes")}):
            assert b"secret" not in Path(f"/proc/{pid}/environ").read_bytes()


def test_a_worker_that_never_gets_ready_is_shown_as_a_node_that_can_do_nothing(tmp_path: Path) -> None:
    no_folder = tmp_path / "blobs"
    no_folder.write_bytes(b"")
    executor = LocalExecutor(tmp_path / "data", no_folder, 1, threading.Event(), "hopeless")
    wait_until(executor.nodes)
    assert executor.nodes()[0].applications == {}
    assert executor.nodes()[0].places == 0
    executor.close()


def worker_of(data: Path) -> int:
    """The process id of the only worker: the one whose command names the worker's module."""
    found = [
        pid
        for pid in marked({FOLDER: str(data / "nodes")})
        if b"worker_process" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
    assert len(found) == 1
    return found[0]


FARM = """
import sys, threading
from pathlib import Path
import msgspec
from renderbus_farm.executors.local import LocalExecutor
from renderbus_farm.rules.work import ChunkOrder, Progress
data, blobs, marker, order = sys.argv[1:]
changed = threading.Event()
executor = LocalExecutor(Path(data), Path(blobs), 1, changed, marker)
while not executor.nodes():
    changed.wait(1.0)
    changed.clear()
executor.start(msgspec.json.decode(order, type=ChunkOrder))
while True:
    changed.wait(1.0)
    changed.clear()
    if any(isinstance(report, Progress) and report.percent for report in executor.drain()):
        print("renders", flush=True)
"""


def test_nothing_outlives_a_killed_farm(store: Store, tmp_path: Path) -> None:
    order = ChunkOrder(
        id=ChunkId(1, 1),
        node="node-1",
        task_id=1,
        cg_id=2007,
        scene=store.farm("heavy.blend"),
        inputs=store.manifest("heavy.blend"),
        choice=RenderChoice("Main", ()),
        numbers=(1,),
        output="shot_####",
    )
    facts = [str(tmp_path), str(store.folder), "killed farm", msgspec.json.encode(order).decode()]
    with subprocess.Popen([sys.executable, "-c", FARM, *facts], stdout=subprocess.PIPE) as farm:
        assert farm.stdout is not None
        assert farm.stdout.readline() == b"renders\n"
        assert len(list(marked({MARKER: "killed farm"}))) == 2
        farm.kill()
    wait_until(lambda: not list(marked({MARKER: "killed farm"})), timeout_s=5.0)


def test_what_an_earlier_farm_left_running_is_swept_away(store: Store, tmp_path: Path) -> None:
    marks = {FOLDER: str(tmp_path / "nodes"), MARKER: "earlier farm"}
    left_over = subprocess.Popen(["sleep", "600"], env={**os.environ, **marks})
    wait_until(lambda: list(marked(marks)))  # a program that just begins does not show its environment yet
    executor = LocalExecutor(tmp_path, store.folder, 0, threading.Event(), "later farm")
    assert left_over.wait(PATIENCE_S) == -signal.SIGKILL
    executor.close()


def test_what_ended_while_no_farm_was_there_is_told_to_the_next(store: Store, tmp_path: Path) -> None:
    nodes = tmp_path / "nodes"
    rendered, lost = Finished(ChunkId(7, 2), (), 3.0), Failed(ChunkId(8, 1), "killed", Fault.LOST)
    for name, report in (("node-1", rendered), ("node-9", lost)):
        (nodes / name / "scenes").mkdir(parents=True)
        Spool(nodes / name / REPORTS).keep(report)
    for _ in range(2):  # the first one dies before it has written them down
        executor = LocalExecutor(tmp_path, store.folder, 1, threading.Event(), "late")
        assert executor.running() == {rendered.id, lost.id}
        assert sorted(report.id for report in executor.drain()) == [rendered.id, lost.id]
        assert executor.running() == set()
        executor.close()
        assert not (nodes / "node-9" / "scenes").exists()
    executor = LocalExecutor(tmp_path, store.folder, 0, threading.Event(), "late")
    executor.drain()
    executor.written({rendered.id, lost.id})
    assert list(nodes.iterdir()) == []
    executor.close()


def test_a_farm_that_closes_ends_its_workers_quickly(store: Store, tmp_path: Path) -> None:
    changed = threading.Event()
    farm = Farm(LocalExecutor(tmp_path, store.folder, 1, changed, "closing"), changed, store)
    farm.renders(farm.start("heavy.blend"))
    began = time.monotonic()
    farm.executor.close()
    farm.executor.close()
    assert time.monotonic() - began < 10.0
    assert list(marked({MARKER: "closing"})) == []
