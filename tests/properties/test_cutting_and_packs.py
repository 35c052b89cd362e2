"""Pieces put together are the file, packs give back what went in, and small edits move few pieces."""

from __future__ import annotations

import random

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from renderbus_model.pieces import BadPieces, Digest, Piece, WrongDigest, digest_of, listed, read_listed
from renderbus_model.pieces.cutting import COARSE, FINE, PLAIN, Cut, cut_for, pieces_in
from renderbus_model.pieces.packs import (
    BadPack,
    PackBuilder,
    PackedPiece,
    content_of,
    read_table,
    stored_form,
)
from renderbus_model.pieces.questions import packed_bits, packed_digests, read_bits, read_digests

seeds = st.integers(0, 2**32)
texts = st.binary(max_size=200).map(lambda part: part * 40)
contents = st.one_of(
    st.binary(max_size=3000), texts, seeds.map(lambda seed: random.Random(seed).randbytes(5000))
)


@settings(deadline=None, max_examples=25)
@given(seeds, st.integers(0, 3_000_000), st.sampled_from([FINE, COARSE, PLAIN]))
def test_the_pieces_of_a_file_put_together_are_the_file(seed: int, size: int, cut: Cut) -> None:
    content = random.Random(seed).randbytes(size)
    pieces = pieces_in(content, cut)
    assert b"".join(pieces) == content
    assert all(len(piece) <= cut.most for piece in pieces)
    assert all(len(piece) >= cut.least for piece in pieces[:-1])


@settings(deadline=None, max_examples=25)
@given(seeds, st.integers(0, 4_000_000), st.binary(min_size=1, max_size=1000), st.integers(0, 1000))
def test_an_edit_moves_few_pieces(seed: int, at: int, new: bytes, removed: int) -> None:
    content = random.Random(seed).randbytes(4_000_000)
    edited = content[:at] + new + content[at + removed :]
    known = set(pieces_in(content, FINE))
    fresh = [piece for piece in pieces_in(edited, FINE) if piece not in known]
    assert sum(map(len, fresh)) <= 5 * FINE.most


@given(st.lists(contents, max_size=12))
def test_a_pack_gives_back_what_went_in(pieces: list[bytes]) -> None:
    content = pack_of(pieces)
    rows = table_of(content)
    assert [row.digest for row in rows] == [digest_of(piece) for piece in pieces]
    for row, piece in zip(rows, pieces, strict=True):
        assert opened(content, row) == piece


@given(st.lists(contents, min_size=1, max_size=5), st.data())
def test_a_damaged_pack_is_refused(pieces: list[bytes], data: st.DataObject) -> None:
    content = bytearray(pack_of(pieces))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises((BadPack, WrongDigest)):
        read_all(bytes(content))


@given(st.lists(contents, min_size=1, max_size=5), st.data())
def test_a_pack_that_was_cut_off_is_refused(pieces: list[bytes], data: st.DataObject) -> None:
    content = pack_of(pieces)
    with pytest.raises((BadPack, WrongDigest)):
        read_all(content[: data.draw(st.integers(0, len(content) - 1))])


@given(st.binary(max_size=500))
def test_what_is_no_pack_is_refused(content: bytes) -> None:
    with pytest.raises(BadPack):
        table_of(content)


def test_a_pack_that_would_open_into_more_than_anybody_sends_is_refused() -> None:
    builder, zeros = PackBuilder(), bytes(64 << 20)
    stored = stored_form(zeros, zstandard.ZstdCompressor())
    for _ in range(17):
        builder.add(digest_of(b"of no matter here"), zeros, stored)
    with pytest.raises(BadPack, match=r"1140850688 bytes together; send at most 1073741824"):
        table_of(b"".join(builder.finish()))


@given(st.lists(st.tuples(contents, st.integers(0, 2**32 - 1)), max_size=10))
def test_a_list_of_pieces_reads_back(pieces: list[tuple[bytes, int]]) -> None:
    several = [Piece(digest_of(content), size) for content, size in pieces]
    assert read_listed(listed(several)) == several


def test_half_a_list_of_pieces_is_refused() -> None:
    with pytest.raises(BadPieces):
        read_listed(b"x" * 37)


@given(st.lists(contents, max_size=20), st.lists(st.booleans(), max_size=40))
def test_questions_and_answers_read_back(asked: list[bytes], answers: list[bool]) -> None:
    digests = [digest_of(content) for content in asked]
    assert read_digests(packed_digests(digests)) == digests
    assert read_bits(packed_bits(answers), len(answers)) == answers


@pytest.mark.parametrize(
    ("name", "size", "beginning", "cut"),
    [
        ("a.blend", 65_536, b"", None),
        ("a.BLEND", 65_537, b"", FINE),
        ("a.exr", 1 << 20, b"", None),
        ("a.exr", (1 << 20) + 1, b"", COARSE),
        ("a.vdb", 1 << 30, b"\0" * 65_536, COARSE),
        ("a.vdb", 1 << 30, random.Random(1).randbytes(65_536), PLAIN),
        ("a.ma", 1 << 30, random.Random(1).randbytes(65_536), FINE),
    ],
)
def test_how_a_file_is_cut(name: str, size: int, beginning: bytes, cut: Cut | None) -> None:
    assert cut_for(name, size, beginning) == cut


def pack_of(pieces: list[bytes]) -> bytes:
    packer = zstandard.ZstdCompressor(level=1)
    builder = PackBuilder()
    for piece in pieces:
        builder.add(digest_of(piece), piece, stored_form(piece, packer))
    return b"".join(builder.finish())


def read_all(content: bytes) -> list[bytes]:
    return [opened(content, row) for row in table_of(content)]


def table_of(content: bytes) -> list[PackedPiece]:
    return read_table(len(content), lambda offset, size: content[offset : offset + size])


def opened(content: bytes, row: PackedPiece) -> bytes:
    stored = content[row.offset : row.offset + row.stored_bytes]
    digest: Digest = row.digest
    return bytes(content_of(stored, digest, row.size_bytes, zstandard.ZstdDecompressor()))
