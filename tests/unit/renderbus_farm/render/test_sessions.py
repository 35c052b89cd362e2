"""Render processes that stay open: whose scene they hold, how many there are, and what they leave."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.renderbus_farm.render.bench import RED, Bench, Store

from renderbus_farm.processes import marked
from renderbus_farm.renderers.blender import BlenderModule
from renderbus_farm.renderers.catalogue import renderers
from renderbus_farm.renderers.drawing import drawing
from renderbus_farm.rules.work import Finished

pytestmark = pytest.mark.render

POVRAY = 8000
DATA = Path(__file__).parents[3] / "data" / "povray"


@pytest.fixture(scope="module")
def both(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A worker that renders for every application of this machine."""
    bench = Bench(store, tmp_path_factory.mktemp("node"), renderers=renderers())
    yield bench
    bench.worker.close()


def processes(bench: Bench) -> set[int]:
    return set(marked(bench.marks))


def test_frames_of_one_account_share_a_process_and_those_of_another_get_their_own(
    bench: Bench, store: Store
) -> None:
    inputs = store.manifest("plain.blend")
    assert isinstance(bench.render("plain.blend", inputs, 1, account=1), Finished)
    first = processes(bench)
    assert isinstance(bench.render("plain.blend", inputs, 2, account=1), Finished)
    assert processes(bench) == first
    assert isinstance(bench.render("plain.blend", inputs, 3, account=2), Finished)
    assert not processes(bench) & first


def test_one_node_renders_for_several_applications_and_keeps_their_scenes_open(
    both: Bench, store: Store, tmp_path: Path
) -> None:
    shutil.copytree(DATA, tmp_path / "away")
    povray = Store(store.folder, tmp_path / "away", Path("/was/here"))
    scene = povray.manifest("balls.pov", "parts/floor.inc", "parts/wood.png")
    assert both.squares("plain.blend", store.manifest("plain.blend"), 1)[0] == RED
    blender = processes(both)
    both.store = povray
    ended = both.render("balls.pov", scene, cg_id=POVRAY, width=16, height=16)
    assert isinstance(ended, Finished), ended
    assert blender < processes(both)
    both.store = store
    assert isinstance(both.render("plain.blend", store.manifest("plain.blend"), 2), Finished)
    assert blender < processes(both)


def test_a_node_tells_everything_that_it_renders(both: Bench) -> None:
    node = both.ready.get(timeout=60)
    assert {2007, POVRAY} <= node.applications.keys()
    assert "CYCLES" in node.engines
    assert node.gpus == 0 or node.model


def test_engines_that_draw_are_told_where_the_machine_can_and_refused_in_words_where_not(
    bench: Bench, store: Store
) -> None:
    assert isinstance(bench.render("plain.blend", store.manifest("plain.blend")), Finished)
    engines = bench.ready.get(timeout=60).engines
    assert ("BLENDER_EEVEE" in engines) is not bool(drawing().why_not)
    error = bench.error("plain.blend", store.manifest("plain.blend"), engine="LUXCORE")
    assert "LUXCORE, which this node cannot run; it can run CYCLES" in error


def test_a_scene_that_asks_for_a_graphics_card_renders_where_there_is_none(
    bench: Bench, store: Store
) -> None:
    assert bench.squares("for_cards.blend", store.manifest("for_cards.blend"))[0] == RED


def test_all_files_of_a_frame_are_delivered_with_it(bench: Bench, store: Store) -> None:
    ended = bench.render("composited.blend", store.manifest("composited.blend"), 3)
    assert isinstance(ended, Finished)
    picture, *others = [output.path for output in ended.outputs]
    assert picture == "shot_0003.png"
    assert others
    assert all("0003" in path for path in others)


def test_a_renderer_that_is_not_installed_leaves_the_others(store: Store, tmp_path: Path) -> None:
    class Absent(BlenderModule):
        def version(self) -> str | None:
            return None

    found = [Absent(), *[each for each in renderers() if each.cg_id == POVRAY]]
    bench = Bench(store, tmp_path, renderers=found)
    try:
        assert bench.ready.get(timeout=60).applications.keys() == {POVRAY}
        assert bench.error("plain.blend", store.manifest("plain.blend")) == (
            "this node has no renderer for Blender"
        )
    finally:
        bench.worker.close()
