"""What Houdini itself answered, put into what the file says. Pure: the answer is a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from renderbus_model.houdini_scene import Driver, HoudiniScene
from renderbus_model.scene import Kind, Reference
from renderbus_scenes.houdini_files import kind_of_suffix, spread_of

LARGEST_FRAME = 999_999_999


def question(scene: HoudiniScene, path: str) -> dict[str, Any]:
    """What to ask: the values that only Houdini knows, and the drivers' frames."""
    return {
        "scene": path,
        "values": [[each.node, each.attribute] for each in scene.unresolved],
        "drivers": [driver.node for driver in scene.drivers if driver.stored_range],
    }


def with_answer(scene: HoudiniScene, answer: Mapping[str, Any]) -> HoudiniScene:
    """The scene with Houdini's answer: each fact that came from it says so (``source``).

    An answer of another shape than was asked for adds nothing.
    """
    source = f"Houdini {answer.get('version', '')}".strip()
    values = {
        (node, attribute): str(text).replace("\\", "/")
        for node, attribute, text in _rows(answer, "values", 3)
        if text
    }
    frames = {node: (start, end, step) for node, start, end, step in _rows(answer, "frames", 4)}
    references = [_settled(each, values, source) for each in scene.references]
    known = {(each.node, each.attribute) for each in references}
    libraries = {each.path.replace("\\", "/") for each in references if each.kind is Kind.HDA}
    references += [
        _further(node, attribute, path.replace("\\", "/"), source)
        for node, attribute, path in _rows(answer, "files", 3)
        if path and (node, attribute) not in known and path.replace("\\", "/") not in libraries
    ]
    return replace(
        scene,
        references=tuple(references),
        drivers=tuple(_timed(each, frames) for each in scene.drivers),
        unresolved=tuple(each for each in scene.unresolved if (each.node, each.attribute) not in values),
    )


def _rows(answer: Mapping[str, Any], name: str, width: int) -> list[list[Any]]:
    rows = answer.get(name)
    if not isinstance(rows, list):
        return []
    return [row for row in rows if isinstance(row, list) and len(row) == width and _is_row(row)]


def _is_row(row: list[Any]) -> bool:
    return isinstance(row[0], str) and all(isinstance(each, (str, int, float)) for each in row)


def _settled(reference: Reference, values: Mapping[tuple[str, str], str], source: str) -> Reference:
    path = values.get((reference.node, reference.attribute))
    if path is None or reference.expanded:
        return reference
    kind = reference.kind if reference.kind is not Kind.OTHER else kind_of_suffix(path)
    return replace(reference, expanded=path, optional=False, kind=kind, spread=spread_of(path), source=source)


def _further(node: str, attribute: str, path: str, source: str) -> Reference:
    kind = kind_of_suffix(path)
    return Reference(node, "", attribute, path, kind, spread=spread_of(path), optional=True, source=source)


def _timed(driver: Driver, frames: Mapping[str, tuple[float, float, float]]) -> Driver:
    told = frames.get(driver.node)
    if told is None or driver.range_mode in ("off", "0"):
        return driver
    try:
        start, end, step = (int(each) for each in told)
    except (ValueError, OverflowError, TypeError):
        return driver
    if max(abs(start), abs(end)) > LARGEST_FRAME:
        return driver
    return replace(driver, start=start, end=end, step=max(1, step))
