"""Digests and manifests."""

from __future__ import annotations

import io

import msgspec
import pytest

from renderbus_model.paths import checked_farm_path
from renderbus_model.pieces import (
    READ_BYTES,
    BadDigest,
    Digest,
    FileEntry,
    Hashing,
    Manifest,
    WrongDigest,
    checked_digest,
    digest_of,
    digest_of_stream,
    read_in_parts,
)

# The digest of no bytes, from the BLAKE3 paper's test vectors.
NOTHING = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"


def entry(path: str, content: bytes = b"x") -> FileEntry:
    return FileEntry(checked_farm_path(path), digest_of(content), len(content))


def test_the_digest_of_nothing_is_the_published_one() -> None:
    assert digest_of(b"") == NOTHING
    assert digest_of_stream(io.BytesIO()) == (NOTHING, 0)


def test_a_stream_is_read_from_where_it_stands() -> None:
    stream = io.BytesIO(b"ab" * READ_BYTES)
    stream.seek(1)
    assert digest_of_stream(stream) == (digest_of(b"b" + b"ab" * (READ_BYTES - 1)), 2 * READ_BYTES - 1)


def test_bytes_as_they_pass_have_the_digest_of_the_whole() -> None:
    hashing = Hashing()
    for part in read_in_parts(io.BytesIO(b"wood" * READ_BYTES)):
        assert len(part) <= READ_BYTES
        hashing.update(part)
    assert (hashing.digest, hashing.size_bytes) == (digest_of(b"wood" * READ_BYTES), 4 * READ_BYTES)


@pytest.mark.parametrize(
    "text", ["", NOTHING[:-1], NOTHING + "0", NOTHING.upper(), NOTHING[:-1] + "g", NOTHING + "\n"]
)
def test_what_is_no_digest_is_refused(text: str) -> None:
    with pytest.raises(BadDigest):
        checked_digest(text)


def test_a_wrong_digest_names_both() -> None:
    error = WrongDigest(Digest(NOTHING), digest_of(b"x"))
    assert NOTHING in str(error)
    assert error.found in str(error)


def test_equal_sets_of_files_have_equal_manifests() -> None:
    one = Manifest.of([entry("/b"), entry("/a"), entry("/b", b"new")])
    other = Manifest.of([entry("/b", b"new"), entry("/a")])
    assert one.encode() == other.encode()
    assert Manifest.decode(one.encode()) == one
    assert [file.path for file in one.files] == ["/a", "/b"]


@pytest.mark.parametrize("paths", [("/b", "/a"), ("/a", "/a")])
def test_a_manifest_out_of_order_is_none(paths: tuple[str, str]) -> None:
    files = [{"path": path, "digest": NOTHING, "sizeBytes": 0} for path in paths]
    with pytest.raises(msgspec.ValidationError, match="stands twice, or not in its order"):
        Manifest.decode(msgspec.json.encode({"files": files}))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"path": "/a/../b"}, "holds '..'"),
        ({"path": "a"}, "not a farm path in its one spelling"),
        ({"path": "/a//b"}, "not a farm path in its one spelling"),
        ({"digest": "0"}, "expected 64"),
        ({"sizeBytes": -1}, "is negative"),
        ({"sizeBytes": "many"}, "int"),
    ],
)
def test_a_file_of_a_manifest_is_checked_when_it_is_read(change: dict[str, object], why: str) -> None:
    file = {"path": "/a", "digest": NOTHING, "sizeBytes": 0, **change}
    with pytest.raises(msgspec.ValidationError, match=why):
        Manifest.decode(msgspec.json.encode({"files": [file]}))
