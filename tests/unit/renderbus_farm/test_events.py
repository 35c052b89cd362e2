"""What happens to tasks is told to those who listen, in order, and to nobody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from renderbus_farm.blobs.links import BadLink, Links
from renderbus_farm.events import KEPT, MOST_LISTENERS, Events, Listener, TooManyListeners
from renderbus_farm.rules.people import User
from renderbus_farm.store import happened
from renderbus_farm.store.database import Database
from renderbus_farm.store.happened import FrameOver, Happening, TaskStands
from renderbus_model.statuses import FrameStatus, TaskStatus
from renderbus_model.wire.event import BEHIND, FRAME, READY, TASK, NotAStream, StreamReader, Told

ADA, EVE = 1, 2
LINKS = Links(b"k" * 32)


@pytest.fixture
def events() -> Events:
    return Events(LINKS, clock=lambda: 1000.0)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database.open(tmp_path / "farm.sqlite3")) as database:
        yield database


def names(listener: Listener) -> list[str]:
    return [told.name for told in listener.take() or []]


def stands(task_id: int, status: TaskStatus, before: TaskStatus, account_id: int = ADA) -> TaskStands:
    return TaskStands(account_id, task_id, status, before)


def test_a_listener_hears_of_its_own_account_alone(events: Events) -> None:
    with events.listening(ADA, lambda: None) as ada, events.listening(EVE, lambda: None) as eve:
        events.publish(ADA, TASK, 5, {"status": 25})
        assert [(one.name, one.data) for one in ada.take() or []] == [
            (READY, {}),
            (TASK, {"taskId": 5, "status": 25}),
        ]
        assert names(eve) == [READY]


def test_a_listener_is_woken_once_until_it_takes(events: Events) -> None:
    woken: list[int] = []
    with events.listening(ADA, lambda: woken.append(1)) as listener:
        for _ in range(3):
            events.publish(ADA, TASK, 5, {})
        assert len(woken) == 1
        listener.take()
        events.publish(ADA, TASK, 5, {})
        assert len(woken) == 2


def test_a_stream_goes_on_behind_the_last_event_that_was_read(events: Events) -> None:
    with events.listening(ADA, lambda: None) as listener:
        events.publish(ADA, TASK, 5, {})
        last = (listener.take() or [])[-1].id
    events.publish(ADA, TASK, 6, {})
    with events.listening(ADA, lambda: None, after=last) as listener:
        assert [(one.name, one.task_id) for one in listener.take() or []] == [(READY, 0), (TASK, 6)]


@pytest.mark.parametrize("after", ["0123456789abcdef-0", "nonsense", "-1", "9" * 400])
def test_who_comes_back_to_another_process_is_told_to_ask_again(events: Events, after: str) -> None:
    with events.listening(ADA, lambda: None, after=after) as listener:
        assert names(listener) == [BEHIND]


def test_who_reads_too_slowly_is_told_to_ask_again_and_costs_no_memory(events: Events) -> None:
    with events.listening(ADA, lambda: None) as slow:
        for task_id in range(3 * KEPT):
            events.publish(ADA, TASK, task_id, {})
        told = slow.take() or []
        assert [one.name for one in told] == [READY, BEHIND]
        events.publish(ADA, TASK, 7, {})
        assert [one.task_id for one in slow.take() or []] == [7]
    with events.listening(ADA, lambda: None, after=told[-1].id) as again:
        assert names(again) == [READY, TASK]


def test_an_account_has_a_limited_number_of_streams(events: Events) -> None:
    def deeper(left: int) -> None:
        with events.listening(ADA, lambda: None):
            if left:
                deeper(left - 1)
            else:
                with events.listening(EVE, lambda: None) as eve:
                    assert names(eve) == [READY]
                with pytest.raises(TooManyListeners), events.listening(ADA, lambda: None):
                    pass

    deeper(MOST_LISTENERS - 1)
    with events.listening(ADA, lambda: None) as listener:
        assert names(listener) == [READY]


def test_every_stream_ends_with_the_farm(events: Events) -> None:
    woken: list[int] = []
    with events.listening(ADA, lambda: woken.append(1)) as listener:
        events.close()
        assert woken
        assert listener.take() is None


def test_frames_are_told_before_the_end_of_their_task(events: Events) -> None:
    noted: list[Happening] = [
        stands(5, TaskStatus.FINISHED, TaskStatus.RENDERING),
        FrameOver(5, 71, FrameStatus.DONE),
    ]
    with events.listening(ADA, lambda: None) as listener:
        events.happened(noted)
        assert [one.name for one in listener.take() or []] == [READY, FRAME, TASK]


def test_a_task_whose_status_stays_is_not_told(events: Events) -> None:
    with events.listening(ADA, lambda: None) as listener:
        events.happened([stands(5, TaskStatus.RENDERING, TaskStatus.RENDERING)])
        assert names(listener) == [READY]


def test_the_url_opens_the_stream_of_its_account_alone(events: Events) -> None:
    stream = events.open(by=User(ADA, "ada", "an-id"))
    path, _, text = stream.url.partition("?")
    query = dict(pair.split("=", 1) for pair in text.split("&"))
    assert LINKS.may_listen(path.removeprefix("/events/"), query, 1000.0) == ADA
    for account, changed, now in (("2", {}, 1000.0), ("1", {"op": "get"}, 1000.0), ("1", {}, 10_000.0)):
        with pytest.raises(BadLink):
            LINKS.may_listen(account, {**query, **changed}, now)


@pytest.mark.parametrize("fails", [False, True])
def test_a_transaction_tells_what_it_changed_once_it_is_committed(database: Database, fails: bool) -> None:
    told: list[Happening] = []
    database.listeners.append(told.extend)
    what = FrameOver(5, 71, FrameStatus.DONE)

    def write(check: Callable[[], None]) -> None:
        with database.writing() as db:
            happened.note(db, what)
            with database.writing() as inner:
                happened.note(inner, what)
            assert told == []
            check()

    if fails:
        with pytest.raises(ZeroDivisionError):
            write(lambda: print(1 // 0))
    else:
        write(lambda: None)
    assert told == ([] if fails else [what, what])
    with database.writing():
        pass
    assert len(told) in (0, 2)


def test_events_come_together_from_any_parts() -> None:
    sent = [Told("task", {"taskId": 5, "name": "木\n"}, "a-1"), Told("frame", {"taskId": 6}, "a-2")]
    line = b": here\n\n".join(one.encoded() for one in sent)
    for size in (1, 3, 1000):
        reader = StreamReader()
        parts = [line[at : at + size] for at in range(0, len(line), size)]
        assert [told for part in parts for told in reader.feed(part)] == sent


@pytest.mark.parametrize("line", [b"data: nonsense\n\n", b"data: [1]\n\n", b"x" * (2 << 20)])
def test_what_is_no_stream_of_events_is_refused(line: bytes) -> None:
    with pytest.raises(NotAStream):
        list(StreamReader().feed(line))
