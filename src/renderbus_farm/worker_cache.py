"""Files that came in pieces, put together once on a node and shared by its tasks.

A file lies under the digest of its content, read-only; layouts hard-link to it. What was used least recently
goes when the cache grows past its limit; a layout that still links to a file keeps it for itself.
"""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from renderbus_farm.blobs.contents import Contents, Damaged
from renderbus_farm.blobs.writing import write_all
from renderbus_model.pieces import Digest, FileEntry, Hashing, checked_digest
from renderbus_model.pieces.zeros import are_shared_zeros

GIB = 1 << 30
CACHE_BYTES = 100 * GIB
"""A film's texture library is some tens of gigabytes."""

CANNOT_LINK = frozenset({errno.EXDEV, errno.EMLINK, errno.EPERM, errno.EACCES, errno.ENOTSUP})

_READ_ONLY = 0o444
_UNFINISHED = ".new"


class FileCache:
    """The cache of a node; for one thread.

    Args:
        limit_bytes: what the files may take together; one that is larger alone is kept while it is used.
    """

    def __init__(self, folder: Path, contents: Contents, limit_bytes: int = CACHE_BYTES) -> None:
        self._folder = folder
        self._contents = contents
        self._limit_bytes = limit_bytes
        folder.mkdir(parents=True, exist_ok=True)
        for unfinished in folder.glob(f"*{_UNFINISHED}"):
            unfinished.unlink()
        kept = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime)
        self._sizes = {Digest(path.name): path.stat().st_size for path in kept}  # least recently used first
        self._checked: set[Digest] = set()

    def path(self, entry: FileEntry) -> Path:
        """A read-only file with the bytes of ``entry``; link to it at once, the next call may remove it.

        Raises:
            BlobMissing, PackMissing: the bytes are not stored.
            Damaged: they are not those that were uploaded.
            OSError: the disk is full.
        """
        path = self._folder / checked_digest(entry.digest)
        if entry.digest in self._sizes and not self._is_whole(path, entry):
            self._drop(entry.digest)
        if entry.digest not in self._sizes:
            self._make_room(entry.size_bytes)
            self._assemble(path, entry)
        self._sizes[entry.digest] = self._sizes.pop(entry.digest, entry.size_bytes)
        os.utime(path)
        return path

    def _is_whole(self, path: Path, entry: FileEntry) -> bool:
        """Whether a file from an earlier process is still right; each is read once."""
        if entry.digest in self._checked:
            return path.exists()
        hashing = Hashing()
        try:
            with path.open("rb") as stream:
                while part := stream.read(1 << 20):
                    hashing.update(part)
        except OSError:
            return False
        self._checked.add(entry.digest)
        return hashing.digest == entry.digest

    def _assemble(self, path: Path, entry: FileEntry) -> None:
        new = path.with_name(path.name + _UNFINISHED)
        hashing = Hashing(many=entry.size_bytes >= GIB)
        try:
            with new.open("xb", buffering=0) as file:
                for part in self._contents.parts(entry):
                    hashing.update(part)
                    if are_shared_zeros(part):
                        file.seek(len(part), os.SEEK_CUR)  # a hole, as it was on the user's disk
                    else:
                        write_all(file, part)
                file.truncate(entry.size_bytes)
                os.fchmod(file.fileno(), _READ_ONLY)
            if hashing.digest != entry.digest:
                raise Damaged(entry.path, f"its pieces make {hashing.digest[:16]}…, not {entry.digest[:16]}…")
            new.replace(path)
        finally:
            new.unlink(missing_ok=True)
        self._checked.add(entry.digest)

    def _make_room(self, size_bytes: int) -> None:
        together = sum(self._sizes.values()) + size_bytes
        for digest in list(self._sizes):
            if together <= self._limit_bytes:
                return
            together -= self._sizes[digest]
            self._drop(digest)

    def _drop(self, digest: Digest) -> None:
        (self._folder / digest).unlink(missing_ok=True)
        del self._sizes[digest]
        self._checked.discard(digest)


def link_or_copy(source: Path, target: Path) -> None:
    """A read-only ``target`` with the bytes of ``source``, shared where the file system can."""
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in CANNOT_LINK:
            raise
        shutil.copyfile(source, target)
        target.chmod(_READ_ONLY)
