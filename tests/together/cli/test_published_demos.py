"""The document's three demos over https: each changed only in address, keys, scene and workspace.

No node of the farm has these applications: the task is given up once it is submitted, which ends the script.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.together.certificates import Authority
from tests.together.cli.demos import EXAMPLES, filled_in, only_task
from tests.together.cli.runner import CommandLine
from tests.together.farms import FarmProcess, farm_process, wait_for

from renderbus_model.wire.frame import QUERY_TASK_FRAMES, FrameItem, FrameQuery
from renderbus_model.wire.task import ABORT_TASK, TaskIds, TaskItem

DATA = Path(__file__).parents[2] / "data"


@dataclass(frozen=True)
class Demo:
    """A demo, the scene it names, and a small one of ours in its place.

    Attributes:
        published: the scene's path as the document writes it.
        project: folder of our scene with what it needs; ``scene`` is its path in it.
        frames: how many of them render; ``layers`` and ``cameras`` of what.
    """

    name: str
    published: str
    project: Path
    scene: str
    frames: int
    layers: frozenset[str]
    cameras: frozenset[str]


DEMOS = [
    Demo(
        "Maya",
        r"D:\files\CG FILE\muti_layer_test.ma",
        DATA / "maya" / "project",
        "scenes/shot.ma",
        2 * (12 + 24),
        frozenset({"defaultRenderLayer", "beauty"}),
        frozenset({"shotCamShape", "set:viewShape"}),
    ),
    Demo(
        "Houdini",
        r"D:\houdini\CG file\flip_test_slice4.hip",
        DATA / "houdini",
        "sphere.hip",
        10,
        frozenset({"/out/mantra1"}),
        frozenset({""}),
    ),
    Demo(
        "Clarisse",
        r"D:\files\CG FILE\clarisse_test1.project",
        DATA / "clarisse",
        "kubix_demo.project",
        51,
        frozenset({"project://scene/image.kubix_layer"}),
        frozenset({""}),
    ),
]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def https_farm(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FarmProcess]:
    """A farm over https that renders nothing."""
    signed = authority.sign("127.0.0.1")
    options = ("--tls-cert", str(signed.cert), "--tls-key", str(signed.key))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REQUESTS_CA_BUNDLE", str(authority.file))
        with farm_process(tmp_path_factory.mktemp("farm") / "data", *options) as running:
            yield running


@dataclass
class Submitted:
    """A demo that has submitted its task, which was then given up."""

    farm: FarmProcess
    process: subprocess.Popen[str]
    task: TaskItem
    frames: list[FrameItem]


@pytest.fixture(scope="module")
def submitted(
    https_farm: FarmProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Submitted]]:
    """All demos at once: each rests ten seconds between two looks at its task."""
    with ExitStack() as stack:
        started = {}
        for demo in DEMOS:
            farm, folder = https_farm.as_user(demo.name), tmp_path_factory.mktemp(demo.name)
            user = CommandLine(folder, program=(str(written(demo, farm, folder)),))
            process = stack.enter_context(user.start())
            stack.callback(process.kill)
            started[demo.name] = farm, process
        yield {name: given_up(*running) for name, running in started.items()}


def given_up(farm: FarmProcess, process: subprocess.Popen[str]) -> Submitted:
    """The demo's task as it was submitted; giving it up ends the demo."""
    wait_for(lambda: only_task(farm) or process.poll() is not None, "nothing is submitted", 60)
    task = only_task(farm)
    assert task is not None, process.communicate()
    frames = farm.ask(QUERY_TASK_FRAMES, FrameQuery(task_id=task.id, page_size=1000)).items
    farm.ask(ABORT_TASK, TaskIds(task_ids=[task.id]))
    return Submitted(farm, process, task, frames)


def written(demo: Demo, farm: FarmProcess, folder: Path) -> Path:
    """The demo's script, filled in by a user who has a scene and a workspace in this folder."""
    ours = shutil.copytree(demo.project, folder / "project") / demo.scene
    scene = ours.rename(ours.with_name(demo.published.rpartition("\\")[2]))
    (folder / "workspace").mkdir()
    values = {
        f'r"{demo.published}"': repr(str(scene)),
        '"c:/workspace"': repr(str(folder / "workspace")),
        '"127.0.0.1:8800"': repr(farm.domain),
        '"access_id": "xxxx"': f'"access_id": {farm.access_id!r}',
        '"access_key": "xxxx"': f'"access_key": {farm.access_key!r}',
    }
    text = (EXAMPLES / f"{demo.name.lower()}_demo.py").read_text("utf-8")
    script = folder / "demo.py"
    script.write_text(filled_in(text.partition("# fmt: off\n")[2], values), "utf-8")
    return script


@pytest.mark.parametrize("demo", DEMOS, ids=lambda demo: demo.name)
def test_the_published_demo_analyses_uploads_and_submits(demo: Demo, submitted: dict[str, Submitted]) -> None:
    found = submitted[demo.name]
    assert demo.published.endswith(found.task.scene_name)
    assert found.task.project_name == "Project1"
    assert found.task.total_frames == len(found.frames) == demo.frames
    assert {frame.layer_name for frame in found.frames} == demo.layers
    assert {frame.camera_name for frame in found.frames} == demo.cameras
    out, err = found.process.communicate(timeout=60)
    assert found.process.returncode == 0, err
    assert found.farm.access_key not in out + err
