"""Values of questions that the types alone do not hold to sense: ids, pages, times, documents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone

from renderbus_farm.rules.refusals import BadValue, NotFound, named
from renderbus_model.document_values import BadDocument
from renderbus_model.documents import Submission
from renderbus_model.paths import FarmPath
from renderbus_model.pieces import FileEntry, Manifest
from renderbus_model.statuses import TaskStatus
from renderbus_model.task_facts import TaskFacts
from renderbus_model.wire.task import DOCUMENT_NAMES

MOST_IDS = 10_000
"""More tasks or frames than this in one question is a mistake; frames of a whole task need no list."""

MOST_ITEMS_A_PAGE = 5000

MOST_DOCUMENT_BYTES = 64 << 20
"""upload.json of half a million files; anything larger would fill the farm's memory."""

MOST_DOCUMENTS_BYTES = 4 * MOST_DOCUMENT_BYTES
"""Of all documents that are committed at once: they pass through the farm's memory."""

LONGEST_NAME = 200
"""Characters of a name that a user gives: an account, a label, an artist."""

MOST_UNLISTED_INPUTS = 100_000
"""Files that a task may have for its own when no upload.json says which: its manifest is about 20 MB."""

LONGEST_KEYWORD = 1000
MOST_LABELS = 100

_HIGHEST_ID = 2**63 - 1
_DOCUMENT = re.compile(r"/([0-9]{1,18})/cfg/([^/]+)")


def checked_ids(what: str, ids: Iterable[int]) -> list[int]:
    """Ids of existing things could be these: each once, in the order given.

    Raises:
        BadValue: none, or too many.
        NotFound: some are no ids at all, so nothing can have them.
    """
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        raise BadValue(f"no {what} id was given; name at least one")
    if len(wanted) > MOST_IDS:
        raise BadValue(f"{len(wanted)} {what} ids in one question; send at most {MOST_IDS} at a time")
    if impossible := [number for number in wanted if not 0 < number <= _HIGHEST_ID]:
        raise NotFound(what, impossible)
    return wanted


def checked_names(what: str, names: Iterable[str | None]) -> list[str]:
    """Names without the space around them.

    Raises:
        BadValue: too many, or one is too long.
    """
    stripped = [(name or "").strip() for name in names]
    if len(stripped) > MOST_LABELS:
        raise BadValue(f"{len(stripped)} {what}s: expected at most {MOST_LABELS}")
    if long := [name for name in stripped if len(name) > LONGEST_NAME]:
        raise BadValue(f"{what} {long[0][:40]!r}…: has more than {LONGEST_NAME} characters")
    return stripped


def checked_keyword(text: str | None) -> str:
    """What a list is searched for; empty for everything.

    Raises:
        BadValue: too long, for a database too.
    """
    keyword = (text or "").strip()
    if len(keyword) > LONGEST_KEYWORD:
        raise BadValue(f"searchKeyword has {len(keyword)} characters; expected at most {LONGEST_KEYWORD}")
    return keyword


def check_page(number: int, size: int) -> None:
    """A page that can be asked for.

    Raises:
        BadValue: pages count from 1 and hold 1 to ``MOST_ITEMS_A_PAGE`` items.
    """
    if not 1 <= size <= MOST_ITEMS_A_PAGE:
        raise BadValue(f"pageSize {size}: expected 1 to {MOST_ITEMS_A_PAGE}")
    if not 1 <= number <= _HIGHEST_ID // MOST_ITEMS_A_PAGE:
        raise BadValue(f"pageNum {number}: pages count from 1")


def known_statuses(numbers: Iterable[int]) -> list[TaskStatus]:
    """Those of ``numbers`` that are task statuses; no task has one of the others."""
    asked = set(numbers)
    return [status for status in TaskStatus if status in asked]


def seconds_of(text: str | None) -> float | None:
    """``yyyy-MM-dd HH:mm:ss`` UTC as seconds since 1970; None for nothing given.

    >>> seconds_of("1970-01-02 00:00:00")
    86400.0

    Raises:
        BadValue: not of that form.
    """
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=timezone.utc).timestamp()
    except ValueError:
        raise BadValue(f"time {text!r}: expected yyyy-MM-dd HH:mm:ss (UTC)") from None


def document_of(path: FarmPath) -> tuple[int, str]:
    """Task and name of a document from its path in the config storage: ``/{task id}/cfg/{name}``.

    Raises:
        BadValue: not a path of one of the four documents.
    """
    found = _DOCUMENT.fullmatch(path)
    if not found or found[2] not in DOCUMENT_NAMES:
        expected = ", ".join(DOCUMENT_NAMES)
        raise BadValue(f"path {path!r}: the config storage holds /{{task id}}/cfg/ with {expected}")
    return int(found[1]), found[2]


def check_document(name: str, size_bytes: int) -> None:
    """A document that can be kept.

    Raises:
        BadValue: not one of the four, or too large.
    """
    if name not in DOCUMENT_NAMES:
        raise BadValue(f"document {name!r}: expected one of {', '.join(DOCUMENT_NAMES)}")
    if size_bytes > MOST_DOCUMENT_BYTES:
        raise BadValue(f"{name} has {size_bytes} bytes; at most {MOST_DOCUMENT_BYTES} can be kept")


def read_submission(
    task_id: int, documents: Mapping[str, bytes], *, level_folders: bool
) -> tuple[Submission, TaskFacts]:
    """What a task's documents say; ``level_folders`` puts every layer's results into a folder of its own.

    Raises:
        BadValue: one is missing or makes no sense.
    """
    if "task.json" not in documents:
        raise BadValue(f"task {task_id}: task.json was not uploaded; upload it and submit again")
    task_json = documents["task.json"]
    try:
        what = Submission.read(task_json, documents.get("upload.json"), level_folders=level_folders)
        return what, TaskFacts.read(task_json)
    except BadDocument as error:
        raise BadValue(f"task {task_id}: {error}") from error


def check_unlisted(task_id: int, scene: FarmPath, stored: Mapping[FarmPath, FileEntry]) -> None:
    """All of an account's files may be a task's, as nothing says which are.

    Raises:
        BadValue: too many, or the scene is not among them.
    """
    if scene not in stored:
        raise BadValue(f"task {task_id}: the scene {scene} was not uploaded; upload it and submit again")
    if len(stored) > MOST_UNLISTED_INPUTS:
        raise BadValue(
            f"task {task_id}: upload.json was not uploaded, and this account has more than "
            f"{MOST_UNLISTED_INPUTS} files; upload it, so that it says which of them the task needs"
        )


def manifest_of(task_id: int, wanted: Sequence[FarmPath], stored: Mapping[FarmPath, FileEntry]) -> Manifest:
    """The manifest of a task's inputs; from now on later uploads change nothing for it.

    Raises:
        BadValue: some were not uploaded, or one path is both a file and a folder.
    """
    if absent := [path for path in wanted if path not in stored]:
        raise BadValue(
            f"task {task_id}: {len(absent)} of {len(wanted)} files of upload.json were not uploaded: "
            f"{named(absent)}; upload them and submit again"
        )
    for path in wanted:
        parent = path
        while parent := FarmPath(parent.rpartition("/")[0]):
            if parent in stored:
                raise BadValue(f"task {task_id}: {parent} is a file, and a folder that holds {path}")
    return Manifest.of(stored[path] for path in wanted)
