"""A worker and render processes that do not do what they should."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from tests.unit.renderbus_farm.render.bench import PATIENCE_S, Bench, Store

from renderbus_farm.renderers.command import said_by
from renderbus_farm.rules.watch import Limits
from renderbus_farm.rules.work import Failed, Fault, Finished, Node
from renderbus_farm.worker_session import HALF_LOG_BYTES, RenderEnded, RenderProcess

DATA = Path(__file__).parents[3] / "data"


class Puppet:
    """A renderer whose process is ``tests/data/renders/puppet.py``, or any other program."""

    cg_id = 2007
    engines: tuple[str, ...] = ()
    warms = True

    def __init__(self, *program: str, version: str | None = "1.0") -> None:
        self._program = list(program) or [sys.executable, "-I", str(DATA / "renders" / "puppet.py")]
        self._version = version

    def lacking(self) -> dict[str, str]:
        return {}

    def version(self) -> str | None:
        return self._version

    def command(self, parent: int, scratch: Path, readable: Path) -> list[str]:
        return [*self._program, str(scratch)]

    def environment(self, home: Path) -> dict[str, str]:
        return {}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A scene that any reader can read; no process here opens it."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "shed.blend").write_bytes((DATA / "blender" / "shed.blend").read_bytes())
    return Store(folder / "blobs", folder, Path("/was/here"))


@pytest.fixture(scope="module")
def bench(files: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A worker with a puppet."""
    bench = Bench(files, tmp_path_factory.mktemp("node"), renderer=Puppet())
    yield bench
    bench.worker.close()


def rendered(bench: Bench, wanted: str) -> Finished | Failed:
    """What becomes of a frame whose process does as ``wanted``."""
    inputs = bench.store.manifest("shed.blend")
    return bench.render("shed.blend", inputs, scene_name=wanted, allow_missing=True)


def node_of(files: Store, folder: Path, renderer: Puppet) -> Node:
    """What a worker says of itself."""
    bench = Bench(files, folder, renderer=renderer)
    try:
        return bench.ready.get(timeout=PATIENCE_S)
    finally:
        bench.worker.close()


def test_a_good_frame_ends_well(bench: Bench) -> None:
    ended = rendered(bench, "good")
    assert isinstance(ended, Finished)
    assert [output.path for output in ended.outputs] == ["shot_0001.png"]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("nothing", "picture picture.png: the renderer did not write it"),
        ("empty", "picture picture.png: the file is empty; was the disk full?"),
        ("cut off", "is cut off or damaged"),
        ("text", "is cut off or damaged"),
        ("too small", "measures 1x1 pixels, but 2x1 were asked for"),
    ],
)
def test_a_picture_that_is_none_fails_the_frame(bench: Bench, wanted: str, said: str) -> None:
    ended = rendered(bench, wanted)
    assert isinstance(ended, Failed)
    assert said in ended.error
    assert ended.fault in (Fault.SCENE, Fault.PICTURE)
    assert str(bench.folder) not in ended.error
    assert isinstance(rendered(bench, "good"), Finished)


def test_a_process_that_leaves_gives_the_frame_back_with_its_last_lines(bench: Bench) -> None:
    ended = rendered(bench, "leaves")
    assert isinstance(ended, Failed)
    assert ended.fault is Fault.LOST
    assert ended.error == (
        "the render process ended with status 3 while it had this frame; its last lines:\ngood bye"
    )
    assert isinstance(rendered(bench, "good"), Finished)


def test_a_process_that_speaks_gibberish_is_replaced(bench: Bench) -> None:
    ended = rendered(bench, "gibberish")
    assert isinstance(ended, Failed)
    assert ended.fault is Fault.LOST
    assert "this goes to the log" in bench.log(ended)
    assert isinstance(rendered(bench, "good"), Finished)


def test_a_loud_renderer_fills_neither_memory_nor_store(bench: Bench) -> None:
    ended = rendered(bench, "loud")
    log = bench.log(ended)
    assert len(log) <= 2 * HALF_LOG_BYTES + 1000
    assert "line 0 of many" in log
    assert "line 199999 of many" in log
    assert "bytes left out" in log


def test_no_folder_of_a_frame_stays_behind(bench: Bench) -> None:
    for wanted in ("good", "cut off", "leaves", "good"):
        rendered(bench, wanted)
    left = {path.name for path in (bench.folder / "render").iterdir()}
    # The last frame's folder goes after its report; its number is the highest.
    assert len(left - {"home"}) <= 1


def test_a_node_without_the_application_says_so(files: Store, tmp_path: Path) -> None:
    node = node_of(files, tmp_path, Puppet(version=None))
    assert (node.applications, node.engines) == ({}, frozenset())


@pytest.mark.parametrize("program", ["/no/such/program", "/bin/false", "/bin/echo"])
def test_a_node_whose_renderer_cannot_start_offers_no_application(
    files: Store, tmp_path: Path, program: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert node_of(files, tmp_path, Puppet(program)).applications == {}
    assert "no render process" in capsys.readouterr().out


def test_a_process_that_does_not_get_ready_is_the_nodes_fault_and_no_frames_time(tmp_path: Path) -> None:
    program = Puppet(sys.executable, "-c", "import sys; sys.stdin.read()")
    silent = RenderProcess(program, tmp_path, tmp_path / "s", {}, os.getpid(), Limits())
    with pytest.raises(RenderEnded, match=r"was not ready within 0\.2 s") as found:
        silent.hello(0.2)
    silent.end(kindly=False)
    assert found.value.fault is Fault.NODE
    assert not silent.alive()


def test_a_program_that_never_tells_its_version_is_ended_with_all_it_started(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\necho 1.0\nsleep 600.125 &\nsleep 600.125\n", "utf-8")
    program.chmod(0o755)
    assert said_by(program, ["--version"], 0.5) == ""
    words = [process.info["cmdline"] for process in psutil.process_iter(["cmdline"])]
    assert ["sleep", "600.125"] not in words
