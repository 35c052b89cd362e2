"""Which blobs are missing, where to put them, what files exist, and a task's results.

Bytes are shared between accounts on the disk and nowhere else: what another account stored counts as missing,
so nobody learns what others have, and nobody gets bytes by naming their digest.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from renderbus_farm.blobs.blobs import Blobs
from renderbus_farm.pieces import KEPT_BEFORE_COMMIT_S, URL_HOLDS_S, Pieces, check_sizes
from renderbus_farm.rules.checks import (
    MOST_DOCUMENTS_BYTES,
    check_document,
    checked_ids,
    document_of,
)
from renderbus_farm.rules.items import TaskRecord
from renderbus_farm.rules.people import User
from renderbus_farm.rules.refusals import BadValue, DownloadsDisabled, NotFound, ResultsRemoved, named
from renderbus_farm.rules.results import parts_of, task_of_folder
from renderbus_farm.rules.work import Output
from renderbus_farm.store import accounts, leftovers, task_lists, transfers, whole_files
from renderbus_farm.store.database import Database
from renderbus_farm.store.pieces import sizes
from renderbus_model.pieces import BadDigest, Digest, FileEntry, UploadedFile, checked_digest
from renderbus_model.wire.transfer import (
    MOST_DIGESTS_A_QUESTION,
    BlobToSend,
    CommitFiles,
    MissingBlobs,
    MissingBlobsQuery,
    OutputFile,
    OutputFiles,
    OutputQuery,
    PutGrant,
)

OUTPUTS_A_PAGE = 1000


class Transfers:
    """Files on their way in and out. ``clock`` gives seconds since 1970."""

    def __init__(
        self, database: Database, blobs: Blobs, pieces: Pieces, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._blobs = blobs
        self.pieces = pieces
        self._clock = clock

    def missing_blobs(self, ask: MissingBlobsQuery, *, by: User) -> MissingBlobs:
        """Those of the asked blobs that the caller has not stored, each with where to put it.

        Raises:
            BadValue: too many in one question, a text that is no digest, or a negative size.
        """
        wanted = _checked_blobs(ask.blobs)
        with self._database.reading() as db:
            owned = set(transfers.owned(db, by.id, wanted))
            short = whole_files.needed_before(db, by.id, owned, self._clock() + URL_HOLDS_S)
        if short:
            with self._database.writing() as db:
                whole_files.need(db, by.id, short, self._clock() + KEPT_BEFORE_COMMIT_S)
                owned = set(transfers.owned(db, by.id, wanted))
        stored = self._blobs.have(owned)
        until = int(self._clock()) + URL_HOLDS_S
        return MissingBlobs(
            missing=[
                PutGrant(digest=digest, url=self._blobs.put_url(digest, size, by.id, until), expires_at=until)
                for digest, size in wanted.items()
                if digest not in stored
            ]
        )

    def blob_arrived(self, account_id: int, digest: Digest, size_bytes: int) -> None:
        """The account sent these bytes, and they are stored under their digest."""
        with self._database.writing() as db:
            transfers.own(db, account_id, digest, size_bytes)
            whole_files.need(db, account_id, [digest], self._clock() + KEPT_BEFORE_COMMIT_S)

    def commit_files(self, ask: CommitFiles, *, by: User) -> None:
        """These files exist from now on: all of them, or none when one is refused.

        Raises:
            BadValue: the caller has not stored a file's bytes, or a path or size does not fit the storage.
            NotFound: a document of a task that is not the caller's.
        """
        if ask.storage not in ("config", "input"):
            raise BadValue(f"storage {ask.storage!r}: expected input or config")
        files = [UploadedFile(entry.path, entry.digest, entry.size_bytes) for entry in ask.files]
        if ask.manifest:
            files += self.pieces.read_upload(ask.manifest, by=by).files
        entries = [FileEntry(file.path, file.digest, file.size_bytes) for file in files]
        if ask.storage == "config":
            self._commit_documents(entries, by)
            return
        with self._database.writing() as db:
            self.pieces.take(db, files, by=by)
            replaced = transfers.put_inputs(db, by.id, entries)
            self.pieces.note_committed(db, files, replaced=replaced, by=by)

    def _commit_documents(self, files: Sequence[FileEntry], by: User) -> None:
        places = [document_of(entry.path) for entry in files]
        for (_, name), entry in zip(places, files, strict=True):
            check_document(name, entry.size_bytes)
        if (size_bytes := sum(entry.size_bytes for entry in files)) > MOST_DOCUMENTS_BYTES:
            raise BadValue(
                f"documents of {size_bytes} bytes; commit at most {MOST_DOCUMENTS_BYTES} at a time"
            )
        with self._database.reading() as db:
            digests = [entry.digest for entry in files]
            stored = {**transfers.owned(db, by.id, digests), **sizes(db, by.id, digests)}
            check_sizes(files, stored)
            contents = [self.pieces.content(db, entry, by=by) for entry in files]
        with self._database.writing() as db:
            if places:
                ids = checked_ids("task", (task_id for task_id, _ in places))
                own = {task.id for task in task_lists.records(db, by.id, ids)}
                if foreign := [task_id for task_id in ids if task_id not in own]:
                    raise NotFound("task", foreign)
            for (task_id, name), content in zip(places, contents, strict=True):
                transfers.put_document(db, task_id, name, content)

    def list_outputs(self, ask: OutputQuery, *, by: User) -> OutputFiles:
        """A page of a task's results, by path.

        Raises:
            NotFound: no such task of the caller's.
            ResultsRemoved: they were there, and their time is over.
            BadValue: neither task nor path, or a path that no result can have.
            DownloadsDisabled: the account has forbidden itself to fetch results.
        """
        parts = parts_of(ask.path)
        with self._database.reading() as db:
            if accounts.settings(db, by.id).download_disable:
                raise DownloadsDisabled
        leaves = self._leaves_of(self._task_of(ask.task_id, parts, by), parts)
        after = ask.after.removeprefix("/")
        found: list[tuple[str, Output]] = []
        with self._database.reading() as db:
            for folder, leaf in leaves:
                limit = OUTPUTS_A_PAGE + 1 - len(found)
                if limit <= 0 or after.partition("/")[0] > folder:
                    continue
                below = transfers.outputs(
                    db,
                    leaf.id,
                    below="/".join(parts[1:]),
                    after=after.removeprefix(f"{folder}/") if after.startswith(f"{folder}/") else "",
                    limit=limit,
                )
                found += [(f"{folder}/{made.path}", made) for made in below]
            gone = [] if found or after else [leaf for _, leaf in leaves]
            removed = [(leaf.id, leftovers.results_removed_at(db, leaf.id)) for leaf in gone]
        for task_id, removed_at in removed:
            if removed_at is not None:
                raise ResultsRemoved(task_id, removed_at)
        until = int(self._clock()) + URL_HOLDS_S
        return OutputFiles(
            files=[
                OutputFile(
                    path=path,
                    digest=made.digest,
                    size_bytes=made.size_bytes,
                    url=self._blobs.get_url(made.digest, path.rpartition("/")[2], until),
                )
                for path, made in found[:OUTPUTS_A_PAGE]
            ],
            more=len(found) > OUTPUTS_A_PAGE,
        )

    def _leaves_of(self, task: TaskRecord, parts: Sequence[str]) -> list[tuple[str, TaskRecord]]:
        """The task, or the parts of a shell, with the folder of its results; by folder."""
        with self._database.reading() as db:
            every = task_lists.parts(db, [task]).get(task.id, [task])
        named = sorted((leaf.folder, leaf) for leaf in every if leaf.folder is not None)
        return [(folder, leaf) for folder, leaf in named if not parts or parts[0] == folder]

    def _task_of(self, task_id: int, parts: Sequence[str], by: User) -> TaskRecord:
        if not task_id:
            if not parts:
                raise BadValue("neither a task nor a path was given; name one of them")
            task_id = task_of_folder(parts[0])
        with self._database.reading() as db:
            records = task_lists.records(db, by.id, checked_ids("task", [task_id]))
        if not records:
            raise NotFound("task", [task_id])
        return records[0]


def _checked_blobs(asked: Sequence[BlobToSend]) -> dict[Digest, int]:
    if len(asked) > MOST_DIGESTS_A_QUESTION:
        raise BadValue(
            f"{len(asked)} blobs in one question; send at most {MOST_DIGESTS_A_QUESTION} at a time"
        )
    try:
        wanted = {checked_digest(blob.digest): blob.size_bytes for blob in asked}
    except BadDigest as error:
        raise BadValue(str(error)) from error
    if wrong := [digest for digest, size in wanted.items() if size < 0]:
        raise BadValue(f"blob {named(wrong)}: its size is negative")
    return wanted
