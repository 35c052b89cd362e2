"""The kind of node that a task shall render on: find it among what the farm offers, and say why none fits.

Later packages give the check step a ``hardware_config``: ``{"model": "1080Ti", "ram": "64GB", "gpuNum":
"2*GPU"}``. ``model`` may be a list, or ``Default`` for any.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rayvision_api.answers import HardwareConfig
from rayvision_api.exception import (
    PYTHON_ERROR,
    TYPE_ERROR,
    HardwareConfigIdError,
    NotSupportCGSoftwareError,
    NotSupportHardwareCodeError,
    NotSupportPluginError,
    RayvisionError,
)

ANY_MODEL = "Default"
USUAL_CARDS = "2"
"""Graphics cards that task.json names where none were asked for; as published."""


@dataclass(frozen=True)
class Needs:
    """What a scene needs of a node: application, version, plug-ins by name, and what the analysis found."""

    cg_id: int
    cg_version: str
    plugins: Mapping[str, str]
    tips: Collection[str] = ()

    @classmethod
    def of(cls, document: Mapping[str, Any], tips: Collection[str] = ()) -> Needs:
        """As task.json says.

        Raises:
            RayvisionError: 1000000, task.json does not name application and version.
        """
        software = document.get("software_config") or {}
        try:
            cg_id = int(document["task_info"]["cg_id"])
            version = str(software["cg_version"])
        except (KeyError, TypeError, ValueError) as error:
            raise RayvisionError(
                PYTHON_ERROR, "task.json: no application in task_info and software_config; analyse the scene"
            ) from error
        return cls(cg_id, version, software.get("plugins") or {}, tuple(tips))


def is_hardware(given: object) -> bool:
    """Whether a first argument of the check step is hardware and not a task.

    >>> is_hardware({"model": "Default", "ram": "64GB"}), is_hardware({"task_info": {}})
    (True, False)
    """
    return isinstance(given, Mapping) and "model" in given and "task_info" not in given


def chosen_hardware(
    wanted: Mapping[str, Any], offered: Sequence[HardwareConfig], platform: str, needs: Needs
) -> dict[str, Any]:
    """What task.json says of the wanted hardware.

    Raises:
        RayvisionError: 1000003, ``wanted`` is no hardware.
        HardwareConfigIdError: the farm has none such in this area, or it does not render this version.
        NotSupportCGSoftwareError, NotSupportPluginError, NotSupportHardwareCodeError: what it does not
            render.
    """
    if not isinstance(wanted, Mapping):
        raise RayvisionError(TYPE_ERROR, f"hardware_config {wanted!r:.80}: expected model, ram and gpuNum")
    models = wanted.get("model") or ANY_MODEL
    named = [models] if isinstance(models, str) else list(models)
    any_model = ANY_MODEL in named
    here = [one for one in offered if one["status"] and str(one["platform"]) == platform]
    matching = [
        one
        for one in here
        if (any_model or one["model"] in named)
        and (one["ram"], one["gpuNum"]) == (wanted.get("ram"), wanted.get("gpuNum"))
    ]
    if not matching:
        known = ", ".join(f"{one['model']} {one['ram']} {one['gpuNum'] or ''}".strip() for one in here)
        raise HardwareConfigIdError(
            PYTHON_ERROR, f"the farm has no hardware {dict(wanted)}; it has {known or 'none in this area'}"
        )
    refusals = {one["id"]: why_not(one, needs) for one in matching}
    fitting = [one for one in matching if refusals[one["id"]] is None]
    for refusal in refusals.values():
        if refusal and not (any_model and fitting):
            raise refusal
    cards = str(wanted.get("gpuNum") or USUAL_CARDS)
    return {
        "hardwareConfigIds": [str(one["id"]) for one in fitting],
        "ram": str(wanted.get("ram") or "").replace("GB", ""),
        "graphics_cards_num": cards.partition("*")[0].strip(),
    }


def why_not(hardware: HardwareConfig, needs: Needs) -> RayvisionError | None:
    """The reason why this hardware does not render such a scene; None when it does."""
    name = f"{hardware['model']} {hardware['ram']}"
    if str(needs.cg_id) in map(str, hardware["notSupportCgId"]):
        return NotSupportCGSoftwareError(error=f"{name} does not render scenes of application {needs.cg_id}")
    if found := sorted(set(needs.tips) & set(map(str, hardware["notSupportCode"]))):
        return NotSupportHardwareCodeError(error=f"{name} does not render scenes with {', '.join(found)}")
    versions = hardware["notSupportCgVersions"]
    if any((one["cgId"], one["cgVersionName"]) == (needs.cg_id, needs.cg_version) for one in versions):
        return HardwareConfigIdError(error=f"{name} does not render version {needs.cg_version}")
    for pattern in hardware["notSupportPluginList"]:
        for plugin, version in needs.plugins.items():
            if _matches(pattern, f"{plugin} {version}"):
                return NotSupportPluginError(error=f"{name} does not render with {plugin} {version}")
    return None


def check_version(needs: Needs, versions: Collection[str]) -> None:
    """The farm must have the version of the scene, as users write it.

    Raises:
        RayvisionError: 1000000, it has others.
    """
    if needs.cg_version not in versions:
        raise RayvisionError(
            PYTHON_ERROR,
            f"version {needs.cg_version} of application {needs.cg_id} is not supported; "
            f"the farm has {', '.join(sorted(versions)) or 'none'}",
        )


def _matches(pattern: str, plugin: str) -> bool:
    try:
        return re.search(pattern, plugin, re.IGNORECASE) is not None
    except re.error:  # a name with characters that mean something in a pattern
        return pattern.casefold() in plugin.casefold()
