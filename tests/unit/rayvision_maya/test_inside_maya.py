"""What Maya itself is asked, with a stand-in for its module ``maya.cmds``, and what is made of the answer."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rayvision_maya.analyze_maya import AnalyzeMaya
from rayvision_maya.answers import command, with_answer
from rayvision_utils.exception.exception import AnalyseFailError
from renderbus_model.maya_scene import MayaLayer, MayaScene, Unresolved
from renderbus_model.scene import Kind, Reference, Spread

SCRIPT = Path(__file__).parents[3] / "src" / "rayvision_maya" / "inside_maya.py"
OLD_PYTHONS = sorted(Path(sys.base_prefix).parent.glob("[23].*/bin/python"))
"""Other versions of Python beside this one, where there are any: Maya brings 2.7 and 3.7 along."""

PYTHONS = [sys.executable, *(str(each) for each in OLD_PYTHONS if each.parts[-3][:3] in ("2.7", "3.7"))]

CMDS = """
state = {"layer": "defaultRenderLayer", "scene": ""}

def file(path, open, force, prompt, ignoreVersion, executeScriptNodes):
    assert open and force and not prompt and not executeScriptNodes
    state["scene"] = path
    raise RuntimeError("Plug-in mtoa is not there")

def about(version):
    return u"2020"

def ls(type):
    return {"camera": [u"|shotCam|shotCamShape", u"perspShape"], "unknown": None}[type]

def nodeType(node):
    return u"file"

def editRenderLayerGlobals(currentRenderLayer):
    if currentRenderLayer == "gone":
        raise RuntimeError("no such layer")
    state["layer"] = currentRenderLayer

def getAttr(plug):
    beauty = state["layer"] == "beauty"
    values = {
        "defaultRenderLayer.renderable": False,
        "beauty.renderable": True,
        "defaultRenderGlobals.currentRenderer": u"arnold",
        "defaultRenderGlobals.startFrame": 1.0,
        "defaultRenderGlobals.endFrame": 99.0 if beauty else 12.0,
        "defaultRenderGlobals.byFrameStep": 1.0,
        "defaultRenderGlobals.animation": True,
        "defaultRenderGlobals.imageFilePrefix": None,
        "defaultResolution.width": 4096,
        "defaultResolution.height": 2160,
        "|shotCam|shotCamShape.renderable": beauty,
        "perspShape.renderable": False,
        "wood.ftn": u"sourceimages/w\\u00f6od.png",
        "plate.fe": 7.0,
    }
    if plug not in values:
        raise ValueError(plug)
    return values[plug]

def filePathEditor(query, listDirectories=None, listFiles=None, withAttribute=False):
    if listFiles is None:
        return [u"/show/tex"]
    return [u"oak.png", u"oak.fileTextureName"]
"""

BATCH = """
import json, sys
text = sys.argv[-1]
assert sys.argv[1:3] == ["-batch", "-command"] and text.startswith('python("'), sys.argv
exec(text[len('python("'):-2].replace('\\\\"', '"').replace("\\\\\\\\", "\\\\"))
"""


@pytest.fixture
def stand_in(tmp_path: Path) -> Path:
    """A folder with a package ``maya`` for Python's path."""
    folder = tmp_path / "python" / "maya"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "cmds.py").write_text(CMDS)
    (folder / "standalone.py").write_text("def initialize(name):\n    assert name == 'python'\n")
    return folder.parent


def program(folder: Path, name: str, stand_in: Path, python: str = sys.executable, script: str = "") -> Path:
    """A program that runs Python with the stand-in."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f'#!/bin/sh\nPYTHONPATH={stand_in} exec {python} {script} "$@"\n')
    path.chmod(0o755)
    return path


def answered(python: str, stand_in: Path, tmp_path: Path) -> Any:
    """What the script answers inside a Maya that brings this Python along."""
    asked, answer = tmp_path / "question.json", tmp_path / "answer.json"
    asked.write_text(
        json.dumps(
            {
                "scene": "/show/shot.ma",
                "values": [["wood", "ftn"], ["plate", "fe"], ["gone", "ftn"]],
                "layers": ["defaultRenderLayer", "beauty", "gone"],
            }
        )
    )
    mayapy = program(tmp_path / "bin", "mayapy", stand_in, python)
    done = subprocess.run([mayapy, SCRIPT, asked, answer], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(answer.read_text("utf-8"))


@pytest.mark.parametrize("python", PYTHONS)
def test_maya_answers_in_every_python_that_it_brings_along(
    python: str, stand_in: Path, tmp_path: Path
) -> None:
    answer = answered(python, stand_in, tmp_path)
    assert answer["version"] == "2020"
    assert answer["values"] == [["wood", "ftn", "file", "sourceimages/wöod.png"]]
    assert answer["files"] == [["oak", "fileTextureName", "/show/tex/oak.png"]]
    assert answer["warnings"] == ["Plug-in mtoa is not there"]
    assert answer["unknown"] == []
    assert [(each["name"], each["end"], each["cameras"]) for each in answer["layers"]] == [
        ("defaultRenderLayer", 12.0, []),
        ("beauty", 99.0, ["|shotCam|shotCamShape"]),
    ]


def test_each_fact_of_an_answer_says_its_source() -> None:
    scene = MayaScene(
        "2020",
        layers=(MayaLayer("beauty", True),),
        unresolved=(Unresolved("wood", "ftn", "x.o"), Unresolved("plate", "fe", "e.o")),
        references=(Reference("oak", "file", "ftn", "D:/old/oak.png", Kind.TEXTURE),),
    )
    answer = {
        "version": "2020",
        "values": [["wood", "ftn", "file", "tex\\wood.<UDIM>.png"]],
        "layers": [
            {"name": "beauty", "end": 20.0, "cameras": ["|a|aShape"], "renderable": False, "width": 64}
        ],
        "files": [["oak", "ftn", "/show/oak.png"], ["elm", "ftn", "/show/elm.png"]],
    }
    told = with_answer(scene, answer)
    (layer,) = told.layers
    assert (layer.settings.end, layer.settings.width, layer.cameras, layer.renderable, layer.source) == (
        20.0,
        64,
        ("aShape",),
        False,
        "Maya 2020",
    )
    assert told.unresolved == (Unresolved("plate", "fe", "e.o"),)
    assert [(each.node, each.path, each.kind, each.spread, each.source) for each in told.references[1:]] == [
        ("wood", "tex/wood.<UDIM>.png", Kind.TEXTURE, Spread.TILES, "Maya 2020"),
        ("elm", "/show/elm.png", Kind.OTHER, Spread.ONE, "Maya 2020"),
    ]


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"values": 7, "layers": "x", "files": None},
        {"values": [[1, 2]], "layers": [{"name": 3}, 4], "files": [["a"]]},
        {"layers": [{"name": "beauty", "end": "soon", "width": 1e300, "cameras": 5, "renderable": "no"}]},
    ],
)
def test_an_answer_of_another_shape_adds_nothing(answer: dict[str, Any]) -> None:
    scene = MayaScene("2020", layers=(MayaLayer("beauty", True),))
    told = with_answer(scene, answer)
    assert [(each.settings, each.renderable) for each in told.layers] == [
        (each.settings, each.renderable) for each in scene.layers
    ]
    assert told.references == ()


def test_mayapy_beside_the_program_is_taken(tmp_path: Path) -> None:
    (tmp_path / "mayapy").touch()
    said = command(str(tmp_path / "maya"), SCRIPT, Path("q"), Path("a"))
    assert [str(part) for part in said] == [str(tmp_path / "mayapy"), str(SCRIPT), "q", "a"]


@pytest.mark.parametrize("name", ["mayapy", "maya"])
def test_an_analysis_with_maya_knows_what_only_maya_knows(
    name: str, shot: Path, workspace: Path, stand_in: Path, tmp_path: Path
) -> None:
    (tmp_path / "batch.py").write_text(BATCH)
    script = str(tmp_path / "batch.py") if name == "maya" else ""
    maya = program(tmp_path / "bin", name, stand_in, script=script)
    analysis = AnalyzeMaya(shot, "2023", workspace=workspace).analyse(exe_path=str(maya))
    common = analysis.task_info["scene_info"]["beauty"]["common"]
    assert (common["frames"], common["width"], common["height"]) == ("1-99[1]", "4096", "2160")
    assert "shotCamShape" in common["render_camera"]
    assert analysis.facts is not None
    assert {layer.source for layer in analysis.facts.layers} == {"Maya 2020"}
    assert sorted(path.name for path in Path(analysis.workspace).iterdir()) == [
        "asset.json",
        "task.json",
        "tips.json",
        "upload.json",
    ]


def test_a_maya_that_fails_is_told(shot: Path, workspace: Path, tmp_path: Path) -> None:
    broken = tmp_path / "mayapy"
    broken.write_text("#!/bin/sh\necho no licence >&2\nexit 3\n")
    broken.chmod(0o755)
    analysis = AnalyzeMaya(shot, "2023", workspace=workspace, custom_exe_path=str(broken))
    with pytest.raises(AnalyseFailError, match="no licence"):
        analysis.analyse()
    assert "999" in json.loads(Path(analysis.tips_json).read_text("utf-8"))
