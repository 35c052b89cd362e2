"""The check step: fill in ids, look up what the analysis found, stop on errors, write the documents.

Published as ``RayvisionCheck``. An empty project name asks the farm nothing and is project "0".
"""

from __future__ import annotations

import copy
import functools
import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

from rayvision_api.constants import MODIFIABLE_PARAM
from rayvision_api.exception import NOT_FOUND, PYTHON_ERROR, TASK_ID_ERROR, TYPE_ERROR, RayvisionError
from rayvision_api.paths import new_folder
from rayvision_api.task.asked import Analyzed, Api
from rayvision_api.task.findings import told
from rayvision_api.task.hardware import Needs, check_version, chosen_hardware, is_hardware
from rayvision_api.utils import home_folder, json_load, json_save

DOCUMENTS = ("task", "upload", "asset", "tips")

CHINESE, ENGLISH = "0", "1"

Document = dict[str, Any]


_Rest = ParamSpec("_Rest")


def _hardware_may_come_first(
    execute: Callable[Concatenate[RayvisionCheck, _Rest], Any],
) -> Callable[Concatenate[RayvisionCheck, _Rest], Any]:
    """Later packages put the hardware before the documents; given so, it is passed on by its name."""

    @functools.wraps(execute)
    def either(self: RayvisionCheck, /, *given: Any, **named: Any) -> Any:
        if given and is_hardware(given[0]):
            return execute(self, *given[1:], hardware_config=given[0], **named)
        return execute(self, *given, **named)

    return either


class RayvisionCheck:
    """Checks the documents of one task.

    Attributes:
        task_json, upload_json, asset_json, tips_json: where the documents are written.
        task_info, upload_info, asset_info, tips_info: what they say.
        error_warn_info_list: what each tip means, with the tip's own value under ``details``.
        errors_number: how many of them are errors.

    >>> check = RayvisionCheck(api, workspace=folder)
    >>> number = check.execute(task_json, upload_json)
    >>> check.task_info["task_info"]["task_id"] == str(number)
    True
    """

    def __init__(self, api: Api, analyze: Analyzed | None = None, workspace: str | None = None) -> None:
        """Nothing is read yet.

        Args:
            analyze: an analysis that has ended; its tips are looked up.
            workspace: a folder that exists; the user's ``renderfarm_sdk`` without one.

        Raises:
            RayvisionError: 1000004, the workspace is not there.
        """
        self.logger = logging.getLogger(__name__)
        self.api = api
        self.analyze = analyze
        self.workspace = self.check_workspace(workspace)
        self.task_json = self.upload_json = self.asset_json = self.tips_json = ""
        self.task_info: Document = {}
        self.upload_info: Document = {}
        self.asset_info: Document = {}
        self.tips_info: Document = {}
        self.errors_number = 0
        self.error_warn_info_list: list[Document] = []
        self._make_files = False  # also those that are not there yet
        self._no_place = False

    @staticmethod
    def check_path(tmp_path: str) -> None:
        """A path must exist.

        Raises:
            RayvisionError: 1000004, it does not.

        >>> RayvisionCheck.check_path(folder)
        """
        if not Path(tmp_path).exists():
            raise RayvisionError(NOT_FOUND, f"{tmp_path} is not found")

    def check_workspace(self, workspace: str | None) -> str:
        """The folder to work in; one that was given must exist.

        Raises:
            RayvisionError: 1000004, it does not.

        >>> RayvisionCheck(api).check_workspace(folder) == folder
        True
        """
        if workspace:
            self.check_path(workspace)
            return workspace
        return str(home_folder())

    def check_analyze(self, analyze: Analyzed | None, workspace: str, is_cover: bool = True) -> str:
        """Where the documents go: to those of the analysis, else into ``workspace``, else into a new folder.

        Args:
            analyze: an analysis, or None.
            workspace: a folder.
            is_cover: False takes a new folder in the workspace of this object instead.

        Returns:
            The folder.

        >>> RayvisionCheck(api).check_analyze(None, folder) == folder
        True
        """
        if analyze:
            for name in DOCUMENTS:
                setattr(self, f"{name}_json", getattr(analyze, f"{name}_json"))
            self.tips_info = dict(analyze.tips_info or {})
            return str(Path(analyze.task_json).parent)
        folder = Path(workspace)
        if not is_cover:
            folder = new_folder(self.workspace)
        for name in DOCUMENTS:
            setattr(self, f"{name}_json", str(folder / f"{name}.json"))
        return str(folder)

    def get_json_info(self, data: Document | str | Path) -> Document:
        """A document that was given as it is, or by its path; nothing for no path.

        Raises:
            RayvisionError: 1000003, it is neither; 1000004, there is no such file; 1000000, it is not a JSON
                object.

        >>> sorted(RayvisionCheck(api).get_json_info(upload_json))
        ['asset']
        """
        if isinstance(data, dict):
            return copy.deepcopy(data)
        if not data:
            return {}
        found = json_load(_path(data))
        if found is None:
            raise RayvisionError(NOT_FOUND, f"{data} is not found")
        if not isinstance(found, dict):
            raise RayvisionError(PYTHON_ERROR, f"{data}: expected a JSON object")
        return found

    @_hardware_may_come_first
    def execute(
        self,
        task_json: Document | str | Path,
        upload_json: Document | str | Path = "",
        asset_json: Document | str | Path = "",
        is_cover: bool = True,
        only_id: bool = True,
        *,
        hardware_config: Mapping[str, Any] | None = None,
    ) -> Any:
        """Check a task's documents and write ids into task.json.

        Args:
            task_json: path of task.json, or what it says; then it is written nowhere unless an analysis
                or ``is_cover=False`` names a place.
            upload_json, asset_json: so for these two.
            is_cover: write over the documents; otherwise, without an analysis, into a new folder of the
                workspace.
            only_id: answer the task's number; otherwise the pair of what task.json now says and the number.
            hardware_config: the kind of node to render on, ``{"model", "ram", "gpuNum"}``; later packages
                put it first. The farm must then have the scene's version, as written.

        Raises:
            RayvisionError: 1000000, the analysis found errors: the text says each with its remedy, and
                ``error_warn_info_list`` holds all findings; nothing is written. 2000, task.json is empty.
                1000003, a document is neither a dict nor a path.
            HardwareConfigIdError: the farm has no such hardware.
            RayvisionAPIError: the farm refused something.

        >>> document, number = RayvisionCheck(api).execute(task_json, upload_json, only_id=False)
        >>> document["task_info"]["user_id"] == str(api.user_info["user_id"])
        True
        """
        path = None if isinstance(task_json, dict) else Path(_path(task_json)).absolute()
        self.check_analyze(self.analyze, str(path.parent) if path else self.workspace, is_cover)
        if self.analyze is None:
            self._make_files = not is_cover
            self._no_place = is_cover and path is None
            if is_cover and path:
                self.task_json = str(path)
        document = self.get_json_info(task_json)
        if hardware_config is not None:  # first of all: what cannot render uses up no task number
            self.check_plugin(document)
            self.set_custom_hardware(hardware_config, document)
        self.task_info = self.check_task_info(document)
        self.upload_info = self.get_json_info(upload_json)
        self.asset_info = self.get_json_info(asset_json)
        language = CHINESE if self.api.connect.domain.startswith("task") else ENGLISH
        self.check_error_warn_info(language=language)
        self.is_scene_have_error()
        return self.write(only_id=only_id)

    def check_task_info(self, task_info: Document) -> Document:
        """The same with ``task_id``, ``user_id`` and ``project_id``, asked of the farm where empty.

        Raises:
            RayvisionError: 2000, there is no ``task_info`` in it.

        >>> document = {"task_info": {"task_id": "5", "project_name": ""}}
        >>> RayvisionCheck(api).check_task_info(document)["task_info"]["project_id"]
        '0'
        """
        info = task_info.get("task_info")
        if not isinstance(info, dict) or not info:
            raise RayvisionError(TASK_ID_ERROR, "task.json: task_info can't be empty")
        if not info.get("task_id"):
            info["task_id"] = str(self.api.task.task_id)
        if not info.get("user_id"):
            info["user_id"] = str(self.api.get_user_id())
        if not info.get("project_id"):
            name = info.get("project_name") or ""
            nameless = not str(name).strip()
            info["project_id"] = "0" if nameless else str(self.api.check_and_add_project_name(name))
        return task_info

    def check_plugin(self, task_data: Document) -> None:
        """The farm must have the version of the application that task.json names; as of later packages.

        Raises:
            RayvisionError: 1000000, it has others.

        >>> software = {"cg_name": "Maya", "cg_version": "2020", "plugins": {}}
        >>> RayvisionCheck(api).check_plugin({"task_info": {"cg_id": "2000"}, "software_config": software})
        """
        needs = Needs.of(task_data)
        offered = self.api.query.supported_plugin(needs.cg_id)["cgVersion"]
        check_version(needs, [str(one["cgVersion"]) for one in offered])

    def set_custom_hardware(
        self, custom_hardware: Mapping[str, Any], task_info: Document, task_path: str | None = None
    ) -> None:
        """Write the kind of node to render on into task.json's content; as of later packages.

        Args:
            custom_hardware: ``{"model", "ram", "gpuNum"}``.
            task_info: what task.json says.
            task_path: also written into this file.

        Raises:
            HardwareConfigIdError: the farm has no such hardware, or it does not render this version.
            NotSupportCGSoftwareError, NotSupportPluginError, NotSupportHardwareCodeError: what it does
                not render.

        >>> check, document = RayvisionCheck(api), json_load(task_json)
        >>> for kind in api.user.get_hardware_config()[:1]:
        ...     check.set_custom_hardware(kind, document)
        """
        needs = Needs.of(task_info, self.tips_info)
        platform = str(task_info["task_info"].get("platform") or self.api.platform)
        offered = self.api.user.get_hardware_config()
        task_info["task_info"] |= chosen_hardware(custom_hardware, offered, platform, needs)
        if task_path:
            json_save(task_path, task_info, ensure_ascii=False, indent=4)

    def check_error_warn_info(self, language: str = CHINESE) -> list[Document]:
        """Ask the farm what each tip means.

        Args:
            language: "0" Chinese, "1" English.

        Returns:
            What ``error_warn_info_list`` holds.

        >>> check = RayvisionCheck(api)
        >>> check.tips_info = {"25009": ["/tex/wood.png"]}
        >>> check.check_error_warn_info(language="1")[0]["details"]
        ['/tex/wood.png']
        """
        self.errors_number = 0
        self.error_warn_info_list = []
        for code, value in self.tips_info.items():
            for detail in self.api.query.error_detail(code, language=language) or []:
                self.error_warn_info_list.append({**detail, "details": value})
                self.errors_number += str(detail.get("type")) == "1"
        if self.error_warn_info_list:
            self.logger.warning("the analysis found: %s", self.error_warn_info_list)
        return self.error_warn_info_list

    def is_scene_have_error(self) -> None:
        """Stop where a finding is an error.

        Raises:
            RayvisionError: 1000000, with each error's text and remedy.

        >>> RayvisionCheck(api).is_scene_have_error()  # nothing was found yet
        """
        if not self.errors_number:
            return
        errors = [found for found in self.error_warn_info_list if str(found.get("type")) == "1"]
        raise RayvisionError(
            PYTHON_ERROR,
            f"There are {self.errors_number} errors. {' '.join(map(told, errors))} "
            f"error_warn_info_list:{self.error_warn_info_list}",
            error_warn_info_list=self.error_warn_info_list,
        )

    def write(self, only_id: bool = True) -> Any:
        """Write the documents; what the scene's analysis found is rendered where nothing was chosen.

        Raises:
            RayvisionError: 1000000, there is no scene in task.json.

        >>> check = RayvisionCheck(api)
        >>> number = check.execute(task_json)
        >>> check.write() == number
        True
        """
        chosen = self.task_info.get("scene_info_render") or self.task_info.get("scene_info")
        if chosen is None:
            raise RayvisionError(
                PYTHON_ERROR,
                "task.json has neither scene_info_render nor scene_info; analyse the scene first",
            )
        self.task_info["scene_info_render"] = chosen
        info = self.task_info["task_info"]
        for key in MODIFIABLE_PARAM:
            value = info.get(key)
            if isinstance(value, (int, float)):
                info[key] = str(int(value) if isinstance(value, bool) else value)
        self._write_documents()
        task_id = _number(info["task_id"])
        return task_id if only_id else (self.task_info, task_id)

    def _write_documents(self) -> None:
        for name in DOCUMENTS:
            content, path = getattr(self, f"{name}_info"), Path(getattr(self, f"{name}_json"))
            if content and (self._make_files or (path.is_file() and not self._no_place)):
                json_save(path, content, ensure_ascii=False, indent=4)


def _path(given: object) -> str | os.PathLike[str]:
    if not isinstance(given, (str, os.PathLike)):
        raise RayvisionError(
            TYPE_ERROR, f"expected a document's content or its path, got {type(given).__name__}"
        )
    return given


def _number(task_id: object) -> int:
    try:
        return int(str(task_id))
    except ValueError:
        raise RayvisionError(TASK_ID_ERROR, f"task.json: task_id {task_id!r} is no number") from None
