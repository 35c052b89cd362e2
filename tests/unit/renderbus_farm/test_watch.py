"""Whether a render process still works, and what it died of."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.renderbus_farm.render.bench import wait_until

from renderbus_farm.rules.watch import Limits, Sample, Watched, fault_of_death, says_out_of_memory
from renderbus_farm.rules.work import Fault
from renderbus_farm.worker_watch import Watch, first_to_go, oom_kills, size_of, used_by

LIMITS = Limits(stuck_after_s=60.0, scratch_bytes=1e9, least_free_bytes=1 << 20)


def after(samples: Iterable[Sample]) -> Watched:
    """What these looks come to."""
    first, *later = samples
    watched = Watched.first(first)
    for sample in later:
        watched = watched.after(sample)
    return watched


def test_a_process_that_only_waits_is_stuck() -> None:
    watched = after(Sample(float(at), 7, 0.0001 * at) for at in range(0, 61, 5))
    assert watched.trouble(LIMITS) == (
        Fault.STUCK,
        "no progress, no output and no processor time for 60 s; the render was ended",
    )


@pytest.mark.parametrize("sign", ["it computes", "it says something", "a child of it has ended"])
def test_any_sign_of_life_will_do(sign: str) -> None:
    samples = []
    for at in range(0, 600, 5):
        cpu_s = at * 0.2 if sign == "it computes" else 0.0
        cpu_s = 50.0 * (at // 50 % 2) if sign.startswith("a child") else cpu_s
        samples.append(Sample(float(at), at // 50 if sign == "it says something" else 0, cpu_s))
    watched = after(samples[:1])
    for sample in samples[1:]:
        watched = watched.after(sample)
        assert watched.trouble(LIMITS) is None


@given(st.lists(st.tuples(st.floats(0.1, 30), st.booleans()), min_size=1, max_size=60))
def test_it_is_stuck_exactly_when_its_last_sign_is_long_past(looks: list[tuple[float, bool]]) -> None:
    at, said, sign_at = 0.0, 0, 0.0
    watched = Watched.first(Sample(at, said, 0.0))
    for gap_s, speaks in looks:
        at += gap_s
        if speaks:
            said, sign_at = said + 1, at
        watched = watched.after(Sample(at, said, 0.0))
        assert (watched.trouble(LIMITS) is not None) == (at - sign_at >= LIMITS.stuck_after_s)


def test_who_fills_the_disk_is_ended_and_told_how_much_that_was() -> None:
    watched = after([Sample(0, 0, 0), Sample(5, 1, 5, scratch_bytes=3_000_000_000)])
    trouble = watched.trouble(LIMITS)
    assert trouble == (Fault.SCENE, "it has written 3 GB of files for this frame; the render was ended")


def test_a_full_disk_is_the_nodes_and_not_the_scenes() -> None:
    watched = after([Sample(0, 0, 0), Sample(5, 1, 5, scratch_bytes=9, free_bytes=4096)])
    trouble = watched.trouble(LIMITS)
    assert trouble is not None
    assert trouble[0] is Fault.NODE
    nothing_written = after([Sample(0, 0, 0), Sample(5, 1, 5, free_bytes=4096)])
    assert nothing_written.trouble(LIMITS) is None


@pytest.mark.parametrize(
    ("how", "said", "most", "kills", "fault"),
    [
        ("was killed by SIGKILL", "", 10, 0, Fault.LOST),
        ("was killed by SIGKILL", "", 95, 0, Fault.MEMORY),
        ("was killed by SIGKILL", "", 10, 1, Fault.MEMORY),
        ("was killed by SIGSEGV", "", 95, 1, Fault.LOST),
        ("was killed by SIGABRT", "terminate called after throwing std::bad_alloc", 10, 0, Fault.MEMORY),
        ("ended with status 1", "MemoryError", 10, 0, Fault.MEMORY),
        ("ended with status 1", "no licence", 95, 1, Fault.LOST),
    ],
)
def test_a_death_for_want_of_memory_is_told_from_others(
    how: str, said: str, most: int, kills: int, fault: Fault
) -> None:
    assert fault_of_death(how, said, most, 100, kills) is fault


def test_a_renderer_that_says_it_has_no_memory_is_believed() -> None:
    assert says_out_of_memory("System is out of GPU memory")
    assert not says_out_of_memory("a scene of the memory lane")


def test_the_kernels_count_is_read_where_it_tells(tmp_path: Path) -> None:
    (tmp_path / "vmstat").write_text("nr_free_pages 7\noom_kill 3\nswap_ra 0\n")
    assert oom_kills(tmp_path / "vmstat") == 3
    assert oom_kills(tmp_path / "nothing") == 0


def test_a_process_is_looked_at_with_its_children(tmp_path: Path) -> None:
    child = "import time; held, end = bytearray(50_000_000), time.monotonic() + 60"
    child += "\nwhile time.monotonic() < end: pass"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    (tmp_path / "picture.png").write_bytes(bytes(1_000_000))
    with subprocess.Popen([sys.executable, "-c", parent], start_new_session=True) as process:
        try:
            wait_until(lambda: used_by(process.pid)[1] > 50_000_000 and used_by(process.pid)[0] > 0.05)
            watch = Watch(process.pid, tmp_path, LIMITS, lambda: 0)
            assert watch.look() is None
            assert size_of(tmp_path) >= 1_000_000
            first_to_go(process.pid)
            assert int(Path(f"/proc/{process.pid}/oom_score_adj").read_text()) == 900
        finally:
            os.killpg(process.pid, 9)
    assert used_by(process.pid) == (0.0, 0)
