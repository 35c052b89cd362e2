"""The frames that task.json asks for, in sets that differ in nothing but the number.

Blender's ``scene_info_render`` has one entry per scene and view layer, built like Maya's; its keys are listed
at ``RenderChoice``. An empty text means "as the scene says". Houdini's nodes and Clarisse's images come in
the same form, see ``scene_layers``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple

import msgspec

from renderbus_model.document_values import BadDocument, number_at, safe_name, text_of, texts_of
from renderbus_model.frames import MOST_FRAMES, BadFrameRange, parse_frames
from renderbus_model.scene_layers import layer_entries
from renderbus_model.software import Application, is_known

_LONGEST_SETTING = 4096  # a path; longer texts are notes, which no program is started with


class RenderChoice(msgspec.Struct, frozen=True):
    """How a set of frames is rendered; 0 and empty mean "as the scene says".

    Attributes:
        scene_name: the scene inside the file (``common.scene_name``, the first).
        view_layers: those switched on while it renders (``common.view_layers``).
        camera: name of the camera object, from ``common.render_camera`` where that was changed.
        width, height: pixels of the finished picture, percentage applied (``common.width``, ``height``).
        image_format: Blender's identifier, e.g. ``PNG`` (``common.Render_Format``).
        samples: Cycles samples per pixel (``common.samples``).
        engine: render engine of the scene, e.g. ``CYCLES`` (``common.renderer``).
        layer: name of the layer, node or image, for programs that are told which one to render.
        settings: what else ``common`` says in single words and numbers, for such programs too; not of
            Blender's scenes, whose settings are all known.
    """

    scene_name: str
    view_layers: tuple[str, ...]
    camera: str = ""
    width: int = 0
    height: int = 0
    image_format: str = ""
    samples: int = 0
    engine: str = ""
    layer: str = ""
    settings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FrameSet:
    """Frames that differ in nothing but their number.

    Attributes:
        layer: the name of the layer, node or image; of several view layers joined by ``+``.
        output: where pictures go below the task's output folder, ``#`` for digits: ``ViewLayer/shot_####``.
        simulates: writes caches that every set behind it reads, instead of pictures.
        whole: all its frames go to one node in one go, as each follows from the one before.
    """

    layer: str
    choice: RenderChoice
    numbers: tuple[int, ...]
    output: str
    simulates: bool = False
    whole: bool = False


def check_application(cg_id: int) -> None:
    """Look whether a farm takes scenes of this application.

    Raises:
        BadDocument: it is none that is known.
    """
    if not is_known(cg_id):
        known = ", ".join(f"{each.title} ({each.value})" for each in Application)
        raise BadDocument("task.json", "task_info.cg_id", f"{cg_id}: this farm takes scenes of {known}")


def read_frame_sets(task: Mapping[str, Any], cg_id: int, level_folders: bool) -> tuple[FrameSet, ...]:
    """Everything that task.json renders; ``level_folders`` gives also the only set a folder of its own.

    Simulations come before all else, in the order written.

    Raises:
        BadDocument: a scene of no application that is known, a value that makes no sense, nothing to render.
    """
    check_application(cg_id)
    found = task.get("scene_info") or {}
    chosen = task.get("scene_info_render") or found
    if not isinstance(chosen, dict) or not isinstance(found, dict):
        raise BadDocument("task.json", "scene_info_render", "expected an object")
    analysed = layer_entries(found)
    sets: list[FrameSet] = []
    count = 0
    for key, entry in layer_entries(chosen).items():
        if not isinstance(entry, dict) or text_of(entry.get("renderable", "1")) in ("0", "False"):
            continue
        entry_sets = _entry_sets(cg_id, key, entry, analysed.get(key))
        count += sum(len(frames.numbers) for frames in entry_sets)
        if count > MOST_FRAMES:
            raise BadDocument("task.json", "scene_info_render", f"has more than {MOST_FRAMES} frames in all")
        sets.extend(entry_sets)
    if not sets:
        raise BadDocument("task.json", "scene_info_render", "nothing in it is renderable")
    sets.sort(key=lambda frames: not frames.simulates)
    in_folders = level_folders or len(sets) > 1
    outputs = _distinct([_output(frames, in_folders) for frames in sets])
    return tuple(replace(frames, output=output) for frames, output in zip(sets, outputs, strict=True))


def _entry_sets(cg_id: int, key: str, entry: Mapping[str, Any], analysed: object) -> list[FrameSet]:
    where = f"scene_info_render[{key!r}].common"
    common = entry.get("common")
    if not isinstance(common, dict):
        raise BadDocument("task.json", where, "expected an object")
    try:
        numbers = parse_frames(text_of(common.get("frames")))
    except BadFrameRange as error:
        raise BadDocument("task.json", f"{where}.frames", str(error)) from error
    of_blender = cg_id == Application.BLENDER
    simulates, whole = _simulation(entry, common, numbers, where)
    asked = _of_blender(common, analysed, where) if of_blender else _of_others(common)
    return [
        FrameSet(
            layer="+".join(asked.view_layers) if of_blender else key,
            choice=RenderChoice(
                scene_name=asked.scene_name,
                view_layers=asked.view_layers,
                camera=camera,
                width=number_at(common, "width", where, 0),
                height=number_at(common, "height", where, 0),
                image_format=text_of(common.get("Render_Format") or common.get("image_format")),
                samples=number_at(common, "samples", where, 0),
                engine=text_of(common.get("renderer")),
                layer="" if of_blender else key,
                settings=() if of_blender else _settings(common),
            ),
            numbers=numbers,
            output=text_of(common.get("image_file_prefix")),
            simulates=simulates,
            whole=whole,
        )
        for camera in dict.fromkeys(asked.cameras)
    ]


def _settings(common: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    plain = {name: value for name, value in common.items() if isinstance(value, str | int | float)}
    return tuple(
        (name, text_of(value)) for name, value in plain.items() if len(str(value)) <= _LONGEST_SETTING
    )


def _simulation(
    entry: Mapping[str, Any], common: Mapping[str, Any], numbers: tuple[int, ...], where: str
) -> tuple[bool, bool]:
    """Whether a node of Houdini simulates, and whether all its frames go to one node.

    ``option`` is -1 for what renders frame by frame, 0 for a simulation, and above for a distributed one: its
    slices stay on one node too. Only nodes of Houdini have it with that meaning.
    """
    if "simulates" not in entry:
        return False, False
    option = text_of(common.get("option")) or ("0" if entry["simulates"] else "-1")
    if not re.fullmatch(r"-1|[0-9]{1,6}", option):
        raise BadDocument("task.json", f"{where}.option", f"{option[:40]!r}: expected -1, or 0 and above")
    whole = option != "-1"
    steps = {behind - before for before, behind in pairwise(numbers)}
    if whole and (len(steps) > 1 or min(steps, default=1) < 1):
        raise BadDocument(
            "task.json", f"{where}.frames", "a simulation has one range of frames, e.g. 1-100[1]"
        )
    return bool(entry["simulates"]) or whole, whole


class _Asked(NamedTuple):
    """What of a scene an entry means; the camera "" leaves it to the scene."""

    scene_name: str
    view_layers: tuple[str, ...]
    cameras: tuple[str, ...]


def _of_blender(common: Mapping[str, Any], analysed: object, where: str) -> _Asked:
    """Markers of a scene may switch cameras: only a camera that somebody chose is named."""
    scenes, cameras = texts_of(common.get("scene_name")), texts_of(common.get("render_camera"))
    if not scenes:
        raise BadDocument("task.json", f"{where}.scene_name", "names no scene")
    before = analysed.get("common") if isinstance(analysed, dict) else None
    unchanged = isinstance(before, dict) and texts_of(before.get("render_camera")) == cameras
    chosen = ("",) if unchanged or not cameras else cameras
    return _Asked(scenes[0], texts_of(common.get("view_layers")), chosen)


def _of_others(common: Mapping[str, Any]) -> _Asked:
    """Each camera of a layer renders pictures of its own."""
    return _Asked("", (), texts_of(common.get("render_camera")) or ("",))


def _output(frames: FrameSet, in_folder: bool) -> str:
    """The scene's own file name pattern; ``in_folder`` below folders named after scene, layer and camera."""
    name = re.split(r"[\\/]", frames.output)[-1]
    stem = re.sub(r"\.(png|exr|jpe?g|tiff?|tga|bmp|webp)$", "", name, flags=re.IGNORECASE)
    pattern = safe_name(stem) if stem else ""
    if "#" not in pattern:
        pattern += "####"
    if not in_folder:
        return pattern
    folders = [
        safe_name(part.strip("/"))
        for part in (frames.choice.scene_name, frames.layer, frames.choice.camera)
        if part
    ]
    return "/".join([*folders, pattern])


def _distinct(outputs: list[str]) -> list[str]:
    """The same texts, a number added where one came before: two sets never write one file."""
    seen: set[str] = set()
    used: dict[str, int] = {}  # the last number given to a text, so that many equal ones take no longer
    made: list[str] = []
    for output in outputs:
        candidate, count = output, used.get(output.lower(), 1)
        while candidate.lower() in seen:
            count += 1
            folder, _, name = output.rpartition("/")
            candidate = f"{folder}_{count}/{name}" if folder else f"{count}/{name}"
        seen.add(candidate.lower())
        used[output.lower()] = count
        made.append(candidate)
    return made
