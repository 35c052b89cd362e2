"""What this machine cannot draw, said before anything is uploaded to the farm that it starts by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from renderbus_cli.problems import Exit, Problem

_BLENDER = "2007"


def check_engines(task: Mapping[str, Any]) -> None:
    """Hold the engines of the layers that render against this machine.

    Raises:
        Problem: one of them needs a library that is not here.
    """
    if str(task["task_info"].get("cg_id")) != _BLENDER:
        return
    from renderbus_farm.renderers.inside_blender_machine import NEEDS_EGL, has_egl

    entries = [each for each in task["scene_info_render"].values() if each["renderable"] == "1"]
    drawn = sorted({each["common"]["renderer"] for each in entries} & set(NEEDS_EGL))
    if drawn and not has_egl():
        raise Problem(
            f"the scene renders with {', '.join(drawn)}, which this machine cannot draw without libEGL. "
            "Nothing was uploaded. Install it (Debian: apt-get install libegl1), choose Cycles in the scene, "
            "or name another farm with --profile",
            Exit.NO_WORKER,
        )
