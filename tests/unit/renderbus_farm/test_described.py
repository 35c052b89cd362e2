"""Renderers that an operator describes: what a description says, and what is wrong with one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from renderbus_farm.errors import BadSetting
from renderbus_farm.renderers.described import Described
from renderbus_farm.renderers.job import CannotRender, Job

GOOD = """cg_id = 9001
name = "Tiny"
program = "tiny"
arguments = ["{scene}", ["-w", "{width}"], "{settings.look}"]
"""

RUN = """
import sys
from pathlib import Path
from renderbus_farm.processes import adopt_orphans, marked
from renderbus_farm.renderers.run import run
adopt_orphans()
mark = {"RENDERBUS_TEST_RUN": sys.argv[1]}
script = "echo begun; (setsid sleep 60 &) ; printf '50%%\\r100%%'; exit 3"
command = ["/bin/sh", "-c", script]
ended = run(command, Path(sys.argv[1]), {**mark, "PATH": "/usr/bin:/bin"}, print)
print(ended.status, ended.how)
print("left:", list(marked(mark)))
"""


def described(folder: Path, text: str = GOOD) -> Described:
    (folder / "tiny.toml").write_text(text, "utf-8")
    return Described.read(folder / "tiny.toml")


@pytest.mark.parametrize(
    ("more", "name", "why"),
    [
        ('progress = "%"\n', "progress", "expected a regular expression with one group"),
        ('version = "("\n', "version", "is no regular expression"),
        ('tile_arguments = ["{lef}"]\n', "tile_arguments", "there is no {lef}; known are {scene}"),
        ('starts_in = "here"\n', "starts_in", "neither output nor scene"),
        ("colour = 3\n", "renderers", "unknown field `colour`"),
    ],
)
def test_what_makes_no_sense_is_told_with_its_name(tmp_path: Path, more: str, name: str, why: str) -> None:
    with pytest.raises(BadSetting) as found:
        described(tmp_path, GOOD + more)
    assert found.value.name == name
    assert why in str(found.value)


def test_an_id_that_is_nobodys_is_refused_and_one_of_a_known_application_is_not(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="your own are 9000 to 9999"):
        described(tmp_path, GOOD.replace("9001", "3000"))
    assert described(tmp_path, GOOD.replace("9001", "2004")).cg_id == 2004


def test_arguments_are_filled_in_and_lists_that_lack_one_are_left_out(tmp_path: Path) -> None:
    job = Job(Path("/s/a.tiny"), Path("/s"), Path("/o"), 3, 3, settings={"look": "bright {frame}"})
    assert described(tmp_path).arguments(job) == ["/s/a.tiny", "bright {frame}"]


def test_what_is_not_described_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotRender, match="cannot render a part"):
        described(tmp_path).arguments(Job(Path("/s"), Path("/"), Path("/o"), 1, 1, box=(0, 0, 1, 1)))
    with pytest.raises(CannotRender, match="run simulations"):
        described(tmp_path).arguments(Job(Path("/s"), Path("/"), Path("/o"), 1, 4, simulates=True))


def test_a_program_that_is_nowhere_has_no_version(tmp_path: Path) -> None:
    assert described(tmp_path, GOOD.replace('"tiny"\narg', '"no-such-tiny"\narg')).version() is None


def test_what_a_program_leaves_running_ends_with_it(tmp_path: Path) -> None:
    # In a process of its own, whose other children nobody misses.
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(tmp_path)], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.splitlines() == ["begun", "50%", "100%", "3 ended with status 3", "left: []"]


@pytest.mark.parametrize("chosen", ["--evil", "-x", "a\0b"])
def test_what_a_user_chooses_becomes_no_option_of_the_program(tmp_path: Path, chosen: str) -> None:
    job = Job(Path("/s/a.tiny"), Path("/s"), Path("/o"), -3, -3, settings={"look": chosen})
    with pytest.raises(CannotRender, match="look"):
        described(tmp_path).arguments(job)


def test_negative_numbers_and_words_behind_others_are_no_options(tmp_path: Path) -> None:
    text = GOOD.replace('"{settings.look}"', '"{frame}", "{settings.gain}", "--look={settings.look}"')
    job = Job(Path("/a"), Path("/"), Path("/o"), -3, -3, settings={"gain": "-.5", "look": "-x"})
    assert described(tmp_path, text).arguments(job) == ["/a", "-3", "-.5", "--look=-x"]
