"""The published names of rayvision_utils and rayvision_log, with the argument names that callers may use."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from rayvision_log import core
from rayvision_utils import analyse_handle, cmd, json_handle, utils
from rayvision_utils.exception import exception, tips

PUBLISHED: list[tuple[Callable[..., Any], str]] = [
    (core.get_default_log_config, ""),
    (core.init_logger, "app_name log_folder=None log_name=None"),
    (core.set_up_logger, "app_name log_config use_orginal=False log_folder=None log_name=None"),
    (exception.RayvisionError, "error_code error *args **kwargs"),
    (exception.RayvisionAPIError, "error_code error request"),
    (exception.RayvisionHTTPErrorProcessor.http_response, "self request response"),
    (tips.TipsInfo, "save_path=None"),
    (tips.TipsInfo.add, "self key *values"),
    (tips.TipsInfo.set_tips, "self key value"),
    (tips.TipsInfo.save_tips, "self path=None"),
    (tips.TipsInfo.save_and_exit, "self path exit_code=-1"),
    (cmd.Cmd.run, "cmd shell=False log_output=True"),
    (cmd.Cmd.wrap_subprocess, "cmd"),
    (cmd.Cmd.compatible, "cmd"),
    (json_handle.JsonHandle, "cg_file task cg_id custom_exe_path"),
    (json_handle.JsonHandle.valid, "self"),
    (json_handle.JsonHandle.dump_task_json, "self"),
    (json_handle.JsonHandle.run, "self"),
    (json_handle.JsonHandle.exe_path_from_location, "self location exe_name"),
    (json_handle.JsonHandle.load_output_json, "self"),
    (json_handle.JsonHandle.json_load, "self json_path encodings=None"),
    (json_handle.JsonHandle.write_cg_path, "self"),
    (json_handle.JsonHandle.json_exist, "self"),
    (analyse_handle.RayvisionAnalyse, "task exe_path=None"),
    (analyse_handle.RayvisionAnalyse.execute, "task exe_path=None"),
    (analyse_handle.RayvisionAnalyse.create_instance, "self"),
    (analyse_handle.RayvisionAnalyse.cg_is_maya, "cg_id scene_info_data"),
    (analyse_handle.RayvisionAnalyse.run, "self"),
    (analyse_handle.RayvisionAnalyse.analyse_cg_file, "self"),
    (analyse_handle.RayvisionAnalyse.analyse, "self"),
    (utils.json_load, "json_path encoding='utf-8'"),
    (utils.json_save, "json_path data encoding='utf-8' ensure_ascii=True"),
    (utils.convert_path, "path"),
    (utils.check_contain_chinese, "string"),
    (utils.str2unicode, "handle_str str_decode='default'"),
    (utils.get_os, ""),
]


@pytest.mark.parametrize(("called", "arguments"), PUBLISHED, ids=[each.__qualname__ for each, _ in PUBLISHED])
def test_a_published_name_takes_its_published_arguments(called: Callable[..., Any], arguments: str) -> None:
    signature = inspect.signature(called)
    taken = [str(each.replace(annotation=each.empty)) for each in signature.parameters.values()]
    published = arguments.split()
    assert taken[: len(published)] == published
    assert all("=" in further for further in taken[len(published) :])
