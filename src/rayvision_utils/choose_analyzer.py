"""The right ``Analyze…`` class for a scene, found by its suffix among those that are installed."""

from __future__ import annotations

import os
import re
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from rayvision_utils.analyze_base import AnalyzeBase
from rayvision_utils.exception.exception import AnalyseFailError

GROUP = "renderbus.analyzers"
"""Entry points by suffix without its dot: ``blend`` names the class for ``shot.blend``."""


def _analyzers() -> dict[str, EntryPoint]:
    return {found.name: found for found in entry_points(group=GROUP)}


def analyzer_for(cg_file: str | os.PathLike[str]) -> type[AnalyzeBase[Any]]:
    """The class that analyses a scene; Blender's numbered backups (``.blend1``) count as scenes.

    Raises:
        AnalyseFailError: no class is installed for its suffix.
    """
    name = os.path.basename(os.fspath(cg_file))  # noqa: PTH119  (a text is wanted, whatever is given)
    suffix = re.sub(r"[0-9]+$", "", name.rpartition(".")[2].lower()) if "." in name else ""
    known = _analyzers()
    if suffix not in known:
        there = ", ".join(f".{each}" for each in sorted(known)) or "none"
        raise AnalyseFailError(
            f"{name}: no analyser for this kind of file is installed; there is one for {there}"
        )
    found: type[AnalyzeBase[Any]] = known[suffix].load()
    return found
