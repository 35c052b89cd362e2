"""Sparse files: cut as if their holes were read, and laid down with holes again."""

from __future__ import annotations

import errno
import os
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rayvision_sync.holes import is_sparse, long_holes, sparse_pieces
from rayvision_sync.landing import BUFFER_BYTES, Landing
from rayvision_sync.reading import read_pieces
from renderbus_model.pieces import Digest, digest_of
from renderbus_model.pieces.cutting import COARSE, FINE, PLAIN, Cut, pieces_in
from renderbus_model.pieces.zeros import are_shared_zeros, zeros_digest

KIB, MIB = 1 << 10, 1 << 20


def sparse_file(path: Path, parts: list[tuple[int, int]]) -> bytes:
    """Holes and bytes in turn, of these lengths; what the file holds."""
    whole = b""
    with path.open("wb") as file:
        for hole, size in parts:
            content = random.Random(size).randbytes(size)
            whole += bytes(hole) + content
            file.seek(hole, os.SEEK_CUR)
            file.write(content)
        file.truncate(len(whole))
    return whole


SMALL_PLAIN = Cut(128 * KIB, 128 * KIB, 128 * KIB, is_plain=True)
parts = st.lists(st.tuples(st.integers(0, 1500 * KIB), st.integers(0, 600 * KIB)), min_size=1, max_size=4)


@settings(deadline=None, max_examples=40)
@given(parts, st.sampled_from([FINE, SMALL_PLAIN]))
def test_a_sparse_file_has_the_pieces_of_one_that_is_not(
    tmp_path_factory: pytest.TempPathFactory, parts: list[tuple[int, int]], cut: Cut
) -> None:
    path = tmp_path_factory.mktemp("sparse") / "a.vdb"
    whole = sparse_file(path, parts)
    with path.open("rb", buffering=0) as stream:
        found = [bytes(piece) for piece in sparse_pieces(stream, len(whole), cut)]
    assert found == pieces_in(whole, cut)


@pytest.mark.parametrize("cut", [FINE, COARSE, PLAIN])
def test_zeros_are_cut_as_long_as_may_be(cut: Cut) -> None:
    sizes = [len(piece) for piece in pieces_in(bytes(3 * cut.most + 100), cut)]
    assert sizes == [cut.most] * 3 + [100]


def test_where_the_system_does_not_tell_of_holes_all_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.vdb"
    whole = sparse_file(path, [(4 * MIB, MIB)])
    seek = os.lseek

    def refused(handle: int, at: int, how: int) -> int:
        if how in (os.SEEK_DATA, os.SEEK_HOLE):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        return seek(handle, at, how)

    monkeypatch.setattr(os, "lseek", refused)
    with path.open("rb", buffering=0) as stream:
        assert [bytes(one) for one in sparse_pieces(stream, len(whole), FINE)] == pieces_in(whole, FINE)


def test_holes_are_found_and_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.vdb"
    whole = sparse_file(path, [(64 * MIB, MIB), (64 * MIB, MIB)])
    assert is_sparse(path.stat())
    handle = os.open(path, os.O_RDONLY)
    try:
        assert long_holes(handle, len(whole), MIB) == [(0, 64 * MIB), (65 * MIB, 129 * MIB)]
    finally:
        os.close(handle)
    shared = 0
    digests: list[Digest] = []

    def take(digest: Digest, content: bytes | memoryview) -> None:
        nonlocal shared
        shared += len(content) if are_shared_zeros(content) else 0
        digests.append(digest)

    found = read_pieces(str(path), take)
    assert found.digest == digest_of(whole)
    assert digests == [digest_of(piece) for piece in pieces_in(whole, COARSE)]
    assert shared > 120 * MIB
    assert digests[0] == zeros_digest(COARSE.most)


def received(path: Path, content: bytes, start: int = 0, part_bytes: int = 300 * KIB) -> None:
    handle = os.open(path, os.O_RDWR | os.O_CREAT)
    try:
        with Landing(handle, start) as landing:
            left = memoryview(content)
            while left:
                with landing.room() as room:
                    size = min(len(room), part_bytes, len(left))
                    room[:size] = left[:size]
                landing.came(size)
                left = left[size:]
    finally:
        os.close(handle)


@pytest.mark.parametrize("size_bytes", [0, 1, 4096, BUFFER_BYTES, 3 * BUFFER_BYTES + 5000])
def test_what_was_received_lies_in_the_file(tmp_path: Path, size_bytes: int) -> None:
    content = os.urandom(size_bytes)
    received(tmp_path / "a.exr.part", content)
    assert (tmp_path / "a.exr.part").read_bytes() == content


def test_what_was_received_lies_behind_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "a.exr.part").write_bytes(b"wood" * 1024)
    content = os.urandom(5 * MIB + 3)
    received(tmp_path / "a.exr.part", content, start=4096)
    assert (tmp_path / "a.exr.part").read_bytes() == b"wood" * 1024 + content


def test_long_runs_of_zeros_become_holes(tmp_path: Path) -> None:
    content = b"wood" + bytes(16 * BUFFER_BYTES)
    received(tmp_path / "a.exr.part", content)
    status = (tmp_path / "a.exr.part").stat()
    assert status.st_size == len(content)
    assert status.st_blocks * 512 <= 2 * BUFFER_BYTES
    assert (tmp_path / "a.exr.part").read_bytes() == content


def test_a_disk_that_takes_no_more_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    handle = os.open(tmp_path / "a", os.O_RDONLY)
    landing = Landing(handle, 0)
    try:
        with landing.room() as room:
            room[:] = b"x" * len(room)
        landing.came(BUFFER_BYTES)
        with pytest.raises(OSError, match="Bad file descriptor"):
            landing.__exit__(None, None, None)
    finally:
        os.close(handle)
