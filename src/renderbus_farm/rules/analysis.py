"""Scenes that the farm analyses itself, for clients that upload first: what to begin, and what came of it.

Such a task has no frames until its scene was read; from then on its task.json has the ``scene_info`` that was
found, and it is as if the client had analysed the scene.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import msgspec

from renderbus_farm.rules.tips import ENGLISH, tip_text
from renderbus_model.document_values import BadDocument, member_of, object_in, text_of
from renderbus_model.documents import TASK_INFO
from renderbus_model.paths import BadPath, farm_path
from renderbus_model.scene_analysis import AnalysisAnswer

MOST_TOLD = 3
"""Errors of a scene that are told in one line; all are in tips.json."""


class Analysis(Enum):
    """Where the farm's own analysis of a task's scene stands."""

    NONE = ""
    """The client analysed it."""

    WANTED = "wanted"
    """It runs while the task is meant to run, and anew when a farm begins."""

    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Plan:
    """Tasks whose analysis is begun, in this order, and those whose analysis is given up."""

    begin: tuple[int, ...]
    give_up: tuple[int, ...]


def planned(wanted: Sequence[int], running: Collection[int], places: int) -> Plan:
    """Which analyses to begin and which to end.

    Args:
        wanted: tasks to be analysed, those first that wait longest.
        running: tasks whose scenes are read now.
        places: how many may be at once.

    >>> planned([7, 8, 9], {6, 7}, 2)
    Plan(begin=(8,), give_up=(6,))
    """
    given_up = tuple(sorted(set(running) - set(wanted)))
    free = max(0, places - (len(set(running)) - len(given_up)))
    return Plan(tuple(task_id for task_id in wanted if task_id not in running)[:free], given_up)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What task.json says of the scene that is to be read.

    Attributes:
        project: farm path of the project folder, "" for none.
    """

    cg_name: str
    cg_version: str
    plugins: Mapping[str, str]
    project: str

    @classmethod
    def read(cls, task_json: bytes) -> Wanted:
        """Read a document that was submitted; what is no text in it is left out."""
        task = object_in(task_json, "task.json")
        info, software = task.get("task_info"), task.get("software_config")
        info = info if isinstance(info, dict) else {}
        software = software if isinstance(software, dict) else {}
        plugins = software.get("plugins")
        return cls(
            cg_name=text_of(software.get("cg_name")),
            cg_version=text_of(software.get("cg_version")),
            plugins={name: text_of(each) for name, each in plugins.items()}
            if isinstance(plugins, dict)
            else {},
            project=_folder(text_of(info.get("input_project_path"))),
        )


def _folder(local: str) -> str:
    try:
        return farm_path(local)
    except BadPath:
        return ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of an analysis.

    Attributes:
        documents: those of the task that are kept from now on, by name.
        why: why the task fails, "" where it goes on.
    """

    documents: Mapping[str, bytes]
    why: str = ""


def judged(answer: AnalysisAnswer, task_json: bytes) -> Verdict:
    """What is kept of an answer. An error among the findings ends the task, as it ends a client's check."""
    tips = {"tips.json": msgspec.json.encode(answer.tips)}
    why = errors_told(answer.tips) or answer.why
    if why:
        return Verdict(tips, why)
    try:
        found = _with_scene(task_json, answer)
    except BadDocument as error:
        return Verdict(tips, str(error))
    return Verdict({**tips, "asset.json": bytes(answer.asset), "task.json": found})


def _with_scene(task_json: bytes, answer: AnalysisAnswer) -> bytes:
    task = object_in(task_json, "task.json")
    info = member_of(task, "task_info", "task.json")
    published = TASK_INFO["task_info"]
    chosen = {key: value for key, value in info.items() if value not in (None, "", published.get(key))}
    return msgspec.json.encode(
        {
            **task,
            # What is a default of the client's is nobody's choice.
            "task_info": {**info, **answer.task_info, **chosen},
            "scene_info": answer.scene_info,
            "scene_info_render": answer.scene_info,
        }
    )


def errors_told(tips: Mapping[str, Sequence[str]]) -> str:
    """The errors among tips with their remedies, as sentences; "" where there are only warnings.

    >>> errors_told({"15006": ["scene 'Shot' has no camera"], "10012": ["wood.png is not there"]})
    "scene 'Shot' has no camera (15006). Set the scene's camera, or choose one, and analyse again."
    """
    told: list[str] = []
    for code, texts in tips.items():
        meaning = tip_text(code, ENGLISH)
        if meaning.is_error:
            named = "; ".join(texts[:MOST_TOLD]) or meaning.description
            more = f"; and {len(texts) - MOST_TOLD} more" if len(texts) > MOST_TOLD else ""
            told.append(f"{named}{more} ({code}). {meaning.solution}")
    return " ".join(told)
