"""Each method on accounts and tasks: how it is called, and what arrives in each path set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rayvision_api.core import RayvisionAPI
from renderbus_model.wire.operation import SECOND, ApiVersion


@dataclass(frozen=True)
class Call:
    """A call and what arrives: ``later`` and ``later_body`` in the second path set, where they differ."""

    make: Callable[[RayvisionAPI], Any]
    path: str
    body: dict[str, Any]
    later: str = ""
    later_body: dict[str, Any] | None = None

    def arrives(self, version: ApiVersion) -> tuple[str, dict[str, Any]]:
        """Whole path and body."""
        path, body = self.path, self.body
        if version == SECOND:
            path = self.later or path
            body = body if self.later_body is None else self.later_body
        return f"/api/{path}" if path.startswith("rendering/") else f"/api/render/{path}", body


RECORDS = {"pageNum": 1, "pageSize": 10, "startDate": "", "endDate": ""}

USER = [
    Call(lambda api: api.user.query_user_profile(), "user/queryUserProfile", {}, "setUp/queryUserProfile"),
    Call(lambda api: api.user.query_user_setting(), "user/queryUserSetting", {}, "setUp/queryUserSetting"),
    Call(lambda api: api.user.get_transfer_bid(), "task/getTransferBid", {}, "transfer/getBid"),
    Call(
        lambda api: api.user.update_user_settings(task_over_time=1800),
        "user/updateUserSetting",
        {"taskOverTimeSec": 1800},
        "setUp/updateUserSetting",
    ),
    Call(
        lambda api: api.user.update_user_settings(auto_commit=1, use_level_directory=1),
        "user/updateUserSetting",
        {"autoCommit": "1", "useLevelDirectory": 1},
        "setUp/updateUserSetting",
    ),
    Call(lambda api: api.user.get_hardware_config(), "hardwareConfig/list", {"cloneTask": "false"}),
    Call(
        lambda api: api.user.get_hardware_config(["5"]),
        "hardwareConfig/list",
        {"cloneTask": "false", "taskIds": [5]},
    ),
    Call(
        lambda api: api.user.task_record(),
        "handle/operate/sdk/taskRecord",
        {**RECORDS, "platform": 2},
    ),
    Call(
        lambda api: api.user.login_record(2, 5, "2020-01-01", "2020-02-01"),
        "handle/operate/sdk/loginRecord",
        {"pageNum": 2, "pageSize": 5, "startDate": "2020-01-01", "endDate": "2020-02-01"},
    ),
]

TASK = [
    Call(
        lambda api: api.task.create_task(),
        "task/createTask",
        {"count": 1, "taskUserLevel": 50},
        "submit/createTask",
    ),
    Call(
        lambda api: api.task.create_task(2, 60, 12345, ("shot 010", "片段"), 9, "ann"),
        "task/createTask",
        {
            "count": 2,
            "taskUserLevel": 60,
            "outUserId": 12345,
            "labels": ["shot 010", "片段"],
            "cloneOriginalId": 9,
            "artist": "ann",
        },
        "submit/createTask",
    ),
    Call(lambda api: api.task.submit_task(5), "task/submitTask", {"taskId": 5}, "submit/task"),
    Call(
        lambda api: api.task.submit_task(5, "OUT_USER_MODEL", "u1", producer="Li"),
        "task/submitTask",
        {"taskId": 5, "assetIsolationModel": "OUT_USER_MODEL", "outUserId": "u1", "producer": "Li"},
        "submit/task",
    ),
    Call(
        lambda api: api.task.submit_task(5, " task_id_model "),
        "task/submitTask",
        {"taskId": 5, "assetIsolationModel": "TASK_ID_MODEL"},
        "submit/task",
    ),
    Call(
        lambda api: api.task.stop_task(["1", 2]),
        "task/stopTask",
        {"taskIds": [1, 2]},
        "rendering/task/renderingTask/stopTask",
    ),
    Call(
        lambda api: api.task.start_task((1,)),
        "task/startTask",
        {"taskIds": [1]},
        "rendering/task/renderingTask/startTask",
    ),
    Call(
        lambda api: api.task.abort_task(range(1, 3)),
        "task/abortTask",
        {"taskIds": [1, 2]},
        "handle/abandonTask",
    ),
    Call(lambda api: api.task.delete_task([1]), "task/deleteTask", {"taskIds": [1]}, "handle/deleteTask"),
    Call(
        lambda api: api.task.full_speed([1]), "task/fullSpeed", {"taskIds": [1]}, "handle/fullSpeedRendering"
    ),
    Call(
        lambda api: api.task.update_priority(5, "60"),
        "rendering/task/renderingTask/updateTaskUserLevel",
        {"taskId": 5, "taskUserLevel": 60},
    ),
    Call(
        lambda api: api.task.update_task_level(5, 60),
        "rendering/task/renderingTask/updateTaskUserLevel",
        {"taskId": 5, "taskUserLevel": 60},
    ),
    Call(
        lambda api: api.task.set_task_overtime_top([5], 0.5),
        "task/setOverTimeStop",
        {"taskIds": [5], "overTime": 1},
        "handle/setTaskOverTimeStop",
    ),
    Call(
        lambda api: api.task.update_task_limit(5, 3), "handle/updateTaskLimit", {"taskId": 5, "taskLimit": 3}
    ),
    Call(
        lambda api: api.task.edit_task_hardware_config([5], ["223"], "1080Ti", "2*GPU", "64GB"),
        "handle/editTaskHardwareConfig",
        {"taskIds": [5], "hardwareConfigIds": [223], "model": "1080Ti", "gpuNum": "2*GPU", "ram": "64GB"},
    ),
]
