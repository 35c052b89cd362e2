"""What every storage of packs does; each backend's tests subclass the contract and give ``packs``."""

from __future__ import annotations

from pathlib import Path

import pytest

from renderbus_farm.blobs.links import Links
from renderbus_farm.blobs.local_packs import LocalPacks
from renderbus_farm.blobs.packs import PackMissing, Packs
from renderbus_model.pieces import WrongDigest, digest_of
from renderbus_model.pieces.packs import BadPack, PackBuilder

NAME, OTHER = "a" * 32, "b" * 32


def pack_of(*pieces: bytes) -> bytes:
    builder = PackBuilder()
    for piece in pieces:
        builder.add(digest_of(piece), piece, piece)
    return b"".join(builder.finish())


def stored(packs: Packs, name: str, content: bytes) -> None:
    with packs.arrival(name) as arrival:
        arrival.write(content)
        arrival.checked()
        arrival.keep()


class PacksContract:
    """What every storage of packs does."""

    def test_what_was_put_can_be_read_anywhere(self, packs: Packs) -> None:
        content = pack_of(b"wood", b"iron")
        stored(packs, NAME, content)
        assert packs.size_bytes(NAME) == len(content)
        assert packs.read(NAME, 4, 4) == b"iron"
        assert packs.read(NAME, len(content) - 2, 10) == content[-2:]
        assert [name for name, _ in packs.names()] == [NAME]

    def test_a_pack_is_not_there_before_it_is_kept(self, packs: Packs) -> None:
        with packs.arrival(NAME) as arrival:
            arrival.write(pack_of(b"wood"))
            assert [row.digest for row in arrival.checked()] == [digest_of(b"wood")]
            with pytest.raises(PackMissing):
                packs.read(NAME, 0, 1)
        with pytest.raises(PackMissing):
            packs.size_bytes(NAME)

    @pytest.mark.parametrize("content", [b"", b"wood", pack_of(b"wood")[:-1]])
    def test_what_is_no_pack_is_refused(self, packs: Packs, content: bytes) -> None:
        with packs.arrival(NAME) as arrival:
            arrival.write(content)
            with pytest.raises(BadPack):
                arrival.checked()
        assert list(packs.names()) == []

    def test_a_piece_that_is_not_what_the_table_says_is_refused(self, packs: Packs) -> None:
        with packs.arrival(NAME) as arrival:
            arrival.write(b"w00d" + pack_of(b"wood")[4:])
            with pytest.raises(WrongDigest):
                arrival.checked()

    def test_deleted_packs_are_gone(self, packs: Packs) -> None:
        stored(packs, NAME, pack_of(b"wood"))
        packs.delete([NAME, OTHER])
        with pytest.raises(PackMissing):
            packs.read(NAME, 0, 1)

    def test_what_is_no_name_is_no_pack(self, packs: Packs) -> None:
        for name in ("../../etc/passwd", "", NAME.upper(), NAME + "a", "/" + NAME):
            with pytest.raises(PackMissing):
                packs.read(name, 0, 1)

    def test_urls_differ_by_what_they_allow(self, packs: Packs) -> None:
        urls = {packs.put_url(NAME, 1, 9), packs.put_url(OTHER, 1, 9), packs.put_url(NAME, 2, 9)}
        assert len(urls | {packs.put_url(NAME, 1, 10)}) == 4


class TestLocalPacks(PacksContract):
    """Files under a folder."""

    @pytest.fixture
    def packs(self, tmp_path: Path) -> LocalPacks:
        return LocalPacks(tmp_path / "packs", Links(b"k" * 32))

    def test_what_a_killed_farm_left_is_swept(self, packs: LocalPacks, tmp_path: Path) -> None:
        (tmp_path / "packs" / "incoming" / "12-34-0").write_bytes(b"wo")
        packs.sweep()
        assert list((tmp_path / "packs" / "incoming").iterdir()) == []

    def test_a_worker_cannot_sign(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="cannot sign"):
            LocalPacks(tmp_path / "packs").put_url(NAME, 1, 1000)
