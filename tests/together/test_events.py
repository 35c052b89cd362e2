"""The event stream of a real farm: who sees what, and downloads that are woken by it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from tests.together.farms import FarmProcess, farm_process, wait_for
from tests.together.small_task import prepare, submitted

from rayvision_api import RayvisionAPI
from rayvision_sync.bulk import Bulk
from rayvision_sync.download import RayvisionDownload
from rayvision_sync.listening import TaskEvents
from renderbus_model.wire.event import BEHIND, OPEN_EVENTS, READY, TASK, StreamReader, Told
from renderbus_model.wire.operation import Nothing

STOPPED, ABANDONED = 10, 35


@contextmanager
def logged_in(farm: FarmProcess) -> Iterator[RayvisionAPI]:
    with RayvisionAPI(farm.access_id, farm.access_key, farm.url, "2") as api:
        yield api


@contextmanager
def told_to(farm: FarmProcess, last: str = "") -> Iterator[Iterator[Told]]:
    """The events that the account is told, one after another."""
    url = farm.url + farm.ask(OPEN_EVENTS, Nothing()).url
    with (
        requests.Session() as session,
        Bulk(farm.url, 1, session) as bulk,
        bulk.listen(url, last, 5.0) as answer,
    ):
        assert answer.status == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        reader = StreamReader()
        yield (told for part in answer.arriving() for told in reader.feed(part))


def test_an_account_sees_what_happens_to_its_own_tasks(farm: FarmProcess, tmp_path: Path) -> None:
    ada, eve = farm.as_user("ada of events"), farm.as_user("eve of events")
    with logged_in(ada) as api, told_to(ada) as hers, told_to(eve) as others:
        assert next(hers).name == next(others).name == READY
        task = submitted(api, prepare(api, tmp_path))["task_id"]
        api.task.stop_task([task])
        seen = next(hers)
        while seen.data["status"] != STOPPED:
            assert (seen.name, seen.task_id) == (TASK, int(task))
            seen = next(hers)
        with logged_in(eve) as other:  # what eve hears next is her own, so nothing of ada's came before
            mine = submitted(other, prepare(other, tmp_path))["task_id"]
            assert next(others).task_id == int(mine)
        api.task.abort_task([task])
        with told_to(ada, seen.id) as again:
            assert [next(again).name, next(again).data["status"]] == [READY, ABANDONED]


@pytest.mark.parametrize("query", ["", "?op=events&until=99999999999&sig=none"])
def test_a_stream_without_permission_is_refused(farm: FarmProcess, query: str) -> None:
    answer = requests.get(f"{farm.url}/events/1{query}", timeout=10)
    assert answer.status_code == 403
    assert "URL" in answer.json()["message"]


def test_a_farm_ends_at_once_while_streams_are_open(own_farm: FarmProcess) -> None:
    with told_to(own_farm) as told:
        assert next(told).name == READY
        began = time.monotonic()
        own_farm.end()
        assert time.monotonic() - began < 10
        assert list(told) == []


def test_a_reader_of_a_farm_that_was_killed_is_told_to_ask_again(
    own_farm: FarmProcess, tmp_path: Path
) -> None:
    with told_to(own_farm) as told:
        last = next(told).id
        own_farm.kill()
    with farm_process(tmp_path / "data") as again, told_to(again, last) as told:
        assert next(told).name == BEHIND


def test_a_download_is_woken_when_its_task_ends_and_lives_through_a_farm_that_is_killed(
    own_farm: FarmProcess, tmp_path: Path
) -> None:
    port = own_farm.url.rpartition(":")[2]
    with logged_in(own_farm) as api:
        task = int(submitted(api, prepare(api, tmp_path))["task_id"])
        ended: list[float] = []

        def follow() -> None:
            RayvisionDownload(api).auto_download([task], sleep_time=60, local_path=tmp_path / "here")
            ended.append(time.monotonic())

        thread = threading.Thread(target=follow)
        thread.start()
        wait_for(lambda: "event stream opened" in own_farm.log(), "nobody listens")
        own_farm.kill()
        with farm_process(tmp_path / "data", "--port", port) as again:
            wait_for(lambda: again.log().count("event stream opened") == 2, "nobody listens again")
            assert not ended
            began = time.monotonic()
            api.task.abort_task([task])
            thread.join(10)
            assert ended
            assert ended[0] - began < 5.0  # some 0.1 s, where others leave the machine alone; never 60


def test_an_embedded_farm_stays_for_who_reads_its_events_and_ends_soon_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RENDERBUS_FARM_IDLE_END_S", "0.5")
    monkeypatch.setenv("RENDERBUS_FARM_EMBEDDED", "true")
    with farm_process(tmp_path / "data") as farm:
        with told_to(farm) as told:
            assert next(told).name == READY
            assert not threading.Event().wait(2.0)
            assert farm.process.poll() is None
        assert farm.process.wait(20) == 0


def test_a_farm_without_events_is_asked_now_and_then(farm: FarmProcess) -> None:
    user = farm.as_user("without events")
    with RayvisionAPI(user.access_id, user.access_key, user.url, "2") as api:
        api.connect.domain += "/no/such/prefix"
        with TaskEvents(api, {5: ()}) as events:
            began = time.monotonic()
            assert events.wait(0.3) == {5}
            assert time.monotonic() - began >= 0.3
