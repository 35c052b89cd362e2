"""Renderers that are a program started for each frame, described by the operator of a farm."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from tests.unit.renderbus_farm.render.bench import PATIENCE_S, Bench, Store

from renderbus_farm.pictures import BLACK
from renderbus_farm.renderers.blender import BlenderModule
from renderbus_farm.renderers.command import ByCommand
from renderbus_farm.renderers.confine import landlock_version
from renderbus_farm.renderers.described import Described
from renderbus_farm.rules.work import Failed, Fault, Finished, Output, Progress, Stage, Tile
from renderbus_farm.worker_results import put_bytes
from renderbus_model.software import Application

ROOT = Path(__file__).parents[4]
DESCRIPTION = ROOT / "benchmarks" / "tiny_renderer.toml"
TINY = 9001

SCENES = {
    "plain": "size 20 10",
    "slow": "seconds 0.4",
    "bad": "fails 3\ncrashes 4",
    "textured": "needs tex/wood.png",
    "wet": "reads water",
}


def tiny() -> ByCommand:
    return ByCommand(Described.read(DESCRIPTION), str(DESCRIPTION))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("tiny")
    for name, text in SCENES.items():
        (folder / f"{name}.tiny").write_text(f"tiny 1\n{text}\n", "utf-8")
    (folder / "tex").mkdir()
    (folder / "tex" / "wood.png").write_bytes(b"wood")
    return Store(folder / "blobs", folder, Path("/was/here"))


@pytest.fixture(scope="module")
def bench(files: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    bench = Bench(files, tmp_path_factory.mktemp("node"), renderer=tiny())
    yield bench
    bench.worker.close()


def pixels(store: Store, output: Output) -> tuple[tuple[int, int], bytes]:
    with Image.open(io.BytesIO(store.read(output.digest))) as picture:
        return (picture.width, picture.height), picture.tobytes()


def test_a_node_tells_the_version_that_the_program_prints(bench: Bench) -> None:
    node = bench.ready.get(timeout=PATIENCE_S)
    assert node.applications == {TINY: "1.0"}


def test_a_frame_is_rendered_in_the_size_of_the_scene_or_the_one_that_was_chosen(
    bench: Bench, files: Store
) -> None:
    inputs = files.manifest("plain.tiny")
    own = bench.render("plain.tiny", inputs, 7, cg_id=TINY)
    chosen = bench.render("plain.tiny", inputs, 7, cg_id=TINY, width=32, height=8)
    assert isinstance(own, Finished)
    assert isinstance(chosen, Finished)
    assert own.outputs[0].path == "shot_0007.png"
    assert pixels(files, own.outputs[0])[0] == (20, 10)
    assert pixels(files, chosen.outputs[0])[0] == (32, 8)


def test_several_frames_of_a_chunk_are_delivered_together(bench: Bench, files: Store) -> None:
    ended = bench.render("plain.tiny", files.manifest("plain.tiny"), cg_id=TINY, numbers=(1, 2, 3))
    assert isinstance(ended, Finished)
    assert [output.path for output in ended.outputs] == [f"shot_000{number}.png" for number in (1, 2, 3)]


def test_a_failed_frame_tells_the_programs_own_reason(bench: Bench, files: Store) -> None:
    inputs = files.manifest("bad.tiny")
    assert bench.error("bad.tiny", inputs, 3, cg_id=TINY) == (
        "tiny_renderer.py ended with status 1: frame 3 cannot be rendered"
    )
    crashed = bench.render("bad.tiny", inputs, 4, cg_id=TINY)
    assert isinstance(crashed, Failed)
    assert "was killed by SIGSEGV" in crashed.error
    assert isinstance(bench.render("bad.tiny", inputs, 5, cg_id=TINY), Finished)


def test_the_program_finds_the_files_of_its_task_and_no_others(bench: Bench, files: Store) -> None:
    with_file = bench.render("textured.tiny", files.manifest("textured.tiny", "tex/wood.png"), cg_id=TINY)
    assert isinstance(with_file, Finished)
    assert "tex/wood.png is not beside" in bench.error(
        "textured.tiny", files.manifest("textured.tiny"), cg_id=TINY
    )


@pytest.mark.parametrize(("kind", "count"), [("block", 4), ("strip", 3)])
def test_tiles_put_together_are_the_frame(bench: Bench, files: Store, kind: str, count: int) -> None:
    inputs, size = files.manifest("plain.tiny"), {"width": 37, "height": 23}
    whole = bench.render("plain.tiny", inputs, 2, cg_id=TINY, **size)
    parts = [
        bench.render(
            "plain.tiny",
            inputs,
            2,
            cg_id=TINY,
            tile=Tile(index, count, kind),
            output=f".tiles/{index}/shot_####",
            **size,
        )
        for index in range(count)
    ]
    assert isinstance(whole, Finished)
    outputs = tuple(part.outputs[0] for part in parts if isinstance(part, Finished))
    merged = bench.render(
        "plain.tiny", inputs, 2, cg_id=TINY, stage=Stage.MERGE, tile=Tile(0, 1, kind), parts=outputs
    )
    assert isinstance(merged, Finished), merged
    assert merged.thumbnail
    assert [output.path for output in merged.outputs] == ["shot_0002.png"]
    assert pixels(files, merged.outputs[0]) == pixels(files, whole.outputs[0])


def test_what_tiles_leave_beside_their_pictures_is_delivered_with_the_frame(
    bench: Bench, files: Store
) -> None:
    made = {
        "shot_0002.png": [(8, 4), (8, 4)],
        "depth_0002.png": [(8, 4), (8, 4)],
        "Mist/shot_0002.png": [(8, 8), (8, 8)],  # whole pictures, though the tiles are none
    }
    parts = []
    for name, sizes in made.items():
        for index, size in enumerate(sizes):
            into = io.BytesIO()
            Image.new("RGB", size, (0, 0, 0)).save(into, "PNG")
            parts.append(Output(f".tiles/{index + 1}/day/{name}", put_bytes(files.blobs, into.getvalue()), 1))
    merged = bench.render(
        "plain.tiny",
        files.manifest("plain.tiny"),
        2,
        cg_id=TINY,
        stage=Stage.MERGE,
        tile=Tile(0, 2, "strip"),
        parts=tuple(parts),
        output="day/shot_####",
    )
    assert isinstance(merged, Finished), merged
    found = {output.path: pixels(files, output)[0] for output in merged.outputs}
    assert found == {
        "day/shot_0002.png": (8, 8),
        "day/depth_0002.png": (8, 8),
        "day/tile_1/Mist/shot_0002.png": (8, 8),
        "day/tile_2/Mist/shot_0002.png": (8, 8),
    }
    assert merged.flags == (BLACK,)


def test_a_tile_needs_a_size_that_somebody_chose(bench: Bench, files: Store) -> None:
    error = bench.error("plain.tiny", files.manifest("plain.tiny"), cg_id=TINY, tile=Tile(0, 2, "strip"))
    assert "choose a resolution" in error


def test_a_lost_tile_is_the_nodes_or_the_farms_fault_and_names_itself(bench: Bench, files: Store) -> None:
    lost = Output(".tiles/1/shot_0001.png", files.manifest("plain.tiny"), 5)
    ended = bench.render("plain.tiny", lost.digest, cg_id=TINY, stage=Stage.MERGE, parts=(lost, lost))
    assert isinstance(ended, Failed)
    assert ended.fault is Fault.NODE
    assert "shot_0001.png" in ended.error


def test_a_simulation_runs_once_and_later_frames_read_its_caches(bench: Bench, files: Store) -> None:
    inputs = files.manifest("wet.tiny")
    assert "simulation water has written no cache" in bench.error("wet.tiny", inputs, 5, cg_id=TINY)
    simulated = bench.render(
        "wet.tiny",
        inputs,
        cg_id=TINY,
        numbers=tuple(range(1, 11)),
        stage=Stage.SIMULATE,
        layer="/obj/pool/water",
        output="water/####",
    )
    assert isinstance(simulated, Finished), simulated
    assert [output.path for output in simulated.outputs] == ["water/water.cache"]
    assert files.read(simulated.outputs[0].digest) == b"water 1 10\n"
    rendered = bench.render("wet.tiny", inputs, 5, cg_id=TINY, parts=simulated.outputs)
    assert isinstance(rendered, Finished), rendered


def test_a_frame_for_an_application_that_is_not_here_says_so(bench: Bench, files: Store) -> None:
    error = bench.error("plain.tiny", files.manifest("plain.tiny"), cg_id=2004)
    assert error == "this node has no renderer for Houdini"


def test_a_description_of_an_application_that_has_a_renderer_is_used_in_its_place(
    files: Store, tmp_path: Path
) -> None:
    text = DESCRIPTION.read_text("utf-8").replace(str(TINY), str(int(Application.BLENDER)))
    named = tmp_path / "tiny.toml"
    named.write_text(text.replace('"tiny_renderer.py"', f'"{DESCRIPTION.with_suffix(".py")}"'), "utf-8")
    own = ByCommand(Described.read(named), str(named))
    bench = Bench(files, tmp_path / "node", renderers=[own, BlenderModule()])
    try:
        assert bench.ready.get(timeout=PATIENCE_S).applications == {Application.BLENDER: "1.0"}
        ended = bench.render("plain.tiny", files.manifest("plain.tiny"))
    finally:
        bench.worker.close()
    assert isinstance(ended, Finished), ended


def test_a_simulation_tells_how_far_all_of_it_is(bench: Bench, files: Store) -> None:
    order = bench.order(
        "slow.tiny",
        files.manifest("slow.tiny"),
        cg_id=TINY,
        numbers=tuple(range(1, 101)),
        stage=Stage.SIMULATE,
    )
    most = 0.0
    while not isinstance(report := bench.reports.get(timeout=PATIENCE_S), Finished | Failed):
        most = max(most, report.percent if isinstance(report, Progress) and report.id == order.id else 0.0)
    assert isinstance(report, Finished), report
    assert most > 50


def test_a_cancelled_frame_leaves_no_process(bench: Bench, files: Store) -> None:
    slow = bench.order("slow.tiny", files.manifest("slow.tiny"), cg_id=TINY)
    bench.begun(slow)
    bench.worker.cancel(slow.id)
    assert isinstance(bench.render("plain.tiny", files.manifest("plain.tiny"), cg_id=TINY), Finished)


NOSY = """#!/usr/bin/env python3
import os, shutil, sys
from pathlib import Path
if "--version" in sys.argv:
    sys.exit("nosy 1")
scene, folder = map(Path, sys.argv[1:])
words = scene.read_text().splitlines()[-1]
if words == "links":
    (folder / "picture.exr").symlink_to("/etc/hostname")
    os.mkfifo(folder / "picture.jpg")
elif words == "odd":
    open(os.fsencode(folder) + b"/depth\\xe9.exr", "w").close()
elif words != "plain":
    print([path.name for path in Path(words).iterdir()])
shutil.copy(Path(__file__).with_name("one.png"), folder / "picture.png")
"""


@pytest.fixture(scope="module")
def nosy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A program that looks around, in the data folder of its farm; the node's folder lies in that."""
    data = tmp_path_factory.mktemp("data")
    (data / "programs").mkdir()
    (data / "programs" / "nosy.py").write_text(NOSY, "utf-8")
    (data / "programs" / "nosy.py").chmod(0o755)
    Image.new("RGB", (2, 2), (9, 9, 9)).save(data / "programs" / "one.png")
    description = 'cg_id = 9003\nname = "Nosy"\nprogram = "nosy.py"\nversion = "nosy (.+)"\n'
    (data / "programs" / "nosy.toml").write_text(description + 'arguments = ["{scene}", "{folder}"]\n')
    originals = tmp_path_factory.mktemp("nosy")
    for name, words in {
        "others": data / "nodes" / "render",
        "home": data,
        "links": "links",
        "odd": "odd",
        "plain": "plain",
    }.items():
        (originals / f"-{name} 'x.nosy").write_text(f"{words}", "utf-8")
    named = str(data / "programs" / "nosy.toml")
    bench = Bench(
        Store(originals / "blobs", originals, Path("/was/here")),
        data / "nodes",
        renderer=ByCommand(Described.read(Path(named)), named),
    )
    yield bench
    bench.worker.close()


def of_nosy(bench: Bench, name: str) -> Finished | Failed:
    scene = f"-{name} 'x.nosy"
    return bench.render(scene, bench.store.manifest(scene), cg_id=9003)


@pytest.mark.parametrize("name", ["plain", "links"])
def test_plain_files_are_delivered_and_links_and_pipes_are_not(nosy: Bench, name: str) -> None:
    ended = of_nosy(nosy, name)
    assert isinstance(ended, Finished), ended
    assert [output.path for output in ended.outputs] == ["shot_0001.png"]


def test_a_file_whose_name_is_no_text_is_told(nosy: Bench) -> None:
    ended = of_nosy(nosy, "odd")
    assert isinstance(ended, Failed)
    assert (ended.fault, "a name that is no text" in ended.error) == (Fault.SCENE, True)


@pytest.mark.parametrize("name", ["others", "home"])
def test_a_program_sees_neither_other_frames_nor_the_farm(nosy: Bench, name: str) -> None:
    ended = of_nosy(nosy, name)
    assert isinstance(ended, Failed if landlock_version() else Finished), ended
    assert not isinstance(ended, Failed) or "PermissionError" in ended.error
