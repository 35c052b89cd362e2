"""The right ``Analyze…`` class for a scene, found by its first bytes among those that are installed."""

from __future__ import annotations

import os
import re
import stat
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from rayvision_utils.analyze_base import AnalyzeBase
from rayvision_utils.exception.exception import AnalyseFailError
from renderbus_model.software import Application
from renderbus_scenes.reader import HEAD_BYTES, application_of

GROUP = "renderbus.analyzers"
"""Entry points by suffix without its dot: ``blend`` names the class for ``shot.blend``."""


def _analyzers() -> dict[str, EntryPoint]:
    return {found.name: found for found in entry_points(group=GROUP)}


def analyzer_for(cg_file: str | os.PathLike[str]) -> type[AnalyzeBase[Any]]:
    """The class that analyses a scene, whatever it is called.

    The suffix counts where the bytes tell nothing: the class then says what is wrong with the file. Blender's
    numbered backups (``.blend1``) have that of scenes.

    Raises:
        AnalyseFailError: no class is installed for such a file.
    """
    application = _application_at(cg_file)
    if application:
        return analyzer_of(application, cg_file)
    name, suffix = _name_and_suffix(cg_file)
    known = _analyzers()
    if suffix not in known:
        there = ", ".join(f".{each}" for each in sorted(known)) or "none"
        raise AnalyseFailError(
            f"{name}: no analyser for this kind of file is installed; there is one for {there}"
        )
    found: type[AnalyzeBase[Any]] = known[suffix].load()
    return found


def analyzer_of(application: Application, cg_file: str | os.PathLike[str]) -> type[AnalyzeBase[Any]]:
    """The class for scenes of an application, whatever the scene is called.

    Raises:
        AnalyseFailError: no class is installed for it.
    """
    _, suffix = _name_and_suffix(cg_file)
    known = _analyzers()
    for name in sorted(known, key=lambda each: each != suffix):  # the likely one first: loading takes time
        found: type[AnalyzeBase[Any]] = known[name].load()
        if found.APPLICATION is application:
            return found
    raise AnalyseFailError(f"no analyser for scenes of {application.title} is installed")


def _application_at(cg_file: str | os.PathLike[str]) -> Application | None:
    """Whose scene lies there; None for what is none, cannot be opened, or is not there."""
    path = Path(cg_file)
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            expanded = any((path / member).is_file() for member in _MEMBERS)
            return Application.HOUDINI if expanded else None
        if not stat.S_ISREG(mode):  # a named pipe would keep us waiting
            return None
        with path.open("rb") as file:
            return application_of(file.read(HEAD_BYTES))
    except (OSError, ValueError):
        return None


_MEMBERS = (".variables", ".start")  # of a Houdini scene that was expanded into a folder


def _name_and_suffix(cg_file: str | os.PathLike[str]) -> tuple[str, str]:
    name = os.path.basename(os.fspath(cg_file))  # noqa: PTH119  (a text is wanted, whatever is given)
    return name, re.sub(r"[0-9]+$", "", name.rpartition(".")[2].lower()) if "." in name else ""
