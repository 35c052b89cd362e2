"""Analyses scenes on this machine: a process for each, with limits, gone when the farm is gone.

The program that reads scenes belongs to the client's packages, which the farm does not import: the same
analysers answer here and on a user's machine. It is started by its name, as a program of another make would
be, and told and heard in the words of ``renderbus_model.scene_analysis``.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import msgspec

from renderbus_farm.blobs.blobs import BlobMissing, Blobs
from renderbus_farm.blobs.contents import Contents, Damaged
from renderbus_farm.blobs.packs import PackMissing, PackReader
from renderbus_farm.executors.analyser import AnalysisOrder
from renderbus_farm.executors.limited import Limits, limited
from renderbus_farm.processes import FOLDER, MARKER, NotStarted, Process, sweep
from renderbus_farm.renderers.confine import landlock_version
from renderbus_model.pieces import Manifest
from renderbus_model.scene_analysis import INSTEAD, MOST_ANSWER_BYTES, AnalysisAnswer, AnalysisQuestion

PROGRAM = "rayvision_utils.analyse_uploaded"

_LAST_BYTES = 4096  # of what a process said before it died: for the farm's log
_GB = 1 << 30

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AnalysisLimits:
    """What the analysis of one scene may use.

    Attributes:
        time_s: seconds, by the clock and of the processor.
        ram_gb: memory, beside the scene's own file.
    """

    time_s: float = 600.0
    ram_gb: float = 4.0


class LocalAnalyser:
    """Up to ``places`` analyses at once, each in a process and a folder of its own below ``folder``."""

    def __init__(
        self,
        folder: Path,
        blobs: Blobs,
        packs: PackReader,
        limits: AnalysisLimits,
        places: int,
        changed: threading.Event,
        marker: str,
    ) -> None:
        """End what an earlier farm on the same folder left: the caller holds the data's lock.

        Args:
            changed: set when an answer is there.
            marker: put into the environment of every process.
        """
        sweep({FOLDER: str(folder)})
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        if not landlock_version():
            log.warning("analyses are not confined: this kernel has no Landlock")
        self.places = places
        self._folder = folder
        self._blobs = blobs
        self._packs = packs
        self._limits = limits
        self._changed = changed
        self._marks = {MARKER: marker, FOLDER: str(folder)}
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._running: dict[int, _Analysis] = {}
        self._answers: dict[int, AnalysisAnswer] = {}

    def begin(self, order: AnalysisOrder) -> None:
        """Begin with a task that it does not have."""
        folder = self._folder / f"{order.task_id}-{next(self._numbers)}"
        analysis = _Analysis(order, folder, self._blobs, self._packs, self._limits, self._marks, self._ended)
        with self._lock:
            self._running[order.task_id] = analysis
        analysis.start()

    def give_up(self, task_id: int) -> None:
        """End an analysis; no answer follows."""
        with self._lock:
            analysis = self._running.pop(task_id, None)
            self._answers.pop(task_id, None)
        if analysis:
            analysis.give_up()

    def running(self) -> set[int]:
        """Begun, and the answer not yet drained."""
        with self._lock:
            return set(self._running)

    def drain(self) -> dict[int, AnalysisAnswer]:
        """The answers since the last call."""
        with self._lock:
            answers, self._answers = self._answers, {}
            for task_id in answers:
                del self._running[task_id]
        return answers

    def close(self) -> None:
        """End all at the same time."""
        with self._lock:
            analyses, self._running = list(self._running.values()), {}
            self._answers.clear()
        for analysis in analyses:
            analysis.give_up()
        for analysis in analyses:
            analysis.join()

    def _ended(self, analysis: _Analysis, answer: AnalysisAnswer) -> None:
        task_id = analysis.order.task_id
        with self._lock:
            if self._running.get(task_id) is not analysis:
                return  # given up meanwhile
            self._answers[task_id] = answer
        self._changed.set()


class _Analysis(threading.Thread):
    """One analysis; its thread starts the process and lives as long (the process dies with that thread)."""

    def __init__(
        self,
        order: AnalysisOrder,
        folder: Path,
        blobs: Blobs,
        packs: PackReader,
        limits: AnalysisLimits,
        marks: Mapping[str, str],
        ended: Callable[[_Analysis, AnalysisAnswer], None],
    ) -> None:
        super().__init__(name=f"analysis-{order.task_id}", daemon=True)
        self.order = order
        self._folder = folder
        self._blobs = blobs
        self._packs = packs
        self._limits = limits
        self._marks = marks
        self._ended = ended
        self._lock = threading.Lock()
        self._process: Process | None = None
        self._given_up = threading.Event()
        self._over_time = threading.Event()

    def give_up(self) -> None:
        """Kill the process, without waiting for it."""
        self._given_up.set()
        with self._lock:
            if self._process:
                self._process.kill()

    def run(self) -> None:
        """From the files to the answer."""
        try:
            self._lay_out()
            answer = self._asked()
        except (
            BlobMissing,
            PackMissing,
            Damaged,
            OSError,
            NotStarted,
            msgspec.DecodeError,
            _GivenUp,
        ) as error:
            if not self._given_up.is_set():
                log.exception("analysis cannot run", extra={"task": self.order.task_id})
            # Of an error of the system not its text, which names this machine's folders.
            why = (error.strerror if isinstance(error, OSError) else "") or str(error)
            answer = AnalysisAnswer(why=f"this farm cannot read the task's files: {why}")
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._ended(self, answer)

    @property
    def _files(self) -> Path:
        return self._folder / "files"

    @property
    def _work(self) -> Path:
        return self._folder / "work"

    def _lay_out(self) -> None:
        """The task's files, and nothing else, at their farm paths."""
        self._work.mkdir(parents=True)
        self._files.mkdir()
        with self._blobs.get(self.order.inputs) as stream:
            manifest = Manifest.decode(stream.read())
        contents = Contents(self._blobs, self._packs)
        for entry in manifest.files:
            if self._given_up.is_set():
                raise _GivenUp
            target = self._files / entry.path.lstrip("/")
            if not entry.pieces:
                self._blobs.link(entry.digest, target)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                for part in contents.parts(entry):
                    file.write(part)

    def _asked(self) -> AnalysisAnswer:
        with (self._folder / "said.log").open("w+b") as said:
            process = Process(self._command(), self._work, self._marks, said)
            with self._lock:
                self._process = process
                if self._given_up.is_set():
                    process.kill()
            timer = threading.Timer(self._limits.time_s, self._out_of_time, [process])
            timer.start()
            try:
                content = self._heard(process)
            finally:
                timer.cancel()
                how = process.end()
                process.close()
            said.seek(max(0, said.seek(0, os.SEEK_END) - _LAST_BYTES))
            return self._understood(content, how, said.read())

    def _command(self) -> list[str]:
        limits = Limits(
            ram_bytes=int(self._limits.ram_gb * _GB),
            cpu_s=int(self._limits.time_s) + 1,
            file_bytes=MOST_ANSWER_BYTES,
            readable=(str(self._files),),
            writable=(str(self._work),),
        )
        return limited((sys.executable, "-I", "-m", PROGRAM), limits)

    def _heard(self, process: Process) -> bytes:
        wanted = self.order.wanted
        question = AnalysisQuestion(
            root=str(self._files),
            scene=self.order.scene,
            work=str(self._work),
            cg_id=self.order.cg_id,
            cg_name=wanted.cg_name,
            cg_version=wanted.cg_version,
            plugins=dict(wanted.plugins),
            project=wanted.project,
        )
        try:
            process.input.write(msgspec.json.encode(question))
            process.input.close()
        except BrokenPipeError:
            return b""  # it has ended already: how, is told below
        return process.output.read(MOST_ANSWER_BYTES + 1)

    def _out_of_time(self, process: Process) -> None:
        self._over_time.set()
        process.kill()

    def _understood(self, content: bytes, how: str, said: bytes) -> AnalysisAnswer:
        """The answer; where none came, or one that is too long, which limit did that."""
        if self._over_time.is_set() or "SIGXCPU" in how:
            return _not_analysed(f"reading it takes longer than {self._limits.time_s:g} s")
        if len(content) > MOST_ANSWER_BYTES:
            return _not_analysed(f"what was found is more than {MOST_ANSWER_BYTES >> 20} MB")
        try:
            return msgspec.json.decode(content, type=AnalysisAnswer)
        except (msgspec.DecodeError, RecursionError):
            story = {"task": self.order.task_id, "how": how, "said": said.decode("utf-8", "replace")}
            if not self._given_up.is_set():
                log.warning("analysis without an answer", extra=story)
        return _not_analysed(
            f"the process that read it {how}; it may use {self._limits.ram_gb:g} GB of memory"
        )


class _GivenUp(Exception):
    """The analysis is not wanted any more."""


def _not_analysed(why: str) -> AnalysisAnswer:
    return AnalysisAnswer(why=f"{why}; {INSTEAD}")
