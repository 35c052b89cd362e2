"""Analyse the scene of a task with the class that fits it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rayvision_api.exception import PYTHON_ERROR, RayvisionError
from rayvision_utils.choose_analyzer import analyzer_for
from rayvision_utils.json_handle import JsonHandle, TaskDocuments

__all__ = ["RayvisionAnalyse", "analyzer_for"]

MAYA = "2000"


class RayvisionAnalyse:
    """Has the scene of a task analysed; the task's documents then say what it holds.

    Attributes:
        cg_id: the application's number, as task.json says.
        cg_file: the scene, as task.json says.
        task: the task, a ``rayvision_api.task.handle.RayvisionTask``.
        cg_instance: the handle of the task's documents.

    >>> RayvisionAnalyse.execute(task)  # doctest: +SKIP
    """

    def __init__(self, task: TaskDocuments, exe_path: str | None = None) -> None:
        """Check that the scene is there and that it can be analysed.

        Args:
            exe_path: the application, when it is to be checked too; nothing here starts it.

        Raises:
            RayvisionError: 1000000, the scene or the application is not there, or nothing analyses it.
            AnalyseFailError: no class is installed for such scenes.
        """
        self.cg_id = str(task.task_info["task_info"]["cg_id"])
        self.cg_file = str(task.task_info["task_info"]["input_cg_file"])
        self.task = task
        self.custom_exe_path = exe_path
        self.cg_instance = self.create_instance()

    def create_instance(self) -> JsonHandle:
        """The handle that analyses this scene.

        Raises:
            RayvisionError, AnalyseFailError: as for the class.
        """
        if not Path(self.cg_file).is_file():
            raise RayvisionError(PYTHON_ERROR, f"Cg file does not exist: {self.cg_file}")
        if self.custom_exe_path is not None:
            if not Path(self.custom_exe_path).is_absolute():
                raise RayvisionError(
                    PYTHON_ERROR, f"Please specify the exe full path, not {self.custom_exe_path!r}"
                )
            if not Path(self.custom_exe_path).is_file():
                raise RayvisionError(
                    PYTHON_ERROR, f"The specified exe path does not exist: {self.custom_exe_path}"
                )
        application = analyzer_for(self.cg_file).APPLICATION
        if self.cg_id != str(int(application)):
            raise RayvisionError(
                PYTHON_ERROR,
                f"cg_id {self.cg_id!r} does not fit {self.cg_file}, which is a scene of {application.title} "
                f"({int(application)})",
            )
        return JsonHandle(self.cg_file, self.task, self.cg_id, self.custom_exe_path)

    @classmethod
    def execute(cls, task: TaskDocuments, exe_path: str | None = None) -> None:
        """Analyse the scene of a task; all that the scene renders is then chosen for rendering.

        Raises:
            RayvisionError, AnalyseFailError: as for the class.
            AnalyzeError: the scene cannot be read.
        """
        self = cls(task, exe_path)
        self.run()
        scene_info = self.task.task_info["scene_info"]
        self.task.task_info["scene_info_render"] = scene_info
        self.cg_is_maya(self.cg_id, scene_info)

    @staticmethod
    def cg_is_maya(cg_id: str, scene_info_data: dict[str, Any]) -> dict[str, Any]:
        """Write the frames of each Maya layer from its start, end and step; other scenes stay as they are.

        >>> layer = {"common": {"start": "1", "end": "10", "by_frame": "2"}}
        >>> RayvisionAnalyse.cg_is_maya("2000", {"masterLayer": layer})["masterLayer"]["common"]["frames"]
        '1-10[2]'
        """
        if cg_id == MAYA:
            for layer in scene_info_data.values():
                common = layer["common"]
                common["frames"] = f"{common['start']}-{common['end']}[{common['by_frame']}]"
        return scene_info_data

    def run(self) -> None:
        """Analyse the scene from its first line to the documents.

        Raises:
            AnalyzeError: the scene cannot be read.
        """
        self.cg_instance.run()

    def analyse_cg_file(self) -> None:
        """Read which application and version saved the scene.

        Raises:
            AnalyzeError: the scene cannot be read.
        """
        self.cg_instance.analyse_cg_file()

    def analyse(self) -> None:
        """Read what the scene holds into the task's documents.

        Raises:
            AnalyzeError: the scene cannot be read.
        """
        self.cg_instance.analyse()
