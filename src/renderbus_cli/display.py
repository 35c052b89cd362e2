"""The live display of a render for people: analysis, upload with bytes and rate, frames with time left.

Where the terminal cannot move its cursor (or is none) the same is told in plain lines, now and then.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from renderbus_cli import events
from renderbus_cli.problems import problem_of
from renderbus_cli.show import Lines, Show, duration, missing_words, plain, size, words
from renderbus_cli.units import counted, unit_words

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live

REFRESH_PER_S = 4
RUNNING_SHOWN = 8
LINES_SHOWN = 20
"""How many missing files or tips are listed before the rest is only counted."""

LINE_EVERY_S = 10.0
"""How often progress is told where there is no live display."""


@contextmanager
def shown(*, as_json: bool) -> Iterator[Show]:
    """Show a command's events until it ends; an error becomes the last event, then goes on upwards.

    Raises:
        Problem: what went wrong inside, in words.
    """
    if as_json:
        lines = Lines()
        try:
            yield lines
        except Exception as error:
            problem = problem_of(error)
            lines(events.Failed(exit=problem.status, message=problem.message))
            raise problem from error
        return
    with People(words()) as people:
        try:
            yield people
        except Exception as error:
            raise problem_of(error) from error


class People:
    """Shows events on a console; use it as a context manager."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._is_live = console.is_terminal and not console.is_dumb_terminal
        self._live: Live | None = None
        self._lock = threading.Lock()
        self._upload: events.Uploading | None = None
        self._frames: events.Progress | None = None
        self._waits: tuple[str, ...] = ()
        self._frames_at = 0.0
        self._told_at = 0.0

    def __enter__(self) -> People:
        if self._is_live:
            from rich.live import Live

            self._live = Live(
                console=self._console,
                get_renderable=self.picture,
                refresh_per_second=REFRESH_PER_S,
                transient=True,
            )
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def __call__(self, event: events.Event) -> None:
        """Show one event."""
        with self._lock:
            if isinstance(event, events.Uploading):
                self._uploading(event)
            elif isinstance(event, events.Progress):
                self._progress(event)
            elif isinstance(event, events.Waits):
                self._waiting(event)
            else:
                if isinstance(event, events.Finished):
                    self._frames, self._waits = None, ()
                for line in _lines(event):
                    self._say(line)

    def _say(self, line: str) -> None:
        self._console.print(plain(line), soft_wrap=True)

    def _uploading(self, event: events.Uploading) -> None:
        self._upload = event
        if event.files_done >= event.files_total:
            self._upload = None
            self._say(_uploaded(event))

    def _progress(self, event: events.Progress) -> None:
        changed = self._frames is None or self._frames.done + self._frames.failed != event.done + event.failed
        self._frames, self._frames_at = event, time.monotonic()
        if event.running or event.done:
            self._waits = ()
        now = time.monotonic()
        if not self._is_live and changed and (now - self._told_at >= LINE_EVERY_S or not self._told_at):
            self._told_at = now
            self._say(f"rendering  {_counts(event)}")

    def _frames_age_s(self) -> float:
        """How long ago the progress was told that is shown."""
        return time.monotonic() - self._frames_at

    def _waiting(self, event: events.Waits) -> None:
        reasons = tuple(event.reasons)
        if reasons != self._waits and not self._is_live:
            for reason in reasons:
                self._say(f"waiting    {reason}")
        self._waits = reasons

    def picture(self) -> RenderableType:
        """What the live display shows now."""
        from rich.console import Group
        from rich.text import Text

        lines: list[RenderableType] = []
        upload, frames = self._upload, self._frames
        if upload is not None:
            words = f"{size(upload.bytes_read)} of {size(upload.bytes_to_read)}"
            lines.append(_bar("read", upload.bytes_read, upload.bytes_to_read, words))
            lines.append(_bar("sent", upload.bytes_done, upload.bytes_total, _rate(upload)))
        if frames is not None:
            completed = frames.done + frames.failed + sum(each.percent for each in frames.running) / 100
            lines.append(_bar("rendering", completed, frames.total, _counts(frames, self._frames_age_s())))
            lines.extend(
                Text(plain(f"           {_frame_name(running)}  {running.percent:3.0f} %"))
                for running in frames.running[:RUNNING_SHOWN]
            )
            if len(frames.running) > RUNNING_SHOWN:
                lines.append(Text(f"           and {len(frames.running) - RUNNING_SHOWN} more"))
        lines.extend(Text(plain(f"waiting    {reason}"), style="yellow") for reason in self._waits)
        return Group(*lines)


def _bar(label: str, done: float, total: float, words: str) -> RenderableType:
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    row = Table.grid(padding=(0, 1))
    row.add_row(Text(f"{label:10}"), ProgressBar(total=max(total, 1), completed=done, width=30), Text(words))
    return row


def _rate(event: events.Uploading) -> str:
    left = f", {duration(event.seconds_left)} left" if event.seconds_left is not None else ""
    return (
        f"{event.files_done} of {_count(event.files_total, 'file')}, {size(event.bytes_done)} of "
        f"{size(event.bytes_total)}, {size(event.bytes_per_s)}/s{left}"
    )


def _uploaded(event: events.Uploading) -> str:
    sent = event.bytes_total - event.bytes_known
    known = f", {size(event.bytes_known)} were there already" if event.bytes_known else ""
    rate = f" at {size(event.bytes_per_s)}/s" if event.bytes_per_s and sent else ""
    return f"uploaded   {_count(event.files_total, 'file')}, {size(sent)}{rate}{known}"


def _counts(event: events.Progress, age_s: float = 0.0) -> str:
    failed = f", {event.failed} failed" if event.failed else ""
    left = ""
    if event.seconds_left is not None:
        left = f", {duration(max(0.0, event.seconds_left - age_s))} left"
    return f"{event.done} of {counted(event.total, event.unit)}{failed}{left}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _frame_name(frame: events.Running | events.FrameEnded) -> str:
    return " ".join(part for part in (f"frame {unit_words(frame.frame)}", frame.layer, frame.camera) if part)


def _lines(event: events.Event) -> list[str]:
    if isinstance(event, events.Farm):
        return [f"farm       {'of this machine, ' if event.embedded else ''}{event.url}"]
    if isinstance(event, events.Analysed):
        return _analysed(event)
    if isinstance(event, events.Submitted):
        return [f"submitted  task {event.task}"]
    if isinstance(event, events.FrameEnded):
        return _frame_lines(event)
    if isinstance(event, events.Said):
        return [event.text]
    if isinstance(event, events.Finished):
        return _finished(event)
    if isinstance(event, events.Uploaded):
        return _sent(event)
    if isinstance(event, events.Verified):
        return _verified(event)
    return []


def _analysed(event: events.Analysed) -> list[str]:
    missing = f", {len(event.missing)} missing" if event.missing else ""
    lines = [
        f"analysed   {Path(event.scene).name} in {duration(event.seconds)}: "
        f"{_count(event.files, 'file')}, {size(event.size_bytes)}{missing}"
    ]
    lines += [f"  missing  {missing_words(entry)}" for entry in event.missing[:LINES_SHOWN]]
    if len(event.missing) > LINES_SHOWN:
        lines.append(f"  and {len(event.missing) - LINES_SHOWN} more")
    lines += [f"  tip      {tip}" for tip in event.tips[:LINES_SHOWN]]
    return lines


def _frame_lines(event: events.FrameEnded) -> list[str]:
    if event.status == "done":
        return [f"{_frame_name(event)} done, but look at it: {event.flags}"] if event.flags else []
    error = event.error.strip() or "the renderer gave no reason"
    first, *more = error.split("\n")
    return [f"{_frame_name(event)} {event.status}: {first}", *(f"    {line}" for line in more)]


def _finished(event: events.Finished) -> list[str]:
    failed = f", {event.frames_failed} failed" if event.frames_failed else ""
    return [
        f"{event.status:10} {event.frames_done} of {counted(event.frames_total, event.unit)}{failed} "
        f"in {duration(event.seconds)}"
    ]


def _sent(event: events.Uploaded) -> list[str]:
    what = f"documents of task {event.task}" if event.task else "no documents: task.json has no task's number"
    return [f"{event.status:10} {what}, in {duration(event.seconds)}"]


def _verified(event: events.Verified) -> list[str]:
    wrong = [("missing", path) for path in event.missing] + [("differs", path) for path in event.different]
    lines = [f"  {how}  {path}" for how, path in wrong[:LINES_SHOWN]]
    if len(wrong) > LINES_SHOWN:
        lines.append(f"  and {len(wrong) - LINES_SHOWN} more")
    counts = f"{event.right} right, {len(event.missing)} missing, {len(event.different)} different"
    return [*lines, f"{event.status:10} {counts} in {duration(event.seconds)}"]
