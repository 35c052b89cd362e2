"""``AnalyzeClarisse``: the four documents of a Clarisse project, without Clarisse.

>>> analysis = AnalyzeClarisse("/projects/shot.project", "clarisse_ifx_4.0_sp3")  # doctest: +SKIP
>>> analysis.analyse()  # doctest: +SKIP
"""

from __future__ import annotations

import logging
import os
import re
import sys
from pathlib import PurePath
from typing import Any, ClassVar

from rayvision_api.utils import json_save
from rayvision_clarisse.constants import PACKAGE_NAME, TASK_INFO
from rayvision_clarisse.findings import scene_findings
from rayvision_clarisse.scene_document import scene_document
from rayvision_clarisse.scene_files import find_files
from rayvision_utils.analyze_base import AnalyzeBase
from rayvision_utils.choose import ChoiceNotInScene
from rayvision_utils.documents import forward, upload_document
from rayvision_utils.exception.exception import AnalyseFailError
from rayvision_utils.exception.tips_code import REFERENCE_MISSING
from rayvision_utils.findings import name_findings
from rayvision_utils.scene_files import SceneFiles
from rayvision_utils.utils import json_load
from renderbus_model.clarisse_scene import ClarisseScene
from renderbus_model.frames import format_frames, parse_frames
from renderbus_model.software import Application

_REFERENCE_NOT_FOUND = re.compile(r"Reference file not found.+?: +(.+)")


class AnalyzeClarisse(AnalyzeBase[ClarisseScene]):
    """Analyses a project of Clarisse 3 to 5; see ``AnalyzeBase`` for attributes and methods.

    Attributes:
        analyze_script_path: what does the analysis, for those who log it.
        py_version: Python's major version.
    """

    PACKAGE: ClassVar[str] = PACKAGE_NAME
    APPLICATION: ClassVar[Application] = Application.CLARISSE
    KIND: ClassVar[type[ClarisseScene]] = ClarisseScene

    def __init__(
        self,
        cg_file: str | os.PathLike[str],
        software_version: str,
        project_name: str | None = None,
        plugin_config: dict[str, str] | None = None,
        render_software: str = "Clarisse",
        local_os: str | None = None,
        workspace: str | os.PathLike[str] | None = None,
        custom_exe_path: str | None = None,
        platform: str = "2",
        logger: logging.Logger | None = None,
        log_folder: str | None = None,
        log_name: str | None = None,
        log_level: str = "DEBUG",
    ) -> None:
        """See ``AnalyzeBase``; ``custom_exe_path`` must exist, and is not started."""
        super().__init__(
            cg_file,
            software_version,
            project_name,
            plugin_config,
            render_software,
            local_os,
            workspace,
            custom_exe_path,
            platform,
            logger,
            log_folder,
            log_name,
            log_level,
        )
        self.analyze_script_path = __file__
        self.py_version = sys.version_info[0]
        self._circles: list[str] = []

    def print_info(self, info: str) -> None:
        """Write a text to the log."""
        self.logger.info("%s", info)

    def print_info_error(self, info: str) -> None:
        """Write a text about something wrong to the log."""
        self.logger.error("%s", info)

    def writing_error_abort(self, error_code: str | int, info: str | None = None) -> None:
        """Keep what went wrong as a tip.

        A text that says "Reference file not found" becomes 25009 with the file that it names.
        """
        text = info or ""
        missing = _REFERENCE_NOT_FOUND.search(text)
        if missing:
            self.add_tip(REFERENCE_MISSING, missing[1])
        else:
            self.add_tip(error_code, text)

    def write_tips_info(self) -> None:
        """Write tips.json."""
        self.save_tips()

    def gather_upload_dict(self) -> dict[str, Any]:
        """What upload.json says: the project with its MD5, and each file to upload, the project last."""
        digest = self.get_file_md5(self.cg_file)
        self.upload_info = upload_document(self.cg_file, self._server_path, digest, self.files)
        return self.upload_info

    def find_files(self, facts: ClarisseScene) -> SceneFiles:
        """See ``rayvision_clarisse.scene_files.find_files``."""
        found = find_files(facts, self.cg_file, self.habits)
        self._circles = found.circles
        return found.files

    def scene_info(self, facts: ClarisseScene) -> dict[str, Any]:
        """Images and their layers, see ``scene_document``."""
        return scene_document(facts, str(PurePath(forward(self.cg_file)).parent))

    def findings(self, facts: ClarisseScene) -> list[tuple[str, str]]:
        """What is to be told about the project itself."""
        plugins = self.plugin_config or {}
        return [
            *scene_findings(facts, self.software_version, plugins, self._circles),
            *name_findings(PurePath(self.cg_file).name, facts.inputs),
        ]

    def own_task_info(self) -> dict[str, Any]:
        """The members that the published example of a Clarisse task has beside those of every task."""
        return dict(TASK_INFO)

    def choose(self, *, frames: str | None = None, layers: Any = (), **others: Any) -> None:
        """Render other frames, or only some layers, by full name or its last part. Writes task.json.

        Raises:
            AnalyseFailError: before ``analyse``.
            BadFrameRange: ``frames`` makes no sense.
            ChoiceNotInScene: no such layer, or something was chosen that the project itself holds.
        """
        if self.facts is None:
            raise AnalyseFailError("analyse the scene first, then choose what to render of it")
        for kind, name in others.items():
            if name:
                raise ChoiceNotInScene(kind.replace("_", " "), str(name), ())
        chosen = self.scene_info(self.facts)
        entries = [layer for image in chosen["image_node"] for layer in image["layers"]]
        for name in layers:
            if not any(_is_called(entry, name) for entry in entries):
                raise ChoiceNotInScene("layer", name, [entry["name"] for entry in entries])
        text = format_frames(parse_frames(frames)) if frames is not None else None
        for entry in entries:
            if layers:
                entry["renderable"] = "1" if any(_is_called(entry, name) for name in layers) else "0"
            entry["frames"] = text or entry["frames"]
        document = {**json_load(self.task_json), "scene_info_render": chosen}
        self.task_info = document
        json_save(self.task_json, document, ensure_ascii=False)


def _is_called(entry: dict[str, Any], name: str) -> bool:
    return name in (entry["name"], entry["name"].rpartition(".")[2])
