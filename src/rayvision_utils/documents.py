"""What an analysis writes into asset.json and upload.json."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any

from rayvision_utils.scene_files import SceneFiles
from rayvision_utils.utils import shown

Document = dict[str, Any]


def asset_document(files: SceneFiles) -> Document:
    """Each file that was found with the time it was changed, and each that was not, with who names it."""
    return {
        "asset": [f"{forward(each.local)}  ({_time(each.modified)})" for each in files.assets.values()],
        "missing": [
            {
                "node": f"{each.reference.node_type} {each.reference.node}",
                "path": each.reference.path,
                "kind": each.reference.kind.value,
                "library": each.library,
                "why": each.why,
            }
            for each in files.missing
        ],
    }


def upload_document(scene: str, server: str, digest: str, files: SceneFiles) -> Document:
    """The scene with its MD5, and every file to upload, each once, the scene last."""
    itself = {"local": forward(scene), "server": server}
    found = [{"local": forward(each.local), "server": each.server} for each in files.assets.values()]
    return {"scene": [{**itself, "hash": digest}], "asset": [*found, itself]}


def forward(path: str) -> str:
    """A path of this machine with forward slashes; where ``\\`` is an ordinary character it stays."""
    return path.replace("\\", "/") if os.sep == "\\" else path


def writable(value: Any) -> Any:
    """The same with texts that can be written as UTF-8, however deep they are."""
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, dict):
        return {shown(str(key)): writable(member) for key, member in value.items()}
    return [writable(member) for member in value] if isinstance(value, list) else value


def _time(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds).astimezone().isoformat(" ", "seconds")
    except (OverflowError, OSError, ValueError):  # a clock that was never set
        return str(int(seconds))
