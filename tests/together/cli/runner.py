"""Runs the command line as a user does: a process of its own, with a home of its own."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import sysconfig
import threading
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil
from tests.together.farms import FarmProcess, wait_for

from renderbus_farm.data_folder import DataFolder

ENDS_WITHIN_S = 120.0

Event = dict[str, Any]


@dataclass
class Ended:
    """A command that has ended."""

    status: int
    out: str
    err: str

    @property
    def events(self) -> list[Event]:
        """What it told programs."""
        return [json.loads(line) for line in self.out.splitlines()]

    def of(self, name: str) -> list[Event]:
        """The events of one name."""
        return [event for event in self.events if event.get("event") == name]

    @property
    def last(self) -> Event:
        """Its summary."""
        return self.events[-1]


@dataclass
class CommandLine:
    """``renderbus`` for one user: ``home`` holds the configuration, ``farm`` says which farm is meant."""

    home: Path
    environment: dict[str, str] = field(default_factory=dict)
    program: tuple[str, ...] = ("-m", "renderbus_cli")
    python: str = sys.executable

    def at(self, farm: FarmProcess) -> CommandLine:
        """The same user at this farm."""
        return self.having(
            RENDERBUS_URL=farm.url,
            RAYVISION_API_ACCESS_ID=farm.access_id,
            RAYVISION_API_KEY=farm.access_key,
        )

    def having(self, **variables: str) -> CommandLine:
        """The same with more environment."""
        return replace(self, environment={**self.environment, **variables})

    def start(
        self, *args: str | Path, out: int = subprocess.PIPE, err: int = subprocess.PIPE
    ) -> subprocess.Popen[str]:
        """Start a command; its output is read by the caller."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        own = {
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_DATA_HOME": str(self.home / "data"),
        }
        return subprocess.Popen(
            [self.python, *self.program, *map(str, args)],
            env={**kept, **own, **self.environment},
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            text=True,
            encoding="utf-8",
        )

    def run_in_terminal(self, *args: str | Path) -> Ended:
        """Run a command that finds a terminal; ``out`` is all that the terminal was sent."""
        ours, theirs = pty.openpty()
        with self.start(*args, out=theirs, err=theirs) as process:
            os.close(theirs)
            too_late = threading.Timer(ENDS_WITHIN_S, process.kill)
            too_late.start()
            sent = b"".join(iter(lambda: _sent(ours), b""))
            status = process.wait()
            too_late.cancel()
        os.close(ours)
        return Ended(status, sent.decode("utf-8"), "")

    def run(
        self, *args: str | Path, on_event: Callable[[Event, subprocess.Popen[str]], None] = lambda *_: None
    ) -> Ended:
        """Run a command to its end; ``on_event`` sees each line for programs as it comes."""
        with self.start(*args) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            too_late = threading.Timer(ENDS_WITHIN_S, process.kill)
            too_late.start()
            errors: list[str] = []
            reader = threading.Thread(target=lambda: errors.append(_all(process.stderr)))
            reader.start()
            lines = []
            for line in process.stdout:
                lines.append(line)
                if line.startswith('{"event"'):
                    on_event(json.loads(line), process)
            reader.join()
            status = process.wait()
            too_late.cancel()
        return Ended(status, "".join(lines), errors[0])


_OURS = ("RENDERBUS_", "RAYVISION_", "XDG_")


def _all(stream: Any) -> str:
    return str(stream.read())


def _sent(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # nobody has the other end open any more
        return b""


def away_after_upload(folder: Path) -> Callable[[Event, subprocess.Popen[str]], None]:
    """Renames a scene's folder as soon as the farm has it: what renders sees uploaded files only."""

    def look(event: Event, _process: subprocess.Popen[str]) -> None:
        if event["event"] == "submitted":
            folder.rename(folder.with_name(f"{folder.name} (gone)"))

    return look


def interrupted_at(name: str, *signals: signal.Signals) -> Callable[[Event, subprocess.Popen[str]], None]:
    """Sends signals when the first event of this name comes."""
    waiting = list(signals)

    def look(event: Event, process: subprocess.Popen[str]) -> None:
        if event["event"] == name:
            while waiting:
                process.send_signal(waiting.pop(0))

    return look


def python_without(package: str, folder: Path) -> str:
    """A Python with everything that is installed here but one package."""
    venv.create(folder, with_pip=False, symlinks=True)
    bare = next(folder.glob("lib/python*/site-packages"))
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if entry.name.partition("-")[0] != package:
            (bare / entry.name).symlink_to(entry)
    return str(folder / "bin" / "python")


@contextmanager
def embedded(data: Path) -> Iterator[Path]:
    """A data folder whose embedded farm, if one was started, has ended afterwards."""
    try:
        yield data
    finally:
        running = DataFolder(data).running()
        if running is not None and psutil.pid_exists(running.pid):
            os.kill(running.pid, signal.SIGTERM)
            wait_for(lambda: not _alive(running.pid), "the embedded farm goes on")


def _alive(pid: int) -> bool:
    try:
        # A child of this test run that ended and was not waited for is a zombie.
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
