"""Files that came in pieces, put together on a node."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard

from renderbus_farm.blobs.contents import Contents, Damaged
from renderbus_farm.blobs.local import LocalBlobs
from renderbus_farm.blobs.local_packs import LocalPacks
from renderbus_farm.blobs.packs import PackMissing
from renderbus_farm.worker_cache import FileCache
from renderbus_model.paths import FarmPath
from renderbus_model.pieces import FileEntry, PlacedPiece, digest_of
from renderbus_model.pieces.packs import PackBuilder, stored_form


class Node:
    """A cache, and the packs it reads."""

    def __init__(self, folder: Path, limit_bytes: int = 1 << 30) -> None:
        self.folder = folder
        self.packs = LocalPacks(folder / "packs")
        self.limit_bytes = limit_bytes
        self.count = 0
        self.start()

    def start(self) -> None:
        contents = Contents(LocalBlobs(self.folder / "blobs"), self.packs)
        self.cache = FileCache(self.folder / "files", contents, self.limit_bytes)

    def entry(
        self, *pieces: bytes, stored: Callable[[bytes], bytes | memoryview] = lambda piece: piece
    ) -> FileEntry:
        """A file of these pieces, stored in a pack of its own."""
        self.count += 1
        name, builder = f"{self.count:032x}", PackBuilder()
        for piece in pieces:
            builder.add(digest_of(piece), piece, stored(piece))
        with self.packs.arrival(name) as arrival:
            arrival.write(b"".join(builder.finish()))
            arrival.keep()
        placed = tuple(
            PlacedPiece(row.digest, row.size_bytes, name, row.offset, row.stored_bytes)
            for row in builder.rows
        )
        content = b"".join(pieces)
        return FileEntry(FarmPath("/shot/a.vdb"), digest_of(content), len(content), placed)

    def kept(self) -> int:
        return len(list((self.folder / "files").iterdir()))


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path)


def test_a_file_is_put_together_once_and_cannot_be_written(node: Node) -> None:
    entry = node.entry(b"wo", b"od")
    path = node.cache.path(entry)
    assert path.read_bytes() == b"wood"
    assert path.stat().st_mode & 0o222 == 0
    node.packs.delete([entry.pieces[0].pack])
    assert node.cache.path(entry) == path


class _NearlyFull(io.FileIO):
    """Takes a few bytes at a time."""

    def write(self, content: Any) -> int:
        return super().write(memoryview(content)[:3]) or 0


def test_a_disk_that_takes_part_of_what_is_written_spoils_nothing(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", lambda path, *_, **__: _NearlyFull(path, "x+b"))
        path = node.cache.path(node.entry(b"a long piece", b"and another"))
    assert path.read_bytes() == b"a long pieceand another"


def test_holes_are_holes_again(node: Node) -> None:
    entry = node.entry(b"wood" * 1024, *[bytes(8 << 20)] * 3, b"iron")
    packer = zstandard.ZstdCompressor()
    small = node.entry(b"x", bytes(8 << 20), stored=lambda piece: stored_form(piece, packer))
    placed = (entry.pieces[0], *[small.pieces[1]] * 3, entry.pieces[4])
    sparse = FileEntry(entry.path, entry.digest, entry.size_bytes, placed)
    path = node.cache.path(sparse)
    assert path.read_bytes() == b"wood" * 1024 + bytes(24 << 20) + b"iron"
    assert path.stat().st_blocks * 512 < 1 << 20


def test_a_flipped_byte_in_a_pack_is_told_by_the_files_name(node: Node) -> None:
    entry = node.entry(b"wood")
    (stored,) = (node.folder / "packs").glob("??/*")
    stored.chmod(0o600)
    stored.write_bytes(b"w00d" + stored.read_bytes()[4:])
    with pytest.raises(Damaged, match=r"/shot/a\.vdb"):
        node.cache.path(entry)
    assert node.kept() == 0


def test_pieces_that_make_another_file_are_refused(node: Node) -> None:
    entry = node.entry(b"od", b"wo")
    lying = FileEntry(entry.path, digest_of(b"wood"), 4, entry.pieces)
    with pytest.raises(Damaged):
        node.cache.path(lying)


def test_a_pack_that_is_gone_is_told(node: Node) -> None:
    entry = node.entry(b"wood")
    node.packs.delete([entry.pieces[0].pack])
    with pytest.raises(PackMissing):
        node.cache.path(entry)


def test_what_was_used_least_recently_goes_and_links_to_it_stay(tmp_path: Path) -> None:
    node = Node(tmp_path, limit_bytes=25)
    entries = [node.entry(bytes([number]) * 10) for number in range(3)]
    first, second = (node.cache.path(entry) for entry in entries[:2])
    os.link(second, tmp_path / "layout")
    node.cache.path(entries[0])  # used again
    node.cache.path(entries[2])
    assert (first.exists(), second.exists(), node.kept()) == (True, False, 2)
    assert (tmp_path / "layout").read_bytes() == bytes([1]) * 10


def test_a_file_larger_than_the_cache_is_kept_while_it_is_used(tmp_path: Path) -> None:
    node = Node(tmp_path, limit_bytes=5)
    assert node.cache.path(node.entry(b"x" * 10)).read_bytes() == b"x" * 10


def test_after_a_restart_files_are_read_once_and_a_damaged_one_is_made_anew(node: Node) -> None:
    entry, other = node.entry(b"wood"), node.entry(b"iron")
    path = node.cache.path(entry)
    node.cache.path(other)
    path.chmod(0o600)
    path.write_bytes(b"w00d")
    (node.folder / "files" / f"{digest_of(b'x')}.new").write_bytes(b"half")
    node.start()
    assert node.kept() == 2
    assert node.cache.path(entry).read_bytes() == b"wood"
    assert node.cache.path(other).read_bytes() == b"iron"
