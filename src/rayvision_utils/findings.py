"""Findings about files and drivers as tips: which code each gets, and how it is told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rayvision_utils.exception import tips_code
from rayvision_utils.scene_files import MissingFile, SceneFiles
from renderbus_model.scene import Kind, PythonDriver, Reference, SceneFacts, Spread, on_one_line

LONGEST_PATH = 255
"""Characters of a path that every version of the applications and of their plug-ins opens on Windows."""

_ODD_SIGN = re.compile(r"[^A-Za-z0-9_.\-()+@ ]")

_CODES = {
    Kind.ALEMBIC: tips_code.ALEMBIC_MISSING,
    Kind.VOLUME: tips_code.VDB_MISSING,
    Kind.LIBRARY: tips_code.EXTERNAL_FILE,
    Kind.USD: tips_code.EXTERNAL_FILE,
    Kind.CACHE: tips_code.EXTERNAL_FILE,
    Kind.HDA: tips_code.EXTERNAL_FILE,
    Kind.OTHER: tips_code.EXTERNAL_FILE,
    Kind.PROXY: tips_code.VRMESH_MISSING,
    Kind.HAIR: tips_code.HAIR_MISSING,
    Kind.REFERENCE: tips_code.REFERENCE_MISSING,
}

_VRAY_SOLUTIONS = {
    ("VRaySettingsNode", "ifile"): tips_code.VRMAP_MISSING,
    ("VRaySettingsNode", "fnm"): tips_code.VRMAP_MISSING,
    ("VRaySettingsNode", "lcfnm"): tips_code.VRLMAP_MISSING,
    ("VRaySettingsNode", "fileName"): tips_code.VRLMAP_MISSING,
}
"""Irradiance maps and light caches of V-Ray for Maya, by type of node and attribute."""


def file_findings(files: SceneFiles) -> Iterator[tuple[str, str]]:
    """What is to be told about the files of a scene, as code and text."""
    for missing in files.missing:
        yield missing_code(missing.reference), missing_text(missing)
    for each in files.looked_up:
        if each.how:
            yield (
                tips_code.FOUND_ELSEWHERE,
                f"{each.reference}{_in_library(each.library)} was found {each.how}",
            )
    for unresolved in files.unresolved:
        yield tips_code.VARIABLE_UNKNOWN, missing_text(unresolved)
    for text in files.not_followed:
        yield tips_code.NOT_FOLLOWED, text
    for path, facts in files.libraries.items():
        if isinstance(facts, SceneFacts):
            yield from content_findings(facts, path)


def name_findings(file_name: str, references: Iterable[Reference]) -> Iterator[tuple[str, str]]:
    """About a scene's name, and paths that are too long."""
    if odd := sorted(set(_ODD_SIGN.findall(file_name))):
        signs = " ".join(odd)
        yield tips_code.SCENE_NAME_NOT_ALLOWED, f"{file_name}: rename the scene without {signs}"
    for reference in references:
        if len(reference.path) > LONGEST_PATH:
            text = f"{reference.node}: a path of {len(reference.path)} characters, of {LONGEST_PATH} at most"
            yield tips_code.MATERIAL_PATH_LONG, text


def content_findings(facts: SceneFacts, library: str = "") -> Iterator[tuple[str, str]]:
    """What is to be told about a scene's or a library's own data-blocks, as code and text."""
    for driver in facts.python_drivers:
        yield tips_code.DRIVER_NEEDS_PYTHON, driver_text(driver, library)
    for name in facts.packed_libraries:
        where = f"Library {name!r}{_in_library(library)}"
        yield tips_code.LIBRARY_PACKED, f"{where} is packed: the files that it names are not looked for"


def missing_code(reference: Reference) -> str:
    """The code of a file that is missing, by its kind."""
    solution = _VRAY_SOLUTIONS.get((reference.node_type, reference.attribute))
    if solution:
        return solution
    if reference.kind in _CODES:
        return _CODES[reference.kind]
    return tips_code.SEQUENCE_MISSING if reference.spread is Spread.SEQUENCE else tips_code.FILE_MISSING


def missing_text(missing: MissingFile) -> str:
    """One line that names the data-block, the path as written, and the library that holds both."""
    return on_one_line(f"{missing.reference}{_in_library(missing.library)} {missing.why}")


def driver_text(driver: PythonDriver, library: str = "") -> str:
    """One line that names a driver which runs only where scripts are allowed."""
    where = f"{driver.node_type} {driver.node!r}{_in_library(library)}"
    return (
        f"{where}: the driver of {driver.path} needs Python ({driver.expression!r}); "
        "where scripts are not allowed it keeps the value it was saved with"
    )


def _in_library(library: str) -> str:
    return f" in library {library}" if library else ""
