"""Processes that nothing outlives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from tests.unit.renderbus_farm.render.bench import wait_until

from renderbus_farm.processes import (
    MARKER,
    MOST_PROCESSES,
    NotStarted,
    Process,
    bound_processes,
    how_ended,
    marked,
    sweep,
)

SHELL_THAT_STARTS_A_DAEMON = "setsid sleep 600 & echo started; wait"


@pytest.fixture
def marks(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Marks of this test alone; whatever it leaves is ended."""
    marks = {MARKER: f"process test {tmp_path}"}
    yield marks
    sweep(marks)


def test_what_a_process_started_ends_with_it_even_outside_its_group(
    marks: dict[str, str], tmp_path: Path
) -> None:
    process = Process(["sh", "-c", SHELL_THAT_STARTS_A_DAEMON], tmp_path, marks)
    assert process.output.readline() == b"started\n"
    wait_until(lambda: len(list(marked(marks))) == 2)
    assert process.end() == "was killed by SIGKILL"
    process.close()
    assert list(marked(marks)) == []


def test_a_process_that_ended_by_itself_is_killed_without_harm(marks: dict[str, str], tmp_path: Path) -> None:
    process = Process(["sh", "-c", "exit 3"], tmp_path, marks)
    assert process.wait(10.0)
    process.kill()
    assert not process.alive()
    assert process.end() == "ended with status 3"
    process.close()


def test_only_little_of_our_environment_is_passed_on(
    marks: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RENDERBUS_ACCESS_KEY", "secret")
    process = Process(["env"], tmp_path, marks, environment={"HOME": "/elsewhere"})
    told = process.output.read().decode()
    assert "secret" not in told
    assert "HOME=/elsewhere\n" in told
    assert "PATH=" in told
    process.end()
    process.close()


def test_a_program_that_is_not_there_is_named(marks: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(NotStarted, match="no-such-program"):
        Process(["no-such-program"], tmp_path, marks)


def test_what_a_process_starts_has_a_limit(marks: dict[str, str], tmp_path: Path) -> None:
    process = Process(["sh", "-c", "read go; grep processes /proc/self/limits"], tmp_path, marks)
    bound_processes(process.pid)
    process.input.write(b"go\n")
    process.input.close()
    assert MOST_PROCESSES < int(process.output.read().split()[2]) < MOST_PROCESSES + 100_000
    process.end()
    process.close()


ADOPTS = """
import os, sys
from pathlib import Path
from renderbus_farm.processes import Process, adopt_orphans
adopt_orphans()
kept = Process(["sleep", "600"], Path("/"), {})
hides = "import os; os.fork() and os._exit(0); os.setsid(); os.execve('/bin/sleep', ['sleep', sys_argv], {})"
process = Process([sys.executable, "-c", hides.replace("sys_argv", repr(sys.argv[1]))], Path("/"), {})
process.wait(30)
print("hidden", flush=True)
sys.stdin.readline()
process.end()
print(kept.alive(), flush=True)
kept.end()
"""


def test_what_hides_from_its_marks_is_adopted_and_ended(tmp_path: Path) -> None:
    seconds = f"{os.getpid()}.25"

    def hidden() -> list[int]:
        everything = psutil.process_iter(["cmdline"])
        return [each.pid for each in everything if each.info["cmdline"] == ["sleep", seconds]]

    command = [sys.executable, "-c", ADOPTS, seconds]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as adopting:
        assert adopting.stdin is not None
        assert adopting.stdout is not None
        assert adopting.stdout.readline() == b"hidden\n"
        wait_until(hidden)
        adopting.stdin.write(b"go on\n")
        adopting.stdin.flush()
        assert adopting.stdout.readline() == b"True\n"  # what it started itself, and did not end, is alive
        assert hidden() == []


def test_marks_must_all_be_there(marks: dict[str, str], tmp_path: Path) -> None:
    process = Process(["sleep", "600"], tmp_path, marks)
    wait_until(lambda: list(marked(marks)) == [process.pid])
    assert list(marked({**marks, "RENDERBUS_OTHER": "x"})) == []
    assert sweep(marks) == {process.pid}
    process.end()
    process.close()


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (0, "ended with status 0"),
        (-signal.SIGSEGV, "was killed by SIGSEGV"),
        (-63, "was killed by signal 63"),
        (None, "did not end"),
    ],
)
def test_exit_statuses_are_told_in_words(status: int | None, words: str) -> None:
    assert how_ended(status) == words


PARENT = """
import os, subprocess, sys
child = (
    "import signal, sys; from renderbus_farm.processes import die_with_parent;"
    "die_with_parent(int(sys.argv[1])); print('held', flush=True); signal.pause()"
)
subprocess.Popen([sys.executable, "-c", child, sys.argv[1] if len(sys.argv) > 1 else str(os.getpid())]).wait()
"""


def test_a_process_dies_with_its_killed_parent(marks: dict[str, str]) -> None:
    environment = {**os.environ, **marks}
    command = [sys.executable, "-c", PARENT]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"held\n"
        assert len(list(marked(marks))) == 2
        parent.kill()
    wait_until(lambda: not list(marked(marks)))


def test_a_process_whose_parent_is_dead_already_ends_at_once(marks: dict[str, str]) -> None:
    command = [sys.executable, "-c", PARENT, "1"]  # its parent is not process 1: as if that had died before
    ended = subprocess.run(command, env={**os.environ, **marks}, capture_output=True, check=True, timeout=60)
    assert ended.stdout == b""


def test_a_process_is_killed_from_another_thread(marks: dict[str, str], tmp_path: Path) -> None:
    process = Process(["sleep", "600"], tmp_path, marks)
    killer = threading.Thread(target=process.kill)
    killer.start()
    assert process.wait(10.0)
    killer.join()
    process.end()
    process.close()
