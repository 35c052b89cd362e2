"""The errors of transfer. Each is a ``RayvisionError``, as published callers expect.

No text holds a URL: those of the byte routes are signed, and who reads one may use it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rayvision_api.exception import PYTHON_ERROR, RayvisionError

__all__ = [
    "BadDbConfig",
    "BadSpeed",
    "BadUploadList",
    "DownloadFailed",
    "EndlessTask",
    "FileChanged",
    "MissingFiles",
    "RayvisionError",
    "RefusedPath",
    "TasksFailed",
    "TransferCancelled",
    "TransferError",
    "TransferFailed",
    "UnreadableFile",
    "UnsupportedDatabaseError",
    "UnsupportedEngineType",
    "UnusableFolder",
    "UploadsFailed",
    "named",
]

WRONG_TYPE = 1000003
FILE_NOT_FOUND = 1000004
NOT_UPLOADABLE = 200025
"""Published codes: a value of a wrong type, a document that is not there, files that cannot be uploaded."""

MOST_NAMED = 10
"""How many files a text names before it only counts the others."""


def named(things: Iterable[object]) -> str:
    """The first few of ``things``, and how many more there are."""
    texts = [str(thing) for thing in things]
    shown = ", ".join(texts[:MOST_NAMED])
    return shown if len(texts) <= MOST_NAMED else f"{shown} and {len(texts) - MOST_NAMED} more"


class TransferError(RayvisionError):
    """Files could not be moved."""

    def __init__(self, error: str, error_code: int = PYTHON_ERROR) -> None:
        super().__init__(error_code, error)


class MissingFiles(TransferError):
    """Files to upload are not there; ``paths`` are all of them."""

    def __init__(self, paths: Iterable[str]) -> None:
        self.paths = tuple(paths)
        super().__init__(
            f"{len(self.paths)} file(s) to upload do not exist: {named(self.paths)}; nothing was sent. "
            "Put them there, or take them out of the list",
            NOT_UPLOADABLE,
        )


class UnreadableFile(TransferError):
    """A file to upload is there but cannot be read."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path}: cannot be uploaded: {why}", NOT_UPLOADABLE)
        self.path = path
        self.why = why


class FileChanged(TransferError):
    """A file became another while it was uploaded, so nothing of this upload exists on the farm."""

    def __init__(self, path: str, how: str) -> None:
        super().__init__(
            f"{path}: changed while it was uploaded ({how}); nothing was committed. "
            "Wait until it is written, then upload again",
            NOT_UPLOADABLE,
        )
        self.path = path
        self.how = how


class RefusedPath(TransferError):
    """A path leads where it must not; ``path`` is how it was given."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"path {path!r}: {why}")
        self.path = path
        self.why = why


class UnusableFolder(TransferError):
    """A folder for results cannot be made; ``path`` is it."""

    def __init__(self, path: object, why: str) -> None:
        super().__init__(f"folder {path}: cannot be made: {why}; choose another one to download to")
        self.path = str(path)
        self.why = why


class BadUploadList(TransferError):
    """upload.json, or another list of files, cannot be used."""

    def __init__(self, path: str, why: str, error_code: int = WRONG_TYPE) -> None:
        super().__init__(f"{path}: {why}", error_code)
        self.path = path
        self.why = why


class BadDbConfig(TransferError):
    """A value in db_config.ini, or in a transmitter's ini, makes no sense."""

    def __init__(self, path: object, section: str, key: str, why: str) -> None:
        where = f" [{section}] {key}:" if key else ""
        super().__init__(f"{path}:{where} {why}", WRONG_TYPE)
        self.path = str(path)
        self.section, self.key, self.why = section, key, why


class BadSpeed(TransferError):
    """``max_speed`` is no speed."""

    def __init__(self, speed: object) -> None:
        super().__init__(
            f"max_speed {speed!r}: expected a number of KB/s above 0, e.g. '1048576'", WRONG_TYPE
        )
        self.speed = speed


class TransferFailed(TransferError):
    """One file could not be moved, however often it was tried; ``name`` says which."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")
        self.name = name
        self.why = why


class DownloadFailed(TransferError):
    """Files could not be fetched; ``failures`` tells why, by path. All others are in place."""

    def __init__(self, failures: Mapping[str, str]) -> None:
        self.failures = dict(failures)
        words = "; ".join(f"{path}: {why}" for path, why in list(self.failures.items())[:MOST_NAMED])
        more = len(self.failures) - MOST_NAMED
        super().__init__(
            f"{len(self.failures)} file(s) could not be downloaded: {words}"
            + (f" and {more} more" if more > 0 else "")
            + ". Download again to fetch only these"
        )


class UploadsFailed(TransferError):
    """Of several uploads some failed; ``failures`` has list and error of each. The others are done."""

    def __init__(self, failures: Iterable[tuple[str, Exception]]) -> None:
        self.failures = tuple(failures)
        words = "; ".join(f"{path}: {error}" for path, error in self.failures[:MOST_NAMED])
        more = len(self.failures) - MOST_NAMED
        super().__init__(
            f"{len(self.failures)} upload(s) failed: {words}" + (f" and {more} more" if more > 0 else "")
        )


class EndlessTask(TransferError):
    """A task has nothing in it that renders, so a wait for its end would never be over."""

    def __init__(self, task_id: int) -> None:
        super().__init__(f"task {task_id}: the farm knows of nothing to render in it, so it would never end")
        self.task_id = task_id


class TasksFailed(TransferError):
    """Several tasks could not be downloaded; ``failures`` has the error of each, by task. Others are here."""

    def __init__(self, failures: Mapping[int, Exception]) -> None:
        self.failures = dict(failures)
        words = "; ".join(f"task {task_id}: {error}" for task_id, error in self.failures.items())
        super().__init__(f"{len(self.failures)} tasks could not be downloaded: {words}")


class TransferCancelled(TransferError):
    """The caller set ``cancel``: everything in flight was given up, nothing is half-written."""

    def __init__(self) -> None:
        super().__init__("the transfer was cancelled")


class UnsupportedDatabaseError(Exception):
    """``type`` in db_config.ini names a database that the upload record cannot be kept in."""


class UnsupportedEngineType(Exception):
    """A transfer engine of this name was never published."""
