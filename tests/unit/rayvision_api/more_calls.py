"""Each method on queries, labels, environments and documents: how it is called, and what arrives."""

from __future__ import annotations

from .calls import TASK, USER, Call

ENV = {
    "cgId": "2000",
    "cgName": "Maya",
    "cgVersion": 2018,
    "renderLayerType": 0,
    "editName": "tests",
    "renderSystem": "0",
    "pluginIds": ["2703"],
}
SENT_ENV = {**ENV, "cgId": 2000, "cgVersion": "2018", "renderSystem": 0, "pluginIds": [2703]}

SEARCH = {
    "pageNum": 3,
    "pageSize": 50,
    "statusList": [0, 5],
    "searchKeyword": "shot",
    "startTime": "2020-07-01 00:00:00",
    "endTime": "2020-07-02 00:00:00",
    "recycleFlag": 1,
}

QUERY = [
    Call(
        lambda api: api.query.get_task_list(),
        "task/getTaskList",
        {"pageNum": 1, "pageSize": 2},
        "handle/getTaskList",
    ),
    Call(
        lambda api: api.query.get_task_list(
            3, 50, [0, "5"], "shot", "2020-07-01 00:00:00", "2020-07-02 00:00:00", 1
        ),
        "task/getTaskList",
        SEARCH,
        "handle/getTaskList",
    ),
    Call(
        lambda api: api.query.task_info([1]), "task/queryTaskInfo", {"taskIds": [1]}, "handle/queryTaskInfo"
    ),
    Call(
        lambda api: api.query.task_frames(1, 2, 10),
        "task/queryTaskFrames",
        {"taskId": 1, "pageNum": 2, "pageSize": 10},
        "handle/queryTaskFrames",
    ),
    Call(
        lambda api: api.query.task_frames(1, 2, 10, search_keyword="0-1"),
        "task/queryTaskFrames",
        {"taskId": 1, "pageNum": 2, "pageSize": 10, "searchKeyword": "0-1"},
        "handle/queryTaskFrames",
    ),
    Call(
        lambda api: api.query.all_frame_status(), "task/queryAllFrameStats", {}, "handle/queryAllFrameStats"
    ),
    Call(
        lambda api: api.query.restart_failed_frames([1]),
        "task/restartFailedFrames",
        {"taskIds": [1]},
        "handle/recommitTasks",
    ),
    Call(
        lambda api: api.query.restart_failed_frames([1], status=[5, 11]),
        "task/restartFailedFrames",
        {"taskIds": [1], "status": [5, 11]},
        "handle/recommitTasks",
    ),
    Call(
        lambda api: api.query.restart_frame("14362099", 1),
        "task/restartFrame",
        {"taskIds": 14362099, "selectAll": 1, "ids": []},
        "handle/recommitTaskFrames",
        {"taskId": 14362099, "selectAll": 1, "ids": []},
    ),
    Call(
        lambda api: api.query.restart_frame(14362099, 0, [3, 4]),
        "task/restartFrame",
        {"taskIds": 14362099, "selectAll": 0, "ids": [3, 4]},
        "handle/recommitTaskFrames",
        {"taskId": 14362099, "selectAll": 0, "ids": [3, 4]},
    ),
    Call(
        lambda api: api.query.stop_frame(7, 0, (3,), [1]),
        "handle/stopTaskFrames",
        {"taskId": 7, "selectAll": 0, "ids": [3], "status": [1]},
    ),
    Call(
        lambda api: api.query.error_detail(15000),
        "common/queryErrorDetail",
        {"code": "15000", "language": "0"},
        "submit/queryAnalyseErrorDetail",
    ),
    Call(
        lambda api: api.query.error_detail(codes=[10010, "15000"], language=1),
        "common/queryErrorDetail",
        {"codes": ["10010", "15000"], "language": "1"},
        "submit/queryAnalyseErrorDetail",
    ),
    Call(lambda api: api.query.platforms(), "common/queryPlatforms", {"zone": 2}),
    Call(
        lambda api: api.query.supported_software(),
        "common/querySupportedSoftware",
        {},
        "plugin/querySoftwareList",
    ),
    Call(
        lambda api: api.query.supported_plugin("Houdini", "windows"),
        "common/querySupportedPlugin",
        {"cgId": 2004, "osName": "windows"},
        "plugin/querySoftwareDetail",
    ),
    Call(
        lambda api: api.query.get_transfer_server_msg(),
        "task/getTransferServerMsg",
        {"zone": 1},
        "transfer/getServerInfo",
    ),
    Call(
        lambda api: api.query.get_raysync_user_key(),
        "user/getRaySyncUserKey",
        {},
        "transfer/getRaySyncUserKey",
    ),
    Call(
        lambda api: api.query.get_task_processing_img(7, frame_type=2),
        "task/loadTaskProcessImg",
        {"taskId": 7, "frameType": 2},
        "handle/loadTaskProcessImg",
    ),
    Call(
        lambda api: api.query.get_frame_thumbnall(230772),
        "task/loadingFrameThumbnail",
        {"id": 230772, "frameStatus": 4},
        "handle/loadingFrameThumbnail",
    ),
    Call(
        lambda api: api.query.get_render_log(frame_id=9),
        "handle/showLog",
        {"renderingType": "render", "pageNum": 1, "pageSize": 1, "id": 9},
    ),
    Call(lambda api: api.query.get_pack_node_info(), "submit/getUserPackNodeInfo", {}),
    Call(
        lambda api: api.query.opera_user_label(7, 1, "film", 1),
        "rendering/task/common/operateUserLabel",
        {"taskId": 7, "status": 1, "type": 1, "newName": "film"},
    ),
    Call(
        lambda api: api.query.opera_user_label(7, 0, label_name="film", type=2),
        "rendering/task/common/operateUserLabel",
        {"taskId": 7, "status": 0, "type": 2, "delName": "film"},
    ),
    Call(
        lambda api: api.query.opera_user_label(7, 0, type=9),
        "rendering/task/common/operateUserLabel",
        {"taskId": 7, "status": 0, "type": 0},
    ),
]

TAG = [
    Call(
        lambda api: api.tag.add_label("片段"),
        "common/addLabel",
        {"newName": "片段", "status": 1},
        "project/add",
    ),
    Call(
        lambda api: api.tag.add_label("x", "0"),
        "common/addLabel",
        {"newName": "x", "status": 0},
        "project/add",
    ),
    Call(lambda api: api.tag.delete_label("x"), "common/deleteLabel", {"delName": "x"}, "project/delete"),
    Call(lambda api: api.tag.get_label_list(), "common/getLabelList", {}, "project/getList"),
    Call(lambda api: api.tag.get_list(flag=2), "project/list", {"flag": 2}),
    Call(
        lambda api: api.tag.add_task_tag("x", [7]),
        "task/addTaskLabel",
        {"label": "x", "taskIds": [7]},
        "handle/addTaskLabel",
    ),
    Call(
        lambda api: api.tag.delete_task_tag([3]),
        "task/deleteTaskLabel",
        {"labelIds": [3]},
        "handle/deleteTaskLabel",
    ),
    Call(
        lambda api: api.tag.delete_task_tag([7], ["x"]),
        "task/deleteTaskLabel",
        {"taskIds": [7], "labelNames": ["x"]},
        "handle/deleteTaskLabel",
    ),
    Call(
        lambda api: api.tag.delete_task_tag(taskIds=[7], labelNames=["x"], tag_ids=[3]),
        "task/deleteTaskLabel",
        {"labelIds": [3], "taskIds": [7], "labelNames": ["x"]},
        "handle/deleteTaskLabel",
    ),
]

ENVIRONMENT = [
    Call(
        lambda api: api.env.add_render_env(ENV), "common/addRenderEnv", SENT_ENV, "plugin/addUserPluginConfig"
    ),
    Call(
        lambda api: api.env.add_render_env(render_env=ENV),
        "common/addRenderEnv",
        SENT_ENV,
        "plugin/addUserPluginConfig",
    ),
    Call(
        lambda api: api.env.update_render_env(data=ENV),
        "common/updateRenderEnv",
        SENT_ENV,
        "plugin/editUserPluginConfig",
    ),
    Call(
        lambda api: api.env.delete_render_env("tests"),
        "common/deleteRenderEnv",
        {"editName": "tests"},
        "plugin/deleteUserPluginConfig",
    ),
    Call(
        lambda api: api.env.set_default_render_env(edit_name="tests"),
        "common/setDefaultRenderEnv",
        {"editName": "tests"},
        "plugin/setDefaultUserPluginConfig",
    ),
    Call(
        lambda api: api.env.get_render_env("3dsmax"),
        "common/getRenderEnv",
        {"cgId": 2001},
        "plugin/getUserPluginConfig",
    ),
    Call(
        lambda api: api.env.get_render_env(cg_names=["maya", "houdini"], os_name=0),
        "common/getRenderEnv",
        {"cgIds": [2000, 2004], "osName": 0},
        "plugin/getUserPluginConfig",
    ),
]

TRANSMIT = [
    Call(
        lambda api: api.transmit.upload_json_content(5, "asset.json", "{}"),
        "task/taskJsonFile",
        {"taskId": 5, "fileName": "asset.json", "content": "{}"},
        "submit/taskJsonFile",
    ),
    Call(
        lambda api: api.transmit.upload_json_content(5, '{"a": 1}', "asset.json"),
        "task/taskJsonFile",
        {"taskId": 5, "fileName": "asset.json", "content": '{"a": 1}'},
        "submit/taskJsonFile",
    ),
    Call(
        lambda api: api.transmit.upload_json_content(5, content="{}"),
        "task/taskJsonFile",
        {"taskId": 5, "fileName": "task.json", "content": "{}"},
        "submit/taskJsonFile",
    ),
    Call(lambda api: api.transmit.get_transfer_config(), "task/getTransferConfig", {}, "transfer/getConfig"),
    Call(
        lambda api: api.transmit.get_output_files(),
        "file/operate/getOutputUserDirFile",
        {"treePath": "/"},
    ),
    Call(
        lambda api: api.transmit.get_output_files(5, tree_path="/elsewhere"),
        "file/operate/getOutputUserDirFile",
        {"treePath": "/", "taskId": 5},
    ),
]

CALLS = [*USER, *TASK, *QUERY, *TAG, *ENVIRONMENT, *TRANSMIT]
