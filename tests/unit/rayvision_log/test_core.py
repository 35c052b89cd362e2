"""Where a log goes, and that setting it up never stops a program."""

from __future__ import annotations

import getpass
import logging
import logging.handlers
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from concurrent_log_handler import ConcurrentRotatingFileHandler

from rayvision_log import init_logger, set_up_logger
from rayvision_log.core import get_default_log_config, log_path, system_folder

HOST = f"{socket.getfqdn()}.log"


@pytest.fixture(autouse=True)
def _root_logger_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    urllib3 = logging.getLogger("urllib3").level
    yield
    for handler in root.handlers[:]:
        root.removeHandler(handler)
        if handler not in handlers:
            handler.close()
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(level)
    logging.getLogger("urllib3").setLevel(urllib3)


@pytest.fixture
def root_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RAYVISION_LOG_ROOT", str(tmp_path / "logs"))
    return tmp_path / "logs"


def written(path: Path) -> str:
    for handler in logging.getLogger().handlers:
        handler.flush()
    return path.read_text("utf-8")


def test_a_message_of_any_logger_lands_in_the_applications_file(root_folder: Path) -> None:
    init_logger("mylog")
    logging.info("hello")  # noqa: LOG015 the published demo writes so
    logging.getLogger("some.module").debug("衣帽间")
    text = written(root_folder / getpass.getuser() / HOST)
    assert "[INFO] root: hello\n" in text
    assert "[DEBUG] some.module: 衣帽间\n" in text


def test_the_facts_of_an_event_stand_behind_its_words(root_folder: Path) -> None:
    init_logger("mylog")
    logging.getLogger("sdk").info("downloaded", extra={"task": 19084, "file": "two\nlines.png"})
    try:
        raise OSError("disk full")
    except OSError:
        logging.getLogger("sdk").exception("not written", extra={"frame": 7})
    text = written(root_folder / getpass.getuser() / HOST)
    assert "[INFO] sdk: downloaded task=19084 file='two\\nlines.png'\n" in text
    assert "[ERROR] sdk: not written frame=7\nTraceback" in text


def test_a_second_application_moves_the_log(tmp_path: Path) -> None:
    init_logger("one", log_folder=str(tmp_path), log_name="a.log")
    logging.getLogger("x").info("early")
    init_logger("two", log_folder=str(tmp_path), log_name="b.log")
    logging.getLogger("x").info("late")
    assert written(tmp_path / "one" / "a.log").endswith("x: early\n")
    assert "late" in written(tmp_path / "two" / "b.log")


def test_loggers_that_exist_stay_enabled(root_folder: Path) -> None:
    before = logging.getLogger("made.before")
    init_logger("mylog")
    assert not before.disabled


def test_the_file_rolls_over_at_five_mebibytes_and_keeps_seven(root_folder: Path) -> None:
    init_logger("mylog")
    handler = next(
        one for one in logging.getLogger().handlers if isinstance(one, ConcurrentRotatingFileHandler)
    )
    assert (handler.maxBytes, handler.backupCount) == (5 * 1024 * 1024, 7)


def test_a_size_may_be_written_as_published(root_folder: Path) -> None:
    settings = get_default_log_config()
    settings["handlers"]["file"]["maxBytes"] = "1024*1024*5"
    set_up_logger("mylog", settings)
    handler = logging.getLogger().handlers[0]
    assert isinstance(handler, ConcurrentRotatingFileHandler)
    assert handler.maxBytes == 5 * 1024 * 1024


def test_the_published_settings_write_although_they_name_no_logger(root_folder: Path) -> None:
    log_config = {
        "formatters": {"file": {"format": "%(asctime)s [%(levelname)s] %(name)s: %(message)s"}},
        "handlers": {"file": {"class": "concurrent_log_handler.ConcurrentRotatingFileHandler"}},
    }
    set_up_logger("rayvision_api", log_config)
    logging.getLogger("rayvision_api").info("hello")
    logging.getLogger("urllib3.connectionpool").debug("PUT /blob?signature=abc")
    text = written(root_folder / getpass.getuser() / HOST)
    assert re.fullmatch(r"\d+-.* \[INFO\] rayvision_api: hello\n", text)


def test_loggers_that_settings_name_are_the_only_ones_that_write(root_folder: Path) -> None:
    settings = {
        "handlers": {"file": {"class": "logging.FileHandler"}},
        "loggers": {"mine": {"handlers": ["file"], "level": "INFO"}},
    }
    set_up_logger("mylog", settings)
    mine = logging.getLogger("mine")
    try:
        mine.info("hello")
        logging.getLogger("yours").warning("hello too")
        assert (root_folder / getpass.getuser() / HOST).read_text() == "hello\n"
    finally:
        for handler in mine.handlers[:]:
            mine.removeHandler(handler)
            handler.close()


@pytest.mark.parametrize("settings", [{}, {"version": 1, "handlers": {}}, None, ["file"]])
def test_settings_that_write_nowhere_are_refused(settings: Any, root_folder: Path) -> None:
    with pytest.raises(ValueError, match="no handlers"):
        set_up_logger("mylog", settings)


def test_the_standard_handler_may_be_asked_for(root_folder: Path) -> None:
    set_up_logger("mylog", get_default_log_config(), use_orginal=True)
    kinds = {type(handler) for handler in logging.getLogger().handlers}
    assert logging.handlers.RotatingFileHandler in kinds


def test_settings_without_a_file_make_nothing_on_disk(root_folder: Path) -> None:
    settings = {
        "handlers": {"console": {"class": "logging.StreamHandler"}},
        "root": {"handlers": ["console"]},
    }
    set_up_logger("mylog", settings)
    assert not root_folder.exists()
    assert "version" not in settings


def test_the_default_settings_are_free_to_change() -> None:
    get_default_log_config()["handlers"].clear()
    assert set(get_default_log_config()["handlers"]) == {"file", "console"}


def test_a_folder_that_cannot_be_made_leaves_the_console(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("a file")
    monkeypatch.setenv("RAYVISION_LOG_ROOT", str(tmp_path / "taken"))
    init_logger("mylog")
    logging.getLogger("x").info("still here")
    shown = capsys.readouterr().err
    assert "no log file for mylog" in shown
    assert "INFO    : x: still here" in shown


def test_where_the_handler_cannot_be_loaded_the_standard_one_writes(
    root_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "concurrent_log_handler", None)
    init_logger("mylog")
    logging.getLogger("x").info("written all the same")
    assert "written all the same" in written(root_folder / getpass.getuser() / HOST)


def test_addresses_that_may_be_signed_are_not_logged(root_folder: Path) -> None:
    init_logger("mylog")
    logging.getLogger("urllib3.connectionpool").debug("PUT /blobs/0?sig=secret")
    logging.getLogger("urllib3.connectionpool").warning("retrying")
    text = written(root_folder / getpass.getuser() / HOST)
    assert "secret" not in text
    assert "retrying" in text


WINDOWS_HOME = {"USERPROFILE": r"C:\Users\ann"}


@pytest.mark.parametrize(
    ("system", "environ", "folder"),
    [
        ("linux", {"HOME": "/home/ann"}, "/home/ann/.cache/mylog/log/Logs"),
        ("linux", {"HOME": "/home/ann", "XDG_CACHE_HOME": "/tmp/c"}, "/tmp/c/mylog/log/Logs"),
        ("linux", {"HOME": "/home/ann", "XDG_CACHE_HOME": ""}, "/home/ann/.cache/mylog/log/Logs"),
        ("darwin", {"HOME": "/Users/ann"}, "/Users/ann/Library/Logs/mylog/Logs"),
        ("win32", WINDOWS_HOME, r"C:\Users\ann\AppData\Local\RayVision\mylog\Logs"),
        ("win32", {**WINDOWS_HOME, "LOCALAPPDATA": r"E:\local"}, r"E:\local\RayVision\mylog\Logs"),
    ],
)
def test_the_published_folder_on_each_system(system: str, environ: dict[str, str], folder: str) -> None:
    assert str(system_folder("mylog", system, environ)) == folder


def test_without_a_root_the_log_is_in_the_system_s_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("RAYVISION_LOG_ROOT", raising=False)
    assert log_path("mylog") == tmp_path / ".cache" / "mylog" / "log" / "Logs" / getpass.getuser() / HOST


def test_a_given_folder_goes_before_the_environment(root_folder: Path, tmp_path: Path) -> None:
    assert log_path("app", str(tmp_path)) == tmp_path / "app" / HOST
    assert log_path("app") == root_folder / getpass.getuser() / HOST


WRITER = """
import logging, sys
from rayvision_log.core import get_default_log_config, set_up_logger

settings = get_default_log_config()
settings["handlers"]["file"] |= {"maxBytes": 20_000, "backupCount": 100}
settings["root"]["handlers"] = ["file"]
set_up_logger("mylog", settings, log_folder=sys.argv[1], log_name="shared.log")
for number in range(int(sys.argv[3])):
    logging.getLogger("w").info("%s %04d %s end", sys.argv[2], number, "x" * 60)
"""


def test_processes_that_write_at_once_lose_no_line_and_tear_none(tmp_path: Path) -> None:
    lines, names = 800, ("a", "b", "c", "d")
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    writers = [subprocess.Popen([*command, name, str(lines)]) for name in names]
    assert [writer.wait(120) for writer in writers] == [0] * len(names)
    files = [path for path in (tmp_path / "mylog").iterdir() if path.name.startswith("shared.log")]
    assert len(files) > 3  # it did roll over while they wrote
    text = "".join(path.read_text("utf-8") for path in files)
    whole = re.findall(r"^\S+ \S+ \[INFO\] w: (\w \d{4}) x{60} end$", text, re.M)
    assert len(whole) == len(text.splitlines())
    assert sorted(whole) == [f"{name} {number:04d}" for name in names for number in range(lines)]
