"""``AnalyzeHoudini``: task.json, asset.json, upload.json and tips.json of a Houdini scene, without Houdini.

>>> analysis = AnalyzeHoudini("/projects/sphere.hip", "17.0.352", project_name="Film")  # doctest: +SKIP
>>> analysis.analyse()  # doctest: +SKIP
"""

from __future__ import annotations

import logging
import os
import sqlite3
import sys
from pathlib import Path
from typing import Any, ClassVar

from rayvision_api.utils import json_save
from rayvision_houdini.answers import question, with_answer
from rayvision_houdini.constants import PACKAGE_NAME
from rayvision_houdini.findings import (
    camera_findings,
    driver_findings,
    plugin_findings,
    scene_findings,
    value_findings,
)
from rayvision_houdini.installed import houdini_folder, installed_houdini
from rayvision_houdini.reference_types import database_folder, parameter_names, remember
from rayvision_houdini.scene_document import camera_document, scene_document
from rayvision_houdini.scene_files import asset_document, find_files, read_at
from rayvision_utils.analyze_base import AnalyzeBase
from rayvision_utils.choose import ChoiceNotInScene
from rayvision_utils.documents import writable
from rayvision_utils.exception.exception import (
    AnalyseFailError,
    CGExeNotExistError,
    CGFileNameIllegalError,
    GetCGVersionError,
)
from rayvision_utils.exception.tips_code import SOFTWARE_MISSING
from rayvision_utils.findings import name_findings
from rayvision_utils.inside import ask
from rayvision_utils.scene_files import SceneFiles
from rayvision_utils.utils import check_contain_chinese, json_load
from renderbus_model.frames import format_frames, parse_frames
from renderbus_model.houdini_scene import HoudiniScene
from renderbus_model.software import Application
from renderbus_scenes.errors import BadScene


class AnalyzeHoudini(AnalyzeBase[HoudiniScene]):
    """Analyses a Houdini scene of 9 to 21; see ``AnalyzeBase`` for attributes and methods.

    Attributes:
        custom_db_path: folder of the database of parameters that name files, as it was given.
    """

    PACKAGE: ClassVar[str] = PACKAGE_NAME
    APPLICATION: ClassVar[Application] = Application.HOUDINI
    KIND: ClassVar[type[HoudiniScene]] = HoudiniScene

    def __init__(
        self,
        cg_file: str | os.PathLike[str],
        software_version: str,
        project_name: str | None = None,
        plugin_config: dict[str, str] | None = None,
        render_software: str = "Houdini",
        local_os: str | None = None,
        workspace: str | os.PathLike[str] | None = None,
        custom_exe_path: str | None = None,
        platform: str = "2",
        custom_db_path: str | os.PathLike[str] | None = None,
        logger: logging.Logger | None = None,
        log_folder: str | None = None,
        log_name: str | None = None,
        log_level: str = "DEBUG",
    ) -> None:
        """See ``AnalyzeBase``; ``custom_db_path`` is a folder, see ``reference_types``."""
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
        self.custom_db_path = custom_db_path

    def add_tip(self, code: str | int, info: object) -> None:
        """Add a finding under its code; whatever is no text is written as one."""
        texts = info if isinstance(info, list) else [info]
        super().add_tip(code, [text if isinstance(text, str) else str(text) for text in texts])

    def check_cg_name(self) -> None:
        """The scene's name must be one that Houdini opens on any machine.

        Raises:
            CGFileNameIllegalError: it holds Chinese characters.
        """
        name = Path(self.cg_file).name
        if check_contain_chinese(name):
            raise CGFileNameIllegalError(f"{name}: Houdini may not open a name with Chinese characters")

    @staticmethod
    def get_save_version(cg_file: str | os.PathLike[str] = "") -> str:
        """Which Houdini saved a scene, ``17.0.352``.

        Raises:
            GetCGVersionError: it does not say.
        """
        try:
            version = read_at(os.fspath(cg_file)).version
        except BadScene as error:
            version = error.partial.version if error.partial else ""
        if not version:
            raise GetCGVersionError(f"{os.fspath(cg_file)}: does not say which Houdini saved it")
        return version

    def location_from_reg(self, version: str) -> str | None:
        """Houdini's folder as Windows' registry has it, None elsewhere or when it is not there."""
        return houdini_folder(version)

    def find_location(self) -> str:
        """The path of hython: ``custom_exe_path``, or that of an installed Houdini.

        Raises:
            CGExeNotExistError: there is none; tips.json then says so under 15019.
        """
        found = self.custom_exe_path or installed_houdini(
            self.software_version, windows=sys.platform == "win32"
        )
        if found is None:
            text = f"Houdini {self.software_version} is not installed here"
            self.add_tip(SOFTWARE_MISSING, text)
            self.save_tips()
            raise CGExeNotExistError(text)
        return found

    def read_scene(self) -> HoudiniScene:
        """What the scene holds, with the parameters of the database."""
        folder = database_folder(self.custom_db_path)
        try:
            names = parameter_names(folder)
        except (sqlite3.Error, OSError) as error:
            self.logger.warning("no database of parameters", extra={"folder": str(folder), "why": str(error)})
            names = ()
        scene = read_at(self.cg_file, names)
        if names:
            self._remember(folder, scene)
        return scene

    def _remember(self, folder: Path, scene: HoudiniScene) -> None:
        try:
            remember(
                folder,
                {each.attribute: each.kind.value for each in scene.inputs if each.node_type != "HDA"}.items(),
            )
        except sqlite3.Error as error:
            self.logger.warning("database not written", extra={"folder": str(folder), "why": str(error)})

    def ask_application(self, facts: HoudiniScene, program: str) -> HoudiniScene:
        """The same, and what hython at ``program`` knows: values, frames, and files that Houdini lists."""
        script = Path(__file__).with_name("inside_houdini.py")
        answer = ask([program, script], question(facts, self.cg_file), Path(self.workspace))
        return with_answer(facts, answer)

    def find_files(self, facts: HoudiniScene) -> SceneFiles:
        """See ``rayvision_houdini.scene_files.find_files``."""
        return find_files(facts, self.cg_file, self.habits)

    def write_upload_json(self) -> None:
        """Write upload.json; of an expanded scene each of its files is uploaded, not the folder as such."""
        super().write_upload_json()
        if Path(self.cg_file).is_dir():
            itself = self.upload_info["scene"][0]["local"]
            entries = [entry for entry in self.upload_info["asset"] if entry["local"] != itself]
            self.upload_info["asset"] = entries
            json_save(self.upload_json, self.upload_info, ensure_ascii=False)

    def scene_info(self, facts: HoudiniScene) -> dict[str, Any]:
        """ROPs and simulations, see ``scene_document``."""
        return scene_document(facts)

    def findings(self, facts: HoudiniScene) -> list[tuple[str, str]]:
        """What is to be told about the scene itself."""
        return [
            *scene_findings(facts, self.software_version),
            *camera_findings(facts),
            *driver_findings(facts),
            *plugin_findings(facts, self.plugin_config or {}),
            *value_findings(facts, self.files),
            *name_findings(Path(self.cg_file).name, facts.inputs),
        ]

    def write_asset_json(self) -> None:
        """Write asset.json: files found and missing by node, and the cameras."""
        document: dict[str, Any] = asset_document(self.files)
        if self.facts:
            document["camera"] = camera_document(self.facts)
        self.asset_info = writable(document)
        json_save(self.asset_json, self.asset_info, ensure_ascii=False)

    def choose(self, *, frames: str | None = None, **others: Any) -> None:
        """Render other frames than the scene says: of every ROP that renders. Writes task.json.

        Raises:
            AnalyseFailError: before ``analyse``.
            BadFrameRange: ``frames`` makes no sense.
            ChoiceNotInScene: anything but frames was chosen; ROPs hold the rest.
        """
        if self.facts is None:
            raise AnalyseFailError("analyse the scene first, then choose what to render of it")
        for kind, name in others.items():
            if name:
                raise ChoiceNotInScene(kind.replace("_", " "), str(name), ())
        document = json_load(self.task_json)
        chosen = scene_document(self.facts)
        if frames is not None:
            text = format_frames(parse_frames(frames))
            for entry in chosen["rop_node"]:
                entry["frames"] = text
        document["scene_info_render"] = chosen
        self.task_info = document
        json_save(self.task_json, document, ensure_ascii=False)
