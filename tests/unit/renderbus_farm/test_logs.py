"""The farm's log is one JSON object a line."""

from __future__ import annotations

import json
import logging
from pathlib import Path

from renderbus_farm.logs import logged_to

log = logging.getLogger("renderbus_farm.example")


def lines_of(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_an_event_stands_with_its_facts(tmp_path: Path) -> None:
    with logged_to(tmp_path / "farm.log"):
        log.info("frame claimed", extra={"task": 19084, "node": "w-07", "scene": Path("木.blend")})
        log.debug("not told")
    (line,) = lines_of(tmp_path / "farm.log")
    assert line.pop("time")
    assert line == {
        "level": "info",
        "event": "frame claimed",
        "task": 19084,
        "node": "w-07",
        "scene": "木.blend",
        "logger": "renderbus_farm.example",
    }


def test_an_exception_stands_on_the_same_line(tmp_path: Path) -> None:
    with logged_to(tmp_path / "farm.log"):
        try:
            raise OSError("disk is full")
        except OSError:
            log.exception("tick failed")
    (line,) = lines_of(tmp_path / "farm.log")
    assert line["event"] == "tick failed"
    assert "disk is full" in str(line["traceback"])


def test_text_that_is_no_unicode_breaks_nothing(tmp_path: Path) -> None:
    with logged_to(tmp_path / "farm.log"):
        log.info("frame claimed", extra={"scene": "wood\udcff"})
    assert len(lines_of(tmp_path / "farm.log")) == 1


def test_afterwards_nothing_is_written(tmp_path: Path) -> None:
    with logged_to(tmp_path / "farm.log"):
        pass
    log.error("too late")
    assert lines_of(tmp_path / "farm.log") == []
