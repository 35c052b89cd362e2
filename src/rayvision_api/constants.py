"""The published constants."""

from __future__ import annotations

from typing import Any

from renderbus_model.documents import new_task_document

PACKAGE_NAME = "rayvision_api"

HEADERS: dict[str, str] = {
    "accessId": "",
    "channel": "4",
    "platform": "",
    "UTCTimestamp": "",
    "nonce": "",
    "signature": "",
    "version": "1.0.0",
    "Content-Type": "application/json",
}
"""What every request carries; each ``Connect`` fills in a copy of its own."""

DCC_ID_MAPPINGS: dict[str, int] = {
    "maya": 2000,
    "3ds Max": 2001,
    "lightwave": 2002,
    "arnold": 2003,
    "houdini": 2004,
    "cinema4d": 2005,
    "softimage": 2006,
    "blender": 2007,
    "vr_standalone": 2008,
    "mr_standalone": 2009,
    "sketchup": 2010,
    "vue": 2011,
    "keyshot": 2012,
    "clarisse": 2013,
    "octane_render": 2014,
    "katana": 2016,
}

CG_SETTING: dict[str, str] = {
    "Maya": "2000",
    "Houdini": "2004",
    "Katana": "2016",
    "Clarisse": "2013",
    "Blender": "2007",
    "3ds Max": "2001",
    "2000": "Maya",
    "2004": "Houdini",
    "2016": "Katana",
    "2013": "Clarisse",
    "2007": "Blender",
    "2001": "3ds Max",
}
"""Names and ids of the applications, either way round."""

TASK_INFO: dict[str, Any] = new_task_document()
"""The defaults of task.json; copy it deeply before changing it."""

MODIFIABLE_PARAM: list[str] = [
    "pre_frames",
    "input_cg_file",
    "frames_per_task",
    "test_frames",
    "job_stop_time",
    "task_stop_time",
    "time_out",
    "stop_after_test",
    "tiles_type",
    "tiles",
    "is_layer_rendering",
    "is_distribute_render",
    "distribute_render_node",
    "input_project_path",
    "render_layer_type",
    "os_name",
    "ram",
    "enable_layered",
]
"""Members of ``task_info`` that a user may set; the check step writes their numbers as text."""
