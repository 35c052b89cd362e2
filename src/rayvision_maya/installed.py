r"""Where Maya is installed: the program that runs scripts inside it.

Source: the published package looks into Windows' registry under ``SOFTWARE\Autodesk\Maya``, elsewhere at
``/usr/autodesk/maya{version}/bin/maya``; half versions (2016.5) and Linux' ``-x64`` count too.
"""

from __future__ import annotations

from pathlib import Path

from rayvision_utils.registry import machine_value

ROOT = Path("/usr/autodesk")
KEY = r"SOFTWARE\Autodesk\Maya"


def installed_maya(version: str, *, windows: bool, root: Path = ROOT) -> str | None:
    """The path of Maya's batch program for a version, None when it is not installed."""
    if windows:
        folder = maya_folder(version)
        program = Path(folder, "bin", "mayabatch.exe") if folder else None
        return str(program) if program and program.is_file() else None
    programs = [root / f"maya{version}{more}" / "bin" / "maya" for more in ("", ".5", "-x64")]
    return next((str(program) for program in programs if program.is_file()), None)


def maya_folder(version: str) -> str | None:
    """``MAYA_INSTALL_LOCATION`` of a version in Windows' registry, None elsewhere or when it is not there."""
    folders = (
        machine_value(rf"{KEY}\{name}\Setup\InstallPath", "MAYA_INSTALL_LOCATION")
        for name in (version, f"{version}.5")
    )
    return next(filter(None, folders), None)
