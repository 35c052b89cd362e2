"""``AnalyzeMaya``: task.json, asset.json, upload.json and tips.json of a Maya scene, without Maya.

>>> analysis = AnalyzeMaya("/projects/shot.ma", "2023", "Film", {"mtoa": "5.1.0"})  # doctest: +SKIP
>>> analysis.analyse()  # doctest: +SKIP
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from rayvision_maya.answers import command, question, with_answer
from rayvision_maya.choices import apply_choices
from rayvision_maya.constants import PACKAGE_NAME
from rayvision_maya.files import find_maya_files
from rayvision_maya.findings import (
    camera_findings,
    content_findings,
    reference_findings,
    scene_findings,
)
from rayvision_maya.found import MayaFiles
from rayvision_maya.installed import installed_maya, maya_folder
from rayvision_maya.project import project_of
from rayvision_maya.scene_document import scene_document
from rayvision_utils.analyze_base import AnalyzeBase
from rayvision_utils.choose import ChoiceNotInScene, Choices
from rayvision_utils.documents import forward
from rayvision_utils.exception.exception import CGExeNotExistError, GetCGVersionError
from rayvision_utils.exception.tips_code import SOFTWARE_MISSING
from rayvision_utils.findings import name_findings
from rayvision_utils.inside import ask
from rayvision_utils.scene_files import SceneFiles, read_scene_as
from renderbus_model.maya_scene import MayaCamera, MayaScene
from renderbus_model.software import Application
from renderbus_scenes.errors import BadScene

RENDER_LAYERS, RENDER_SETUP = "0", "1"
"""``render_layer_type`` of task.json."""


class AnalyzeMaya(AnalyzeBase[MayaScene]):
    """Analyses a Maya scene of any age, ASCII or binary; see ``AnalyzeBase`` for attributes and methods.

    Attributes:
        render_layer_type: "0" for render layers, "1" for render setup, as it was given.
        input_project_path: the project folder as it was given, "" for none.
        found: what the scene and those it refers to name; ``files`` is a part of it.
    """

    PACKAGE: ClassVar[str] = PACKAGE_NAME
    APPLICATION: ClassVar[Application] = Application.MAYA
    KIND: ClassVar[type[MayaScene]] = MayaScene

    def __init__(
        self,
        cg_file: str | os.PathLike[str],
        software_version: str,
        project_name: str | None = None,
        plugin_config: dict[str, str] | None = None,
        render_software: str = "Maya",
        render_layer_type: str = RENDER_LAYERS,
        input_project_path: str | os.PathLike[str] | None = None,
        local_os: str | None = None,
        workspace: str | os.PathLike[str] | None = None,
        custom_exe_path: str | None = None,
        platform: str = "2",
        logger: logging.Logger | None = None,
        log_folder: str | None = None,
        log_name: str | None = None,
        log_level: str = "DEBUG",
    ) -> None:
        """See ``AnalyzeBase``.

        Args:
            render_layer_type: "1" has task.json say that the scene uses render setup; a scene that does so
                says it anyway.
            input_project_path: the project folder; without one it is the nearest above the scene.

        Raises:
            CGFileNotExistsError: scene, project, workspace or application are not there.
        """
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
        self.render_layer_type = str(render_layer_type)
        self.input_project_path = os.fspath(input_project_path) if input_project_path else ""
        if self.input_project_path:
            self.check_path(self.input_project_path)
        self.found = MayaFiles()

    def check_version3(self, cg_file: str | os.PathLike[str]) -> str:
        """Which Maya saved a scene: ``2023``.

        Raises:
            GetCGVersionError: it does not say.
        """
        return self.check_version2(cg_file)

    @staticmethod
    def check_version2(cg_file: str | os.PathLike[str]) -> str:
        """As ``check_version3``; the published package has both, for two versions of Python."""
        try:
            version = read_scene_as(MayaScene, os.fspath(cg_file)).major_version
        except BadScene as error:
            partial = error.partial
            version = partial.major_version if isinstance(partial, MayaScene) else None
        if version is None:
            raise GetCGVersionError(f"{os.fspath(cg_file)}: does not say which Maya saved it")
        return str(version)

    def location_from_reg(self, version: str) -> str | None:
        """Maya's folder as Windows' registry has it, None elsewhere or when it is not there."""
        return maya_folder(version)

    def find_location(self) -> str:
        """The path of Maya: ``custom_exe_path``, or that of an installed one.

        Raises:
            CGExeNotExistError: there is none; tips.json then says so under 15019.
        """
        found = self.custom_exe_path or installed_maya(self.software_version, windows=sys.platform == "win32")
        if found is None:
            text = f"Maya {self.software_version} is not installed here"
            self.add_tip(SOFTWARE_MISSING, text)
            self.save_tips()
            raise CGExeNotExistError(text)
        return found

    def ask_application(self, facts: MayaScene, program: str) -> MayaScene:
        """The same, and what Maya at ``program`` knows: driven values, layers as they are, files it lists."""
        script = Path(__file__).with_name("inside_maya.py")

        def whole(asked: Path, answered: Path) -> Sequence[str | os.PathLike[str]]:
            return command(program, script, asked, answered)

        return with_answer(facts, ask(whole, question(facts, self.cg_file), Path(self.workspace)))

    def find_files(self, facts: MayaScene) -> SceneFiles:
        """See ``rayvision_maya.files.find_maya_files``."""
        project = project_of(self.cg_file, self.input_project_path or None, facts.projects, self.root)
        self.found = find_maya_files(self.cg_file, facts, project, self.habits, os.environ)
        return self.found.files

    def scene_info(self, facts: MayaScene) -> dict[str, Any]:
        """One entry per layer, see ``scene_document``."""
        return scene_document(facts, self.referenced_cameras())

    def referenced_cameras(self) -> list[MayaCamera]:
        """The cameras of scenes that this one refers to, under their full names, as this scene changes them.

        The startup cameras are those of the scene itself.
        """
        switched = {
            edit.node.rpartition("|")[2]: edit.value
            for instance in self.found.instances
            for edit in instance.scene.edits
            if edit.attribute in ("renderable", "rnd")
        }
        return [
            replace(
                camera,
                name=f"{instance.namespace}{camera.name}",
                renderable=_is_on(switched.get(f"{instance.namespace}{camera.name}"), camera.renderable),
            )
            for instance in self.found.instances[1:]
            for camera in instance.scene.cameras
            if not camera.startup
        ]

    def findings(self, facts: MayaScene) -> list[tuple[str, str]]:
        """What is to be told about the scene, and about those it refers to."""
        referenced = self.referenced_cameras()
        rendered = any(layer.renderable and layer.cameras for layer in facts.layers)
        found = [
            *scene_findings(facts, self.software_version, self.plugin_config or {}),
            *camera_findings(
                [*facts.cameras, *referenced],
                rendered or any(camera.renderable for camera in referenced),
                self._unread(facts),
            ),
            *content_findings(facts),
            *reference_findings(self.found),
            *name_findings(Path(self.cg_file).name, facts.inputs),
        ]
        return list(dict.fromkeys(found))

    def _unread(self, facts: MayaScene) -> list[str]:
        """References that may hold anything: those not read, all of them before the disk was looked at."""
        if self.found.instances:
            return self.found.unread
        return [each.node for each in facts.scenes if each.loaded]

    def apply_choices(self, document: dict[str, Any], facts: MayaScene, choices: Choices) -> None:
        """Change the entries of render layers, see ``rayvision_maya.choices.apply_choices``.

        Raises:
            ChoiceNotInScene: a scene or samples, too, which a Maya file does not have.
        """
        for kind, value in (("scene", choices["scene_name"]), ("samples", choices["samples"])):
            if value is not None:
                raise ChoiceNotInScene(kind, str(value), ())
        entries = self.scene_info(facts)
        apply_choices(
            entries,
            layers=choices["layers"],
            camera=choices["camera"],
            resolution=choices["resolution"],
            image_format=choices["image_format"],
            frames=choices["frames"],
        )
        document["scene_info_render"] = entries

    def own_task_info(self) -> dict[str, Any]:
        """The project folder, and which kind of layers there are."""
        uses_setup = self.render_layer_type == RENDER_SETUP or (self.facts and self.facts.render_setup)
        return {
            "input_project_path": forward(self.input_project_path),
            "render_layer_type": RENDER_SETUP if uses_setup else RENDER_LAYERS,
        }


def _is_on(written: str | None, before: bool) -> bool:
    return before if written is None else written.strip() not in ("0", "no", "off", "false")
