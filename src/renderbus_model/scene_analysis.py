"""What a farm asks and hears of the process that analyses an uploaded scene: one JSON object each way.

The farm knows no analyser, and no analyser the farm: both know these words.
"""

from __future__ import annotations

import msgspec

from renderbus_model.paths import FarmPath

MOST_ANSWER_BYTES = 64 << 20
"""As much as a document may have; more is no analysis of a scene that somebody renders."""

MOST_TEXTS_A_TIP = 1000
"""Findings of one code that are written out; of the others their number is told."""

INSTEAD = "analyse the scene on your machine, and submit a task.json that has scene_info"
"""What helps where a farm may not spend as much on a scene as it takes."""


class AnalysisQuestion(msgspec.Struct, frozen=True, rename="camel"):
    """Analyse this scene.

    Attributes:
        root: the folder below which each file of the task lies at its farm path.
        scene: farm path of the scene.
        work: an empty folder to write in.
        cg_id: the application's id.
        cg_version: its version as task.json has it, and ``plugins`` by name.
        project: farm path of the project folder that task.json names, "" for none.
    """

    root: str
    scene: FarmPath
    work: str
    cg_id: int
    cg_name: str = ""
    cg_version: str = ""
    plugins: dict[str, str] = {}
    project: str = ""


class AnalysisAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """What was found; paths in it are farm paths.

    Attributes:
        scene_info: as task.json has it.
        task_info: members of ``task_info`` that follow from the scene.
        asset: asset.json.
        tips: texts by code.
        why: why the scene cannot be analysed; "" where it was.
    """

    scene_info: msgspec.Raw = msgspec.Raw(b"{}")
    task_info: dict[str, str] = {}
    asset: msgspec.Raw = msgspec.Raw(b"{}")
    tips: dict[str, list[str]] = {}
    why: str = ""
