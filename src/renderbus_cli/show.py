"""What a command says: words and a live display for people (stderr), JSON lines for programs (stdout).

Names inside scenes come from strangers: ``plain`` makes control characters visible before a terminal sees
them.
"""

from __future__ import annotations

import _thread
import os
import sys
from collections.abc import Callable, Sequence
from typing import IO, TYPE_CHECKING, Any

import msgspec

from renderbus_cli import events
from renderbus_cli.problems import Problem
from renderbus_model.statuses import TASK_WORDS, FrameStatus, TaskStatus

if TYPE_CHECKING:
    from rich.console import Console

_DIRECTIONS = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029"
)
# Characters that print nothing but turn or break the line around them.


def plain(text: str) -> str:
    r"""``text`` as a terminal may show it: control characters become ``\x1b`` and the like.

    >>> plain("beauty\x1b[31m"), plain("Ansicht für 照明")
    ('beauty\\x1b[31m', 'Ansicht für 照明')
    """
    if text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    code = ord(character)
    hidden = code < 0x20 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000 or character in _DIRECTIONS
    return character.encode("unicode_escape").decode("ascii") if hidden else character


def json_line(value: Any) -> bytes:
    """A value as one line of JSON; what is no Unicode (a stray file name) is shown escaped."""
    try:
        return msgspec.json.encode(value) + b"\n"
    except UnicodeEncodeError:
        return msgspec.json.encode(_without_surrogates(msgspec.to_builtins(value))) + b"\n"


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, list):
        return [_without_surrogates(entry) for entry in value]
    if isinstance(value, dict):
        return {key: _without_surrogates(entry) for key, entry in value.items()}
    return value


def print_line(data: bytes) -> None:
    """Write one line to stdout, whole and at once."""
    stream: IO[bytes] | None = getattr(sys.stdout, "buffer", None)
    if stream is None:  # a stream of text only, as test runners put there
        sys.stdout.write(data.decode())
    else:
        stream.write(data)
    sys.stdout.flush()


UNFOLDED_WIDTH = 10_000

Show = Callable[[events.Event], None]
"""Where a command's events go; called from any thread."""


class Lines:
    """One JSON line an event, on stdout. When nobody reads any more, the program is interrupted."""

    def __init__(self) -> None:
        self._is_read = True

    def __call__(self, event: events.Event) -> None:
        """Print it."""
        if not self._is_read:
            return
        try:
            print_line(json_line(event))
        except BrokenPipeError:
            self._is_read = False
            silence_stdout()
            _thread.interrupt_main()  # as Ctrl-C, from whichever thread this is


def silence_stdout() -> None:
    """Whoever read our lines has gone; Python must not complain of it once more at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


def words() -> Console:
    """Where words for people go: stderr, with colour where a terminal takes it."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=False)


def red(line: str) -> str:
    """The line in red where stdout is a terminal that shows colours."""
    if not sys.stdout.isatty() or "NO_COLOR" in os.environ:
        return line
    return f"\x1b[31m{line}\x1b[0m"


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[str] = ()) -> None:
    """Print a table for people on stdout; ``right`` names columns of numbers."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    made = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*(Text(plain(cell)) for cell in row))
    # Whoever searches lines of a file or pipe wants a row to be one line.
    width = None if sys.stdout.isatty() else UNFOLDED_WIDTH
    Console(highlight=False, markup=False, emoji=False, width=width).print(made)


def task_words(status: int) -> str:
    """A task's status in English; a number that is not known as it is."""
    try:
        return TASK_WORDS[TaskStatus(status)][1].lower()
    except ValueError:
        return str(status)


def frame_words(status: int) -> str:
    """A frame's status in English; a number that is not known as it is."""
    try:
        return FrameStatus(status).name.lower().replace("_", " ")
    except ValueError:
        return str(status)


def duration(seconds: float) -> str:
    """Seconds as people read them.

    >>> duration(4.26), duration(75), duration(3725)
    ('4.3 s', '1:15 min', '1:02:05 h')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}:{rest:02d} min"
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d} h"


def size(count: float) -> str:
    """Bytes as people read them, in powers of 1000.

    >>> size(999), size(45_600_000)
    ('999 B', '45.6 MB')
    """
    if count < 1000:
        return f"{count:.0f} B"
    for unit in ("kB", "MB", "GB"):
        count /= 1000
        if count < 1000:
            return f"{count:.1f} {unit}"
    return f"{count / 1000:.1f} TB"


def missing_words(entry: events.Missing) -> str:
    """A missing file by name, and who names it."""
    inside = f" in {entry.library}" if entry.library else ""
    why = f": {entry.why}" if entry.why else ""
    return f"{entry.path} ({entry.kind or 'file'} of {entry.node}{inside}){why}"


def problem_line(problem: Problem) -> str:
    """The one line (or few, where a list is due) that ends a failed command."""
    return "\n".join(plain(line) for line in f"renderbus: {problem.message}".split("\n"))
