"""``scene_info`` and the cameras of a Houdini scene, in the published shapes. Pure."""

from __future__ import annotations

import posixpath
from typing import Any

from rayvision_houdini.constants import FROM_A_STAGE, OPTION_DISTRIBUTED, OPTION_RENDER, OPTION_SIMULATION
from renderbus_model.houdini_scene import Driver, HoudiniScene, Purpose

Entry = dict[str, Any]


def scene_document(scene: HoudiniScene) -> dict[str, list[Entry]]:
    """``rop_node`` and ``geo_node``, in order of need; ``distributedsim_node`` where there is one.

    Simulations are not rendered unless somebody chooses so, as published.
    """
    document = {
        "rop_node": [_entry(driver, OPTION_RENDER) for driver in rops(scene)],
        "geo_node": [
            _entry(driver, OPTION_SIMULATION, render="0")
            for driver in scene.drivers
            if driver.purpose in (Purpose.CACHE, Purpose.SIMULATION)
        ],
    }
    distributed = [_distributed(scene, driver) for driver in scene.drivers if driver.slices]
    return {**document, "distributedsim_node": distributed} if distributed else document


def rops(scene: HoudiniScene) -> list[Driver]:
    """The drivers that write pictures."""
    return [driver for driver in scene.drivers if driver.purpose.writes_pictures]


def _entry(driver: Driver, option: str, render: str | None = None) -> Entry:
    if render is None:
        render = "0" if driver.bypassed else "1"
    return {"node": driver.node, "frames": driver.frames, "option": option, "render": render}


def _distributed(scene: HoudiniScene, driver: Driver) -> Entry:
    slices = driver.slices
    assert slices is not None
    output = scene.driver(slices.driver)
    return {
        **_entry(driver, OPTION_DISTRIBUTED, render="0"),
        "output_driver": slices.driver,
        "output_file": (output.expanded_output or output.output) if output else "",
        "sliceType": slices.kind,
        "slicediv": " ".join(map(str, slices.divisions)),
        "simControlName": slices.controls,
        "num_slices": str(slices.count),
    }


def missing_cameras(scene: HoudiniScene) -> dict[str, list[str]]:
    """Cameras that rendering ROPs name and the scene lacks, with the ROPs that name them.

    What is rendered from a USD stage has its cameras there, and a name that is worked out is not known.
    """
    there = {camera.node for camera in scene.cameras}
    missing: dict[str, list[str]] = {}
    for driver in scene.drivers:
        if driver.purpose is not Purpose.RENDER or driver.bypassed or driver.type.startswith(FROM_A_STAGE):
            continue
        camera = posixpath.normpath(posixpath.join(driver.node, driver.camera)) if driver.camera else ""
        if camera not in there and "`" not in camera and "$" not in camera:
            missing.setdefault(driver.camera, []).append(driver.node)
    return missing


def camera_document(scene: HoudiniScene) -> dict[str, list[str]]:
    """``camera`` of asset.json: cameras of the scene, and those that are named and not there."""
    missing = [camera for camera in missing_cameras(scene) if camera]
    return {"normal": [camera.node for camera in scene.cameras], "diff": [], "miss": missing}
