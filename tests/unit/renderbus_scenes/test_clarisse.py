"""Clarisse projects: images, layers, and what they name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from renderbus_model.clarisse_scene import ClarisseLayer, ClarisseScene
from renderbus_model.scene import Kind, Role, Spread
from renderbus_scenes.clarisse import read_project
from renderbus_scenes.errors import BadScene
from renderbus_scenes.reader import read_as

DATA = Path(__file__).parents[2] / "data" / "clarisse"
CORPUS = Path(__file__).resolve().parents[4] / "shared" / "scenes"
HEAD = b"#Isotropix_Serial_Version 1.2\n\n#Isotropix_Clarisse_Version 4\n"
SWITCH = {"yes": True, "no": False}

NOT_IN_THE_FILE = {("kubix_demo.project", "resolution")}
"""Facts of the table that the file itself does not say: its image writes no resolution."""


def known() -> Iterator[tuple[Path, dict[str, Any]]]:
    """Each Clarisse file of the corpus with what is known of it; nothing where the corpus is not there."""
    table = CORPUS / "EXPECTED.tsv"
    for line in table.read_text("utf-8").splitlines()[1:] if table.exists() else ():
        name, _, facts = line.partition("\t")
        if name.startswith("clarisse/"):
            yield CORPUS / name, json.loads(facts)


def read(content: bytes) -> ClarisseScene:
    return read_as(ClarisseScene, content, "shot.project")


def facts_of(path: Path, expected: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """What a fact is about, what the reader says, and what is known."""
    if "error" in expected:
        yield "error", not isinstance(as_far_as_read(path.read_bytes()), ClarisseScene), True
        return
    found = read(path.read_bytes())
    yield "serial", found.serial, expected["serial"]
    yield "clarisse_version", found.version, expected["clarisse_version"]
    yield "project_version", found.project_version, expected["project_version"]
    yield "cameras", [each.name for each in found.cameras], expected["cameras"]
    if "renderers" in expected:
        yield "renderers", [each.type for each in found.renderers], expected["renderers"]
    yield "deps", [each.path for each in found.inputs], expected["deps"]
    for path_ in expected.get("not_deps", ()):
        yield "not_deps", path_ in {each.path for each in found.references}, False
    yield "images", len(found.images), len(expected["images"])
    for image, wanted in zip(found.images, expected["images"], strict=True):
        said: dict[str, Any] = {
            "name": image.name,
            "first": image.first,
            "last": image.last,
            "resolution": [image.width, image.height],
            "save_as": image.output or None,
            "render_to_disk": image.saved,
            "format_index": image.format_index,
            "layers": [
                layer_facts(layer, each) for layer, each in zip(image.layers, wanted["layers"], strict=True)
            ],
        }
        for key, value in wanted.items():
            if (path.name, key) not in NOT_IN_THE_FILE:
                yield key, said[key], SWITCH.get(value, value) if isinstance(value, str) else value


def layer_facts(layer: ClarisseLayer, wanted: dict[str, Any]) -> dict[str, Any]:
    said = {
        "name": layer.name,
        "cls": layer.type,
        "camera": layer.camera,
        "renderer": layer.renderer,
        "first": layer.first,
        "last": layer.last,
    }
    return {key: said[key] for key in wanted}


def as_far_as_read(content: bytes) -> object:
    try:
        return read(content)
    except BadScene as error:
        return error.partial


def test_what_is_known_of_real_projects_is_found() -> None:
    facts = [(path.name, *fact) for path, expected in known() for fact in facts_of(path, expected)]
    wrong = [(file, what, said, true) for file, what, said, true in facts if said != true]
    print("Clarisse facts that hold:", len(facts) - len(wrong), "of", len(facts))
    assert wrong == []


def test_a_project_of_a_plug_in_has_its_renderer_and_layer_and_no_path_of_the_preferences() -> None:
    found = read((DATA / "kubix_demo.project").read_bytes())
    assert [(each.name, each.type) for each in found.renderers] == [
        ("project://scene/kubix_renderer", "KubixRenderer")
    ]
    ((layer,),) = (image.layers for image in found.images)
    assert (layer.name, layer.type, layer.camera) == (
        "project://scene/image.kubix_layer",
        "KubixLayer",
        "camera",
    )
    assert found.references == ()
    assert (found.fps, found.start, found.end) == (1.0, 0.0, 50.0)


def test_xml_of_another_tool_is_no_project() -> None:
    with pytest.raises(BadScene, match="is an XML file"):
        read((DATA / "eclipse.project").read_bytes())
    with pytest.raises(BadScene, match="begins with #Isotropix_Serial_Version"):
        read_project(b"Context {\n}\n")


def test_images_and_layers_keep_what_each_of_them_says() -> None:
    (image,) = read((DATA / "made_up.project").read_bytes()).images
    assert (image.name, image.first, image.last) == ("project://scene/beauty", 0, 50)
    assert (image.width, image.height, image.format_index, image.saved) == (1280, 720, 5, True)
    background, front = image.layers
    assert background.name == "project://scene/beauty.background"
    assert (background.first, background.last, background.step) == (10, 20, 2)
    assert (background.camera, background.renderer) == ("shotcam", "path_tracer")
    assert (background.deep, background.deep_output) == (True, "$PDIR/out/deep")
    assert (front.type, front.output, front.saved, front.first) == (
        "SpherixLayer",
        "$PDIR/out/front",
        False,
        None,
    )


def test_what_names_files_is_found_with_kind_and_role() -> None:
    found = read((DATA / "made_up.project").read_bytes())
    assert {(each.path, each.kind, each.spread) for each in found.inputs} == {
        ("$PDIR/abc/camera.abc", Kind.ALEMBIC, Spread.ONE),
        ("$PDIR/tex/wood.<UDIM>.tx", Kind.TEXTURE, Spread.TILES),
        (r"D:\show\plates\plate.####.exr", Kind.TEXTURE, Spread.SEQUENCE),
        ("$PDIR/tex/old.exr", Kind.TEXTURE, Spread.ONE),
        ("$PDIR/osl/room.osl", Kind.SHADER, Spread.ONE),
        ("$PDIR/tex/room.png", Kind.TEXTURE, Spread.ONE),
        ('geo/house "old".obj', Kind.CACHE, Spread.ONE),
        ("geo/shed.obj", Kind.CACHE, Spread.ONE),
        ("$SHOW/vdb/smoke.{frame:04d}.vdb", Kind.VOLUME, Spread.SEQUENCE),
        ("$PDIR/ies/lamp.ies", Kind.IES, Spread.ONE),
        ("set.project", Kind.REFERENCE, Spread.ONE),
        ("$PDIR/usd/city.usda", Kind.USD, Spread.ONE),
    }
    outputs = {each.path for each in found.references if each.role is Role.OUTPUT}
    assert outputs == {"$PDIR/log.txt", "$PDIR/out/beauty.####", "$PDIR/out/front", "$PDIR/out/deep"}
    assert found.contexts == ("project://scene/set", "project://scene/city")
    (driven,) = found.unresolved
    assert (driven.node, driven.attribute) == ("project://scene/textures/driven", "filename")


OBJECT = b'TextureMapFile {\n    name "wood"\n    filename "a.png"\n}\n'


@pytest.mark.parametrize(
    "content",
    [
        HEAD + OBJECT,
        HEAD + OBJECT.replace(b"\n", b"\r\n"),
        HEAD + OBJECT.rstrip(),
        HEAD + b'TextureMapFile { name "wood" filename "a.png" }\n'.replace(b'" f', b'"\n f'),
        HEAD + b'comment "a\n}\nb {\n"\n' + OBJECT,
        HEAD + b'TextureMapFile {\n name "wood"\n doc "}"\n note "{"\n filename {\n  value "a.png"\n }\n}\n',
        HEAD + b"#preferences {\n    x {\n    }\n}\n" + OBJECT,
        HEAD + b"}\n" + OBJECT,
        HEAD + b'TextureMapFile {\n name "wood"\n filename "a.png" }\n',
        HEAD + b'A {\n name "b"\n note "a \\" {x}" }\nT {\n name "wood"\n filename {\n value "a.png" } }\n',
    ],
)
def test_however_blocks_are_written_the_object_is_found(content: bytes) -> None:
    found = read(content)
    assert [(each.node, each.path) for each in found.references] == [("project://wood", "a.png")]


def test_a_cut_project_keeps_what_came_before_it() -> None:
    content = (DATA / "made_up.project").read_bytes()
    with pytest.raises(BadScene, match="blocks are open at its end") as error:
        read(content[: content.index(b"#preferences") - 30])
    partial = error.value.partial
    assert isinstance(partial, ClarisseScene)
    assert not partial.complete
    assert "$PDIR/abc/camera.abc" in {each.path for each in partial.references}


@pytest.mark.parametrize("name", ["kubix_demo.project", "made_up.project"])
def test_a_project_cut_anywhere_gives_facts_or_bad_scene(name: str) -> None:
    content = (DATA / name).read_bytes()
    for end in range(len(HEAD), len(content), 1000):
        assert isinstance(as_far_as_read(content[:end]), ClarisseScene)


@pytest.mark.parametrize("block", [b"A {\n", b"a { ", b'"'])
def test_deep_nesting_is_refused_by_its_limit(block: bytes) -> None:
    if block == b'"':
        assert read(HEAD + block * 100_001).references == ()
        return
    with pytest.raises(BadScene, match="more than 512 blocks in each other"):
        read(HEAD + block * 10_000)


def test_a_project_larger_than_the_limit_is_refused() -> None:
    with pytest.raises(BadScene, match="where 10 is the limit"):
        read_project(HEAD, "shot.project", limit=10)


def test_a_text_without_an_end_is_tried_once() -> None:
    flood = b'"' + b'\\"' * 200_000 + b"\n}\n"
    assert read(HEAD + OBJECT + flood).references[0].path == "a.png"


@pytest.mark.parametrize(
    "flood",
    [
        b"TextureMapFile {\n" + b"# " * 5000 + b'\n filename "a.png"\n}\n',
        b'note "' + b"{ } " * 50_000 + b'"\n' + OBJECT,
        b"A {\n" + b" tile 1\n" * 100_000 + b"}\n" + OBJECT,
        b"x " + b"{frame} " * 20_000 + b"\n" + OBJECT,
    ],
)
def test_odd_lines_take_time_in_proportion_to_their_length(flood: bytes) -> None:
    assert [each.path for each in read(HEAD + flood).references] == ["a.png"]
