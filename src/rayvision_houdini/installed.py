r"""Where Houdini is installed: hython, which runs scripts inside it.

Source: the published package looks into Windows' registry under ``SOFTWARE\Side Effects Software``, elsewhere
at ``/opt/hfs{version}/bin``; a version with the same first two numbers will do.
"""

from __future__ import annotations

import re
from pathlib import Path

from rayvision_utils.registry import machine_value

ROOT = Path("/opt")
KEY = r"SOFTWARE\Side Effects Software"
_NUMBERS = re.compile(r"[0-9]+")


def installed_houdini(version: str, *, windows: bool, root: Path = ROOT) -> str | None:
    """The path of hython for a version, or for the nearest with the same first two numbers."""
    if windows:
        folder = houdini_folder(version)
        found = Path(folder, "bin", "hython.exe") if folder else None
        return str(found) if found and found.is_file() else None
    folders = [root / f"hfs{version}", *_alike(version, root)]
    programs = [folder / "bin" / name for folder in folders for name in ("hython-bin", "hython")]
    return next((str(program) for program in programs if program.is_file()), None)


def _alike(version: str, root: Path) -> list[Path]:
    wanted = _NUMBERS.findall(version)[:2]
    if len(wanted) < 2 or not root.is_dir():
        return []
    there = [folder for folder in root.glob("hfs*") if _NUMBERS.findall(folder.name)[:2] == wanted]
    return sorted(there, key=lambda folder: [int(number) for number in _NUMBERS.findall(folder.name)])[::-1]


def houdini_folder(version: str) -> str | None:
    """``InstallPath`` of a version in Windows' registry, None on other systems or when it is not there."""
    folders = (
        machine_value(rf"{KEY}\Houdini {name}", "InstallPath")
        for name in (version, ".".join(_NUMBERS.findall(version)[:2]))
    )
    return next(filter(None, folders), None)
