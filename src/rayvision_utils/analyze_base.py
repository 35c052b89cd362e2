"""What the ``Analyze…`` classes share: a folder for the documents, tips, reading the scene, writing.

No application is started: scenes are read by ``renderbus_scenes``.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sys
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from rayvision_api.applications import plugin_versions, version_text
from rayvision_api.exception import TYPE_ERROR, RayvisionError
from rayvision_api.paths import absolute, new_folder
from rayvision_api.utils import home_folder, json_save
from rayvision_log.core import logger_of
from rayvision_utils.choose import Choices, apply_choices
from rayvision_utils.documents import Document, asset_document, forward, upload_document, writable
from rayvision_utils.exception import tips_code
from rayvision_utils.exception.exception import (
    AnalyseFailError,
    CGFileNameIllegalError,
    CGFileNotExistsError,
)
from rayvision_utils.exception.tips import TipsInfo
from rayvision_utils.exception.tips_code import NO_CAMERA, NO_FRAMES, NO_LAYER_ON
from rayvision_utils.findings import file_findings
from rayvision_utils.scene_files import SceneFiles, read_scene_as
from rayvision_utils.utils import get_os, json_load, shown
from rayvision_utils.whereabouts import Habits
from renderbus_model.any_scene import AnyScene
from renderbus_model.documents import new_task_document
from renderbus_model.paths import BadPath, farm_path
from renderbus_model.scene import on_one_line
from renderbus_model.software import Application
from renderbus_scenes.errors import BadScene

_Analysis = TypeVar("_Analysis", bound="AnalyzeBase[Any]")
Facts = TypeVar("Facts", bound=AnyScene)


class AnalyzeBase(ABC, Generic[Facts]):
    """Analyses one scene; ``Facts`` is what its reader answers.

    Attributes:
        cg_file: the scene, absolute.
        workspace: the folder of this analysis; ``tmp_mark`` is its name.
        task_json, tips_json, asset_json, upload_json: paths of the documents in it.
        task_info, tips_info, asset_info, upload_info: what they say, empty until ``analyse``.
        facts: what the scene holds, None until ``analyse``.
        files: which files it names, those found and those missing.
        search: further folders to look in for its files; set it before ``analyse``.
        mapping: beginnings of paths and what lies there on this machine: ``{"D:": "/mnt/d"}``.
        root: where the scene lies among uploaded files: the folder that holds them at their farm paths.
    """

    PACKAGE: ClassVar[str]
    APPLICATION: ClassVar[Application]
    KIND: ClassVar[type[Any]]
    """``Facts``, as a value."""

    def __init__(
        self,
        cg_file: str | os.PathLike[str],
        software_version: str,
        project_name: str | None = None,
        plugin_config: dict[str, str] | None = None,
        render_software: str = "",
        local_os: str | None = None,
        workspace: str | os.PathLike[str] | None = None,
        custom_exe_path: str | None = None,
        platform: str = "2",
        logger: logging.Logger | None = None,
        log_folder: str | None = None,
        log_name: str | None = None,
        log_level: str | int = "DEBUG",
    ) -> None:
        """Make the folder of the analysis; the scene is not read yet.

        Args:
            cg_file: path of the scene.
            software_version: the application's version to render with, e.g. ``5.0``.
            project_name: label of the task.
            plugin_config: plug-in name to version.
            render_software: name of the application, as task.json writes it.
            local_os: ``windows`` or ``linux``; this machine's without one.
            workspace: a folder that exists; ``renderfarm_sdk`` in the user's folder without one.
            custom_exe_path: the application, must exist when given; see ``analyse``.
            platform: number of the farm platform.
            logger: where to log to.
            log_folder, log_name: set up a log file there, see ``rayvision_log.init_logger``.

        Raises:
            CGFileNotExistsError: scene, workspace or application are not there.
            RayvisionError: 1000003, ``software_version`` or ``plugin_config`` are none.
            CGFileNameIllegalError: the scene's path cannot be kept by a farm.
        """
        self.logger = logger_of(self.PACKAGE, logger, log_folder, log_name, log_level)
        self.check_path(cg_file)
        if custom_exe_path:
            self.check_path(custom_exe_path)
        self.cg_file = absolute(cg_file)
        self._server_path = self._farm_path()
        self.software_version = version_text(software_version)
        self.project_name = project_name
        self.plugin_config = plugin_versions(plugin_config)
        self.render_software = render_software or self.APPLICATION.title
        self.local_os = self.check_local_os(local_os)
        self.platform = str(platform)
        self.custom_exe_path = custom_exe_path
        self._begin_documents(new_folder(self.check_workspace(workspace)))

    def _begin_documents(self, folder: Path) -> None:
        """The four documents, still empty, and where they will be written."""
        self.workspace = str(folder)
        self.tmp_mark = folder.name
        self.task_json, self.tips_json, self.asset_json, self.upload_json = (
            str(folder / f"{name}.json") for name in ("task", "tips", "asset", "upload")
        )
        self.task_info: Document = {}
        self.asset_info: Document = {}
        self.upload_info: Document = {}
        self.search: list[str] = []
        self.mapping: dict[str, str] = {}
        self.root = ""
        self.facts: Facts | None = None
        self.files = SceneFiles()
        self._told: dict[str, dict[str, list[str]]] = {}
        self._tips = TipsInfo(folder)
        self.tips_info: Document = self._tips.tips_list

    @property
    def habits(self) -> Habits:
        """How paths are read for this analysis, and where to look for what is not where they say."""
        return Habits(sys.platform == "win32", self.mapping, self.search, self.root)

    @staticmethod
    def check_path(tmp_path: str | os.PathLike[str]) -> None:
        """A path must exist.

        Raises:
            CGFileNotExistsError: it does not.
        """
        if not os.fspath(tmp_path) or not Path(tmp_path).exists():
            raise CGFileNotExistsError(f"{os.fspath(tmp_path) or repr('')} is not found")

    @staticmethod
    def check_local_os(local_os: str | None) -> str:
        """``windows`` or ``linux``; what was given wins."""
        return local_os.lower() if local_os else get_os()

    def check_workspace(self, workspace: str | os.PathLike[str] | None) -> Path:
        """The folder that analyses are kept in; only the default one is made when it is not there."""
        if workspace:
            self.check_path(workspace)
            if not Path(workspace).is_dir():
                raise CGFileNotExistsError(f"{os.fspath(workspace)} is no folder to work in")
            return Path(workspace).absolute()
        folder = home_folder()
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def add_tip(self, code: str | int, info: str | list[str]) -> None:
        """Add a finding under its code.

        Raises:
            RayvisionError: 1000003, it is neither a text nor a list of texts.
        """
        texts = [info] if isinstance(info, str) else info
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise RayvisionError(TYPE_ERROR, f"a tip is a text or a list of texts, not {info!r}")
        self._tips.add(code, *(shown(text) for text in texts))

    def save_tips(self) -> None:
        """Write tips.json."""
        self._tips.save_tips(self.workspace)

    def analyse(self: _Analysis, no_upload: bool = False, exe_path: str = "") -> _Analysis:
        """Read the scene and write the four documents (without upload.json when ``no_upload``).

        Args:
            exe_path: the application, must exist when given. Some analysers ask it for what the file does
                not say (``ask_application``).

        Raises:
            AnalyseFailError: the scene cannot be read; tips.json then says so under 15002. Or the application
                was asked and failed; then under 999.
            CGFileNotExistsError: ``exe_path`` is not there.
        """
        if exe_path:
            self.check_path(exe_path)
        for about in tuple(self._told):  # what an earlier analysis told may have been mended since
            self._tell(about, ())
        facts = self.analyse_cg_file()
        program = exe_path or self.custom_exe_path
        if program:
            try:
                facts = self.ask_application(facts, program)
            except AnalyseFailError as error:
                self._tell("failure", [(tips_code.UNKNOW_ERR, str(error))])
                self.save_tips()
                raise
        self.facts = facts
        self.files = self.find_files(facts)
        self._tell_of(facts)
        self._tell("files", file_findings(self.files))
        self.write_task_json()
        self.write_asset_json()
        self.save_tips()
        if not no_upload:
            self.write_upload_json()
        return self

    def apply_choices(self, document: Document, facts: Facts, choices: Choices) -> None:  # noqa: ARG002  (Maya looks at them)
        """Change ``scene_info_render`` of task.json; errors as ``rayvision_utils.choose.apply_choices``."""
        apply_choices(document, **choices)

    def choose(
        self,
        *,
        scene_name: str | None = None,
        layers: Sequence[str] = (),
        camera: str | None = None,
        resolution: tuple[int, int] | None = None,
        image_format: str | None = None,
        samples: int | None = None,
        frames: str | None = None,
    ) -> None:
        """Render otherwise than the scene says: writes task.json, and tips.json as it then holds.

        Arguments and errors as ``rayvision_utils.choose.apply_choices``. What is not chosen is as in the
        scene: a second call forgets what the first one chose.

        Raises:
            AnalyseFailError: before ``analyse``.
        """
        if self.facts is None:
            raise AnalyseFailError("analyse the scene first, then choose what to render of it")
        choices: Choices = {
            "scene_name": scene_name,
            "layers": layers,
            "camera": camera,
            "resolution": resolution,
            "image_format": image_format,
            "samples": samples,
            "frames": frames,
        }
        document = {**json_load(self.task_json), "scene_info_render": {}}  # then it begins with scene_info
        self.apply_choices(document, self.facts, choices)
        self.task_info = writable(document)
        json_save(self.task_json, self.task_info, ensure_ascii=False)
        answers = {NO_CAMERA: camera, NO_LAYER_ON: layers, NO_FRAMES: frames}
        facts = self.facts_when_chosen(self.facts, scene_name)
        self._tell_of(facts, frozenset(code for code, choice in answers.items() if choice))
        self.save_tips()

    def _tell_of(self, facts: Facts, answered: frozenset[str] = frozenset()) -> None:
        """Put the findings about the scene in place of earlier ones, without those that a choice answers."""
        self._tell("scene", [each for each in self.findings(facts) if each[0] not in answered])

    def _tell(self, about: str, findings: Iterable[tuple[str, str]]) -> None:
        """Put tips, as code and text, in place of those that were told of the same before."""
        for code, texts in self._told.pop(about, {}).items():
            self._tips.take_back(code, *texts)
        told: dict[str, list[str]] = defaultdict(list)
        for code, text in findings:
            told[code].append(shown(on_one_line(text)))
        for code, texts in told.items():
            self.add_tip(code, texts)
        self._told[about] = dict(told)

    def analyse_cg_file(self) -> Facts:
        """What the scene holds.

        Raises:
            AnalyseFailError: see ``analyse``.
        """
        try:
            facts = self.read_scene()
        except BadScene as error:
            raise self._failed(str(error)) from error
        except OSError as error:
            why = error.strerror or str(error)
            raise self._failed(f"{Path(self.cg_file).name}: cannot be opened: {why}") from error
        why_not = self.why_not_rendered(facts)
        if why_not:
            raise self._failed(f"{Path(self.cg_file).name}: {why_not}")
        return facts

    def read_scene(self) -> Facts:
        """What the scene holds.

        Raises:
            BadScene: no scene of this application, or damaged.
            OSError: it cannot be opened.
        """
        facts: Facts = read_scene_as(self.KIND, self.cg_file)
        return facts

    def ask_application(self, facts: Facts, program: str) -> Facts:  # noqa: ARG002  (others do)
        """``facts``, and what only the application at ``program`` knows: nothing unless a class asks it.

        Raises:
            AnalyseFailError: it does not answer.
        """
        return facts

    def why_not_rendered(self, facts: Facts) -> str:  # noqa: ARG002  (others look at it)
        """Why nothing of the scene can be rendered, as the end of a sentence; "" where something can."""
        return ""

    def facts_when_chosen(self, facts: Facts, scene_name: str | None) -> Facts:  # noqa: ARG002  (as above)
        """What the findings are about once ``scene_name`` was chosen (None: the one that renders anyway)."""
        return facts

    def _failed(self, text: str) -> AnalyseFailError:
        self._tell("failure", [(tips_code.SCENE_UNREADABLE, text)])
        self.save_tips()
        return AnalyseFailError(shown(text))

    @abstractmethod
    def find_files(self, facts: Facts) -> SceneFiles:
        """What the scene's references lead to on this machine."""

    @abstractmethod
    def scene_info(self, facts: Facts) -> Document:
        """``scene_info`` of task.json."""

    @abstractmethod
    def findings(self, facts: Facts) -> list[tuple[str, str]]:
        """Findings about the scene itself, as code and text."""

    def own_task_info(self) -> Document:
        """Members of ``task_info`` beside the published defaults, or in place of them."""
        return {}

    def write_task_json(self) -> None:
        """Write task.json: the published defaults, and the scene where it was read."""
        document = new_task_document()
        document["task_info"].update(
            input_cg_file=forward(self.cg_file),
            project_name=str(self.project_name or ""),
            cg_id=str(int(self.APPLICATION)),
            platform=self.platform,
            os_name="1" if self.local_os == "windows" else "0",
        )
        document["software_config"] = {
            "cg_name": self.render_software,
            "cg_version": self.software_version,
            "plugins": self.plugin_config,
        }
        document["task_info"].update(self.own_task_info())
        if self.facts:
            document["scene_info"] = self.scene_info(self.facts)
            document["scene_info_render"] = self.scene_info(self.facts)
        self.task_info = writable(document)
        json_save(self.task_json, self.task_info, ensure_ascii=False)

    def write_asset_json(self) -> None:
        """Write asset.json: files found and files missing."""
        self.asset_info = writable(asset_document(self.files))
        json_save(self.asset_json, self.asset_info, ensure_ascii=False)

    def write_upload_json(self) -> None:
        """Write upload.json: the scene with its MD5, and each file to upload once, the scene last."""
        digest = self.get_file_md5(self.cg_file)
        self.upload_info = upload_document(self.cg_file, self._server_path, digest, self.files)
        json_save(self.upload_json, self.upload_info, ensure_ascii=False)

    def check_result(self) -> tuple[bool, str | None]:
        """Whether the documents are there, and which is not."""
        for path in (self.task_json, self.asset_json, self.tips_json):
            if not Path(path).exists():
                return False, f"Json file is not generated: {path}"
        return True, None

    @staticmethod
    def get_file_md5(file_path: str | os.PathLike[str]) -> str:
        """The MD5 of a file, as published; that of no bytes for a file that is not there."""
        digest = hashlib.md5(usedforsecurity=False)
        if Path(file_path).is_file():
            with Path(file_path).open("rb") as file:
                while part := file.read(1 << 20):
                    digest.update(part)
        return digest.hexdigest()

    def _farm_path(self) -> str:
        try:
            return farm_path(forward(self.cg_file))
        except BadPath as error:
            raise CGFileNameIllegalError(f"the scene's path cannot be kept by a farm: {error}") from error
