"""Operations that move files. All of them are ours: the published farm moves files by another protocol.

An upload is: ask which digests are missing (``missingPieces``), PUT packs of those pieces to the URLs in the
answer, commit the manifest, which travels as pieces itself. Who has no use for pieces sends whole files
instead: ``missingBlobs``, a PUT each, and ``commitFiles`` with ``files``. A download is: list results, GET
each from its URL. Every URL is signed, holds for a limited time, and is relative to the farm (``/blobs/…``)
when it begins with a slash. Resuming is doing the same again.
"""

from __future__ import annotations

import msgspec

from renderbus_model.pieces import Digest, FileEntry
from renderbus_model.wire.operation import Operation, Wire

MOST_DIGESTS_A_QUESTION = 5000
"""A client splits larger sets, so that a question stays a few hundred kilobytes."""


MOST_PIECES_A_QUESTION = 50_000
"""Digests in the compact form: two megabytes of question."""

MOST_PACKS_A_QUESTION = 64


class MissingPiecesQuery(Wire, frozen=True, kw_only=True):
    """Digests of whole files or of pieces, in base64 of 32 bytes each; another account's are missing.

    ``packs`` is for how many packs a URL is wanted.
    """

    digests: str = ""
    packs: int = 0


class MissingPieces(Wire, frozen=True, kw_only=True):
    """A bit for each digest, set where it is missing (base64, lowest bit first), and URLs to PUT packs to.

    The URLs hold until ``expires_at`` (seconds since 1970).
    """

    missing: str
    packs: list[str]
    expires_at: int


class CommittedQuery(Wire, frozen=True, kw_only=True):
    """The digest of a set of files (``Upload.digest_of_set``) of the input storage."""

    digest: str


class Committed(Wire, frozen=True, kw_only=True):
    """Whether all files of the set exist, each in that version: then there is nothing to upload."""

    holds: bool


class BlobToSend(Wire, frozen=True, kw_only=True):
    """Bytes that the client has and the farm may lack."""

    digest: Digest
    size_bytes: int


class MissingBlobsQuery(Wire, frozen=True, kw_only=True):
    """At most ``MOST_DIGESTS_A_QUESTION``. What another account stored counts as missing."""

    blobs: list[BlobToSend]


class PutGrant(Wire, frozen=True, kw_only=True):
    """PUT the bytes of ``digest`` to ``url`` until ``expires_at`` (seconds since 1970)."""

    digest: Digest
    url: str
    expires_at: int


class MissingBlobs(Wire, frozen=True, kw_only=True):
    """What is missing, each with where to put it; what is not listed is stored already."""

    missing: list[PutGrant]


class CommitFiles(Wire, frozen=True, kw_only=True):
    """These files exist from now on, all at once.

    ``storage`` is ``input`` for assets and ``config`` for a task's documents (``/{task id}/cfg/task.json``).
    Besides ``files`` there are those of ``manifest``: the digests, as in ``MissingPiecesQuery``, of the
    pieces that make up an encoded ``Upload``.
    """

    storage: str
    files: list[FileEntry] = msgspec.field(default_factory=list)
    manifest: str | None = None


class OutputQuery(Wire, frozen=True, kw_only=True):
    """Results of a task. ``path`` narrows to one file or folder, e.g. ``18164087_scene/l_ayer2``.

    With ``task_id`` 0 the path alone says whose results: its first part is a task's output folder.
    ``after`` is the last path of the page before; a page holds at most 1000.
    """

    task_id: int = 0
    path: str = ""
    after: str = ""


class OutputFile(Wire, frozen=True, kw_only=True):
    """A rendered file: its path from the output storage's root, ``{task}_{scene}/…``, and where to get it."""

    path: str
    digest: Digest
    size_bytes: int
    url: str


class OutputFiles(Wire, frozen=True, kw_only=True):
    """Sorted by path; ``more`` tells that another page follows."""

    files: list[OutputFile]
    more: bool


MISSING_BLOBS = Operation("/api/render/transfer/missingBlobs", ask=MissingBlobsQuery, reply=MissingBlobs)
MISSING_PIECES = Operation("/api/render/transfer/missingPieces", ask=MissingPiecesQuery, reply=MissingPieces)
COMMITTED = Operation("/api/render/transfer/committed", ask=CommittedQuery, reply=Committed)
COMMIT_FILES = Operation("/api/render/transfer/commitFiles", ask=CommitFiles, reply=type(None))
LIST_OUTPUTS = Operation("/api/render/transfer/listOutputs", ask=OutputQuery, reply=OutputFiles)
