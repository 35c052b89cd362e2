"""The application's operations, asked without a web server: a body comes when the test wants it to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import msgspec
import pytest

from renderbus_farm.accounts import Accounts
from renderbus_farm.api import app
from renderbus_farm.api.app import Operations
from renderbus_farm.api.handlers import Farm
from renderbus_farm.api.signed import Signatures
from renderbus_farm.blobs.local import LocalBlobs
from renderbus_farm.environments import Environments
from renderbus_farm.keys import KeyBox
from renderbus_farm.labels import AccountLabels
from renderbus_farm.offers import Offers
from renderbus_farm.records import Records
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
from renderbus_model.wire.user import QUERY_USER_PROFILE

PATH = QUERY_USER_PROFILE.path
WINDOW_S = 300
Part = bytes | Callable[[], None] | None


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
            Transfers(database, blobs),
            self.accounts,
            AccountLabels(database),
            offers,
            Environments(database, refresh=offers.refresh),
            Records(database),
        )
        self.operations = Operations(farm, Signatures(self.accounts, window_s=WINDOW_S), clock=self.clock)
        self.ada = self.accounts.add("ada")
        self.body_was_read = False

    def clock(self) -> float:
        return self.now

    def headers(self) -> dict[str, str]:
        """Signed headers of a request without members."""
        signed = {
            "accessId": self.ada.user.access_id,
            "UTCTimestamp": str(int(self.now)),
            "nonce": "314159",
        }
        signature = sign(self.ada.access_key, canonical_string("farm", PATH, signed, {}))
        return {**signed, "signature": signature, "host": "farm"}

    def ask(self, headers: dict[str, str], *parts: Part) -> Envelope:
        """The answer to a body of these parts; a function is called in its turn, None never ends."""
        return anyio.run(self._ask, headers, parts)

    async def _ask(self, headers: dict[str, str], parts: tuple[Part, ...]) -> Envelope:
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

        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "http", "method": "POST", "path": PATH, "query_string": b"", "headers": raw}
        await self.operations(scope, receive, send)
        return msgspec.json.decode(b"".join(message.get("body", b"") for message in sent), type=Envelope)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with closing(Database.open(tmp_path / "farm.sqlite3")) as database:
        yield Desk(tmp_path, database)


def test_a_request_is_not_accepted_again_because_its_body_came_late(desk: Desk) -> None:
    headers = desk.headers()
    assert desk.ask(headers, b"{}").code == 200

    def everybody_forgets() -> None:
        desk.now += 10
        desk.accounts.first_use("another", "signature", until=desk.now + WINDOW_S)

    desk.now += WINDOW_S - 1
    assert desk.ask(headers, everybody_forgets, b"{}").code == 610


def test_the_body_of_a_stranger_is_not_read(desk: Desk) -> None:
    assert desk.ask({**desk.headers(), "accessId": "nobody"}, b"{}").code == 602
    assert not desk.body_was_read


def test_a_body_that_never_ends_is_given_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "LONGEST_BODY_S", 0.05)
    answer = desk.ask(desk.headers(), b"{", None)
    assert answer.code == 600
    assert "took longer" in answer.message
