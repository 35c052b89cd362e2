"""Texts in a Houdini scene that would run when it is opened or rendered. They are listed, never run."""

from __future__ import annotations

from collections.abc import Iterator

from renderbus_model.houdini_scene import Script
from renderbus_scenes.houdini_network import Network
from renderbus_scenes.houdini_types import bare_type, driver_type

_AROUND_RENDERING = ("prerender", "preframe", "postframe", "postwrite", "postrender")
_CODE = {
    "python": "python",
    "pythonscript": "script",
    "pythonprocessor": "script",
    "shell": "command",
    "genericgenerator": "pdg_command",
    "genericprocessor": "pdg_command",
}


def node_scripts(network: Network) -> Iterator[Script]:
    """Scripts around rendering that are switched on, and nodes whose work is to run something."""
    for node in network.nodes.values():
        if not node.type or node.parm is None:
            continue
        if driver_type(node.type):
            for name in _AROUND_RENDERING:
                text = node.text(name).strip()
                if text and node.text("t" + name) not in ("off", "0"):
                    yield Script(node.path, name, text)
        code = _CODE.get(bare_type(node.type))
        if code and (text := node.text(code).strip()):
            yield Script(node.path, code, text)
