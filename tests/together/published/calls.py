"""Every public method of the published clients, as a user writes the call, and the shape of what it gives.

In the code, ``task`` is a submitted task that waits, ``frame`` the first of its three frames, ``spare`` a
task that was not submitted yet; ``label`` is a new name and ``environment`` a new render environment.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.together.published.clients import DOCUMENT, NEWEST, SEED, VERSIONS
from tests.together.published.shapes import (
    CODE_INFO,
    CREATED,
    ENVIRONMENTS,
    FRAME_ITEM,
    FRAME_TOTALS,
    HARDWARE,
    LABELS,
    LOGIN_RECORDS,
    OUTPUT_FILES,
    PACK_NODES,
    PLATFORMS,
    PLUGINS,
    PROFILE,
    PROGRESS,
    SETTING,
    SOFTWARE,
    STORAGES,
    TASK_ITEM,
    TASK_RECORDS,
    TRANSFER_CONFIG,
    TRANSFER_KEY,
    TRANSFER_SERVER,
    Shape,
    page_of,
)


@dataclass(frozen=True)
class Call:
    """A call of one method; ``versions`` are those that have it and can make it."""

    code: str
    gives: Shape
    versions: tuple[str, ...] = VERSIONS

    def __str__(self) -> str:
        return self.code.splitlines()[-1].removeprefix("api.")


LATER = (DOCUMENT, NEWEST)
NEW = (NEWEST,)
OLD = (SEED,)

ACCOUNT = [
    Call("api.user.query_user_profile()", PROFILE),
    Call("api.user.query_user_setting()", SETTING),
    Call("api.user.update_user_settings(43200)", None),
    Call("api.user.update_user_settings(task_over_time=43200)", None),
    Call("api.user.get_transfer_bid()", STORAGES),
    Call("api.user.user_id", int, LATER),
    Call("api.user.info", {"user_id": int, "user_name": str, "share_main_capital": int}, LATER),
    Call("api.user_info", {"user_id": int, "config_bid": str, "input_bid": str, "output_bid": str}),
    Call("api.get_user_id()", str, OLD),
    Call("api.get_user_id()", int, LATER),
    Call("api.connect.post('/api/render/user/queryUserProfile', validator=False)", PROFILE, LATER),
    Call("api.query.platforms()", PLATFORMS),
    Call("api.query.get_transfer_server_msg()", TRANSFER_SERVER),
    Call("api.query.get_raysync_user_key()", TRANSFER_KEY),
    Call("api.transmit.get_transfer_config()", TRANSFER_CONFIG, LATER),
    Call("api.user.get_hardware_config()", HARDWARE, NEW),
    Call("api.user.get_hardware_config(task_ids=[str(task)])", HARDWARE, NEW),
    Call("api.user.task_record()", TASK_RECORDS, NEW),
    Call(
        "api.user.task_record(pageNum=2, pageSize=5, startDate='2020-01-01', endDate='2099-01-01')",
        TASK_RECORDS,
        NEW,
    ),
    Call("api.user.login_record()", LOGIN_RECORDS, NEW),
    Call("api.user.login_record(1, 5, '2020-01-01', '2099-01-01')", LOGIN_RECORDS, NEW),
    Call("api.query.get_pack_node_info()", PACK_NODES, NEW),
]

TASKS = [
    Call("api.get_task_id()", str, OLD),
    Call("api.task.task_id", int, LATER),
    Call("api.task.create_task()", CREATED),
    Call("api.task.create_task(2, 12345, 60, [label])", CREATED, OLD),
    Call("api.task.create_task(2, 60, 12345, [label])", CREATED, LATER),
    Call(
        "api.task.create_task(count=2, task_user_level=60, out_user_id=12345, labels=[label, '片段'])",
        CREATED,
    ),
    Call("api.task.create_task(clone_original_id=str(task), artist='Li')", CREATED, NEW),
    Call("api.task.submit_task(task)", None),
    Call("api.task.submit_task(task, 'TASK_ID_MODEL')", None, (SEED, DOCUMENT)),
    Call("api.task.submit_task(task, 'OUT_USER_MODEL', '12345')", None, (SEED, DOCUMENT)),
    Call("api.task.submit_task(task, producer='Li', only_id=True) == task", bool, NEW),
    Call("api.submit(task)", bool),
    Call("api.submit(task, producer='Li')", bool, NEW),
    Call("api.transmit.upload_json_content(task_id=spare, file_name='task.json', content='{}')", None, LATER),
    Call("api.task.stop_task([task])", None),
    Call("api.task.start_task([task])", None),
    Call("api.task.abort_task([task])", None),
    Call("api.task.delete_task([task])", None),
    Call("api.task.update_task_level(task, 60)", None, OLD),
    Call("api.task.update_priority(task, 60)", None, LATER),
    Call("api.task.set_task_overtime_top([task], 1800)", str),
    Call("api.task.full_speed([task])", str),
    Call("api.task.update_task_limit(task, 5)", None, NEW),
    Call(
        "one = api.user.get_hardware_config()[0]\n"
        "chosen = one['model'], one['gpuNum'] or '', one['ram']\n"
        "api.task.edit_task_hardware_config([task], [str(one['id'])], *chosen)",
        None,
        NEW,
    ),
]

FRAMES = [
    Call("api.query.get_task_list()", page_of(TASK_ITEM)),
    Call(
        "api.query.get_task_list(1, 5, [0, 5, 25], 'shot', '2020-01-01 00:00:00', '2099-01-01 00:00:00')",
        page_of(TASK_ITEM),
    ),
    Call(
        "api.query.get_task_list(status_list=['0', '10'], search_keyword=str(task))",
        page_of(TASK_ITEM),
        (SEED, DOCUMENT),
    ),
    Call("api.query.get_task_list(recycle_flag=1)", page_of(TASK_ITEM), NEW),
    Call("api.query.task_info([task])", page_of(TASK_ITEM)),
    Call("api.query.task_frames(task, 1, 2)", page_of(FRAME_ITEM)),
    Call("api.query.task_frames(task, page_num=1, page_size=2, search_keyword='3')", page_of(FRAME_ITEM)),
    Call("api.query.all_frame_status()", FRAME_TOTALS),
    Call("api.query.restart_failed_frames([task])", None, (SEED, NEWEST)),
    Call("api.query.restart_failed_frames([task], status=[4, 5])", None, NEW),
    Call("api.query.restart_frame(task, 1)", None, (SEED, NEWEST)),
    Call("api.query.restart_frame(task, 0, [frame])", None, (SEED, NEWEST)),
    Call("api.query.restart_frame(task, status=[4, 5])", None, NEW),
    Call("api.query.stop_frame(task)", None, NEW),
    Call("api.query.stop_frame(task, 0, [frame], [1])", None, NEW),
    Call("api.query.get_all_frames(task)", {"1": FRAME_ITEM, "2": FRAME_ITEM, "3": FRAME_ITEM}, NEW),
    Call("api.query.get_custome_frames(task, ['1', '3'])", None, NEW),
    Call("api.query.frame_number_to_stop(task, ['2'])", None, NEW),
    Call("api.query.get_task_processing_img(task)", PROGRESS),
    Call("api.query.get_task_processing_img(task, 5)", PROGRESS),
    Call("api.query.get_frame_thumbnall(frame)", [str]),
    Call("api.query.get_frame_thumbnall(frame_id=frame, frame_status=4)", [str]),
    Call("api.query.get_render_log(frame_id=frame)", page_of(dict), NEW),
    Call("api.query.get_render_log('render', 1, 3, frame)", page_of(dict), NEW),
    Call("api.transmit.get_output_files(task)", OUTPUT_FILES, NEW),
    Call("api.transmit.get_output_files(tree_path='/')", OUTPUT_FILES, NEW),
]

LABEL = [
    Call("api.tag.add_label(label)", None),
    Call("api.tag.add_label(label, '0')", None),
    Call("api.tag.add_label(new_name=label, status=1)", None),
    Call("api.tag.add_label(label)\napi.tag.delete_label(label)", None),
    Call("api.tag.get_label_list()", LABELS),
    Call("api.tag.get_project_list()", LABELS["projectNameList"]),
    Call("api.tag.get_list()", LABELS, NEW),
    Call("api.tag.get_list(flag=2)", LABELS, NEW),
    Call("api.check_and_add_project_name(label)", str),
    Call("api.tag.add_task_tag(label, [task])", None, LATER),
    Call(
        "api.tag.add_task_tag(label, [task])\n"
        "number = api.check_and_add_project_name(label)\n"
        "api.tag.delete_task_tag([int(number)])",
        None,
        (DOCUMENT,),
    ),
    Call("api.tag.add_task_tag(label, [task])\napi.tag.delete_task_tag([task], [label])", None, NEW),
    Call("api.query.opera_user_label(task, 1, label, 1)", None, (DOCUMENT,)),
    Call(
        "api.query.opera_user_label(task, 1, label, 1)\napi.query.opera_user_label(task, 1, label, 2)",
        None,
        (DOCUMENT,),
    ),
    Call("api.query.opera_user_label(task, 0)", None, (DOCUMENT,)),
]

SOFTWARES = [
    Call("api.query.error_detail('15000')", [CODE_INFO]),
    Call("api.query.error_detail('15000', language='1')", [CODE_INFO]),
    Call("api.query.error_detail(codes=['15000', '10010'], language=1)", [CODE_INFO], NEW),
    Call("api.query.supported_software()", SOFTWARE),
    Call("api.query.supported_plugin('maya')", PLUGINS),
    Call("api.query.supported_plugin('blender', os_name='windows')", PLUGINS, NEW),
    Call("api.env.add_render_env(environment)", {"editName": str}),
    Call("api.env.add_render_env(render_env=environment)", {"editName": str}, OLD),
    Call("api.env.add_render_env(data=environment)", {"editName": str}, LATER),
    Call("api.env.add_render_env(environment)\napi.env.update_render_env(environment)", None),
    Call("api.env.add_render_env(environment)\napi.env.delete_render_env(environment['editName'])", None),
    Call(
        "api.env.add_render_env(environment)\napi.env.set_default_render_env(environment['editName'])", None
    ),
    Call(
        "api.env.add_render_env(environment)\napi.env.get_render_env('maya')", ENVIRONMENTS, (SEED, DOCUMENT)
    ),
    Call("api.env.add_render_env(environment)\napi.env.get_render_env()", ENVIRONMENTS, NEW),
    Call("api.env.get_render_env(cg_names=['maya', 'houdini'], os_name=0)", ENVIRONMENTS, NEW),
]

CALLS = [*ACCOUNT, *TASKS, *FRAMES, *LABEL, *SOFTWARES]
