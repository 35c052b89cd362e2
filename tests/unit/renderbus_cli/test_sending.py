"""What is told of an upload: two bars for people, events for programs."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from rayvision_sync.progress import TransferProgress
from renderbus_cli import events
from renderbus_cli.display import People
from renderbus_cli.sending import Told, uploading

HALF = TransferProgress(
    files_done=3,
    files_total=8,
    bytes_done=50_000_000,
    bytes_total=100_000_000,
    bytes_per_s=10_000_000,
    bytes_read=70_000_000,
    bytes_to_read=90_000_000,
)


def test_people_see_what_was_read_and_what_was_sent_with_the_time_left() -> None:
    written = io.StringIO()
    console = Console(file=written, force_terminal=True, width=120)
    with People(console) as people:
        people(uploading(HALF))
        console.print(people.picture())
    text = written.getvalue()
    read, sent = (next(line for line in text.splitlines() if word in line) for word in ("read ", "sent "))
    assert "70.0 MB of 90.0 MB" in read
    assert "3 of 8 files, 50.0 MB of 100.0 MB, 10.0 MB/s, 5.0 s left" in sent


def test_nothing_is_said_of_the_time_while_nothing_travels() -> None:
    assert uploading(TransferProgress(bytes_total=5)).seconds_left is None


def test_programs_hear_of_an_upload_now_and_then_and_of_its_end() -> None:
    heard: list[events.Event] = []
    now = 0.0
    told = Told(heard.append, clock=lambda: now)
    for number in range(100):
        now = number / 100
        told(HALF)
    done = TransferProgress(files_done=8, files_total=8, bytes_done=5, bytes_total=5)
    told(done)
    assert len(heard) == 4  # in one second
    told.end()
    assert heard[-1] == uploading(done)


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (
            events.Verified(
                exit=6,
                status="different",
                task=7,
                folder="/f",
                right=2,
                missing=["7_s/3.png"],
                different=["7_s/\x1b.png"],
                seconds=1.0,
            ),
            "different  2 right, 1 missing, 1 different in 1.0 s",
        ),
        (
            events.Uploaded(
                exit=0, status="uploaded", task=0, files=2, bytes_sent=1, bytes_known=0, seconds=1.0
            ),
            "no documents",
        ),
    ],
)
def test_people_read_how_it_ended(event: events.Event, line: str) -> None:
    written = io.StringIO()
    with People(Console(file=written, width=100)) as people:
        people(event)
    assert line in written.getvalue()
    assert "\x1b" not in written.getvalue()
