"""The transmitter's program: an order in, lines on standard output, an exit status of the published set.

Published clients run an upload again and again while the status is another than 0 to 11: so nothing may end
this program with any other, neither an error nor a signal.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import ssl
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, NoReturn

from rayvision_sync.transmitter.arguments import HELP, BadArguments, Order, parse
from rayvision_sync.transmitter.log import TransferLog

if TYPE_CHECKING:
    from rayvision_sync.progress import TransferProgress

TOLD_EVERY_S = 5.0


class Status(IntEnum):
    """How a run ended, in the published numbers."""

    DONE = 0
    WRONG = 9
    TRY_AGAIN = 10
    NOT_UPLOADABLE = 11


def main(words: Sequence[str]) -> NoReturn:
    """Do what the arguments say, and end the process."""
    log = TransferLog.found(os.environ)
    lines = Lines(log)
    cancel = threading.Event()
    _listen(cancel)
    try:
        status = run(words, os.environ, lines, cancel)
    except BaseException as error:  # whatever it is: no client may see a status that it does not know
        lines.say(f"failed: {type(error).__name__}: {error}")
        status = Status.WRONG
    log.write(f"ended with status {int(status)}")
    lines.end()
    os._exit(status)  # threads that hang in the network do not hold the program up


def _listen(cancel: threading.Event) -> None:
    """Every signal that asks for an end sets ``cancel``, also one that came while the program started."""
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    for number in numbers:
        signal.signal(number, lambda *_: cancel.set())
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)


def run(words: Sequence[str], environ: Mapping[str, str], lines: Lines, cancel: threading.Event) -> Status:
    """Do what the arguments say; every error becomes a line and a status."""
    if list(words) in (["-h"], ["--help"]):
        lines.say(HELP)
        return Status.DONE
    if list(words) in (["-v"], ["--version"]):
        from importlib.metadata import version

        lines.say(f"rayvision_transmitter of renderbus {version('renderbus')}")
        return Status.DONE
    try:
        order = parse(words)
        lines.note(f"{order.kind} {order.local} {order.remote}")
        _move(order, environ, lines, cancel)
    except BadArguments as error:
        lines.say(f"wrong arguments: {error}")
        return Status.WRONG
    except Exception as error:
        _tell_failure(error, lines)
        return status_of(error)
    return Status.DONE


def _move(order: Order, environ: Mapping[str, str], lines: Lines, cancel: threading.Event) -> None:
    from rayvision_sync.transmitter.farm import log_in
    from rayvision_sync.transmitter.moving import Telling, carry_out

    with log_in(order, environ, cancel) as api:
        carry_out(api, order, Telling(lines.say, lines.progress, cancel))


def status_of(error: BaseException) -> Status:
    """What a client shall make of an error: try again only where that can help."""
    from rayvision_api.exception import FarmNotReachable, RayvisionAPIError, RayvisionError
    from rayvision_sync import exception as failed

    if isinstance(error, (failed.MissingFiles, failed.UnreadableFile, failed.RefusedPath)):
        return Status.NOT_UPLOADABLE
    passing = (failed.TransferFailed, failed.DownloadFailed, failed.FileChanged, failed.TransferCancelled)
    if isinstance(error, passing):
        return Status.TRY_AGAIN
    if isinstance(error, FarmNotReachable):
        # A name that is not known, or a certificate that is not trusted, is the same the next time.
        return Status.WRONG if _caused_by(error, (socket.gaierror, ssl.SSLError)) else Status.TRY_AGAIN
    if isinstance(error, RayvisionAPIError):
        return Status.WRONG
    if isinstance(error, RayvisionError):
        from rayvision_api.network import PASSING_STATUSES

        return Status.TRY_AGAIN if getattr(error, "status", 0) in PASSING_STATUSES else Status.WRONG
    return Status.TRY_AGAIN if isinstance(error, OSError) else Status.WRONG


def _caused_by(error: BaseException, kinds: tuple[type[BaseException], ...]) -> bool:
    seen: list[BaseException] = [error]
    for one in seen:
        inner = [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
        seen.extend(found for found in inner if isinstance(found, BaseException) and found not in seen)
    return any(isinstance(one, kinds) for one in seen)


def _tell_failure(error: Exception, lines: Lines) -> None:
    """Say which files failed, in the words that clients collect, and why."""
    from rayvision_sync.exception import MissingFiles

    if isinstance(error, MissingFiles):
        for path in error.paths:
            lines.say(f"upload file fail: {path}: it does not exist")
        return
    path = getattr(error, "path", "") or getattr(error, "name", "")
    lines.say(f"upload file fail: {path}: {error}" if path else f"failed: {error}")


class Lines:
    """Lines on standard output; a client that reads no more does not stop a transfer.

    Args:
        log: where they are written too.
    """

    def __init__(self, log: TransferLog | None = None) -> None:
        self._told_at = time.monotonic()
        self._log = log
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")

    def say(self, line: str) -> None:
        """One line."""
        if self._log is not None:
            self._log.write(line)
        with contextlib.suppress(OSError, ValueError):
            print(line, flush=True)

    def note(self, line: str) -> None:
        """One line for the log alone."""
        if self._log is not None:
            self._log.write(line)

    def progress(self, now: TransferProgress) -> None:
        """Where the transfer stands, now and then."""
        if time.monotonic() - self._told_at >= TOLD_EVERY_S:
            self._told_at = time.monotonic()
            self.say(
                f"{now.files_done} of {now.files_total} files, {now.bytes_done} of {now.bytes_total} bytes, "
                f"{now.bytes_per_s:.0f} bytes/s"
            )

    def end(self) -> None:
        """Nothing more comes."""
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
