"""Real scenes read as Blender itself reads them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from renderbus_model.scene import Kind, Reference, Role, SceneFacts, Spread
from renderbus_scenes.blender import read_blend as read
from renderbus_scenes.errors import BadScene

DATA = Path(__file__).parents[2] / "data" / "blender"
CORPUS = Path(__file__).parents[4] / "shared" / "scenes"
"""More real scenes, where they are beside the checkout."""

SOURCES = {Spread.ONE: "FILE", Spread.TILES: "TILED", Spread.SEQUENCE: "SEQUENCE"}
KINDS = {"sounds": Kind.AUDIO, "fonts": Kind.FONT, "volumes": Kind.VOLUME, "libraries": Kind.LIBRARY}


def told(facts: SceneFacts) -> dict[str, Any]:
    """The facts in the form of ``expected.json``."""
    inputs = facts.inputs
    return {
        "scenes": [
            {
                "name": scene.name,
                "engine_raw": scene.engine,
                "width": scene.width,
                "height": scene.height,
                "percent": scene.percent,
                "start": scene.start,
                "end": scene.end,
                "step": scene.step,
                "fps": scene.fps,
                "output": scene.output,
                "camera": scene.camera or None,
                "view_layers": [layer.name for layer in scene.view_layers],
            }
            for scene in facts.scenes
        ],
        "cameras": list(facts.cameras),
        "images": sorted([each.path, SOURCES[each.spread]] for each in inputs if each.kind is Kind.TEXTURE),
        "images_packed": len(facts.packed),
        "clips": [each.path for each in inputs if each.node_type == "Movie clip"],
        "caches": [each.path for each in inputs if each.node_type == "Cache file"],
        **{name: sorted(each.path for each in inputs if each.kind is kind) for name, kind in KINDS.items()},
    }


def expected_here() -> list[tuple[Path, dict[str, Any]]]:
    expected = json.loads((DATA / "expected.json").read_text(encoding="utf-8"))
    return [(DATA / name, facts) for name, facts in expected.items()]


def expected_in_corpus() -> list[tuple[Path, dict[str, Any]]]:
    table = CORPUS / "EXPECTED.tsv"
    if not table.exists():
        return []
    rows = (line.split("\t", 1) for line in table.read_text(encoding="utf-8").splitlines()[1:])
    return [(CORPUS / name, json.loads(facts)) for name, facts in rows if name.startswith("blender/")]


@pytest.mark.parametrize(("path", "expected"), expected_here(), ids=lambda value: getattr(value, "name", ""))
def test_a_scene_reads_as_blender_reads_it(path: Path, expected: dict[str, Any]) -> None:
    found = told(read(path.read_bytes(), path.name))
    assert found == {key: expected[key] for key in found}


def test_the_whole_corpus_reads_as_expected_or_says_why_not() -> None:
    for path, expected in expected_in_corpus():
        if "error" in expected:
            with pytest.raises(BadScene):
                read(path.read_bytes(), path.name)
            continue
        found = told(read(path.read_bytes(), path.name))
        for scene in expected["scenes"]:  # the oracle tells the number that 2.49 and before kept
            scene["engine_raw"] = scene["engine_raw"].replace("renderer=0", "BLENDER_RENDER")
        known = set(found) & set(expected)
        assert {key: found[key] for key in known} == {key: expected[key] for key in known}, path


def test_every_fact_is_what_blender_says(scenes: Path, everything: bytes) -> None:
    said = json.loads((scenes / "everything.json").read_text(encoding="utf-8"))
    facts = read(everything)
    assert facts.active_scene == said["active_scene"]
    for scene, expected in zip(facts.scenes, said["scenes"], strict=True):
        assert {
            "name": scene.name,
            "engine": scene.engine,
            "camera": scene.camera,
            "cameras": list(scene.cameras),
            "view_layers": [[layer.name, layer.enabled] for layer in scene.view_layers],
            "frames": [scene.start, scene.end, scene.step],
            "fps": scene.fps,
            "size": [scene.width, scene.height, scene.percent],
            "output": scene.output,
            "format": scene.format,
            "samples": scene.samples or 4096,  # the default of 5.0, which it does not write
            "switches": [[each.frame, each.camera] for each in scene.camera_switches],
            "composites": scene.composites,
        } == expected
    found = [[driver.node, driver.expression] for driver in facts.python_drivers]
    assert found == said["python_drivers"]


def test_the_size_of_the_picture_has_the_percentage_applied(everything: bytes) -> None:
    scene = read(everything).scene("Shot")
    assert scene
    assert scene.rendered_size == (166, 105)


def shapes(references: tuple[Reference, ...]) -> set[tuple[str, str, Kind, Spread]]:
    return {(each.node_type, each.path, each.kind, each.spread) for each in references}


def test_each_kind_of_file_is_found_once_with_who_names_it(everything: bytes) -> None:
    facts = read(everything)
    assert shapes(facts.inputs) == {
        ("Image", "//textures/oak.png", Kind.TEXTURE, Spread.ONE),
        ("Image", "//textures/tiles.<UDIM>.png", Kind.TEXTURE, Spread.TILES),
        ("Image", "//plates/plate.0100.png", Kind.TEXTURE, Spread.SEQUENCE),
        ("Image", "/mnt/show/textures/brick.png", Kind.TEXTURE, Spread.ONE),
        ("Image", "D:/show/textures/brick.png", Kind.TEXTURE, Spread.ONE),
        ("Image", "\\\\files/show/textures/brick.png", Kind.TEXTURE, Spread.ONE),
        ("Library", "//shed.blend", Kind.LIBRARY, Spread.ONE),
        ("Light", "//lights/lamp.ies", Kind.IES, Spread.ONE),
        ("Material", "//shaders/rust.osl", Kind.SHADER, Spread.ONE),
        ("Node group", "//models/bolt.stl", Kind.CACHE, Spread.ONE),
        ("Object", "//caches/bake", Kind.CACHE, Spread.FOLDER),
        ("Object", "//caches/cloth", Kind.CACHE, Spread.FOLDER),
        ("Object", "//caches/points.pc2", Kind.CACHE, Spread.ONE),
        ("Sound", "//files/silence.wav", Kind.AUDIO, Spread.ONE),
        ("Strip", "//files/a.png", Kind.IMAGE, Spread.SEQUENCE),
        ("Volume", "//caches/smoke_0001.vdb", Kind.VOLUME, Spread.SEQUENCE),
    }
    tiles = next(each for each in facts.references if each.node == "tiles")
    assert tiles.tiles == (1001, 1002)
    strip = next(each for each in facts.references if each.node_type == "Strip")
    assert strip.names == ("a.png", "b.png")


def test_outputs_are_told_apart_from_inputs(everything: bytes) -> None:
    outputs = {each.path for each in read(everything).references if each.role is Role.OUTPUT}
    assert outputs == {"//", "//render/shot_####", "//render/passes/"}


def test_a_packed_picture_names_no_file(everything: bytes) -> None:
    facts = read(everything)
    assert facts.packed == ("inside",)
    assert "inside" not in {each.node for each in facts.references}


def test_libraries_name_what_they_link_to_in_turn(scenes: Path) -> None:
    named = {
        name: [each.path for each in read((scenes / name).read_bytes()).inputs if each.kind is Kind.LIBRARY]
        for name in ("shed.blend", "nails.blend")
    }
    assert named == {"shed.blend": ["//nails.blend"], "nails.blend": ["//shed.blend"]}


def test_of_a_library_counts_what_is_linked_from_it(scenes: Path) -> None:
    def read_only(*names: str) -> tuple[set[str], list[str]]:
        facts = read((scenes / "shed.blend").read_bytes(), only=names)
        return {each.node for each in facts.inputs}, [link.name for link in facts.links]

    assert read_only("MAwood") == ({"wood"}, [])
    assert read_only("MApaint", "MAwood") == ({"paint", "wood"}, [])
    assert read_only("OBplank") == ({"wood", "nails.blend"}, ["OBnail"])
    assert read_only() == read_only("MAnothing") == (set(), [])


def test_links_say_what_comes_from_which_library(everything: bytes) -> None:
    assert [(link.name, link.library) for link in read(everything).links] == [("OBplank", "//shed.blend")]


def test_paths_in_packed_copies_of_linked_data_start_from_their_library(scenes: Path) -> None:
    inputs = read((scenes / "packed_links.blend").read_bytes()).inputs
    assert [(each.path, each.library) for each in inputs if each.kind is Kind.TEXTURE] == [
        ("//textures/wood.png", "//lib/shed.blend")
    ]


def test_a_mapped_view_reads_like_bytes(everything: bytes) -> None:
    assert read(memoryview(everything)) == read(bytearray(everything)) == read(everything)
