"""Runs inside Houdini (hython): answers what a scene file alone does not say. Stands by itself.

    hython inside_houdini.py QUESTION.json ANSWER.json

The question names the scene, the values that a reader could not work out, and the drivers whose frames
count. Houdini 16.5 to 19.0 bring Python 2.7 along, later ones 3.7 to 3.11: what is written here runs in all.
"""

import json
import sys

MYPY = False
if MYPY:  # Python 2 has no typing; type checkers take this branch
    from typing import Any  # noqa: F401  (the type comments below use it)


def main(question_path, answer_path):
    # type: (str, str) -> int
    """Load the scene, answer, and say by the exit status whether that went well."""
    import hou  # type: ignore[import-not-found]  # a module of Houdini's own Python

    with open(question_path, "rb") as file:  # noqa: PTH123  (Python 2 has no pathlib)
        question = json.loads(file.read().decode("utf-8"))
    warnings = _load(hou, question["scene"])
    answer = {
        "version": hou.applicationVersionString(),
        "values": _values(hou, question["values"]),
        "frames": _frames(hou, question["drivers"]),
        "files": _files(hou),
        "warnings": warnings,
    }
    with open(answer_path, "wb") as file:  # noqa: PTH123  (as above)
        file.write(json.dumps(answer).encode("utf-8"))
    return 0


def _load(hou, scene):
    # type: (Any, str) -> list[str]
    """Load the scene; missing digital assets and the like are warnings, and what loaded is used."""
    try:
        hou.hipFile.load(str(scene), suppress_save_prompt=True)
    except hou.LoadWarning as warning:
        return [_text(warning)]
    return []


def _values(hou, wanted):
    # type: (Any, list[list[str]]) -> list[list[str]]
    """Each value asked for as text, those that are not there left out."""
    values = []
    for node, attribute in wanted:
        parameter = hou.parm(str(node) + "/" + str(attribute))
        if parameter is None:
            continue
        try:
            values.append([node, attribute, _text(parameter.evalAsString())])
        except hou.Error:
            continue
    return values


def _frames(hou, drivers):
    # type: (Any, list[str]) -> list[list[Any]]
    """Start, end and step of each driver, those without a range left out."""
    frames = []
    for path in drivers:
        node = hou.node(str(path))
        parameters = node.parmTuple("f") if node is not None else None
        if parameters is not None and len(parameters) == 3:
            frames.append([path] + [float(parameter.eval()) for parameter in parameters])
    return frames


def _files(hou):
    # type: (Any) -> list[list[str]]
    """Every file that Houdini itself knows of: node, parameter, path; both empty for digital assets."""
    files = []
    for parameter, path in hou.fileReferences():
        if parameter is None:
            files.append(["", "", _text(path)])
        else:
            files.append([parameter.node().path(), parameter.name(), _text(path)])
    return files


def _text(value):
    # type: (object) -> str
    """A value as text that JSON takes, whatever its bytes are."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
