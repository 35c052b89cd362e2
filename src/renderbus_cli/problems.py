"""What can end a command, as an exit status and one line that a stranger understands.

Statuses 0 to 6 speak of the task, 64 and above of the command; the latter follow ``sysexits.h``.
docs/cli.md lists them for users.
"""

from __future__ import annotations

import errno
from enum import IntEnum

import click

from renderbus_model.statuses import TaskStatus
from renderbus_model.wire.codes import Code

_CANNOT_WRITE = frozenset(
    {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.ENOTDIR, errno.EISDIR}
)


class Exit(IntEnum):
    """The exit status of every command."""

    DONE = 0
    TIMED_OUT = 1
    FRAMES_FAILED = 2
    STOPPED = 3
    SUSPENDED = 4
    NO_WORKER = 5
    DIFFERENT = 6
    USAGE = 64
    BAD_SCENE = 65
    NOT_FOUND = 66
    UNAVAILABLE = 69
    OUR_FAULT = 70
    CANNOT_WRITE = 73
    REFUSED = 77


EXIT_HELP = """\b
Exit status:
   0  all frames are done
   1  timed out waiting (the task goes on)
   2  some frames failed
   3  cancelled or stopped
   4  suspended: test frames are done, out of funds, or over the task's time
   5  no worker of the farm can render it
   6  files are missing or are not what was rendered (verify)
  64  wrong usage: no such scene, a frame range, camera or layer that makes no sense
  65  the scene cannot be rendered: damaged, of an unknown kind, or files are missing
  66  the farm has no such task or frame, or the folder holds no farm
  69  the farm cannot be reached or does not start, or its port is in use
  70  our own fault
  73  a folder cannot be written
  77  the farm refused: wrong access key, wrong clock, not allowed"""
"""For ``--help``; the same table as in docs/cli.md."""

_OUTCOMES: dict[int, Exit] = {
    TaskStatus.FINISHED: Exit.DONE,
    TaskStatus.FINISHED_HAS_FAILED: Exit.FRAMES_FAILED,
    TaskStatus.FAILED: Exit.FRAMES_FAILED,
    TaskStatus.STOP: Exit.STOPPED,
    TaskStatus.ABANDON: Exit.STOPPED,
    TaskStatus.FINISHED_TEST: Exit.SUSPENDED,
    TaskStatus.ARREARAGE_STOP: Exit.SUSPENDED,
    TaskStatus.TIME_OUT_STOP: Exit.SUSPENDED,
}


def outcome(task_status: int) -> Exit | None:
    """How a wait for a task of this status ends; None while there is something to wait for."""
    return _OUTCOMES.get(task_status)


class Problem(click.ClickException):
    """A command cannot go on; ``status`` is what the program ends with."""

    def __init__(self, message: str, exit_code: Exit) -> None:
        super().__init__(message)
        self.status = exit_code


_REFUSALS: dict[int, Exit] = {
    Code.RESOURCE_NOT_FOUND: Exit.NOT_FOUND,
    Code.PARAMETER_INVALID: Exit.USAGE,
    Code.PARAMETER_CANT_BE_EMPTY: Exit.USAGE,
    Code.FORBIDDEN: Exit.REFUSED,
    Code.NEED_USER_LOGIN: Exit.REFUSED,
    Code.INSUFFICIENT_PERMISSIONS: Exit.REFUSED,
    Code.SIGNATURE_EXPIRED: Exit.REFUSED,
    Code.SIGNATURE_INVALID: Exit.REFUSED,
}


def problem_of(error: BaseException) -> Problem:
    """Any error in words and with its exit status; what we did not foresee is our own fault."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, click.UsageError):
        return Problem(error.format_message(), Exit.USAGE)
    return (
        _of_the_scene(error)
        or _of_the_sdk(error)
        or _of_a_farm_here(error)
        or _of_this_machine(error)
        or _ours(error)
    )


def _of_the_scene(error: BaseException) -> Problem | None:
    from rayvision_utils.exception.exception import AnalyzeError, CGFileNotExistsError
    from renderbus_scenes.errors import BadScene

    if isinstance(error, CGFileNotExistsError):
        return Problem(str(error), Exit.USAGE)
    if isinstance(error, (AnalyzeError, BadScene)):
        return Problem(str(error), Exit.BAD_SCENE)
    return None


def _of_the_sdk(error: BaseException) -> Problem | None:
    from rayvision_api.exception import FarmNotReachable, RayvisionAPIError, RayvisionError
    from rayvision_sync.exception import DownloadFailed, TransferCancelled, TransferFailed

    if isinstance(error, FarmNotReachable):
        return Problem(error.error, Exit.UNAVAILABLE)
    if isinstance(error, RayvisionAPIError):
        code = _number(error.error_code)
        return Problem(f"the farm refused ({code}): {error.error}", _REFUSALS.get(code, Exit.OUR_FAULT))
    if isinstance(error, TransferCancelled):
        return Problem("cancelled", Exit.STOPPED)
    if isinstance(error, (TransferFailed, DownloadFailed)):
        return Problem(error.error, Exit.CANNOT_WRITE if _is_our_disk(error) else Exit.UNAVAILABLE)
    if isinstance(error, RayvisionError):
        return Problem(error.error, Exit.BAD_SCENE)
    return None


def _number(code: int | str) -> int:
    try:
        return int(code)
    except ValueError:
        return 0


def _is_our_disk(error: BaseException) -> bool:
    """Whether a transfer failed since this machine could not write what arrived."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in _CANNOT_WRITE:
            return True
        cause = cause.__cause__
    return False


def _of_a_farm_here(error: BaseException) -> Problem | None:
    from renderbus_farm.errors import BadSetting, DataFolderUnusable, FarmError
    from renderbus_farm.rules.refusals import Refusal

    if isinstance(error, DataFolderUnusable):
        return Problem(str(error), Exit.CANNOT_WRITE)
    if isinstance(error, FarmError):
        return Problem(str(error), Exit.USAGE if isinstance(error, BadSetting) else Exit.UNAVAILABLE)
    if isinstance(error, Refusal):
        return Problem(error.message, _REFUSALS.get(error.code, Exit.USAGE))
    return None


def _of_this_machine(error: BaseException) -> Problem | None:
    if isinstance(error, OSError) and error.filename and error.errno in _CANNOT_WRITE:
        return Problem(f"{error.filename}: {error.strerror}", Exit.CANNOT_WRITE)
    return None


def _ours(error: BaseException) -> Problem:
    told = f"{type(error).__name__}: {error}".strip(": ").split("\n")[0]
    return Problem(
        f"internal error: {told} (this is a fault of renderbus; set RENDERBUS_DEBUG=1 to see where)",
        Exit.OUR_FAULT,
    )
