"""Which pieces are missing, packs that arrive, and uploads made of pieces.

Packs are one account's alone: what another account stored is neither told nor used again.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from renderbus_farm.blobs.blobs import BlobMissing, Blobs
from renderbus_farm.blobs.contents import Contents, Damaged
from renderbus_farm.blobs.packs import PackMissing, Packs
from renderbus_farm.rules.people import User
from renderbus_farm.rules.refusals import BadValue, named
from renderbus_farm.store import pieces, thinning, transfers, whole_files
from renderbus_farm.store.database import Connection, Database
from renderbus_model.paths import FarmPath
from renderbus_model.pieces import (
    BadDigest,
    BadPieces,
    Digest,
    FileEntry,
    Piece,
    Upload,
    UploadedFile,
    WrongDigest,
    checked_digest,
    digest_of,
    read_listed,
)
from renderbus_model.pieces.packs import PackedPiece
from renderbus_model.pieces.questions import packed_bits, read_digests
from renderbus_model.wire.transfer import (
    MOST_PACKS_A_QUESTION,
    MOST_PIECES_A_QUESTION,
    Committed,
    CommittedQuery,
    MissingPieces,
    MissingPiecesQuery,
)

URL_HOLDS_S = 12 * 3600
"""How long a signed URL holds: a night's transfer on a slow line."""

KEPT_BEFORE_COMMIT_S = 2 * URL_HOLDS_S
"""How long pieces stay that an upload has sent, or was told of, and has not committed yet."""

HOLDS_UNASKED_S = 24 * 3600
"""A set of files that was committed this recently needs no look at its packs, where they are kept for at
least twice as long; else half of that time."""

MOST_UPLOAD_BYTES = 256 << 20
"""Of an upload's own list: a million files. It passes through the farm's memory."""


_NOWHERE = FarmPath("/manifest")  # what an upload's own list is called in errors


class Pieces:
    """Pieces by their owner. ``clock`` gives seconds since 1970.

    Args:
        kept_s: how long files stay that no task needs, after they were last committed.
    """

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        packs: Packs,
        *,
        kept_s: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._packs = packs
        self._kept_s = kept_s
        self._clock = clock

    def missing(self, ask: MissingPiecesQuery, *, by: User) -> MissingPieces:
        """Which of these digests the caller has stored neither as a piece nor as a file.

        Raises:
            BadValue: too many in one question, or no digests.
        """
        digests = _read(ask.digests)
        if len(digests) > MOST_PIECES_A_QUESTION:
            raise BadValue(
                f"{len(digests)} digests in one question; send at most {MOST_PIECES_A_QUESTION} at a time"
            )
        if not 0 <= ask.packs <= MOST_PACKS_A_QUESTION:
            raise BadValue(f"packs {ask.packs}: expected 0 to {MOST_PACKS_A_QUESTION}")
        now = self._clock()
        with self._database.reading() as db:
            stored = self._stored(db, by, digests)
            # The clean-up must not take away what an upload now counts on.
            short_lived = pieces.needed_before(db, by.id, now + URL_HOLDS_S)
            short_whole = whole_files.needed_before(db, by.id, stored, now + URL_HOLDS_S)
        if (short_lived and stored) or short_whole:
            with self._database.writing() as db:
                pieces.need(db, short_lived, now + KEPT_BEFORE_COMMIT_S)
                whole_files.need(db, by.id, short_whole, now + KEPT_BEFORE_COMMIT_S)
                stored = self._stored(db, by, digests)
        until = int(now) + URL_HOLDS_S
        urls = [self._packs.put_url(secrets.token_hex(16), by.id, until) for _ in range(ask.packs)]
        return MissingPieces(
            missing=packed_bits([digest not in stored for digest in digests]), packs=urls, expires_at=until
        )

    def _stored(self, db: Connection, by: User, digests: Sequence[Digest]) -> set[Digest]:
        stored = set(pieces.sizes(db, by.id, digests, lasting=True))
        whole = transfers.owned(db, by.id, [digest for digest in digests if digest not in stored])
        return stored | self._blobs.have(set(whole))

    def pack_arrived(self, account_id: int, name: str, size_bytes: int, rows: Sequence[PackedPiece]) -> None:
        """The account sent this pack, and it is stored; once it is known, it stays as it is."""
        with self._database.writing() as db:
            until = self._clock() + KEPT_BEFORE_COMMIT_S
            pieces.add_pack(db, account_id, name, size_bytes, rows, until)

    def knows_pack(self, name: str) -> bool:
        """Whether a pack of this name is stored already: the answer to an earlier try was lost."""
        with self._database.reading() as db:
            return bool(pieces.pack_ids(db, [name]))

    def read_upload(self, manifest: str, *, by: User) -> Upload:
        """The upload that these pieces are.

        Raises:
            BadValue: they are not the caller's, damaged, or no upload.
        """
        digests = _read(manifest)
        with self._database.reading() as db:
            places = pieces.placed(db, by.id, digests)
        if absent := [digest for digest in digests if digest not in places]:
            raise BadValue(f"the manifest's pieces {named(absent)} were not uploaded; send them first")
        size_bytes = sum(places[digest].size_bytes for digest in digests)
        if size_bytes > MOST_UPLOAD_BYTES:
            raise BadValue(
                f"manifest of {size_bytes} bytes; at most {MOST_UPLOAD_BYTES} can be committed at once"
            )
        placed = tuple(places[digest] for digest in digests)
        entry = FileEntry(_NOWHERE, digest_of(b""), size_bytes, placed)
        try:
            return Upload.decode(b"".join(Contents(self._blobs, self._packs).parts(entry)))
        except (Damaged, PackMissing) as error:
            raise BadValue(f"the manifest's pieces are damaged; upload again ({error})") from error
        except msgspec.DecodeError as error:
            raise BadValue(f"manifest: {error}") from error

    def committed(self, ask: CommittedQuery, *, by: User) -> Committed:
        """Whether a set of files exists as it was committed not long ago.

        Raises:
            BadValue: no digest.
        """
        try:
            digest = checked_digest(ask.digest)
        except BadDigest as error:
            raise BadValue(str(error)) from error
        with self._database.reading() as db:
            since = self._clock() - min(HOLDS_UNASKED_S, self._kept_s / 2)
            return Committed(holds=pieces.holds(db, by.id, digest, since))

    def note_committed(
        self, db: Connection, files: Sequence[UploadedFile], *, replaced: bool, by: User
    ) -> None:
        """These files were committed; ``replaced`` tells that some took the place of others."""
        if replaced:
            pieces.forget_committed(db, by.id)
        pieces.note_committed(db, by.id, Upload.digest_of_set(file.in_set for file in files), self._clock())

    def take(self, db: Connection, files: Sequence[UploadedFile], *, by: User) -> None:
        """These files are all there, piece by piece; from now on they are known by their whole digests.

        Raises:
            BadValue: pieces of one were not uploaded, or its size is another.
        """
        digests = dict.fromkeys(file.digest for file in files)
        found = pieces.places(db, by.id, digests)
        known, packs = found.sizes, found.packs
        made = self._made(db, by, (file for file in files if file.digest not in known and file.pieces))
        pieces.add_contents(db, by.id, made)
        _make_last(db, by, found, made)
        for digest, (one, names) in made.items():
            known[digest] = one.size_bytes
            packs |= names
        whole = transfers.owned(db, by.id, [digest for digest in digests if digest not in known])
        known.update((digest, whole[digest]) for digest in self._blobs.have(set(whole)))
        check_sizes(files, known)
        pieces.need(db, packs, self._clock() + self._kept_s)
        whole_files.need(db, by.id, set(whole), self._clock() + self._kept_s)

    def _made(
        self, db: Connection, by: User, files: Iterable[UploadedFile]
    ) -> dict[Digest, tuple[pieces.Content, set[str]]]:
        lists = {file.digest: (file, _listed(file)) for file in files}
        wanted = dict.fromkeys(piece.digest for _, listed in lists.values() for piece in listed)
        places = pieces.placed(db, by.id, wanted)
        made = {}
        for digest, (file, listed) in lists.items():
            if any(
                piece.digest not in places or places[piece.digest].size_bytes != piece.size_bytes
                for piece in listed
            ):
                raise NotUploaded([file.path])
            packs = {places[piece.digest].pack for piece in listed}
            made[digest] = (pieces.Content(digest, file.size_bytes, file.pieces), packs)
        return made

    def content(self, db: Connection, entry: FileEntry, *, by: User) -> bytes:
        """All bytes of a small file.

        Raises:
            BadValue: they are not stored, or damaged.
        """
        (placed,) = pieces.with_places(db, by.id, [entry])
        try:
            content = b"".join(Contents(self._blobs, self._packs).parts(placed))
        except (BlobMissing, PackMissing, Damaged) as error:
            raise BadValue(f"{entry.path}: {error}") from error
        if digest_of(content) != entry.digest:
            raise BadValue(f"{entry.path}: {WrongDigest(entry.digest, digest_of(content))}")
        return content


def _make_last(
    db: Connection, by: User, found: pieces.Places, made: Mapping[Digest, tuple[pieces.Content, set[str]]]
) -> None:
    """What these files are made of stays, also where it was about to go when the upload began."""
    parts = {*found.whole, *(one.digest for cut in found.pieces.values() for one in cut)}
    parts.update(one.digest for new, _ in made.values() for one in read_listed(new.pieces))
    packs = {digest: {one.pack for one in cut} for digest, cut in found.pieces.items()}
    thinning.last(db, by.id, parts, {**packs, **{digest: names for digest, (_, names) in made.items()}})


class NotUploaded(BadValue):
    """The bytes of these files were not uploaded."""

    def __init__(self, paths: Sequence[str]) -> None:
        super().__init__(f"the bytes of {named(paths)} were not uploaded; ask what is missing and send it")


def check_sizes(files: Sequence[FileEntry | UploadedFile], stored: dict[Digest, int]) -> None:
    """The bytes of these files are stored, and as many as was said.

    Raises:
        BadValue: of some they are not.
    """
    if absent := [entry.path for entry in files if entry.digest not in stored]:
        raise NotUploaded(absent)
    if wrong := [entry.path for entry in files if stored[entry.digest] != entry.size_bytes]:
        raise BadValue(f"the size given for {named(wrong)} is not that of the uploaded bytes")


def _read(text: str) -> list[Digest]:
    try:
        return read_digests(text)
    except BadDigest as error:
        raise BadValue(str(error)) from error


def _listed(file: UploadedFile) -> list[Piece]:
    try:
        listed = read_listed(file.pieces)
    except BadPieces as error:
        raise BadValue(f"{file.path}: {error}") from error
    if sum(piece.size_bytes for piece in listed) != file.size_bytes:
        raise BadValue(f"{file.path}: its pieces together have not its {file.size_bytes} bytes")
    return listed
