"""What people and programs are told."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from renderbus_cli import events
from renderbus_cli.display import People, shown
from renderbus_cli.problems import Exit, Problem
from renderbus_cli.show import json_line, plain, problem_line, table

ANALYSED = events.Analysed(
    scene="/shots/照明 é.blend",
    seconds=0.25,
    files=3,
    size_bytes=4_500_000,
    missing=[events.Missing(node="wood\x1b[2J", path="//tex/wood.png", kind="texture")],
    tips=["driver of 'Cube' needs Python"],
)
BLACK = events.FrameEnded(id=8, frame="8", layer="Day", camera="", status="done", seconds=4, flags="black")
FAILED = events.FrameEnded(
    id=3,
    frame="0003",
    layer="ViewLayer",
    camera="",
    status="failed",
    seconds=1,
    error="file not found: /tex/wood.png\nlast lines of the renderer\x07",
)
FINISHED = events.Finished(
    exit=2,
    status="failed",
    task=7,
    folder="/frames/7_shot",
    frames_done=2,
    frames_failed=1,
    frames_total=3,
    files=2,
    seconds=75.0,
)


def test_a_frame_that_is_done_and_looks_odd_is_named() -> None:
    assert "frame 8 Day done, but look at it: black" in told(BLACK)


def told(*shown_events: events.Event, terminal: bool = False) -> str:
    """What people read when these events come."""
    written = io.StringIO()
    console = Console(file=written, force_terminal=terminal, width=100, markup=False, highlight=False)
    with People(console) as people:
        for event in shown_events:
            people(event)
    return written.getvalue()


@given(st.text())
def test_no_control_character_reaches_a_terminal(text: str) -> None:
    visible = plain(text)
    assert not any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in visible)
    visible.encode("utf-8")


@given(st.text(st.characters(exclude_categories=("C", "Z"))))
def test_names_in_any_script_are_shown_as_they_are(text: str) -> None:
    assert plain(text) == text


def test_a_scene_cannot_turn_the_line_around_it() -> None:
    assert plain("exe\u202egnp.") == "exe\\u202egnp."


@pytest.mark.parametrize("terminal", [False, True])
def test_people_read_what_is_missing_and_what_failed(terminal: bool) -> None:
    text = told(ANALYSED, FAILED, FINISHED, terminal=terminal)
    assert "照明 é.blend in 0.2 s: 3 files, 4.5 MB, 1 missing" in text
    assert "//tex/wood.png (texture of wood" in text
    assert "driver of 'Cube' needs Python" in text
    assert "frame 0003 ViewLayer failed: file not found: /tex/wood.png" in text
    assert "2 of 3 frames, 1 failed in 1:15 min" in text
    assert "\x1b[2J" not in text
    assert "\x07" not in text


def test_the_live_display_shows_upload_rate_and_time_left() -> None:
    uploading = events.Uploading(
        files_done=1,
        files_total=4,
        bytes_done=12_300_000,
        bytes_total=45_600_000,
        bytes_known=0,
        bytes_read=45_600_000,
        bytes_to_read=45_600_000,
        bytes_per_s=8_100_000,
    )
    progress = events.Progress(
        done=12,
        failed=1,
        total=40,
        running=[events.Running(frame="0014", layer="ViewLayer", camera="", percent=45.2)],
        seconds_left=72,
    )
    console = Console(file=io.StringIO(), force_terminal=True, width=120, markup=False, record=True)
    people = People(console)
    people(uploading)
    people(progress)
    console.print(people.picture())
    text = console.export_text()
    assert "1 of 4 files, 12.3 MB of 45.6 MB, 8.1 MB/s" in text
    assert "12 of 40 frames, 1 failed, 1:12 min left" in text
    assert "frame 0014 ViewLayer   45 %" in text


def test_a_terminal_that_cannot_move_its_cursor_gets_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    progress = events.Progress(done=1, failed=0, total=2, running=[], seconds_left=3.0)
    text = told(ANALYSED, progress, FINISHED, terminal=True)
    assert "1 of 2 frames, 3.0 s left" in text
    assert "\x1b" not in text


def test_no_color_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    waits = events.Waits(possible=True, reasons=["all workers are busy"])
    written = io.StringIO()
    console = Console(file=written, force_terminal=True, width=80)
    people = People(console)
    people(waits)
    console.print(people.picture())
    assert "all workers are busy" in written.getvalue()
    assert "\x1b[33m" not in written.getvalue()


@pytest.mark.parametrize("event", [ANALYSED, FAILED, FINISHED])
def test_a_program_reads_one_line_an_event_with_its_name(event: events.Event) -> None:
    line = json_line(event)
    assert line.count(b"\n") == 1
    read = json.loads(line)
    assert read["event"] in ("analysed", "frame", "finished")


def test_a_file_name_that_is_no_unicode_does_not_end_the_program() -> None:
    line = json_line(events.Downloaded(path="/frames/caf\udce9.png"))
    assert json.loads(line)["path"] == "/frames/caf\\udce9.png"


def test_the_last_line_of_a_failed_command_is_its_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Problem, match="no camera"), shown(as_json=True):
        raise Problem("the scene has no camera", Exit.BAD_SCENE)
    assert json.loads(capsys.readouterr().out) == {
        "event": "error",
        "exit": 65,
        "message": "the scene has no camera",
    }


def test_a_message_shows_control_characters_instead_of_sending_them() -> None:
    assert problem_line(Problem("layer 'a\x1b]0;x\x07'", Exit.USAGE)) == "renderbus: layer 'a\\x1b]0;x\\x07'"


def test_a_row_stays_one_line_where_no_terminal_folds_it(capsys: pytest.CaptureFixture[str]) -> None:
    table(["frame", "error"], [["1", "long " * 100]])
    assert len(capsys.readouterr().out.splitlines()) == 2
