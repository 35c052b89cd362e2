"""What every ledger does, wherever it is kept."""

from __future__ import annotations

import os
import threading
import time
from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.redis_server import client_of, redis_server

from rayvision_sync.hashing import stamp_of
from rayvision_sync.ledger import Ledger, Recalled, Stamp
from rayvision_sync.ledger_redis import RedisAddress, RedisLedger
from rayvision_sync.ledger_sqlite import SqliteLedger
from renderbus_model.pieces import Piece, digest_of, listed

STAMP = Stamp(1, 1, 1, 1)
WOOD = Recalled(digest_of(b"wood"))


class LedgerContract:
    """Tests of a ledger; subclasses say how one is opened, and how its entries are damaged."""

    @abstractmethod
    def opened(self, *, settled_after_s: float = 0) -> Ledger:
        """The ledger, opened anew."""

    @abstractmethod
    def damage(self) -> None:
        """Give every file another digest, behind the ledger's back."""

    def remember(self, *paths: str, stamp: Stamp = STAMP) -> None:
        with self.opened() as ledger:
            ledger.remember(dict.fromkeys(paths, (stamp, WOOD)))

    def knows(self, path: str, stamp: Stamp = STAMP) -> bool:
        with self.opened() as ledger:
            return ledger.known({path: stamp}) == {path: WOOD}

    def test_what_was_remembered_is_known_and_nothing_else(self) -> None:
        self.remember("/wood", "/名/é.png")
        with self.opened() as ledger:
            found = ledger.known(dict.fromkeys(("/wood", "/名/é.png", "/never"), STAMP))
        assert found == {"/wood": WOOD, "/名/é.png": WOOD}

    def test_the_pieces_of_a_file_are_known_too(self) -> None:
        cut = Recalled(digest_of(b"wood"), listed([Piece(digest_of(b"wo"), 2), Piece(digest_of(b"od"), 2)]))
        with self.opened() as ledger:
            ledger.remember({"/wood": (STAMP, cut)})
        with self.opened() as ledger:
            assert ledger.known({"/wood": STAMP}) == {"/wood": cut}

    @pytest.mark.parametrize("fact", ["size_bytes", "mtime_ns", "ctime_ns", "inode"])
    def test_a_file_of_another_stamp_is_not_known(self, fact: str) -> None:
        self.remember("/wood")
        assert not self.knows("/wood", replace(STAMP, **{fact: 2}))

    def test_what_is_forgotten_is_not_known(self) -> None:
        self.remember("/wood", "/steel")
        with self.opened() as ledger:
            ledger.forget(["/wood", "/never"])
        assert not self.knows("/wood")
        assert self.knows("/steel")

    def test_what_is_remembered_again_replaces_what_was(self) -> None:
        self.remember("/wood")
        later = replace(STAMP, mtime_ns=2)
        self.remember("/wood", stamp=later)
        assert self.knows("/wood", later)
        assert not self.knows("/wood")

    def test_a_damaged_entry_is_none(self) -> None:
        self.remember("/wood")
        self.damage()
        with self.opened() as ledger:
            assert ledger.known({"/wood": STAMP}) == {}

    def test_a_file_that_was_touched_a_moment_ago_is_not_remembered(self, tmp_path: Path) -> None:
        (tmp_path / "new").write_bytes(b"wood")
        stamp = stamp_of(str(tmp_path / "new"))
        with self.opened(settled_after_s=60) as ledger:
            ledger.remember({str(tmp_path / "new"): (stamp, WOOD)})
        assert not self.knows(str(tmp_path / "new"), stamp)

    def test_names_that_are_no_text_can_be_remembered(self) -> None:
        odd = os.fsdecode(b"/\xff\xfe.png")
        self.remember(odd)
        assert self.knows(odd)

    def test_thousands_of_files_are_known_in_a_moment(self) -> None:
        paths = [f"/tex/{number}" for number in range(5000)]
        self.remember(*paths)
        with self.opened() as ledger:
            began = time.monotonic()
            assert len(ledger.known(dict.fromkeys(paths, STAMP))) == 5000
            assert time.monotonic() - began < 5  # some 0.05 s on a quiet machine

    def test_several_programs_may_keep_one_ledger(self) -> None:
        def write(first: int) -> None:
            for number in range(first, first + 30):
                self.remember(f"/file/{number}")

        writers = [threading.Thread(target=write, args=(first,)) for first in (0, 30, 60)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join(30)
        with self.opened() as ledger:
            assert len(ledger.known({f"/file/{number}": STAMP for number in range(90)})) == 90

    def test_nothing_is_asked_of_a_closed_ledger(self) -> None:
        self.remember("/wood")
        ledger = self.opened()
        ledger.close()
        ledger.remember({"/steel": (STAMP, WOOD)})
        ledger.forget(["/wood"])
        assert ledger.known({"/wood": STAMP}) == {}
        assert self.knows("/wood")


class TestSqliteLedger(LedgerContract):
    """In a file."""

    @pytest.fixture(autouse=True)
    def place(self, tmp_path: Path) -> None:
        self.path = tmp_path / "db" / "farm-7.sqlite3"

    def opened(self, *, settled_after_s: float = 0) -> Ledger:
        return SqliteLedger(self.path, settled_after_s=settled_after_s)

    def damage(self) -> None:
        import sqlite3
        from contextlib import closing

        with closing(sqlite3.connect(self.path)) as db, db:
            db.execute("UPDATE file SET digest = ?", (digest_of(b"another file that the farm has"),))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisAddress]:
    with redis_server(tmp_path_factory.mktemp("redis"), password="pass%word") as address:
        yield address


class TestRedisLedger(LedgerContract):
    """In a Redis server that asks for a password."""

    @pytest.fixture(autouse=True)
    def place(self, server: RedisAddress) -> None:
        self.server = server
        with client_of(server) as client:
            client.flushdb()

    def opened(self, *, settled_after_s: float = 0) -> Ledger:
        return RedisLedger(self.server, "renderbus:ledger:farm:7", settled_after_s=settled_after_s)

    def damage(self) -> None:
        other = digest_of(b"another file that the farm has").encode()
        with client_of(self.server) as client:
            kept: dict[bytes, bytes] = client.hgetall("renderbus:ledger:farm:7")  # type: ignore[assignment]  # bytes: nothing is decoded here
            for path, value in kept.items():
                client.hset("renderbus:ledger:farm:7", path, value.replace(WOOD.digest.encode(), other))

    @pytest.mark.parametrize("value", [b"", b"\0", b"\xff\0\xff\0\xff", b"a\0b\0c\0d"])
    def test_a_value_that_no_ledger_wrote_is_no_entry(self, value: bytes) -> None:
        with client_of(self.server) as client:
            client.hset("renderbus:ledger:farm:7", "/wood", value)
        assert not self.knows("/wood")

    @pytest.mark.parametrize("wrong", [{"password": "wrong"}, {"port": 1}, {"host": "256.0.0.1"}])
    def test_a_server_that_does_not_answer_costs_time_and_nothing_else(self, wrong: dict[str, Any]) -> None:
        with RedisLedger(
            replace(self.server, **wrong), "renderbus:ledger:farm:7", settled_after_s=0
        ) as ledger:
            ledger.remember({"/wood": (STAMP, WOOD)})
            assert ledger.known({"/wood": STAMP}) == {}

    def test_no_password_reaches_a_log(self, caplog: pytest.LogCaptureFixture) -> None:
        with RedisLedger(replace(self.server, port=1), "renderbus:ledger:farm:7") as ledger:
            ledger.known({"/wood": STAMP})
        assert "pass%word" not in str([vars(record) for record in caplog.records])
        assert "pass%word" not in repr(self.server)
