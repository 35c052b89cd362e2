"""What is known of public Maya scenes holds, where they lie beside the repository (``../shared/scenes``)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from renderbus_model.maya_scene import MayaScene, RenderSettings
from renderbus_model.scene import Kind, Role
from renderbus_scenes.errors import BadScene
from renderbus_scenes.reader import read_as

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "scenes"


def known() -> Iterator[tuple[Path, dict[str, Any]]]:
    """Each Maya file of the corpus with what is known of it; nothing where the corpus is not there."""
    table = CORPUS / "EXPECTED.tsv"
    for line in table.read_text("utf-8").splitlines()[1:] if table.exists() else ():
        name, _, facts = line.partition("\t")
        if name.startswith("maya/"):
            yield CORPUS / name, json.loads(facts)


def found(scene: MayaScene, expected: dict[str, Any]) -> dict[str, Any]:
    """What the reader says, under the keys of the table."""
    said: dict[str, Any] = {
        "version": scene.version,
        "nodes": scene.node_count,
        "cameras": {each.name for each in scene.cameras},
        "cameras_renderable": {each.name for each in scene.cameras if each.renderable},
        "requires": {each.name for each in scene.plugins} | ({"maya"} & set(expected["requires"])),
        "references": [
            {
                "path": each.path,
                "ns": each.namespace,
                "rfn": each.node,
                "depth": each.depth,
                "unloaded": not each.loaded,
            }
            for each in scene.scenes
        ],
        "deps": {
            (each.node, f"{each.node_type}.{each.attribute}", each.path, kind_word(each.attribute, each.kind))
            for each in scene.references
            if each.role is Role.INPUT
        },
    }
    said["deps_unique"] = len({path for _, _, path, _ in said["deps"]})
    return said | (of_binary(scene) if scene.container != "ma" else of_ascii(scene))


def kind_word(attribute: str, kind: Kind) -> str:
    return "cache_dir" if attribute == "cp" else kind.value


def of_ascii(scene: MayaScene) -> dict[str, Any]:
    settings = scene.settings
    return {
        "codeset": scene.codeset,
        "units": f"-l {scene.units.linear} -a {scene.units.angle} -t {scene.units.time}",
        "layers": {each.name: each.renderable for each in scene.layers},
        "stale_layers": set(scene.stale_layers),
        "render_setup_layers": [each.setup_name for each in scene.layers if each.setup_name],
        "renderer": settings.renderer,
        "start": settings.start,
        "end": settings.end,
        "by": settings.step,
        "animation": {None: None, True: "yes", False: "no"}[settings.animation],
        "image_format": settings.format_number,
        "image_key": settings.format_key,
        "prefix": settings.prefix,
        "width": settings.width,
        "height": settings.height,
        "playback": scene.playback and list(scene.playback),
    }


def of_binary(scene: MayaScene) -> dict[str, Any]:
    return {
        "container": scene.container,
        "time_unit": scene.units.time,
        "layers": {each.name for each in scene.layers},
        "globals": written_globals(scene.settings),
    }


def written_globals(settings: RenderSettings) -> dict[str, Any]:
    said: dict[str, Any] = {
        "ren": settings.renderer,
        "outf": settings.format_number,
        "imfkey": settings.format_key,
        "an": settings.animation if settings.animation is None else int(settings.animation),
        "ifp": settings.prefix,
    }
    return {key: value for key, value in said.items() if value is not None}


def comparable(key: str, value: Any) -> Any:
    """A fact of the table as ``found`` gives it: lists are sets unless their order is the file's own."""
    if key == "deps":
        return {tuple(each) for each in value}
    return (
        set(value) if isinstance(value, list) and key not in {"references", "playback", *_ORDERED} else value
    )


_ORDERED = ("render_setup_layers",)


def test_every_known_fact_about_public_maya_scenes_holds(capsys: pytest.CaptureFixture[str]) -> None:
    held, wrong = 0, []
    for path, expected in known():
        if "error" in expected:
            with pytest.raises(BadScene):
                read_as(MayaScene, path.read_bytes(), path.name)
            held += 1
            continue
        scene = read_as(MayaScene, path.read_bytes(), path.name)
        said = found(scene, expected)
        for key, value in expected.items():
            if said[key] == comparable(key, value):
                held += 1
            else:
                wrong.append((path.name, key, said[key], value))
    with capsys.disabled():
        print(f" Maya facts that hold: {held} of {held + len(wrong)} ", end="")
    assert wrong == []
