"""The application's operations, asked without a web server: a body comes when the test wants it to."""

from __future__ import annotations

import errno
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import msgspec
import pytest

from renderbus_farm.accounts import Accounts
from renderbus_farm.api.app import Operations
from renderbus_farm.api.bodies import Limits
from renderbus_farm.api.handlers import Farm
from renderbus_farm.api.signed import Signatures
from renderbus_farm.blobs.links import Links
from renderbus_farm.blobs.local import LocalBlobs
from renderbus_farm.blobs.local_packs import LocalPacks
from renderbus_farm.environments import Environments
from renderbus_farm.events import Events
from renderbus_farm.keys import KeyBox
from renderbus_farm.labels import AccountLabels
from renderbus_farm.offers import Offers
from renderbus_farm.once import Once
from renderbus_farm.pieces import Pieces
from renderbus_farm.records import Records
from renderbus_farm.seen import SeenSignatures
from renderbus_farm.store.database import Database
from renderbus_farm.tasks.changes import TaskChanges
from renderbus_farm.tasks.commands import Tasks
from renderbus_farm.tasks.desk import Desk as TaskDesk
from renderbus_farm.tasks.files import ResultTree
from renderbus_farm.tasks.frames import Frames
from renderbus_farm.tasks.lists import TaskLists
from renderbus_farm.tasks.results import Results
from renderbus_farm.transfers import Transfers
from renderbus_model.wire.envelope import Envelope
from renderbus_model.wire.signing import canonical_string, sign
from renderbus_model.wire.task import CREATE_TASK, QUERY_TASK_INFO, TASK_JSON_FILE
from renderbus_model.wire.user import QUERY_USER_PROFILE

PATH = QUERY_USER_PROFILE.path
WINDOW_S = 300
Part = bytes | Callable[[], None] | None
Headers = dict[str, str]


class Desk:
    """A farm's operations and one account, with the clock in the test's hand."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.now = 1_600_000_000.0
        blobs = LocalBlobs(folder / "blobs")
        self.accounts = Accounts(database, KeyBox.at(folder / "farm.key"), clock=self.clock)
        desk = TaskDesk(database, blobs, nodes=list)
        offers = Offers(database, nodes=list)
        farm = Farm(
            Tasks(desk),
            TaskChanges(desk),
            TaskLists(desk),
            Frames(desk),
            Results(desk),
            ResultTree(desk),
            Transfers(database, blobs, Pieces(database, blobs, LocalPacks(folder / "packs"), kept_s=1.0)),
            self.accounts,
            AccountLabels(database),
            offers,
            Environments(database, refresh=offers.refresh),
            Records(database),
            Events(Links(bytes(32))),
        )
        self.seen = SeenSignatures(folder / "seen", window_s=WINDOW_S, now=self.now)
        signatures = Signatures(self.accounts.find, self.seen, window_s=WINDOW_S)
        limits = Limits(body_bytes=100, large_body_bytes=200, body_s=0.3, stalled_s=0.1)
        once = Once(database, clock=self.clock)
        self.operations = Operations(farm, signatures, once, limits=limits, clock=self.clock)
        self.ada = self.accounts.add("ada")
        self.body_was_read = False
        self.nonce = 100_000

    def clock(self) -> float:
        return self.now

    def headers(self, path: str = PATH, body: dict[str, Any] | None = None, nonce: int = 314159) -> Headers:
        """Signed headers of a request."""
        signed = {
            "accessId": self.ada.user.access_id,
            "UTCTimestamp": str(int(self.now)),
            "nonce": str(nonce),
        }
        signature = sign(self.ada.access_key, canonical_string("farm", path, signed, body or {}))
        return {**signed, "signature": signature, "host": "farm"}

    def ask(self, headers: Headers, *parts: Part, path: str = PATH) -> Envelope:
        """The answer to a body of these parts; a function is called in its turn, None never ends."""
        return anyio.run(self._ask, headers, parts, path)

    def create(self, body: dict[str, Any], key: str | None = None) -> Envelope:
        """Create tasks, under an idempotency key if there is one."""
        self.nonce += 1
        headers = self.headers(CREATE_TASK.path, body, self.nonce)
        if key is not None:
            headers["Idempotency-Key"] = key
        return self.ask(headers, json.dumps(body).encode(), path=CREATE_TASK.path)

    async def _ask(self, headers: Headers, parts: tuple[Part, ...], path: str) -> Envelope:
        left = list(parts)
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            self.body_was_read = True
            part = left.pop(0) if left else b""
            if part is None:
                await anyio.sleep_forever()
            if callable(part):
                part()
            content = part if isinstance(part, bytes) else b""
            return {"type": "http.request", "body": content, "more_body": bool(left)}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.operations(scope_of(path, headers), receive, send)
        return msgspec.json.decode(b"".join(message.get("body", b"") for message in sent), type=Envelope)

    def ask_at_once(self, path: str, body: dict[str, Any], nonce: int = 200_000) -> Any:
        """What comes back without a task: JSON, who goes on, or None."""
        scope = scope_of(path, self.headers(path, body, nonce))
        return self.operations.at_once(scope, json.dumps(body).encode())

    def ask_whoever(self, goes_on: Any) -> Envelope:
        """The answer of who goes on with a question."""
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        anyio.run(goes_on, {}, None, send)
        return msgspec.json.decode(sent[1]["body"], type=Envelope)


def scope_of(path: str, headers: Headers) -> dict[str, Any]:
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": raw}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with closing(Database.open(tmp_path / "farm.sqlite3")) as database:
        desk = Desk(tmp_path, database)
        with closing(desk.seen):
            yield desk


def test_a_request_is_not_accepted_again_because_its_body_came_late(desk: Desk) -> None:
    headers = desk.headers()
    assert desk.ask(headers, b"{}").code == 200

    def time_passes() -> None:
        desk.now += 10

    desk.now += WINDOW_S - 1
    assert desk.ask(headers, time_passes, b"{}").code == 610


def test_the_body_of_a_stranger_is_not_read(desk: Desk) -> None:
    assert desk.ask({**desk.headers(), "accessId": "nobody"}, b"{}").code == 602
    assert not desk.body_was_read


def test_a_body_that_stalls_is_given_up(desk: Desk) -> None:
    answer = desk.ask(desk.headers(), b"{", None)
    assert answer.code == 600
    assert "nothing of it came for 0.1 s" in answer.message


def test_a_body_that_never_ends_is_given_up(desk: Desk) -> None:
    def a_moment_passes() -> None:
        threading.Event().wait(0.05)

    slow: list[Part] = [a_moment_passes] * 20
    answer = desk.ask(desk.headers(), b"{", *slow, b"}")
    assert answer.code == 600
    assert "took longer than 0.3 s" in answer.message


def test_a_body_may_come_in_parts(desk: Desk) -> None:
    assert desk.ask(desk.headers(), b"", b" ", b"{", b"}", b"").code == 200


@pytest.mark.parametrize("parts", [(b" " * 101,), (b" " * 60, b" " * 60)])
def test_a_body_that_is_too_large_is_given_up(desk: Desk, parts: tuple[bytes, ...]) -> None:
    assert "larger than" in desk.ask(desk.headers(), *parts).message


def test_a_document_may_be_larger_than_other_bodies(desk: Desk) -> None:
    body = {"taskId": 1, "fileName": "task.json", "content": "x" * 80}
    headers = desk.headers(TASK_JSON_FILE.path, body)
    assert desk.ask(headers, json.dumps(body).encode(), path=TASK_JSON_FILE.path).code == 404


@pytest.mark.parametrize("length", ["-1", "+5", "five", "1e3", "１", "9" * 30, ""])
def test_an_announced_length_is_a_number_or_refused(desk: Desk, length: str) -> None:
    headers = {**desk.headers(), "Content-Length": length}
    raw = {name: value.encode("utf-8").decode("latin-1") for name, value in headers.items()}
    assert desk.ask(raw, b"{}").code == 600


def test_a_question_asked_again_under_its_key_has_the_same_answer(desk: Desk) -> None:
    first, again = (desk.create({"count": 2}, "shot 010, try 1") for _ in range(2))
    assert first.code == again.code == 200
    assert first.data == again.data
    assert len(first.data["taskIdList"]) == 2


def test_without_a_key_two_questions_are_two(desk: Desk) -> None:
    first, second = (desk.create({}) for _ in range(2))
    assert first.data["taskIdList"] != second.data["taskIdList"]


def test_a_key_stands_for_one_question(desk: Desk) -> None:
    assert desk.create({"count": 1}, "key").code == 200
    other = desk.create({"count": 2}, "key")
    assert other.code == 600
    assert "another question was asked under this key" in other.message


def test_the_same_question_in_other_words_is_the_same(desk: Desk) -> None:
    first = desk.create({"count": 1}, "key")
    assert desk.create({"count": "1", "labels": None}, "key").data == first.data


def test_a_refusal_is_not_kept(desk: Desk) -> None:
    assert desk.create({"count": 0}, "key").code == 600
    assert desk.create({"count": 1}, "key").code == 200


def test_an_answer_is_kept_for_a_day(desk: Desk) -> None:
    first = desk.create({}, "key")
    desk.now += 23 * 3600
    assert desk.create({}, "key").data == first.data
    desk.now += 2 * 3600
    assert desk.create({}, "key").data != first.data


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb", "caf\u00e9"])
def test_a_key_is_short_and_printable(desk: Desk, key: str) -> None:
    answer = desk.create({}, key.encode("utf-8").decode("latin-1"))
    assert answer.code == 600
    assert "Idempotency-Key" in answer.message


def test_a_full_disk_is_told_and_nothing_is_answered(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: int, content: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("renderbus_farm.seen.os.write", full)
        answer = desk.ask(desk.headers(), b"{}")
    assert answer.code == 500
    assert "disk is full" in answer.message
    assert desk.ask(desk.headers(), b"{}").code == 200


def envelope(answer: Any) -> Envelope:
    assert isinstance(answer, bytes)
    return msgspec.json.decode(answer, type=Envelope)


def test_a_small_question_is_answered_at_once_and_once(desk: Desk) -> None:
    ids = desk.create({}).data["taskIdList"]
    first, again = (desk.ask_at_once(QUERY_TASK_INFO.path, {"taskIds": ids}) for _ in range(2))
    assert [item["id"] for item in envelope(first).data["items"]] == ids
    assert envelope(again).code == 611
    assert "received before" in envelope(again).message


@pytest.mark.parametrize(
    ("body", "code"), [({"taskIds": [99]}, 404), ({}, 601), ({"taskIds": "x"}, 600), ({"taskIds": []}, 600)]
)
def test_a_refusal_comes_at_once_too(desk: Desk, body: dict[str, Any], code: int) -> None:
    assert envelope(desk.ask_at_once(QUERY_TASK_INFO.path, body)).code == code


def test_a_question_that_takes_longer_goes_on_with_the_signature_that_it_used(desk: Desk) -> None:
    ids = desk.create({"count": 20}).data["taskIdList"]
    later = desk.ask_whoever(desk.ask_at_once(QUERY_TASK_INFO.path, {"taskIds": ids}))
    assert [item["id"] for item in later.data["items"]] == ids
    unknown = {"taskIds": [*ids, 99]}
    assert desk.ask_whoever(desk.ask_at_once(QUERY_TASK_INFO.path, unknown, 300_000)).code == 404


def test_what_writes_is_never_answered_at_once(desk: Desk) -> None:
    assert desk.ask_at_once(CREATE_TASK.path, {}) is None
    assert desk.ask_at_once("/api/render/no/such", {}) is None


def test_a_body_of_some_size_is_not_read_at_once(desk: Desk) -> None:
    assert desk.ask_at_once(QUERY_TASK_INFO.path, {"taskIds": [1], "a": "x" * (17 << 10)}) is None
