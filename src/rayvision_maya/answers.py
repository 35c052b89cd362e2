"""What Maya itself answered, put into what the file says. Pure: the answer is a value."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any

from renderbus_model.maya_scene import MayaLayer, MayaScene
from renderbus_model.scene import Kind, Reference, Role
from renderbus_scenes.maya_files import FILES
from renderbus_scenes.maya_places import spread_of

LARGEST = 1e9
"""Of a frame or of a picture's size; what is larger is no answer."""

MAYAPY = "mayapy"


def command(program: str, script: Path, asked: Path, answered: Path) -> Sequence[str | os.PathLike[str]]:
    """How to have a script run inside Maya: by ``mayapy`` where that lies beside it, else by ``maya -batch``.

    >>> script, asked, answered = Path("/s.py"), Path("/w/q.json"), Path("/w/a.json")
    >>> [str(part) for part in command("/opt/maya/bin/mayapy", script, asked, answered)]
    ['/opt/maya/bin/mayapy', '/s.py', '/w/q.json', '/w/a.json']
    """
    path = Path(program)
    beside = path.with_name(MAYAPY + path.suffix)
    if path.stem.lower() == MAYAPY or beside.is_file():
        return [path if path.stem.lower() == MAYAPY else beside, script, asked, answered]
    folder, name = str(script.parent), script.stem
    text = f"import sys; sys.path.insert(0, {folder!r}); import {name}; "
    text += f"{name}.main({str(asked)!r}, {str(answered)!r})"
    mel = text.replace("\\", "\\\\").replace('"', '\\"')
    return [program, "-batch", "-command", f'python("{mel}")']


def question(scene: MayaScene, path: str) -> dict[str, Any]:
    """What to ask: the values that only Maya knows, and every layer as it is once Maya switched to it."""
    return {
        "scene": path,
        "values": [[each.node, each.attribute] for each in scene.unresolved],
        "layers": [layer.name for layer in scene.layers],
    }


def with_answer(scene: MayaScene, answer: Mapping[str, Any]) -> MayaScene:
    """The scene with Maya's answer: each fact that came from it says so (``source``).

    An answer of another shape than was asked for adds nothing.
    """
    source = f"Maya {answer.get('version', '')}".strip()
    settled = [
        _reference(node, kind, attribute, path, source)
        for node, attribute, kind, path in _rows(answer, "values", 4)
        if path
    ]
    written = {(each.node, each.path) for each in scene.references}
    settled = [each for each in settled if (each.node, each.path) not in written]
    # Maya's editor writes folders out, so that only the names can be compared.
    known = {(each.node, _name(each.path)) for each in (*scene.references, *settled)}
    further = [
        replace(_reference(node, "", attribute, path, source), optional=True)
        for node, attribute, path in _rows(answer, "files", 3)
        if _name(path) and (node, _name(path)) not in known
    ]
    answered = {(row[0], row[1]) for row in _rows(answer, "values", 4)}
    layers = {each["name"]: each for each in _objects(answer, "layers") if isinstance(each.get("name"), str)}
    return replace(
        scene,
        references=(*scene.references, *settled, *further),
        unresolved=tuple(each for each in scene.unresolved if (each.node, each.attribute) not in answered),
        layers=tuple(_layer(each, layers.get(each.name), source) for each in scene.layers),
    )


def _rows(answer: Mapping[str, Any], name: str, width: int) -> list[list[str]]:
    rows = answer.get(name)
    if not isinstance(rows, list):
        return []
    return [
        row
        for row in rows
        if isinstance(row, list) and len(row) == width and all(isinstance(each, str) for each in row)
    ]


def _objects(answer: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    rows = answer.get(name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _reference(node: str, kind: str, attribute: str, path: str, source: str) -> Reference:
    known = (each for each in FILES.get(kind, ()) if attribute in each.names)
    what = next((each.kind for each in known), Kind.OTHER)
    path = path.replace("\\", "/")
    return Reference(
        node, kind, attribute, path, what, role=Role.INPUT, spread=spread_of(path), source=source
    )


def _name(path: str) -> str:
    return PurePath(path.replace("\\", "/")).name


def _layer(layer: MayaLayer, told: Mapping[str, Any] | None, source: str) -> MayaLayer:
    if told is None:
        return layer
    settings = replace(
        layer.settings,
        renderer=_text(told.get("renderer")) or layer.settings.renderer,
        start=_number(told.get("start"), layer.settings.start),
        end=_number(told.get("end"), layer.settings.end),
        step=_number(told.get("step"), layer.settings.step),
        animation=_flag(told.get("animation"), layer.settings.animation),
        prefix=_text(told.get("prefix")) if "prefix" in told else layer.settings.prefix,
        width=_whole(told.get("width"), layer.settings.width),
        height=_whole(told.get("height"), layer.settings.height),
    )
    cameras = told.get("cameras")
    named = [each for each in cameras if isinstance(each, str)] if isinstance(cameras, list) else None
    return replace(
        layer,
        settings=settings,
        renderable=bool(_flag(told.get("renderable"), layer.renderable)),
        cameras=layer.cameras if named is None else tuple(each.rpartition("|")[2] for each in named),
        source=source,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object, before: float | None) -> float | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= LARGEST:
        return float(value)
    return before


def _whole(value: object, before: int | None) -> int | None:
    number = _number(value, None)
    return before if number is None else int(number)


def _flag(value: object, before: bool | None) -> bool | None:
    return value if isinstance(value, bool) else before
