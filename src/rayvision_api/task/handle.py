"""One task from the beginning, as the first packages made it: number, user, project, folder, task.json."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rayvision_api.applications import cg_id_of, plugin_versions, version_text
from rayvision_api.connect import Connect
from rayvision_api.operators import TagOperator, TaskOperator, UserOperator
from rayvision_api.projects import project_id_of
from rayvision_api.utils import exists_or_create
from renderbus_model.documents import new_task_document

LINUX, WINDOWS = "0", "1"
"""``os_name`` of task.json."""


class RayvisionTask:
    """A task that was created, and the documents that an analysis fills.

    Attributes:
        task_id, user_id: as text.
        work_dir: the folder of the task's documents, ``<workspace>/work/<task_id>``.
        task_json_path, asset_json_path, tips_json_path, upload_json_path: where they will be written.
        task_info: what task.json says; ``asset_info``, ``tips_info`` and ``upload_info`` are empty.
        connect: how the farm is asked.

    >>> task = RayvisionTask(domain=f"http://{domain}", platform="2", access_id=access_id,
    ...     access_key=access_key, local_os="linux", software_version="2018", render_software="Maya",
    ...     workspace=folder, cg_file="/shots/muti_layer_test.ma", plugin_config={"mtoa": "3.1.2.1"},
    ...     project_name="Project1")
    >>> task.task_info["task_info"]["cg_id"], task.task_info["software_config"]["cg_version"]
    ('2000', '2018')
    >>> task.close()
    """

    def __init__(
        self,
        domain: str,
        platform: str,
        access_id: str,
        access_key: str,
        local_os: str,
        software_version: str,
        render_software: str,
        workspace: str | os.PathLike[str],
        cg_file: str | os.PathLike[str],
        plugin_config: Mapping[str, str] | None = None,
        project_name: str | None = None,
    ) -> None:
        """Create the task on the farm and its folder on this machine.

        Args:
            domain: of the farm; one that begins with ``http://`` or ``https://`` says the protocol.
            platform: number of the farm's area.
            access_id, access_key: of the account.
            local_os: ``windows`` or ``linux``, which shall render too.
            software_version: of the application, e.g. ``2018``.
            render_software: the application, e.g. ``Maya``.
            workspace: folder for documents and logs; made where it is not there.
            cg_file: the scene.
            plugin_config: versions of plug-ins by name.
            project_name: added as a label where it is not there yet; an empty one is project "".

        Raises:
            RayvisionError: 1000000, no such application, or the farm created no number; 1000003, a version or
                plug-ins that are none.
            RayvisionAPIError, FarmNotReachable: as ``Connect.post``.
        """
        self.logger = logging.getLogger(__name__)
        self.domain, self.platform = domain, str(platform)
        self.access_id, self.local_os = access_id, local_os
        self.software_version, self.render_software = version_text(software_version), render_software
        self.workspace, self.cg_file = os.fspath(workspace), os.fspath(cg_file)
        self.plugin_config = plugin_versions(plugin_config)
        self.project_name = project_name or ""
        self.task_info: dict[str, Any] = new_task_document()
        self.asset_info: dict[str, Any] = {}
        self.tips_info: dict[str, Any] = {}
        self.upload_info: dict[str, Any] = {}
        # Said first: what is no application shall use up no task number.
        self.task_info["task_info"]["cg_id"] = str(cg_id_of(render_software))
        self.connect = Connect(access_id, access_key, "https", domain, self.platform)
        try:
            self._create()
        except BaseException:
            self.close()
            raise

    def _create(self) -> None:
        self.task_id, self.user_id = self.get_task_id(), self.get_user_id()
        self.work_dir = str(Path(self.workspace, "work", self.task_id))
        for folder in (self.work_dir, str(Path(self.workspace, "log", "analyse"))):
            self.ckeck_and_mk(folder)
        for name in ("task", "asset", "tips", "upload"):
            setattr(self, f"{name}_json_path", str(Path(self.work_dir, f"{name}.json")))
        self.set_render_config()
        self.task_info["task_info"] |= {
            "task_id": self.task_id,
            "user_id": self.user_id,
            "platform": self.platform,
            "os_name": WINDOWS if self.local_os.lower().startswith("win") else LINUX,
        }
        self.preparatory_analyse(self.cg_file)

    task_json_path: str
    asset_json_path: str
    tips_json_path: str
    upload_json_path: str

    def close(self) -> None:
        """Close the connections."""
        self.connect.close()

    def get_task_id(self) -> str:
        """The number of a new task, as text.

        Raises:
            RayvisionError: 1000000, the farm created none.
        """
        return str(TaskOperator(self.connect).new_task_id())

    def get_user_id(self) -> str:
        """The caller's number, as text.

        Raises:
            RayvisionError: 1000000, the farm told none.
        """
        return str(UserOperator(self.connect).user_id)

    @staticmethod
    def ckeck_and_mk(dir_path: str) -> None:
        """Make a folder, and those above it, where it is not there yet."""
        exists_or_create(dir_path)

    def set_render_config(self) -> None:
        """Write application, plug-ins and project into task.json's content."""
        info = self.task_info["task_info"]
        info["cg_id"] = str(cg_id_of(self.render_software))
        info["project_name"] = self.project_name
        info["project_id"] = self.check_and_add_project_name(self.project_name) if self.project_name else ""
        self.task_info["software_config"] = {
            "cg_name": self.render_software,
            "cg_version": self.software_version,
            "plugins": self.plugin_config,
        }

    def check_and_add_project_name(self, project_name: str) -> str:
        """The id of a project, as text; it is added where it does not exist, "" when it never appears."""
        return project_id_of(TagOperator(self.connect), project_name)

    def preparatory_analyse(self, cg_file: str, project_dir: str = "") -> None:
        """Write the scene and its project folder into task.json's content, with forward slashes."""
        self.task_info["task_info"]["input_cg_file"] = cg_file.replace("\\", "/")
        if project_dir:
            self.task_info["task_info"]["input_project_path"] = project_dir
