"""Bytes that go out through the application: all of them, and none to who has hung up."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from renderbus_farm.api.byte_asgi import ByteApplication
from renderbus_farm.api.byte_requests import Body, ByteRequest, Reply, Span
from renderbus_model.pieces import READ_BYTES

PARTS = 40


class Routes:
    """Answer with a file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def answer(self, request: ByteRequest, body: Body) -> Reply:
        """As the real routes do."""
        return Reply(200, {}, file=self.file.open("rb"), span=Span(0, self.file.stat().st_size))


def sent(file: Path, *, hangs_up: bool) -> int:
    """Bytes of the file that are sent to a client; ``hangs_up`` once it has the first of them."""
    came: list[int] = []

    async def fetch() -> None:
        has_some = asyncio.Event()
        asked: list[MutableMapping[str, Any]] = [{"type": "http.request", "body": b""}]

        async def receive() -> MutableMapping[str, Any]:
            if asked:
                return asked.pop()
            await has_some.wait()
            if not hangs_up:
                await asyncio.Event().wait()
            return {"type": "http.disconnect"}

        async def send(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.body":
                came.append(len(message["body"]))
                has_some.set()

        scope = {"method": "GET", "headers": [], "query_string": b""}
        application = ByteApplication(Routes(file))  # type: ignore[arg-type]  # as much of the routes as is used
        await application("/blobs/x", scope, receive, send)

    asyncio.run(fetch())
    return sum(came)


def test_all_of_a_file_goes_to_who_waits_for_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"wood" * 1_000_001)
    assert sent(tmp_path / "file", hangs_up=False) == 4_000_004


def test_a_file_is_not_read_on_for_who_has_hung_up(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb") as file:
        file.truncate(PARTS * READ_BYTES)
    assert sent(tmp_path / "file", hangs_up=True) < PARTS * READ_BYTES // 2
