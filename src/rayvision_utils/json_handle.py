"""The documents of one task on disk, and the analysis that fills them."""

from __future__ import annotations

import copy
import logging
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from rayvision_utils import utils
from rayvision_utils.analyze_base import AnalyzeBase
from rayvision_utils.choose_analyzer import analyzer_for
from rayvision_utils.cmd import Cmd
from rayvision_utils.exception import tips_code
from rayvision_utils.exception.error_msg import VERSION_NOT_MATCH
from rayvision_utils.exception.exception import VersionNotMatchError
from rayvision_utils.exception.tips import TipsInfo

Document = dict[str, Any]

_USERS_A_FOLDER = 500


class TaskDocuments(Protocol):
    """What a handle needs of a task: ``rayvision_api.task.handle.RayvisionTask`` has it.

    Attributes:
        work_dir: folder of the task's documents.
        task_info: what task.json says; so for the others.
    """

    work_dir: str
    task_json_path: str
    asset_json_path: str
    tips_json_path: str
    upload_json_path: str
    task_info: Document
    asset_info: Document
    tips_info: Document
    upload_info: Document


class JsonHandle:
    """Reads, writes and checks the documents of a task, and has its scene analysed.

    Attributes:
        name: the application that the scene is of, e.g. ``Blender``; None until it was read.
        version: of the application that saved the scene; ``version_str`` says name and version.
        exe_path: the application on this machine, when it was given. Scenes are read without it.
        local_os: ``windows`` or ``linux``, of this machine.
        task_json, asset_json, tips_json, upload_json: what the files say, None until they are loaded.
        user_input: the folder of the user's files on a published farm: ``100093000/100093088``.
        tips: findings, for tips.json in the task's folder.
    """

    def __init__(
        self,
        cg_file: str | os.PathLike[str],
        task: TaskDocuments,
        cg_id: str | int,
        custom_exe_path: str | None,
    ) -> None:
        """Remember the scene and its task; nothing is read yet.

        Args:
            cg_id: the application's number, e.g. ``2007``.
            custom_exe_path: the application; nothing here starts it.
        """
        self.name: str | None = None
        self.version: str | None = None
        self.version_str: str | None = None
        self.exe_path = custom_exe_path
        self.local_os = utils.get_os()
        self.cg_file = os.fspath(cg_file)
        self.task = task
        self.cg_id = cg_id
        self.custom_exe_path = custom_exe_path
        self.task_json: Document | None = None
        self.asset_json: Document | None = None
        self.tips_json: Document | None = None
        self.upload_json: Document | None = None
        self.cmd = Cmd()
        self.tips = TipsInfo(save_path=task.work_dir)
        user_id = int(task.task_info["task_info"]["user_id"])
        self.user_input = f"{user_id // _USERS_A_FOLDER * _USERS_A_FOLDER}/{user_id}"
        self.logger = logging.getLogger(__name__)

    def __repr__(self) -> str:
        return "\n".join(f"{name}={value}" for name, value in vars(self).items())

    def run(self) -> None:
        """Analyse the scene and write the task's documents.

        Raises:
            AnalyzeError: the scene is not there, cannot be read, or is of an application nobody reads.
        """
        self.write_cg_path()
        self.analyse()

    def analyse_cg_file(self) -> None:
        """Read which application and version saved the scene.

        Raises:
            AnalyzeError: as ``run``.
        """
        with tempfile.TemporaryDirectory() as workspace:
            facts = self._analyzer(workspace).analyse_cg_file()
        self._saved_by(facts.application, facts.version)

    def _saved_by(self, application: str, version: str) -> None:
        self.name, self.version, self.version_str = application, version, f"{application} {version}"

    def analyse(self) -> None:
        """Analyse the scene; what it holds goes into the task's documents, on disk and in memory.

        The task keeps its own numbers: only what the scene says is replaced.

        Raises:
            AnalyzeError: as ``run``.
        """
        with tempfile.TemporaryDirectory() as workspace:
            found = self._analyzer(workspace).analyse()
            if found.facts:
                self._saved_by(found.facts.application, found.facts.version)
            document = copy.deepcopy(self.task.task_info)
            document.update({name: found.task_info[name] for name in ("scene_info", "scene_info_render")})
            self.task.task_info = document
            self.dump_task_json()
            for code, texts in found.tips_info.items():
                self.tips.add(code, *texts)
            self.tips.save_tips()
            utils.json_save(self.task.asset_json_path, found.asset_info, ensure_ascii=False)
            utils.json_save(self.task.upload_json_path, found.upload_info, ensure_ascii=False)
        self.load_output_json()

    def _analyzer(self, workspace: str) -> AnalyzeBase[Any]:
        software = self.task.task_info["software_config"]
        return analyzer_for(self.cg_file)(
            self.cg_file,
            str(software.get("cg_version", "")),
            plugin_config=software.get("plugins"),
            workspace=workspace,
            custom_exe_path=self.custom_exe_path or None,
        )

    def valid(self) -> None:
        """The scene must be of the application and version that the task is configured for.

        Raises:
            VersionNotMatchError: it is not; tips.json then says so under 15013.
        """
        software = self.task.task_info["software_config"]
        wanted = (str(software["cg_name"]).lower(), software["cg_version"])
        if wanted != (str(self.name).lower(), self.version):
            self.tips.add(tips_code.CG_NOTMATCH, self.version_str or "")
            self.tips.save_tips()
            raise VersionNotMatchError(VERSION_NOT_MATCH)

    def write_cg_path(self) -> None:
        """Write the scene's path and the application's number into task.json."""
        self.task.task_info["task_info"].update(
            input_cg_file=self.cg_file.replace("\\", "/"), cg_id=self.cg_id
        )
        self.dump_task_json()

    def dump_task_json(self) -> None:
        """Write task.json as the task has it in memory."""
        utils.json_save(self.task.task_json_path, self.task.task_info, ensure_ascii=False)

    def load_output_json(self) -> None:
        """Take task.json, asset.json, tips.json and upload.json over into the task."""
        self.task_json = self.task.task_info = self.json_load(self.task.task_json_path)
        self.asset_json = self.task.asset_info = self.json_load(self.task.asset_json_path)
        self.tips_json = self.task.tips_info = self.json_load(self.task.tips_json_path)
        self.upload_json = self.task.upload_info = self.json_load(self.task.upload_json_path)

    def json_load(
        self, json_path: str | os.PathLike[str], encodings: Sequence[str] | None = None
    ) -> Document:
        """What a JSON file says, in the first of these encodings that fits (UTF-8 when none is named).

        A file that is not there or fits none gives an empty object, and the log says why.

        Raises:
            ValueError: it is not JSON.
        """
        for encoding in encodings or ["utf-8"]:
            try:
                found: Document = utils.json_load(json_path, encoding)
            except (OSError, UnicodeError) as error:  # noqa: PERF203 trying is what the loop is for
                self.logger.warning("cannot read %s as %s: %s", json_path, encoding, error)
            else:
                return found
        return {}

    def json_exist(self) -> tuple[bool, str | None]:
        """Whether task.json, asset.json and tips.json are there, and which is not."""
        for path in (self.task.task_json_path, self.task.asset_json_path, self.task.tips_json_path):
            if not Path(path).exists():
                return False, f"Json file is not generated: {path}"
        return True, None

    def exe_path_from_location(self, location: str | None, exe_name: str) -> str | None:
        """The program of that name in a folder; None when it is not there, or no folder is known."""
        path = None if location is None else Path(location, exe_name)
        return str(path) if path and path.exists() else None
