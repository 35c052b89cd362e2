"""Engines that draw are offered where the machine really draws, and refused with the reason elsewhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.renderbus_farm.render.bench import RED, Bench, Store

from renderbus_farm.renderers.drawing import drawing, told_by
from renderbus_farm.rules.work import Finished

pytestmark = pytest.mark.render

DRAWN = {"BLENDER_EEVEE", "BLENDER_EEVEE_NEXT", "BLENDER_WORKBENCH"}


def told(folder: Path, **environment: str) -> dict[str, str]:
    """What the process that opens a context says in this environment."""
    program = [sys.executable, "-I", "-m", "renderbus_farm.renderers.inside_drawing"]
    done = subprocess.run(
        [*program, str(os.getpid()), str(folder)],
        env={"PATH": os.defpath, "HOME": str(folder), **environment},
        capture_output=True,
        check=True,
        timeout=60,
    )
    found: dict[str, str] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    ("program", "why_not"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "was killed by SIGSEGV"),
        ("print('a driver that greets')", "ended with status 0"),
        ("raise SystemExit(3)", "ended with status 3"),
    ],
)
def test_a_driver_that_ends_its_process_draws_nothing(program: str, why_not: str) -> None:
    assert told_by([sys.executable, "-I", "-c", program]).why_not.endswith(why_not)


def test_a_driver_that_hangs_is_not_waited_for() -> None:
    found = told_by([sys.executable, "-I", "-c", "import threading; threading.Event().wait()"], within_s=0.2)
    assert "did not open a context within" in found.why_not
    assert found.lacking().keys() == DRAWN


def test_a_library_without_a_driver_draws_nothing(tmp_path: Path) -> None:
    found = told(tmp_path, __EGL_VENDOR_LIBRARY_DIRS=str(tmp_path), MESA_LOADER_DRIVER_OVERRIDE="none")
    assert found.keys() == {"why_not"}
    assert "EGL" in found["why_not"]


def test_a_context_is_of_a_version_that_blender_draws_with(tmp_path: Path) -> None:
    found = drawing()
    assert bool(found.version) is not bool(found.why_not)
    if found.version:
        major, minor = found.version.split()[0].split(".")[:2]
        assert (int(major), int(minor)) >= (4, 3)
        assert found.renderer
    if found.by_processor:  # Mesa's own can be told to be older than it is
        older = told(tmp_path, MESA_GL_VERSION_OVERRIDE="3.3", LD_LIBRARY_PATH=_libraries())
        assert "no OpenGL 4.3 or later" in older["why_not"]


def _libraries() -> str:
    return os.environ.get("LD_LIBRARY_PATH", "")


@pytest.mark.parametrize("engine", ["BLENDER_WORKBENCH", "BLENDER_EEVEE"])
def test_an_engine_that_is_offered_renders_and_one_that_is_not_is_refused(
    bench: Bench, store: Store, engine: str
) -> None:
    inputs, size = store.manifest("plain.blend"), {"width": 16, "height": 16, "samples": 1}
    if drawing().why_not:
        assert drawing().why_not in bench.error("plain.blend", inputs, engine=engine, **size)
    else:
        ended = bench.render("plain.blend", inputs, engine=engine, **size)
        assert isinstance(ended, Finished), ended


@pytest.mark.usefixtures("no_opengl")
def test_a_node_that_does_not_draw_says_so_and_renders_with_cycles(store: Store, tmp_path: Path) -> None:
    bench = Bench(store, tmp_path / "node")
    try:
        node = bench.ready.get(timeout=60)
        assert "CYCLES" in node.engines
        assert not node.engines & DRAWN
        assert all("libEGL.so.1 cannot be loaded" in node.lacking[engine] for engine in DRAWN)
        inputs = store.manifest("plain.blend")
        error = bench.error("plain.blend", inputs, engine="BLENDER_EEVEE")
        assert "BLENDER_EEVEE, which this node cannot run (libEGL.so.1 cannot be loaded" in error
        assert "it can run CYCLES: choose one" in error
        assert bench.squares("plain.blend", inputs)[0] == RED
    finally:
        bench.worker.close()
