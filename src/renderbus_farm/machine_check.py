"""What this machine can render, and why not the rest: asked of the renderers themselves.

Blender's render process is really started, so that what is told is what a farm on this machine would do.
"""

from __future__ import annotations

import platform
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from renderbus_farm.processes import FOLDER, MARKER
from renderbus_farm.renderers.catalogue import Choice, installed, renderers
from renderbus_farm.renderers.confine import landlock_version
from renderbus_farm.renderers.drawing import FASTER, INSTALL, drawing
from renderbus_farm.renderers.session import Hello
from renderbus_farm.rules.offers import title
from renderbus_farm.rules.shipped_software import KINDS
from renderbus_farm.rules.watch import Limits
from renderbus_farm.settings import Settings
from renderbus_farm.worker_machine import processor_name
from renderbus_farm.worker_stages import Stages
from renderbus_model.software import Application

_INSTALL: dict[int, str] = {
    Application.BLENDER: "pip install 'renderbus[blender]' (Python 3.11), or install the program blender",
    Application.POVRAY: "install the program povray (Debian: apt-get install povray)",
}
_NO_RENDERER = "there is no renderer for it yet; a description of one makes it known (docs/add-a-renderer.md)"
_DRAWN = ("BLENDER_EEVEE", "BLENDER_WORKBENCH")
_LEAST_FREE_GB = 2.0
"""A scene's files and a few pictures of a usual size."""


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was looked at.

    Attributes:
        about: what, in a word or two.
        level: ``ok``, ``note`` for what is missing and may well be, ``problem`` for what is needed.
        text: what was found, and for anything but ``ok`` what to do about it.
        facts: the same for programs.
    """

    about: str
    level: str
    text: str
    facts: dict[str, object] = field(default_factory=dict)


def machine(settings: Settings) -> list[Found]:
    """Everything about a machine that runs a farm with these settings, or would."""
    choice = Choice(settings.renderers, settings.blender)
    with tempfile.TemporaryDirectory(prefix="renderbus-doctor-") as folder:
        scratch, scenes = Path(folder) / "render", Path(folder) / "scenes"
        stages = Stages(renderers(choice), scratch, scenes, _marks(folder), Limits())
        try:
            hello = stages.warm()
            applications, engines = stages.applications(hello), stages.engines(hello)
            lacking = stages.lacking()
        finally:
            stages.clear(kindly=True)
    return [
        _hardware(hello),
        *_applications(applications, choice),
        *_engines(hello, engines, lacking),
        _confinement(),
        space("data", settings.data),
    ]


def space(about: str, folder: Path) -> Found:
    """The room on the disk of a folder that may not be there yet."""
    there = next((each for each in (folder, *folder.parents) if each.exists()), Path("/"))
    free_gb = shutil.disk_usage(there).free / 1e9
    facts: dict[str, object] = {"folder": str(folder), "free_gb": round(free_gb, 1)}
    if free_gb < _LEAST_FREE_GB:
        why = f"{folder}: only {free_gb:.1f} GB free; make room, or choose another folder with --data"
        return Found(about, "problem", why, facts)
    return Found(about, "ok", f"{folder}: {free_gb:.0f} GB free", facts)


def _marks(folder: str) -> dict[str, str]:
    return {MARKER: f"doctor {folder}", FOLDER: folder}


def _hardware(hello: Hello | None) -> Found:
    memory, cards = psutil.virtual_memory(), list(hello.graphics_cards if hello else ())
    drawn = ", ".join(cards) or "no graphics card that Cycles can use"
    cores = psutil.cpu_count() or 1
    text = f"{processor_name()}, {cores} processors, {memory.total / 1e9:.0f} GB memory, {drawn}"
    facts: dict[str, object] = {
        "system": platform.platform(),
        "processors": cores,
        "ram_gb": round(memory.total / 1e9, 1),
        "graphics_cards": cards,
    }
    return Found("machine", "ok", text, facts)


def _applications(found: dict[int, str], choice: Choice) -> Iterator[Found]:
    known = [int(kind.cg_id) for kind in KINDS]
    for cg_id in (*known, *sorted(found.keys() - set(known))):
        facts: dict[str, object] = {"cg_id": cg_id, "version": found.get(cg_id)}
        if cg_id in found:
            yield Found(title(cg_id), "ok", f"version {found[cg_id]}", facts)
        elif cg_id in installed(renderers(choice)):
            why = "is installed and does not start; renderbus farm serve tells more in the nodes' worker.log"
            yield Found(title(cg_id), "problem", why, facts)
        else:
            yield Found(title(cg_id), "note", f"not here: {_INSTALL.get(cg_id, _NO_RENDERER)}", facts)
    if not found:
        yield Found("renderers", "problem", f"this machine renders nothing: {_INSTALL[Application.BLENDER]}")


def _engines(hello: Hello | None, engines: frozenset[str], lacking: Mapping[str, str]) -> Iterator[Found]:
    if hello is None:
        return
    here, undrawn = ", ".join(sorted(engines)), [name for name in _DRAWN if name not in engines]
    facts: dict[str, object] = {"engines": sorted(engines), "opengl": "", "drawn_by": ""}
    if undrawn:
        reasons = [f"{lacking[name]}; {INSTALL}" for name in undrawn if name in lacking]
        why = (reasons or [f"Blender {hello.version} draws only on a screen, 4.0 and later need none"])[0]
        yield Found("engines", "note", f"{here}; not {' and '.join(undrawn)}: {why}", facts)
        return
    drawn = drawing()
    facts |= {"opengl": drawn.version, "drawn_by": drawn.renderer}
    text = f"{here}; {' and '.join(_DRAWN)} are drawn by {drawn.renderer}"
    if drawn.by_processor:
        text += f": right, but slow. {FASTER}"
    yield Found("engines", "ok", text, facts)


def _confinement() -> Found:
    version = landlock_version()
    if version:
        return Found("confinement", "ok", f"Landlock {version}", {"landlock": version})
    why = "scenes are held to their files by their paths alone; use Linux 5.13 or later"
    text = f"this kernel has no Landlock: {why}"
    return Found("confinement", "note", text, {"landlock": 0})
