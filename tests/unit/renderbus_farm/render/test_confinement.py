"""What a render process may touch, whatever its scene asks for."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.renderbus_farm.render.bench import GREEN, RED, Bench, Store

from renderbus_farm.processes import FOLDER
from renderbus_farm.renderers.confine import landlock_version

PROGRAM = """
import os, sys
from renderbus_farm.renderers.confine import confine
readable, writable, port = sys.argv[1:]
print(confine([readable], [writable]))
import json  # programs and libraries stay readable
def tried(what, *arguments):
    try:
        what(*arguments)
        return "done"
    except OSError as error:
        return type(error).__name__
print(tried(os.listdir, os.path.expanduser("~")))
print(tried(open, readable + "/scene"))
print(tried(open, readable + "/scene", "r+"))
print(tried(open, readable + "/new", "w"))
print(tried(open, writable + "/new", "w"))
print(tried(os.truncate, readable + "/scene", 0))
print(tried(open, "/dev/null", "w"))
import socket
print(tried(socket.create_connection, ("127.0.0.1", int(port)), 5.0))
sys.stdout.flush()  # what is not written yet is lost when another program takes over
print(tried(os.execv, sys.executable, [sys.executable, "-c", f"open({readable + '/scene'!r}, 'a')"]))
"""


def test_only_the_scenes_files_are_read_and_only_scratch_is_written(tmp_path: Path) -> None:
    for name in ("home", "scenes", "scratch"):
        (tmp_path / name).mkdir()
    (tmp_path / "scenes" / "scene").write_text("cubes")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        facts = [str(tmp_path / "scenes"), str(tmp_path / "scratch"), str(listening.getsockname()[1])]
        ended = subprocess.run(
            [sys.executable, "-c", PROGRAM, *facts],
            env={**os.environ, "HOME": str(tmp_path / "home")},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    version = landlock_version()

    def denied(since: int) -> str:
        return "PermissionError" if version >= since else "done"

    assert ended.stdout.split() == [
        str(version > 0),
        denied(since=1),  # somebody's home
        "done",  # the scene read
        denied(since=1),  # and written
        denied(since=1),  # a file beside it
        "done",  # scratch
        denied(since=3),  # the scene cut off
        "done",  # nowhere
        denied(since=4),  # the network
    ], ended.stderr
    assert ("PermissionError" in ended.stderr) == (version > 0)  # what it starts is held as well


@pytest.mark.render
def test_a_file_that_lies_where_the_scene_says_but_was_not_uploaded_is_not_read(
    bench: Bench, store: Store
) -> None:
    inputs = store.manifest("textured.blend", "tex/yellow.png")
    (store.was_at / "tex").mkdir(parents=True)
    there = store.was_at / "tex" / "red.png"
    try:
        there.write_bytes((store.originals / "tex" / "red.png").read_bytes())
        assert "red.png" in bench.error("textured.blend", inputs)
        assert bench.squares("textured.blend", inputs, allow_missing=True)[0] not in (RED, GREEN)
    finally:
        there.unlink()
        there.parent.rmdir()
        store.was_at.rmdir()


BESIDE = """
import os, sys
from renderbus_farm.renderers.confine import confine
farm = sys.argv[1]
confine([farm + "/data", farm + "/data/program", farm + "/data/nodes/1/scenes", farm], [])
node = "data/nodes/1"
for name in ("data/program", node + "/scenes/scene", "other", "data/farm.key", node + "/files/blob"):
    try:
        print(open(f"{farm}/{name}").read())
    except OSError as error:
        print(type(error).__name__)
"""


def test_the_farms_own_files_stay_closed_though_a_program_lies_among_them(tmp_path: Path) -> None:
    for name in ("nodes/1/scenes/scene", "nodes/1/files/blob", "farm.key", "program", "../other"):
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("open")
    ended = subprocess.run(
        [sys.executable, "-c", BESIDE, str(tmp_path)],
        env={**os.environ, FOLDER: str(tmp_path / "data" / "nodes")},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    closed = "PermissionError" if landlock_version() else "open"
    assert ended.stdout.split() == ["open", "open", "open", closed, closed]
