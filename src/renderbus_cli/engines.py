"""What this machine cannot draw, said before anything is uploaded to the farm that it starts by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from renderbus_cli.problems import Exit, Problem

_BLENDER = "2007"


def check_engines(task: Mapping[str, Any]) -> None:
    """Hold the engines of the layers that render against this machine.

    Raises:
        Problem: one of them draws, and this machine does not.
    """
    if str(task["task_info"].get("cg_id")) != _BLENDER:
        return
    from renderbus_farm.renderers.inside_blender_machine import DRAW

    entries = [each for each in task["scene_info_render"].values() if each["renderable"] == "1"]
    wanted = {each["common"]["renderer"] for each in entries}
    if wanted.isdisjoint(DRAW):
        return
    from renderbus_farm.renderers.drawing import INSTALL, drawing

    lacking = drawing().lacking()
    if undrawn := sorted(wanted & lacking.keys()):
        raise Problem(
            f"the scene renders with {', '.join(undrawn)}, which this machine cannot draw: "
            f"{lacking[undrawn[0]]}. Nothing was uploaded. Install what draws ({INSTALL}), "
            "choose Cycles in the scene, or name another farm with --profile",
            Exit.NO_WORKER,
        )
