"""One result's way here: into ``name.part`` beside its target, checked by digest, then renamed."""

from __future__ import annotations

import errno
import os
import re
import stat
import threading
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from rayvision_sync.bulk import Answer, Bulk, LineLost
from rayvision_sync.exception import RefusedPath, TransferCancelled, TransferFailed
from rayvision_sync.landing import BLOCK_BYTES, Landing
from rayvision_sync.progress import Share
from rayvision_sync.run import Run
from rayvision_sync.sending import GRANT_OVER, worth_another_try
from renderbus_model.pieces import READ_BYTES, Hashing
from renderbus_model.wire.transfer import OutputFile

if TYPE_CHECKING:
    from rayvision_api.core import RayvisionAPI

if os.name == "posix":
    import fcntl

LARGE_BYTES = 64 << 20
"""From here on a result is written while the next bytes come, past the page cache. Smaller ones are likely
looked at soon, and should be in it."""

MOST_WRONG = 3
"""Times that a file may come with wrong bytes: more often, and it is the farm's copy that is damaged."""

_WRONG_BYTES = -1  # where a status of HTTP stands otherwise

_HAS_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})
"""What some network file systems answer to who wants a lock."""

_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(?:\d+|\*)")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A result to fetch: what, and where it goes; ``part`` is where it grows."""

    output: OutputFile
    target: Path
    part: Path


class InUse(Exception):
    """Another process fetches the same file at this moment."""


class Part:
    """The bytes of a result so far.

    It is locked while it is open, so that two downloads into one folder do not write into one another.

    Raises:
        InUse: another process has it.
        RefusedPath: a link or no regular file has its name.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle = self._open()
        self._target: Path | None = None
        self.hashing = Hashing()

    def __enter__(self) -> Part:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        given_up = isinstance(error, (OSError, TransferCancelled)) or not self.hashing.size_bytes
        try:
            if os.name == "posix":  # while it is locked: afterwards it may be another download's
                self._end(given_up)
        finally:
            os.close(self._handle)
        if os.name != "posix":  # Windows renames and removes no open file
            self._end(given_up)

    def resume(self, most_bytes: int) -> int:
        """Take over what an earlier try left, if it can be a beginning; its number of bytes."""
        here = os.fstat(self._handle).st_size
        if here > most_bytes:
            self.restart()
        elif most_bytes - here >= LARGE_BYTES:
            os.ftruncate(self._handle, here // BLOCK_BYTES * BLOCK_BYTES)  # what comes is written in blocks
        self.hashing = Hashing()
        os.lseek(self._handle, 0, os.SEEK_SET)
        while content := os.read(self._handle, READ_BYTES):
            self.hashing.update(content)
        return self.hashing.size_bytes

    def restart(self) -> None:
        """Begin with nothing."""
        os.ftruncate(self._handle, 0)
        os.lseek(self._handle, 0, os.SEEK_SET)
        self.hashing = Hashing()

    def landing(self, left_bytes: int) -> AbstractContextManager[Landing | Straight]:
        """What takes the bytes that are still to come, behind those that are here."""
        if left_bytes < LARGE_BYTES:
            return nullcontext(Straight(self._handle, min(left_bytes + 1, READ_BYTES)))
        return Landing(self._handle, self.hashing.size_bytes)

    def become(self, target: Path) -> None:
        """All bytes are here and right: at the end of the ``with`` this is ``target``."""
        self._target = target

    def _end(self, given_up: bool) -> None:
        if self._target is not None:
            try:
                self.path.replace(self._target)
            except OSError:
                remove(self.path)
                raise
        elif given_up:
            remove(self.path)

    def _open(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        if self.path.is_symlink():
            raise RefusedPath(str(self.path), "is a link; a download never writes through one. Remove it")
        handle = os.open(self.path, flags, 0o666)
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise RefusedPath(str(self.path), "is no regular file; remove it")
            self._lock(handle)
        except BaseException:
            os.close(handle)
            raise
        return handle

    def _lock(self, handle: int) -> None:
        if os.name != "posix":
            return  # Windows does not rename an open file: two downloads cannot mix there
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            here = self.path.stat(follow_symlinks=False)
        except (BlockingIOError, FileNotFoundError):
            raise InUse from None
        except OSError as error:
            if error.errno not in _HAS_NO_LOCKS:
                raise
            return  # two downloads of one file at once are not kept apart there
        if not os.path.samestat(os.fstat(handle), here):
            raise InUse  # renamed by its owner between our opening and our locking


class Straight:
    """Writes a small result as it comes; the system keeps it in memory for whoever looks at it next."""

    def __init__(self, handle: int, room_bytes: int) -> None:
        self._handle = handle
        self._room = bytearray(room_bytes)

    def room(self) -> memoryview:
        """Where the next bytes may be put."""
        return memoryview(self._room)

    def came(self, size_bytes: int) -> None:
        """So many were put there."""
        with memoryview(self._room)[:size_bytes] as content:
            done = 0
            while done < size_bytes:  # a full disk may take some of them
                done += os.write(self._handle, content[done:])


class Fetcher:
    """Fetches results, each until it is in place or nothing more can be done."""

    def __init__(self, api: RayvisionAPI, bulk: Bulk, run: Run) -> None:
        self._api = api
        self._bulk = bulk
        self._run = run
        self._open: set[Path] = set()

    def fetch(self, wanted: Wanted) -> None:
        """Put one result in place; its target is whole or as it was before.

        What broke off stays as ``name.part`` for the next time; what was cancelled or does not fit on the
        disk goes.

        Raises:
            TransferFailed: refused, or tried too often.
            RefusedPath: a link has the name of the part.
        """
        output, url, why = wanted.output, wanted.output.url, ""
        tried = wrong = 0
        for tried in self._run.options.patience.tries(self._run.crew.stop):  # noqa: B007 - told below
            url = url or self._renewed(output)
            try:
                status, why = self._try(wanted, url)
            except InUse:  # by another download to this folder: grow elsewhere, whoever is last renames
                own = f"{output.digest[:32]}-{os.getpid()}-{threading.get_ident()}.part"
                wanted = replace(wanted, part=wanted.part.with_name(own))
                continue
            except OSError as error:
                raise TransferFailed(output.path, f"{wanted.target}: {error.strerror or error}") from error
            if status == HTTPStatus.OK:
                return
            if status in GRANT_OVER or status == HTTPStatus.NOT_FOUND:
                url = ""
            elif status == _WRONG_BYTES:
                wrong += 1
                if wrong == MOST_WRONG:  # each time the whole file came
                    break
            elif not worth_another_try(status):
                raise TransferFailed(output.path, why)
        raise TransferFailed(output.path, f"tried {tried} times, last: {why}")

    def leave(self) -> None:
        """Remove what threads that were left behind in the network still hold open."""
        for path in list(self._open):
            remove(path)

    def _try(self, wanted: Wanted, url: str) -> tuple[int, str]:
        """One try: 200 when the file is in place, else the answer's status (0 for none) and the reason."""
        share = self._run.meter.share()
        status, why = 0, ""
        self._open.add(wanted.part)
        try:
            with Part(wanted.part) as part:
                status, why = self._complete(part, wanted.output, url, share)
                if status == HTTPStatus.OK:
                    part.become(wanted.target)
        except LineLost as error:
            why = error.reason
        finally:
            self._open.discard(wanted.part)
            if status != HTTPStatus.OK:
                share.take_back()
        return status, why

    def _complete(self, part: Part, output: OutputFile, url: str, share: Share) -> tuple[int, str]:
        start = part.resume(output.size_bytes)
        share.resumed(start)
        if start < output.size_bytes:
            with self._bulk.get(url, start) as answer:
                if answer.status not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
                    if answer.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                        part.restart()
                        return 0, "the farm has fewer bytes than were here already"
                    return answer.status, f"the farm answered {answer.status}: {answer.message()}"
                if start and not _goes_on(answer, start):
                    part.restart()
                    share.take_back()
                self._receive(part, output, answer, share)
        if part.hashing.size_bytes < output.size_bytes:
            return 0, f"{part.hashing.size_bytes} of {output.size_bytes} bytes came"
        if part.hashing.digest != output.digest:
            part.restart()
            return _WRONG_BYTES, "what came is not what was rendered (wrong digest); restart its frame"
        return HTTPStatus.OK, ""

    def _receive(self, part: Part, output: OutputFile, answer: Answer, share: Share) -> None:
        most = self._run.throttle.part_bytes(READ_BYTES)
        too_many = False
        with part.landing(output.size_bytes - part.hashing.size_bytes) as landing:
            while True:
                with landing.room() as room, room[:most] as view:
                    size = answer.read_into(view)
                    self._run.throttle.take(size)
                    self._run.crew.check()
                    too_many = part.hashing.size_bytes + size > output.size_bytes
                    if not size or too_many:
                        break
                    part.hashing.update(view[:size])
                landing.came(size)
                share.moved(size)
        if too_many:
            part.restart()
            raise LineLost(f"more than its {output.size_bytes} bytes came")

    def _renewed(self, output: OutputFile) -> str:
        for found in self._api.transmit.list_outputs(path=output.path):
            if found.path == output.path and found.digest == output.digest:
                return found.url
        raise TransferFailed(output.path, "the farm has it no more, or rendered it anew; download again")


def _goes_on(answer: Answer, start: int) -> bool:
    """Whether the answer begins where we stopped; a store without ranges sends everything again."""
    found = _CONTENT_RANGE.match(answer.headers.get("Content-Range", ""))
    return answer.status == HTTPStatus.PARTIAL_CONTENT and found is not None and int(found[1]) == start


def remove(path: Path) -> None:
    """Take away what is there, if anything."""
    with suppress(OSError):
        path.unlink()
