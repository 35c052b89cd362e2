"""The right ``Analyze…`` class for a scene, found by its suffix among those that are installed."""

from __future__ import annotations

import os
import re
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from rayvision_utils.analyze_base import AnalyzeBase
from rayvision_utils.exception.exception import AnalyseFailError
from renderbus_model.software import Application

GROUP = "renderbus.analyzers"
"""Entry points by suffix without its dot: ``blend`` names the class for ``shot.blend``."""


def _analyzers() -> dict[str, EntryPoint]:
    return {found.name: found for found in entry_points(group=GROUP)}


def analyzer_for(cg_file: str | os.PathLike[str]) -> type[AnalyzeBase[Any]]:
    """The class that analyses a scene; Blender's numbered backups (``.blend1``) count as scenes.

    Raises:
        AnalyseFailError: no class is installed for its suffix.
    """
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


def _name_and_suffix(cg_file: str | os.PathLike[str]) -> tuple[str, str]:
    name = os.path.basename(os.fspath(cg_file))  # noqa: PTH119  (a text is wanted, whatever is given)
    return name, re.sub(r"[0-9]+$", "", name.rpartition(".")[2].lower()) if "." in name else ""
