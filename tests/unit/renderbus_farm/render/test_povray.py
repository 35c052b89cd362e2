"""POV-Ray renders on a node: frames, the clock, tiles, and what goes wrong in a scene."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.unit.renderbus_farm.render.bench import PATIENCE_S, Bench, Store

from renderbus_farm.renderers.command import ByCommand
from renderbus_farm.renderers.povray import PovRay
from renderbus_farm.rules.work import Finished, Output, Stage, Tile

pytestmark = pytest.mark.render

DATA = Path(__file__).parents[3] / "data" / "povray"
POVRAY = 8000
FILES = ("balls.pov", "parts/floor.inc", "parts/wood.png")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("povray") / "away"
    shutil.copytree(DATA, folder)
    was_at = Path("/was/here")
    text = (folder / "balls.pov").read_text("utf-8")
    (folder / "absolute.pov").write_text(text.replace('"parts/floor', f'"{was_at}/parts/floor'), "utf-8")
    (folder / "wrong.pov").write_text(text + "sphere { nonsense }\n", "utf-8")
    lit = text.replace("assumed_gamma 1.0", "assumed_gamma 1.0 radiosity { count 10 }")
    (folder / "lit.pov").write_text(lit, "utf-8")
    (folder / "unlit.pov").write_text(text + '// no radiosity { }\n#debug "radiosity {"\n', "utf-8")
    (folder / "nosy.pov").write_text(f'#include "{DATA / "balls.pov"}"\n', "utf-8")
    return Store(folder.parent / "blobs", folder, was_at)


@pytest.fixture(scope="module")
def bench(files: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    bench = Bench(files, tmp_path_factory.mktemp("node"), renderer=ByCommand(PovRay(), "povray"))
    yield bench
    bench.worker.close()


def rendered(bench: Bench, scene: str, number: int = 1, **more: Any) -> Finished:
    inputs = bench.store.manifest(scene, *FILES)
    chosen = {"cg_id": POVRAY, "width": 48, "height": 32, "settings": (("start", "1"), ("end", "5"))}
    ended = bench.render(scene, inputs, number, **{**chosen, **more})
    assert isinstance(ended, Finished), ended
    return ended


def ball_at(store: Store, ended: Finished) -> float:
    """Where in the picture the ball is: 0 is the left edge, 1 the right one."""
    with Image.open(io.BytesIO(store.read(ended.outputs[0].digest))) as opened:
        picture = opened.convert("RGB")
        width, height = picture.size
        red = []
        for x in range(width):
            for y in range(height):
                pixel = picture.getpixel((x, y))
                assert isinstance(pixel, tuple)
                red += [x] if pixel[0] > 200 and max(pixel[1:3]) < 60 else []
    assert red, "there is no red ball in the picture"
    return float(sum(red) / len(red) / width)


def content(store: Store, output: Output) -> bytes:
    with Image.open(io.BytesIO(store.read(output.digest))) as picture:
        return bytes(picture.tobytes())


def test_the_program_on_this_machine_is_found(bench: Bench) -> None:
    assert bench.ready.get(timeout=PATIENCE_S).applications[POVRAY].startswith("3.")


def test_the_clock_runs_over_the_frames_of_the_task(bench: Bench, files: Store) -> None:
    places = [ball_at(files, rendered(bench, "balls.pov", number)) for number in (1, 3, 5)]
    assert places == pytest.approx([1 / 6, 1 / 2, 5 / 6], abs=0.04)


def test_an_ini_of_the_scene_decides_over_which_frames_the_clock_runs(bench: Bench, files: Store) -> None:
    settings = (("start", "3"), ("end", "3"), ("initial_frame", "1"), ("final_frame", "5"))
    alone = rendered(bench, "balls.pov", 3, settings=settings)
    assert ball_at(files, alone) == pytest.approx(1 / 2, abs=0.04)


def test_the_picture_is_named_by_the_tasks_pattern_and_has_the_size_that_was_chosen(bench: Bench) -> None:
    ended = rendered(bench, "balls.pov", 12, width=31, height=17, output="day/ball_####")
    assert [output.path for output in ended.outputs] == ["day/ball_0012.png"]
    with Image.open(io.BytesIO(bench.store.read(ended.outputs[0].digest))) as picture:
        assert picture.size == (31, 17)
    assert ended.thumbnail


def test_an_exr_is_written_where_one_is_chosen(bench: Bench) -> None:
    ended = rendered(bench, "balls.pov", image_format="OPEN_EXR")
    assert [output.path for output in ended.outputs] == ["shot_0001.exr"]


def test_files_that_a_scene_names_by_where_they_were_are_those_that_were_uploaded(
    bench: Bench, files: Store
) -> None:
    absolute, relative = rendered(bench, "absolute.pov"), rendered(bench, "balls.pov")
    assert content(files, absolute.outputs[0]) == content(files, relative.outputs[0])


def test_a_scene_in_deep_folders_with_spaces_renders_and_a_name_too_long_is_refused(
    bench: Bench, files: Store
) -> None:
    text, deep = (files.originals / "balls.pov").read_text("utf-8"), "/".join(["a folder" * 12] * 3)
    (files.originals / deep / "parts").mkdir(parents=True)
    (files.originals / deep / "balls.pov").write_text(text, "utf-8")
    for name in FILES[1:]:
        shutil.copyfile(files.originals / name, files.originals / deep / name)
    names = [f"{deep}/{name}" for name in FILES]
    inputs = files.manifest(*names)
    assert isinstance(bench.render(names[0], inputs, cg_id=POVRAY, width=48, height=32), Finished)
    long = f"{'n' * 205}.pov"
    (files.originals / long).write_text(text, "utf-8")
    error = bench.error(long, files.manifest(long, *FILES), cg_id=POVRAY)
    assert "209 bytes, more than the 200 that POV-Ray bears: rename it" in error


def test_a_name_with_letters_that_the_program_does_not_take_is_told(bench: Bench, files: Store) -> None:
    shutil.copyfile(files.originals / "balls.pov", files.originals / "bälle.pov")
    error = bench.error("bälle.pov", files.manifest("bälle.pov", *FILES), cg_id=POVRAY)
    assert "POV-Ray takes no letters beyond ASCII in a path: bälle.pov; rename it" in error


def test_what_the_parser_does_not_understand_is_told(bench: Bench) -> None:
    error = bench.error("wrong.pov", bench.store.manifest("wrong.pov", *FILES), cg_id=POVRAY)
    assert "povray ended with status 1" in error
    assert "nonsense" in error


def test_a_scene_sees_no_file_that_is_not_its_tasks(bench: Bench) -> None:
    error = bench.error("nosy.pov", bench.store.manifest("nosy.pov"), cg_id=POVRAY)
    assert "balls.pov" in error


def merged(bench: Bench, count: int, kind: str, **more: Any) -> Finished:
    """A frame in tiles, put together."""
    parts = [
        rendered(
            bench, "balls.pov", 2, tile=Tile(index, count, kind), output=f".tiles/{index}/shot_####", **more
        )
        for index in range(count)
    ]
    outputs = tuple(part.outputs[0] for part in parts)
    return rendered(bench, "balls.pov", 2, stage=Stage.MERGE, tile=Tile(0, 1, kind), parts=outputs, **more)


@pytest.mark.parametrize(("kind", "count"), [("block", 4), ("strip", 3)])
def test_tiles_put_together_are_the_frame(bench: Bench, files: Store, kind: str, count: int) -> None:
    whole = rendered(bench, "balls.pov", 2)
    made = merged(bench, count, kind)
    assert content(files, made.outputs[0]) == content(files, whole.outputs[0])


@pytest.mark.parametrize(("kind", "count", "samples"), [("block", 4, 4), ("strip", 3, 9)])
def test_tiles_with_smooth_edges_are_the_frame(
    bench: Bench, files: Store, kind: str, count: int, samples: int
) -> None:
    size = {"width": 101, "height": 71}  # more than one of the blocks that POV-Ray renders a picture in
    whole = rendered(bench, "balls.pov", 2, samples=samples, **size)
    assert content(files, whole.outputs[0]) != content(
        files, rendered(bench, "balls.pov", 2, **size).outputs[0]
    )
    made = merged(bench, count, kind, samples=samples, **size)
    assert content(files, made.outputs[0]) == content(files, whole.outputs[0])


def test_radiosity_renders_and_is_refused_in_tiles(bench: Bench) -> None:
    rendered(bench, "lit.pov")
    part: dict[str, Any] = {"cg_id": POVRAY, "width": 48, "height": 32, "tile": Tile(0, 4, "block")}
    error = bench.error("lit.pov", bench.store.manifest("lit.pov", *FILES), **part)
    assert "cannot be rendered in tiles: radiosity gathers light over the whole picture" in error
    rendered(bench, "unlit.pov", tile=Tile(0, 4, "block"))


def test_many_frames_of_a_chunk_are_one_delivery(bench: Bench) -> None:
    ended = rendered(bench, "balls.pov", numbers=(1, 2))
    assert [output.path for output in ended.outputs] == ["shot_0001.png", "shot_0002.png"]
