"""Runs inside Maya (mayapy, or maya -batch): answers what a scene file alone does not say. Stands by itself.

    mayapy inside_maya.py QUESTION.json ANSWER.json

The question names the scene, the values that a reader could not work out, and the layers. Maya up to 2021
brings Python 2.7 along, later ones 3.7 to 3.11: what is written here runs in all.
"""

import json
import sys

MYPY = False
if MYPY:  # Python 2 has no typing; type checkers take this branch
    from typing import Any  # noqa: F401  (the type comments below use it)

TEXT = type(json.loads('""'))  # what Python 2 calls unicode
GLOBALS = "defaultRenderGlobals"
RESOLUTION = "defaultResolution"


def main(question_path, answer_path):
    # type: (str, str) -> int
    """Load the scene, answer, and say by the exit status whether that went well."""
    _start()
    import maya.cmds as cmds  # type: ignore[import-not-found]  # a module of Maya's own Python

    with open(question_path, "rb") as file:  # noqa: PTH123  (Python 2 has no pathlib)
        question = json.loads(file.read().decode("utf-8"))
    warnings = _load(cmds, question["scene"])
    answer = {
        "version": _text(cmds.about(version=True)),
        "values": _values(cmds, question["values"]),
        "layers": _layers(cmds, question["layers"]),
        "files": _files(cmds),
        "unknown": [_text(node) for node in cmds.ls(type="unknown") or []],
        "warnings": warnings,
    }
    with open(answer_path, "wb") as file:  # noqa: PTH123  (as above)
        file.write(json.dumps(answer).encode("utf-8"))
    return 0


def _start():
    # type: () -> None
    """mayapy must be told to start Maya; in maya -batch it runs already."""
    try:
        import maya.standalone  # type: ignore[import-not-found]  # a module of Maya's own Python

        maya.standalone.initialize(name="python")
    except (ImportError, RuntimeError):
        return


def _load(cmds, scene):
    # type: (Any, str) -> list[str]
    """Load the scene without its scripts; missing plug-ins are warnings, and what loaded is used."""
    try:
        cmds.file(scene, open=True, force=True, prompt=False, ignoreVersion=True, executeScriptNodes=False)
    except RuntimeError as error:
        return [_text(error)]
    return []


def _values(cmds, wanted):
    # type: (Any, list[list[str]]) -> list[list[str]]
    """Type of the node and value of each attribute asked for, where that is a text."""
    values = []
    for node, attribute in wanted:
        try:
            value = cmds.getAttr(node + "." + attribute)
            kind = cmds.nodeType(node)
        except (RuntimeError, ValueError):
            continue
        if isinstance(value, (bytes, TEXT)):
            values.append([node, attribute, _text(kind), _text(value)])
    return values


def _layers(cmds, names):
    # type: (Any, list[str]) -> list[dict[str, Any]]
    """Settings and cameras of each layer, as they are once Maya has switched to it."""
    layers = []
    for name in names:
        try:
            cmds.editRenderLayerGlobals(currentRenderLayer=name)
            layer = _layer(cmds, name)
        except (RuntimeError, ValueError):
            continue
        layers.append(layer)
    return layers


def _layer(cmds, name):
    # type: (Any, str) -> dict[str, Any]
    cameras = [_text(camera) for camera in cmds.ls(type="camera") or []]
    return {
        "name": name,
        "renderable": bool(cmds.getAttr(name + ".renderable")),
        "renderer": _text(cmds.getAttr(GLOBALS + ".currentRenderer")),
        "start": float(cmds.getAttr(GLOBALS + ".startFrame")),
        "end": float(cmds.getAttr(GLOBALS + ".endFrame")),
        "step": float(cmds.getAttr(GLOBALS + ".byFrameStep")),
        "animation": bool(cmds.getAttr(GLOBALS + ".animation")),
        "prefix": _text(cmds.getAttr(GLOBALS + ".imageFilePrefix") or ""),
        "width": int(cmds.getAttr(RESOLUTION + ".width")),
        "height": int(cmds.getAttr(RESOLUTION + ".height")),
        "cameras": [camera for camera in cameras if cmds.getAttr(camera + ".renderable")],
    }


def _files(cmds):
    # type: (Any) -> list[list[str]]
    """Every file that Maya's own path editor knows of: node, attribute, path."""
    files = []
    try:
        for folder in cmds.filePathEditor(query=True, listDirectories="") or []:
            listed = cmds.filePathEditor(query=True, listFiles=folder, withAttribute=True) or []
            for number in range(0, len(listed) - 1, 2):  # names and plugs take turns
                node, _, attribute = _text(listed[number + 1]).partition(".")
                files.append([node, attribute, _text(folder) + "/" + _text(listed[number])])
    except (AttributeError, RuntimeError, TypeError):  # Maya before 2013 has no such editor
        return files
    return files


def _text(value):
    # type: (object) -> str
    """A value as text that JSON takes, whatever its bytes are."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, TEXT) else str(value)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
