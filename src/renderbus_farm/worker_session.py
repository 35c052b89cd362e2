"""A render process as the worker holds it: say a word, hear the answer, keep what it prints."""

from __future__ import annotations

import queue
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from subprocess import PIPE

import msgspec

from renderbus_farm.processes import Process, bound_processes
from renderbus_farm.renderers.renderer import Renderer
from renderbus_farm.renderers.session import (
    END_OF_LOG,
    Answer,
    Hello,
    Opened,
    Progressed,
    Quit,
    Refused,
    Rendered,
    Word,
    answer_of,
    line_of,
)
from renderbus_farm.rules.watch import Limits
from renderbus_farm.rules.work import Fault
from renderbus_farm.worker_watch import Watch, first_to_go, used_by

HALF_LOG_BYTES = 512 * 1024
"""A log keeps so much of its beginning and of its end; what lies between is counted."""

STARTS_WITHIN_S = 180.0
"""Importing Blender takes a second or two, on a cold disk under load many times that."""

_LOG_COMES_WITHIN_S = 10.0  # the log's pipe is read by a thread of ours; this only bounds a fault of it
_QUITS_WITHIN_S = 2.0
_ENDS_AFTER_CLOSING_S = 1.0
_LONGEST_ANSWER_BYTES = 16 << 20  # the files of a large scene; what is longer is no answer


class RenderEnded(Exception):
    """A render process ended, or was ended, before it had answered; ``fault`` says what was at fault."""

    def __init__(self, why: str, fault: Fault) -> None:
        super().__init__(why)
        self.fault = fault


class RenderProcessDied(RenderEnded):
    """The render process ended while it was asked for something; ``how`` says in which way."""

    def __init__(self, how: str, last_lines: str, fault: Fault = Fault.LOST) -> None:
        said = f"; its last lines:\n{last_lines}" if last_lines else ""
        super().__init__(f"the render process {how} while it had this frame{said}", fault)
        self.how = how


class TookTooLong(RenderEnded):
    """No answer within ``limit_s``; the render process was killed."""

    def __init__(self, limit_s: float) -> None:
        why = f"no picture after {limit_s:g} s, the time limit of a frame; the render was ended"
        super().__init__(why, Fault.TIME)
        self.limit_s = limit_s


class AttemptLog:
    """What was printed for one attempt, with the worker's own lines; bounded. Safe from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._head: list[bytes] = []
        self._head_bytes = 0
        self._tail: deque[bytes] = deque()
        self._tail_bytes = 0
        self._left_out_bytes = 0

    def note(self, text: str) -> None:
        """A line of the worker's own, with the time (UTC)."""
        stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
        self.add(f"[{stamp}] {text}\n".encode("utf-8", "replace"))

    def add(self, line: bytes) -> None:
        """A line as it was printed."""
        with self._lock:
            if self._head_bytes + len(line) <= HALF_LOG_BYTES and not self._tail:
                self._head.append(line)
                self._head_bytes += len(line)
                return
            self._tail.append(line)
            self._tail_bytes += len(line)
            while self._tail_bytes > HALF_LOG_BYTES and len(self._tail) > 1:
                dropped = len(self._tail.popleft())
                self._tail_bytes -= dropped
                self._left_out_bytes += dropped

    def content(self) -> bytes:
        """All that was kept."""
        with self._lock:
            gap = f"[… {self._left_out_bytes} bytes left out …]\n".encode() if self._left_out_bytes else b""
            return b"".join((*self._head, gap, *self._tail))

    def last_lines(self, count: int) -> str:
        """The last lines that the renderer printed, without empty ones and the worker's own."""
        lines = [line.decode("utf-8", "replace").strip() for line in self.content().splitlines()]
        return "\n".join([line for line in lines if line and not line.startswith("[20")][-count:])


class RenderProcess:
    """A started renderer. Words are said from one thread; ``kill`` is safe from any."""

    def __init__(
        self,
        renderer: Renderer,
        scratch: Path,
        scenes: Path,
        marks: Mapping[str, str],
        parent: int,
        limits: Limits,
    ):
        """Start it: the calling thread must live as long as the worker (parent-death signal).

        Raises:
            NotStarted: its program is not there.
        """
        scenes.mkdir(parents=True, exist_ok=True)
        home = scratch / "home"
        shutil.rmtree(home, ignore_errors=True)  # what one that was killed left behind
        home.mkdir(parents=True)
        command = renderer.command(parent, scratch, scenes)
        self._process = Process(command, home, marks, PIPE, renderer.environment(home))
        first_to_go(self._process.pid)
        bound_processes(self._process.pid)
        self._scratch = scratch
        self._limits = limits
        self._signs = 0  # that it gave by itself
        self._watch = Watch(self._process.pid, scratch, limits, lambda: self._signs)
        self._answers: queue.SimpleQueue[Answer | None] = queue.SimpleQueue()
        self._log = AttemptLog()
        self._log_ends = threading.Condition()
        self._ends_seen = 0
        self._heard = 0
        self._readers = [
            threading.Thread(target=reader, daemon=True, name=f"{reader.__name__} {self._process.pid}")
            for reader in (self._read_answers, self._read_log)
        ]
        for reader in self._readers:
            reader.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def alive(self) -> bool:
        """It has not ended."""
        return self._process.alive()

    def memory_bytes(self) -> int:
        """What it and its children hold of the machine's memory, pages that they share counted for each."""
        return used_by(self.pid)[1]

    def fault_of_death(self, how: str) -> Fault:
        """What a program died of that it had started, and that nobody here has killed."""
        return self._watch.fault_of_death(how, self._log.last_lines(10))

    def hello(self, within_s: float = STARTS_WITHIN_S) -> Hello:
        """Wait until it is ready.

        Raises:
            RenderEnded: it does not start; that is no fault of a scene, and no frame's time is over.
        """
        try:
            answer = self._hear(lambda _: None, within_s, time.monotonic() + within_s)
        except TookTooLong as error:
            raise self._not_started(f"it was not ready within {within_s:g} s") from error
        if isinstance(answer, Hello):
            return answer
        raise self._not_started(
            answer.message if isinstance(answer, Refused) else "it said something else than hello"
        )

    def _not_started(self, why: str) -> RenderEnded:
        last_lines = self._log.last_lines(10)
        said = f"; its last lines:\n{last_lines}" if last_lines else ""
        return RenderEnded(f"the render process cannot start on this node: {why}{said}", Fault.NODE)

    def ask(
        self,
        word: Word,
        log: AttemptLog,
        progress: Callable[[float], None],
        limit_s: float | None,
        deadline: float | None,
    ) -> Opened | Rendered | Refused:
        """Say a word and wait for its answer, while ``log`` takes what is printed.

        Args:
            limit_s: the limit that a message names.
            deadline: on the monotonic clock, None for none.

        Raises:
            RenderProcessDied: it ended meanwhile.
            TookTooLong: the deadline passed; it has been killed.
            RenderEnded: it was killed for what ``Limits`` forbid.
        """
        self._log = log
        self._watch = Watch(self.pid, self._scratch, self._limits, lambda: self._signs)
        try:
            self._process.input.write(line_of(word))
            self._process.input.flush()
        except OSError as error:
            raise self._died() from error
        answer = self._hear(progress, limit_s, deadline)
        if isinstance(answer, Hello):
            raise RenderProcessDied("said hello twice", "")
        return answer

    def kill(self) -> None:
        """Kill it now, without waiting."""
        self._process.kill()

    def end(self, kindly: bool = True) -> str:
        """End it and all it started; how it ended."""
        if kindly and self._process.alive():
            try:
                self._process.input.write(line_of(Quit()))
                self._process.input.flush()
            except OSError:  # it is ending by itself
                pass
            self._process.wait(_QUITS_WITHIN_S)
        how = self._process.end()
        for reader in self._readers:
            reader.join(_LOG_COMES_WITHIN_S)
        if not any(reader.is_alive() for reader in self._readers):
            self._process.close()
        return how

    def _hear(
        self, progress: Callable[[float], None], limit_s: float | None, deadline: float | None
    ) -> Hello | Opened | Rendered | Refused:
        while True:
            left = float("inf") if deadline is None else max(0.0, deadline - time.monotonic())
            try:
                answer = self._answers.get(timeout=min(left, self._watch.every_s))
            except queue.Empty:
                self._look(limit_s, deadline)
                continue
            if answer is None:
                raise self._died()
            self._signs += 1
            if isinstance(answer, Progressed):
                progress(answer.percent)
                continue
            self._heard += 1
            with self._log_ends:
                self._log_ends.wait_for(lambda: self._ends_seen >= self._heard, _LOG_COMES_WITHIN_S)
            return answer

    def _look(self, limit_s: float | None, deadline: float | None) -> None:
        """Whether it may go on; else it is killed."""
        if deadline is not None and time.monotonic() >= deadline:
            self._process.kill()
            raise TookTooLong(limit_s or 0.0)
        if trouble := self._watch.look():
            self._process.kill()
            fault, why = trouble
            raise RenderEnded(why, fault)

    def _died(self) -> RenderProcessDied:
        log = self._log
        # Its streams close a moment before the system tells of its end.
        closed = not self._process.wait(_ENDS_AFTER_CLOSING_S)
        how = self.end(kindly=False)
        last_lines = log.last_lines(10)
        fault = self._watch.fault_of_death(how, last_lines)
        return RenderProcessDied("closed its output" if closed else how, last_lines, fault)

    def _read_answers(self) -> None:
        try:
            while line := self._process.output.readline(_LONGEST_ANSWER_BYTES):
                self._answers.put(answer_of(line))
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError, OSError) as error:
            self._log.note(f"the render process broke its words: {error}")
            self._process.kill()
        self._answers.put(None)

    def _read_log(self) -> None:
        mark = END_OF_LOG.encode()
        try:
            while line := self._process.errors.readline(64 * 1024):
                before, found, _ = line.partition(mark)
                self._signs += 1
                if before:
                    self._log.add(before)
                if found:
                    with self._log_ends:
                        self._ends_seen += 1
                        self._log_ends.notify_all()
        except (ValueError, OSError):  # closed under us: the process has ended
            pass
        with self._log_ends:
            self._ends_seen = 1 << 62
            self._log_ends.notify_all()
