"""What Houdini itself is asked, with a stand-in for its module ``hou``, and what is made of the answer."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.data.houdini.make import archive, node, scene

from rayvision_houdini.analyze_houdini import AnalyzeHoudini
from rayvision_houdini.answers import with_answer
from rayvision_utils.exception.exception import AnalyseFailError
from renderbus_model.houdini_scene import Driver, HoudiniScene, Purpose, Unresolved
from renderbus_model.scene import Kind, Reference, Spread

SCRIPT = Path(__file__).parents[3] / "src" / "rayvision_houdini" / "inside_houdini.py"
OLD_PYTHONS = sorted(Path(sys.base_prefix).parent.glob("[23].*/bin/python"))
"""Other versions of Python beside this one, where there are any: Houdini brings 2.7 and 3.7 along."""

PYTHONS = [sys.executable, *(str(each) for each in OLD_PYTHONS if each.parts[-3][:3] in ("2.7", "3.7"))]

STAND_IN = """
class Error(Exception):
    pass

class LoadWarning(Error):
    pass

class hipFile(object):
    @staticmethod
    def load(path, suppress_save_prompt):
        assert suppress_save_prompt
        raise LoadWarning("no asset studio")

class Node(object):
    def path(self):
        return "/obj/g/d"
    def parmTuple(self, name):
        return [Number(3), Number(9), Number(2)] if name == "f" else None

class Number(object):
    def __init__(self, value):
        self.value = value
    def eval(self):
        return self.value

class Parm(object):
    def node(self):
        return Node()
    def name(self):
        return "file"
    def evalAsString(self):
        return u"/show/geo/d.\\u00e4.bgeo".encode("utf-8")

class Broken(object):
    def evalAsString(self):
        raise Error("cannot evaluate")

def applicationVersionString():
    return "19.5.805"

def parm(path):
    return {"/obj/g/d/file": Parm(), "/obj/g/e/file": Broken()}.get(path)

def node(path):
    return Node() if path == "/out/m" else None

def fileReferences():
    return [(Parm(), "/show/geo/d.bgeo"), (None, "/studio/a.hda")]
"""


@pytest.fixture
def stand_in(tmp_path: Path) -> Path:
    folder = tmp_path / "stand_in"
    folder.mkdir()
    (folder / "hou.py").write_text(STAND_IN, "utf-8")
    return folder


@pytest.mark.parametrize("python", PYTHONS)
def test_the_script_answers_in_every_python_that_houdini_brings_along(
    python: str, stand_in: Path, tmp_path: Path
) -> None:
    question = {
        "scene": "/show/shot.hip",
        "values": [["/obj/g/d", "file"], ["/obj/g/e", "file"], ["/obj/gone", "file"]],
        "drivers": ["/out/m", "/out/gone"],
    }
    (tmp_path / "q.json").write_text(json.dumps(question), "utf-8")
    environment = {**os.environ, "PYTHONPATH": str(stand_in), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [python, str(SCRIPT), str(tmp_path / "q.json"), str(tmp_path / "a.json")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "a.json").read_bytes()) == {
        "version": "19.5.805",
        "values": [["/obj/g/d", "file", "/show/geo/d.ä.bgeo"]],
        "frames": [["/out/m", 3.0, 9.0, 2.0]],
        "files": [["/obj/g/d", "file", "/show/geo/d.bgeo"], ["", "", "/studio/a.hda"]],
        "warnings": ["no asset studio"],
    }


def hython(stand_in: Path, last_line: str = "") -> str:
    """A program that runs scripts like hython does."""
    path = stand_in / "hython"
    path.write_text(f'#!/bin/sh\nPYTHONPATH={stand_in} exec {sys.executable} "$@"\n{last_line}', "utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    nodes = [
        node("/obj/cam1", "cam"),
        node("/out/m", "ifd", {"trange": '"normal"', "f": "1\t2\t1", "camera": "/obj/cam1"}),
        node("/obj/g/d", "file", {"file": '`pythonexprs(\\"x\\")`.bgeo'}),
    ]
    path = tmp_path / "shot.hip"
    path.write_bytes(archive(scene(nodes)))
    return path


def test_an_analysis_with_houdini_says_of_each_fact_where_it_comes_from(
    shot: Path, stand_in: Path, workspace: Path
) -> None:
    alone = AnalyzeHoudini(str(shot), "19.5.368", workspace=str(workspace)).analyse()
    assert "60033" in alone.tips_info
    asked = AnalyzeHoudini(str(shot), "19.5.368", workspace=str(workspace)).analyse(exe_path=hython(stand_in))
    assert "60033" not in asked.tips_info
    assert asked.facts is not None
    told = {each.node: (each.expanded or each.path, each.source) for each in asked.facts.references}
    assert told["/obj/g/d"] == ("/show/geo/d.ä.bgeo", "Houdini 19.5.805")
    assert told[""] == ("/studio/a.hda", "Houdini 19.5.805")
    assert asked.task_info["scene_info"]["rop_node"][0]["frames"] == "3-9[2]"
    assert sorted(each.name for each in Path(asked.workspace).iterdir()) == [
        "asset.json", "task.json", "tips.json", "upload.json",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("#!/bin/sh\necho no licence >&2\nexit 3\n", "ended with status 3 and without an answer: no licence"),
        ("#!/bin/sh\nexit 0\n", "without an answer"),
        ('#!/bin/sh\necho "no json" > "$3"\n', "did not answer in JSON"),
        ('#!/bin/sh\necho "[]" > "$3"\n', "did not answer with a JSON object"),
        ("not a program", "does not start"),
    ],
)
def test_a_houdini_that_fails_ends_the_analysis_with_a_tip(
    program: str, said: str, shot: Path, tmp_path: Path, workspace: Path
) -> None:
    path = tmp_path / "hython"
    path.write_text(program, "utf-8")
    path.chmod(0o755 if program.startswith("#!") else 0o644)
    analysis = AnalyzeHoudini(str(shot), "19.5", workspace=str(workspace), custom_exe_path=str(path))
    with pytest.raises(AnalyseFailError, match=said):
        analysis.analyse()
    assert said in json.loads(Path(analysis.tips_json).read_text("utf-8"))["999"][0]


def found() -> HoudiniScene:
    driven = Reference("/obj/d", "file", "file", "x", Kind.OTHER, optional=True)
    settled = Reference("/obj/s", "file", "file", "$HIP/s.exr", Kind.TEXTURE, expanded="$HIP/s.exr")
    drivers = (Driver("/out/m", "ifd", Purpose.RENDER, "normal", 1, 2, 1, ("1", "2", "1")),)
    unresolved = (Unresolved("/obj/d", "file", "f()"), Unresolved("/obj/u", "file", "g()"))
    return HoudiniScene("19.5", references=(driven, settled), drivers=drivers, unresolved=unresolved)


def test_an_answer_settles_values_and_leaves_what_the_file_says() -> None:
    values = [["/obj/d", "file", "D:\\x\\d.$F4.vdb"], ["/obj/s", "file", "/other.exr"]]
    answered = with_answer(
        found(), {"version": "19.5", "values": values, "files": [["/obj/d", "file", "/x"]]}
    )
    driven, settled = answered.references
    assert (driven.expanded, driven.kind, driven.spread) == ("D:/x/d.$F4.vdb", Kind.VOLUME, Spread.SEQUENCE)
    assert (driven.source, driven.optional) == ("Houdini 19.5", False)
    assert settled == found().references[1]
    assert [each.node for each in answered.unresolved] == ["/obj/u"]


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"values": "no list", "frames": {"a": 1}, "files": 7},
        {
            "values": [["a"], [1, 2, 3], None],
            "frames": [["/out/m", "x", "y", "z"]],
            "files": [[None, "", ""]],
        },
        {"frames": [["/out/m", 1e300, 2, 1]]},
    ],
)
def test_an_answer_of_another_shape_adds_nothing(answer: dict[str, Any]) -> None:
    assert with_answer(found(), answer) == found()


def test_the_script_needs_nothing_but_itself(tmp_path: Path, stand_in: Path) -> None:
    alone = shutil.copy(SCRIPT, tmp_path / "alone.py")
    environment = {**os.environ, "PYTHONPATH": str(stand_in)}
    command = [sys.executable, "-c", f"import runpy; runpy.run_path({str(alone)!r})"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
