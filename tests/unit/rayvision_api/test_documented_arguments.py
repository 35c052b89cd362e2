"""Every documented class and method has the documented arguments, in their order and with their defaults.

The table is copied from the published documentation.
"""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from rayvision_api import utils
from rayvision_api.connect import Connect
from rayvision_api.core import RayvisionAPI
from rayvision_api.operators import (
    QueryOperator,
    RenderEnvOperator,
    TagOperator,
    TaskOperator,
    TransmitOperator,
    UserOperator,
)
from rayvision_api.task.check import RayvisionCheck
from rayvision_api.task.handle import RayvisionTask

DOCUMENTED: dict[type, list[str]] = {
    RayvisionAPI: [
        "RayvisionAPI(access_id=None, access_key=None, domain='task.renderbus.com', platform='4', "
        "protocol='https', logger=None)",
        "check_and_add_project_name(project_name)",
        "get_user_id()",
        "submit(task_id)",
        "submit_by_data(task_info, file_name=None, upload_info='', asset_info='')",
    ],
    Connect: [
        "Connect(access_id, access_key, protocol, domain, platform, headers=None, session=None)",
        "post(api_url, data=None, validator=True)",
    ],
    RenderEnvOperator: [
        "RenderEnvOperator(connect)",
        "add_render_env(data)",
        "delete_render_env(edit_name)",
        "get_render_env(name)",
        "set_default_render_env(edit_name)",
        "update_render_env(data)",
    ],
    QueryOperator: [
        "QueryOperator(connect)",
        "all_frame_status()",
        "error_detail(code, language='0')",
        "get_frame_thumbnall(frame_id, frame_status=4)",
        "get_raysync_user_key()",
        "get_task_list(page_num=1, page_size=2, status_list=None, search_keyword=None, start_time=None, "
        "end_time=None)",
        "get_task_processing_img(task_id, frame_type=None)",
        "get_transfer_server_msg()",
        "opera_user_label(task_id, status, label_name=None, type=0)",
        "platforms()",
        "restart_failed_frames(task_param_list)",
        "restart_frame(task_id, select_all, ids_list=None)",
        "supported_plugin(name)",
        "supported_software()",
        "task_frames(task_id, page_num, page_size, search_keyword=None)",
        "task_info(task_ids_list)",
        # Later additions.
        "get_all_frames(task_id, start_page=1, end_page=2000, page_size=100)",
        "get_custome_frames(task_id, restartframes)",
        "frame_number_to_stop(task_id, stop_frame)",
        "get_small_task_id(task_id)",
        "stop_frame(task_id, select_all=1, ids_list=None, status=None)",
        "get_render_log(renderingType='render', pageNum=1, pageSize=1, frame_id=None)",
        "get_pack_node_info()",
        "supported_plugin(name, os_name='default')",
    ],
    TagOperator: [
        "TagOperator(connect)",
        "add_label(new_name, status=1)",
        "add_task_tag(tag, task_ids)",
        "delete_label(del_name)",
        "delete_task_tag(tag_ids)",
        "get_label_list()",
        "get_project_list()",
        "get_list(flag=0)",
    ],
    TaskOperator: [
        "TaskOperator(connect)",
        "abort_task(task_param_list)",
        "create_task(count=1, task_user_level=50, out_user_id=None, labels=None)",
        "create_task(count=1, task_user_level=50, out_user_id=None, labels=None, clone_original_id=None, "
        "artist=None)",
        "delete_task(task_param_list)",
        "full_speed(task_id_list)",
        "set_task_overtime_top(task_id_list, overtime)",
        "start_task(task_param_list)",
        "stop_task(task_param_list)",
        "submit_task(task_id=None, asset_lsolation_model=None, out_user_id=None, only_id=False)",
        "update_priority(task_id, priority)",
        "update_task_level(task_id, task_level)",
        "update_task_limit(taskId, taskLimit)",
        "edit_task_hardware_config(taskIds, hardwareConfigIds, model, gpuNum, ram)",
    ],
    UserOperator: [
        "UserOperator(connect)",
        "get_transfer_bid()",
        "query_user_profile()",
        "query_user_setting()",
        "update_user_settings(task_over_time)",
        "get_hardware_config(task_ids=None)",
        "task_record(pageNum=1, pageSize=10, startDate='', endDate='')",
        "login_record(pageNum=1, pageSize=10, startDate='', endDate='')",
    ],
    TransmitOperator: [
        "TransmitOperator(connect)",
        "upload_json_content(task_id, file_name, content)",
        "get_transfer_config()",
        "get_output_files(task_id=None, tree_path='/')",
    ],
    RayvisionCheck: [
        "RayvisionCheck(api, analyze=None, workspace=None)",
        "check_analyze(analyze, workspace, is_cover=True)",
        "check_error_warn_info(language='0')",
        "check_path(tmp_path)",
        "check_task_info(task_info)",
        "check_workspace(workspace)",
        "execute(task_json, upload_json='', asset_json='', is_cover=True, only_id=True)",
        "get_json_info(data)",
        "is_scene_have_error()",
        "write(only_id=True)",
    ],
    RayvisionTask: [
        "RayvisionTask(domain, platform, access_id, access_key, local_os, software_version, render_software, "
        "workspace, cg_file, plugin_config=None, project_name=None)",
        "get_task_id()",
        "get_user_id()",
        "ckeck_and_mk(dir_path)",
        "set_render_config()",
        "check_and_add_project_name(project_name)",
        "preparatory_analyse(cg_file, project_dir='')",
    ],
}

PROPERTIES = [
    (RayvisionAPI, "connect"),
    (RayvisionAPI, "user_info"),
    (Connect, "headers"),
    (TaskOperator, "task_id"),
    (UserOperator, "info"),
    (UserOperator, "user_id"),
]

HELPERS = [
    "update_task_info(update_info, task_path)",
    "append_to_task(additional_info, task_path, cover=True)",
    "append_to_upload(files_paths, upload_path)",
    "json_load(json_path, encoding='utf-8')",
    "json_save(json_path, data, encoding='utf-8', ensure_ascii=True)",
    "convert_path(path)",
    "hump2underline(hump_str)",
    "exists_or_create(folder)",
]

NOW_OPTIONAL = {
    ("error_detail", "code"),  # several may be given as codes
    ("restart_frame", "select_all"),
    ("task_frames", "page_num"),
    ("task_frames", "page_size"),
    ("get_render_env", "name"),
    ("upload_json_content", "file_name"),
    ("upload_json_content", "content"),
    ("add_render_env", "data"),  # or render_env
    ("update_render_env", "data"),
    ("update_user_settings", "task_over_time"),
    ("delete_task_tag", "tag_ids"),
}
"""Documented as required; a later package gives a default or another way to say it."""

REQUIRED: Any = inspect.Parameter.empty

CASES = [(owner, written) for owner, lines in DOCUMENTED.items() for written in lines]


def documented(written: str) -> tuple[str, list[inspect.Parameter]]:
    """Name and arguments of a line of the documentation."""
    space: dict[str, Any] = {}
    exec(f"def {written}: ...", space)
    name = written.partition("(")[0]
    return name, list(inspect.signature(space[name]).parameters.values())


def check(name: str, ours: list[inspect.Parameter], expected: list[inspect.Parameter]) -> None:
    assert [one.name for one in ours[: len(expected)]] == [one.name for one in expected]
    for mine, theirs in zip(ours, expected, strict=False):
        assert mine.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
        if theirs.default is not REQUIRED or (name, theirs.name) not in NOW_OPTIONAL:
            assert mine.default == theirs.default, mine.name
        else:
            assert mine.default is not REQUIRED, f"{mine.name} need not stand in the list"
    assert all(one.default is not REQUIRED for one in ours[len(expected) :])


@pytest.mark.parametrize(("owner", "written"), CASES, ids=[written for _, written in CASES])
def test_a_method_has_the_documented_arguments(owner: type, written: str) -> None:
    name, expected = documented(written)
    if name == owner.__name__:
        ours = list(inspect.signature(owner).parameters.values())
    else:
        method = inspect.getattr_static(owner, name)
        ours = list(inspect.signature(getattr(owner, name)).parameters.values())
        ours = ours if isinstance(method, staticmethod) else ours[1:]
    check(name, ours, expected)


@pytest.mark.parametrize("written", HELPERS)
def test_a_helper_has_the_published_arguments(written: str) -> None:
    name, expected = documented(written)
    check(name, list(inspect.signature(getattr(utils, name)).parameters.values()), expected)


@pytest.mark.parametrize(("owner", "name"), PROPERTIES)
def test_what_is_documented_as_an_attribute_is_one(owner: type, name: str) -> None:
    assert isinstance(inspect.getattr_static(owner, name), property)


@pytest.mark.parametrize("owner", DOCUMENTED)
def test_every_public_method_is_described(owner: type) -> None:
    for name, member in inspect.getmembers(owner):
        if name.startswith("_") or not (inspect.isfunction(member) or isinstance(member, property)):
            continue
        assert inspect.getdoc(member), name
