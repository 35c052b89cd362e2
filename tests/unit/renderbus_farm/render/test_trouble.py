"""Frames that go wrong: killed, hung, cancelled, crashed, without a picture; and what is said about them."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.renderbus_farm.render.bench import BLUE, RED, Bench, Store, wait_until

from renderbus_farm.processes import marked
from renderbus_farm.rules.work import Failed, Fault, Finished
from renderbus_model.paths import FarmPath
from renderbus_model.pieces import Digest

pytestmark = pytest.mark.render


def render_processes(bench: Bench) -> list[int]:
    """Found as an operator would: by the marks in their environment."""
    return list(marked(bench.marks))


def test_a_killed_renderer_gives_its_frame_back(bench: Bench, store: Store) -> None:
    order = bench.order("heavy.blend", store.manifest("heavy.blend"))
    bench.begun(order)
    (killed,) = render_processes(bench)
    os.kill(killed, signal.SIGKILL)
    ended = bench.end_of(order)
    assert isinstance(ended, Failed)
    assert ended.fault is Fault.LOST
    assert ended.error.startswith("the render process was killed by SIGKILL while it had this frame")
    assert "heavy.blend" in bench.log(ended)
    assert bench.squares("plain.blend", store.manifest("plain.blend"))[0] == RED


def test_a_crashed_renderer_leaves_its_last_lines(bench: Bench, store: Store) -> None:
    order = bench.order("heavy.blend", store.manifest("heavy.blend"))
    bench.begun(order)
    os.kill(render_processes(bench)[0], signal.SIGSEGV)
    ended = bench.end_of(order)
    assert isinstance(ended, Failed)
    assert ended.fault is Fault.LOST
    assert "SIGSEGV" in ended.error
    assert "Segmentation fault" in bench.log(ended)


def test_a_frame_over_its_time_limit_is_ended(bench: Bench, store: Store) -> None:
    ended = bench.render("heavy.blend", store.manifest("heavy.blend"), time_limit_s=1)
    assert isinstance(ended, Failed)
    assert ended.fault is Fault.TIME
    assert ended.error == "no picture after 1 s, the time limit of a frame; the render was ended"
    assert 1.0 <= ended.seconds < 4.0
    assert bench.squares("plain.blend", store.manifest("plain.blend"))[0] == RED


def test_a_stopped_renderer_is_ended_at_the_time_limit(bench: Bench, store: Store) -> None:
    order = bench.order("heavy.blend", store.manifest("heavy.blend"), time_limit_s=4)
    bench.begun(order)
    os.kill(render_processes(bench)[0], signal.SIGSTOP)
    ended = bench.end_of(order)
    assert isinstance(ended, Failed)
    assert ended.fault is Fault.TIME


def test_a_cancelled_frame_is_never_heard_of_again(bench: Bench, store: Store) -> None:
    inputs = store.manifest("plain.blend")
    heavy = bench.order("heavy.blend", store.manifest("heavy.blend"))
    lined_up = bench.order("plain.blend", inputs, 1)
    after = bench.order("plain.blend", inputs, 5)
    bench.begun(heavy)
    bench.worker.cancel(lined_up.id)
    bench.worker.cancel(heavy.id)
    ended = bench.end_of(after)
    assert isinstance(ended, Finished)
    assert store.squares(ended)[0] == BLUE
    assert bench.reports.empty()


def test_a_worker_that_was_given_up_kills_its_work_and_says_that_once(bench: Bench, store: Store) -> None:
    heavy = bench.order("heavy.blend", store.manifest("heavy.blend"))
    lined_up = bench.order("plain.blend", store.manifest("plain.blend"))
    bench.begun(heavy)
    (renders,) = render_processes(bench)
    assert set(bench.worker.renewal(1).chunks) == {heavy.id, lined_up.id}
    bench.worker.give_up("no contact")
    for order in (heavy, lined_up):
        assert bench.end_of(order) == Failed(order.id, "no contact", Fault.LOST)
    wait_until(lambda: renders not in render_processes(bench))
    assert bench.worker.renewal(2).chunks == ()
    inputs = store.manifest("plain.blend")
    assert bench.squares("plain.blend", inputs, 5)[0] == BLUE
    told = bench.worker.renewal(3)
    assert (told.is_open, inputs in told.holds) == (inputs, True)
    assert bench.reports.empty()


def test_nothing_is_left_of_a_worker_that_was_closed(store: Store, tmp_path: Path) -> None:
    bench = Bench(store, tmp_path)
    bench.begun(bench.order("heavy.blend", store.manifest("heavy.blend")))
    assert render_processes(bench)
    bench.worker.close()
    assert not render_processes(bench)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the scene cannot be read"),
        (b"// a text file\n", "the scene cannot be read"),
    ],
)
def test_a_scene_that_is_none_fails_with_its_name(bench: Bench, content: bytes, said: str) -> None:
    (bench.store.originals / "broken.blend").write_bytes(content)
    error = bench.error("broken.blend", bench.store.manifest("broken.blend"))
    assert error.startswith(said)
    assert "broken.blend" in error


def test_a_truncated_scene_fails_with_its_name(bench: Bench, store: Store) -> None:
    whole = (store.originals / "textured.blend").read_bytes()
    (store.originals / "cut.blend").write_bytes(whole[: len(whole) // 2])
    error = bench.error("cut.blend", store.manifest("cut.blend"))
    assert error.startswith("the scene cannot be read")
    assert "cut.blend" in error


def test_a_scene_that_is_not_among_its_files_is_named(bench: Bench, store: Store) -> None:
    error = bench.error("heavy.blend", store.manifest("plain.blend"))
    assert error == f"the scene {store.farm('heavy.blend')} is not among the task's files; upload it again"


def test_files_that_the_farm_has_lost_are_no_riddle(bench: Bench, store: Store) -> None:
    error = bench.error("plain.blend", Digest("0" * 64))
    assert error.startswith("the task's files are not all on the farm")


def test_the_log_tells_the_attempts_story_in_farm_paths(bench: Bench, store: Store) -> None:
    ended = bench.render("plain.blend", store.manifest("plain.blend"), 3)
    log = bench.log(ended)
    assert f"frame 3 of {store.farm('plain.blend')}, attempt 1" in log
    assert "shot_0003.png" in log
    assert str(bench.folder) not in log


def test_an_idle_worker_gives_the_scenes_memory_back(store: Store, tmp_path: Path) -> None:
    bench = Bench(store, tmp_path, idle_after_s=0.5)
    try:
        inputs = store.manifest("plain.blend")
        assert isinstance(bench.render("plain.blend", inputs), Finished)
        (busy,) = render_processes(bench)
        wait_until(lambda: len(found := render_processes(bench)) == 1 and found != [busy])
        assert bench.squares("plain.blend", inputs, 5)[0] == BLUE
    finally:
        bench.worker.close()


@pytest.fixture(scope="module")
def bench(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A worker for these tests alone, in a folder whose name no scene holds."""
    bench = Bench(store, tmp_path_factory.mktemp("troubled-node"))
    yield bench
    bench.worker.close()


def test_a_farm_path_is_what_the_scene_is_asked_by(store: Store) -> None:
    assert store.farm("plain.blend") == FarmPath(str(store.was_at / "plain.blend"))
