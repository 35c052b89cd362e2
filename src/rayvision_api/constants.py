"""The published constants."""

from __future__ import annotations

from typing import Any

from renderbus_model.documents import new_task_document
from renderbus_model.wire import common, frame, label, plugin, task, transmitter, user

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
    "nuke": 2015,
    "katana": 2016,
    "unreal engine": 2020,
}
"""The applications by name; ``nuke`` and ``unreal engine`` came with later packages."""

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

KEYS: list[str] = ["layers", "scene_info_render", "task_info", "scene_info", "software_config"]
"""Members of task.json, and ``layers``."""

SUPPORT_UPLOAD_FILE_NAME: list[str] = list(task.DOCUMENT_NAMES)
"""The documents of a task that ``transmit.upload_json_content`` takes."""

# The paths by the names of the first packages; ``api.url`` has both path sets.
QUERY_PLATFORMS = common.QUERY_PLATFORMS.path
QUERY_USER_PROFILE = user.QUERY_USER_PROFILE.path
QUERY_USER_SETTINGS = user.QUERY_USER_SETTING.path
UPDATE_USER_SETTINGS = user.UPDATE_USER_SETTING.path
GET_TRANSFER_BID = user.GET_TRANSFER_BID.path
CREATE_TASK = task.CREATE_TASK.path
SUBMIT_TASK = task.SUBMIT_TASK.path
QUERY_ERROR_DETAIL = common.QUERY_ERROR_DETAIL.path
GET_TASK_LIST = task.GET_TASK_LIST.path
STOP_TASK = task.STOP_TASK.path
START_TASK = task.START_TASK.path
ABORT_TASK = task.ABORT_TASK.path
DELETE_TASK = task.DELETE_TASK.path
QUERY_TASK_FRAMES = frame.QUERY_TASK_FRAMES.path
QUERY_ALL_FRAME_STATUS = frame.QUERY_ALL_FRAME_STATS.path
RESTART_FAILED_FRAMES = task.RESTART_FAILED_FRAMES.path
RESTART_FRAME = frame.RESTART_FRAME.path
QUERY_TASK_INFO = task.QUERY_TASK_INFO.path
ADD_LABEL = label.ADD_LABEL.path
DELETE_LABEL = label.DELETE_LABEL.path
GET_LABEL_LIST = label.GET_LABEL_LIST.path
QUERY_SUPPORTED_SOFTWARE = plugin.QUERY_SUPPORTED_SOFTWARE.path
QUERY_SUPPORTED_PLUGIN = plugin.QUERY_SUPPORTED_PLUGIN.path
ADD_RENDER_ENV = plugin.ADD_RENDER_ENV.path
UPDATE_RENDER_ENV = plugin.UPDATE_RENDER_ENV.path
DELETE_RENDER_ENV = plugin.DELETE_RENDER_ENV.path
SET_DEFAULT_RENDER_ENV = plugin.SET_DEFAULT_RENDER_ENV.path
GET_RENDER_ENV = plugin.GET_RENDER_ENV.path
UPDATE_TASK_USER_LEVEL = task.UPDATE_TASK_USER_LEVEL.path
GET_RAYSYNC_USERKEY = transmitter.GET_RAYSYNC_USER_KEY.path
GET_TRANSFER_SERVER_MSG = transmitter.GET_TRANSFER_SERVER_MSG.path
LOAD_TASK_PROCESSING = frame.LOAD_TASK_PROCESS_IMG.path
SET_OVER_TIME_STOP = task.SET_OVER_TIME_STOP.path
LOADING_FRAME_THUMBNAIL = frame.FRAME_THUMBNAIL.path
FULL_SPEED = task.FULL_SPEED.path
