"""Blender as an installed program.

What is installed under that name differs from machine to machine, so the program here is the ``bpy`` wheel
behind Blender's own command line (``tests/data/renders/blender.py``).
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.renderbus_farm.render.bench import PATIENCE_S, Bench, Store

from renderbus_farm.renderers.blender import BlenderModule
from renderbus_farm.renderers.blender_program import BlenderProgram
from renderbus_farm.renderers.catalogue import Choice, installed, renderers
from renderbus_farm.rules.work import Finished

pytestmark = pytest.mark.render

STAND_IN = Path(__file__).parents[3] / "data" / "renders" / "blender.py"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    program = tmp_path_factory.mktemp("installed") / "blender"
    # Beside the program, because a render process may read nothing else.
    script = program.with_name("stand_in.py")
    script.write_text(STAND_IN.read_text("utf-8"), "utf-8")
    python = shlex.quote(sys.executable)
    program.write_text(f'#!/bin/sh\nexec {python} -I {shlex.quote(str(script))} "$@"\n', "utf-8")
    program.chmod(0o755)
    return program


@pytest.fixture(scope="module")
def program_bench(store: Store, program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    bench = Bench(store, tmp_path_factory.mktemp("node"), renderer=BlenderProgram(str(program)))
    yield bench
    bench.worker.close()


def test_its_version_and_engines_are_told(program_bench: Bench) -> None:
    node = program_bench.ready.get(timeout=PATIENCE_S)
    assert node.applications[2007].startswith("5.")
    assert "CYCLES" in node.engines


def test_it_makes_the_same_picture_as_the_wheel(program_bench: Bench, bench: Bench, store: Store) -> None:
    inputs = store.manifest("plain.blend")
    ended = program_bench.render("plain.blend", inputs, 3)
    assert isinstance(ended, Finished), ended
    assert store.squares(ended) == bench.squares("plain.blend", inputs, 3)


def test_what_it_cannot_render_is_told_in_the_same_words(program_bench: Bench, store: Store) -> None:
    inputs = store.manifest("plain.blend")
    assert "there is no camera 'Nobody'" in program_bench.error("plain.blend", inputs, camera="Nobody")


def test_a_named_program_comes_before_the_wheel_and_one_that_is_only_found_behind_it(program: Path) -> None:
    kinds = [type(each) for each in renderers() if each.cg_id == 2007]
    assert kinds == [BlenderModule, BlenderProgram]
    named = installed(renderers(Choice(blender=str(program))))[2007]
    assert isinstance(named, BlenderProgram)


def test_a_program_that_is_not_there_has_no_version(tmp_path: Path) -> None:
    assert BlenderProgram(str(tmp_path / "blender")).version() is None
