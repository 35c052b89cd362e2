"""What every storage backend does; each backend's tests subclass the contract and give ``blobs``."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

import pytest

from renderbus_farm.blobs.blobs import BlobMissing, Blobs, ServedBlobs
from renderbus_farm.blobs.links import Links
from renderbus_farm.blobs.local import LocalBlobs
from renderbus_model.pieces import READ_BYTES, BadDigest, Digest, WrongDigest, digest_of

WOOD = digest_of(b"wood")


class BlobsContract:
    """What every storage backend does."""

    def test_what_was_put_can_be_got(self, blobs: Blobs) -> None:
        blobs.put(WOOD, io.BytesIO(b"wood"))
        with blobs.get(WOOD) as content:
            assert content.read() == b"wood"

    def test_have_names_those_that_are_stored(self, blobs: Blobs) -> None:
        blobs.put(WOOD, io.BytesIO(b"wood"))
        assert blobs.have({WOOD, digest_of(b"iron")}) == {WOOD}
        assert blobs.have(set()) == set()

    def test_wrong_bytes_are_refused_and_leave_nothing(self, blobs: Blobs) -> None:
        with pytest.raises(WrongDigest):
            blobs.put(WOOD, io.BytesIO(b"w00d"))
        assert blobs.have({WOOD, digest_of(b"w00d")}) == set()

    def test_wrong_bytes_do_not_spoil_what_is_stored(self, blobs: Blobs) -> None:
        blobs.put(WOOD, io.BytesIO(b"wood"))
        with pytest.raises(WrongDigest):
            blobs.put(WOOD, io.BytesIO(b"w00d"))
        with blobs.get(WOOD) as content:
            assert content.read() == b"wood"

    def test_putting_twice_is_harmless(self, blobs: Blobs) -> None:
        for _ in range(2):
            blobs.put(WOOD, io.BytesIO(b"wood"))
        assert blobs.have({WOOD}) == {WOOD}

    def test_no_bytes_are_bytes_too(self, blobs: Blobs) -> None:
        blobs.put(digest_of(b""), io.BytesIO())
        with blobs.get(digest_of(b"")) as content:
            assert content.read() == b""

    def test_content_larger_than_one_read_stays_whole(self, blobs: Blobs, tmp_path: Path) -> None:
        content = os.urandom(READ_BYTES * 2 + 17)
        source = tmp_path / "large"
        source.write_bytes(content)
        assert blobs.put_file(source) == (digest_of(content), len(content))
        with blobs.get(digest_of(content)) as stored:
            assert stored.read() == content

    def test_a_missing_blob_is_named(self, blobs: Blobs, tmp_path: Path) -> None:
        with pytest.raises(BlobMissing, match=WOOD):
            blobs.get(WOOD)
        with pytest.raises(BlobMissing, match=WOOD):
            blobs.link(WOOD, tmp_path / "target")
        assert not (tmp_path / "target").exists()

    def test_a_linked_file_holds_the_bytes_and_cannot_be_written(self, blobs: Blobs, tmp_path: Path) -> None:
        blobs.put(WOOD, io.BytesIO(b"wood"))
        target = tmp_path / "tex" / "a # 'wood' 木.exr"
        blobs.link(WOOD, target)
        assert target.read_bytes() == b"wood"
        assert target.stat().st_mode & 0o222 == 0

    def test_a_link_never_replaces_a_file(self, blobs: Blobs, tmp_path: Path) -> None:
        blobs.put(WOOD, io.BytesIO(b"wood"))
        target = tmp_path / "taken"
        target.write_bytes(b"mine")
        with pytest.raises(FileExistsError):
            blobs.link(WOOD, target)
        assert target.read_bytes() == b"mine"

    def test_deleted_blobs_are_gone_and_linked_files_stay(self, blobs: Blobs, tmp_path: Path) -> None:
        blobs.put(WOOD, io.BytesIO(b"wood"))
        blobs.link(WOOD, tmp_path / "wood")
        blobs.delete({WOOD, digest_of(b"never stored")})
        assert blobs.have({WOOD}) == set()
        assert (tmp_path / "wood").read_bytes() == b"wood"

    def test_many_threads_may_put_the_same_bytes(self, blobs: Blobs) -> None:
        start = threading.Barrier(8)

        def put(_: int) -> None:
            start.wait()
            blobs.put(WOOD, io.BytesIO(b"wood"))

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(put, range(8)))
        with blobs.get(WOOD) as content:
            assert content.read() == b"wood"

    def test_a_stream_that_breaks_leaves_nothing(self, blobs: Blobs) -> None:
        with pytest.raises(ConnectionError):
            blobs.put(WOOD, Breaking())
        assert blobs.have({WOOD}) == set()

    def test_what_is_no_digest_is_no_name(self, blobs: Blobs) -> None:
        for name in ("../../etc/passwd", "", WOOD.upper(), WOOD + "0", "/" + WOOD):
            with pytest.raises(BadDigest):
                blobs.have({Digest(name)})

    def test_urls_differ_by_what_they_allow(self, blobs: Blobs) -> None:
        urls = {
            blobs.put_url(WOOD, 4, 1, 1000),
            blobs.put_url(WOOD, 4, 2, 1000),
            blobs.put_url(WOOD, 5, 1, 1000),
            blobs.get_url(WOOD, "wood", 1000),
            blobs.get_url(WOOD, "木 & co?.exr", 1000),
        }
        assert len(urls) == 5


class Breaking(io.BytesIO, BinaryIO):
    """A connection that is lost after the first bytes."""

    def __init__(self) -> None:
        super().__init__(b"wo")

    def read(self, size: int | None = -1, /) -> bytes:
        if part := super().read(size):
            return part
        raise ConnectionError("lost")


class ServedBlobsContract(BlobsContract):
    """What a backend does besides when the farm itself takes bytes in and gives them out."""

    def test_arriving_bytes_show_when_they_are_kept(self, blobs: ServedBlobs) -> None:
        with blobs.arrival(WOOD) as arrival:
            arrival.write(b"wo")
            arrival.write(b"od")
            assert blobs.have({WOOD}) == set()
            arrival.keep()
        assert blobs.file_of(WOOD).read_bytes() == b"wood"

    def test_bytes_that_are_not_kept_are_gone(self, blobs: ServedBlobs) -> None:
        with blobs.arrival(WOOD) as arrival:
            arrival.write(b"wood")
        assert blobs.have({WOOD}) == set()

    def test_other_bytes_cannot_be_kept(self, blobs: ServedBlobs) -> None:
        with blobs.arrival(WOOD) as arrival:
            arrival.write(b"w00d")
            with pytest.raises(WrongDigest):
                arrival.keep()
        assert blobs.have({WOOD}) == set()


class TestLocalBlobs(ServedBlobsContract):
    """Files under a folder."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return tmp_path / "storage"

    @pytest.fixture
    def blobs(self, folder: Path) -> Iterator[LocalBlobs]:
        yield LocalBlobs(folder, Links(b"k" * 32))
        assert list((folder / "incoming").iterdir()) == [], "nothing half-written stays"

    def test_a_linked_file_shares_the_disk(self, blobs: LocalBlobs, tmp_path: Path) -> None:
        blobs.put(WOOD, io.BytesIO(b"wood"))
        blobs.link(WOOD, tmp_path / "wood")
        assert (tmp_path / "wood").samefile(blobs.file_of(WOOD))

    def test_where_the_file_system_cannot_link_the_bytes_are_copied(
        self, blobs: LocalBlobs, other_file_system: Path
    ) -> None:
        blobs.put(WOOD, io.BytesIO(b"wood"))
        target = other_file_system / "wood"
        blobs.link(WOOD, target)
        assert target.read_bytes() == b"wood"
        assert target.stat().st_mode & 0o222 == 0
        with pytest.raises(FileExistsError):
            blobs.link(WOOD, target)
        assert list(other_file_system.iterdir()) == [target]

    def test_what_a_killed_farm_left_is_swept(self, blobs: LocalBlobs, folder: Path) -> None:
        (folder / "incoming" / "12-34-0").write_bytes(b"wo")
        blobs.sweep()

    def test_a_worker_cannot_sign(self, folder: Path) -> None:
        with pytest.raises(ValueError, match="cannot sign"):
            LocalBlobs(folder).get_url(WOOD, "wood", 1000)


@pytest.fixture
def other_file_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that the storage cannot link into: another file system, or one that says so."""
    folder = tmp_path / "other"
    folder.mkdir()
    monkeypatch.setattr("os.link", _across(folder, os.link))
    return folder


def _across(folder: Path, link: Callable[[Path, Path], None]) -> Callable[[Path, Path], None]:
    def refusing(source: Path, target: Path) -> None:
        if target.parent == folder and source.parent != folder:
            raise OSError(18, "Invalid cross-device link")
        link(source, target)

    return refusing
