"""What holds for a task: what its documents say, and where they say nothing what its account has chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import msgspec

from renderbus_farm.rules.analysis import Analysis
from renderbus_farm.rules.isolation import Isolation
from renderbus_farm.rules.lifecycle import Wish
from renderbus_farm.rules.people import AccountSettings
from renderbus_model.documents import TASK_INFO, Submission
from renderbus_model.task_facts import TaskFacts

LONGEST_LIST = 2000
"""Characters of a list of names that lists of tasks carry."""


USUAL_RAM_GB = int(TASK_INFO["task_info"]["ram"])
"""The published default of ``ram``: clients write it into every document, so it is nobody's wish."""


@dataclass(frozen=True, slots=True)
class Software:
    """The application's version and its plug-ins: versions by name."""

    version: str = ""
    plugins: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class TaskChoices:
    """Columns of a task beside those that rendering needs; lists of names are joined by commas.

    Attributes:
        artist: whose work it is, as lists show it.
        time_out_s: after how many seconds it is reported as over time.
        frames_at_once: most frames of a unit.
        ram_gb: memory it was made for, as lists show it.
        needs_ram_gb, needs_gpus: what a node must have, 0 for any; ``ram`` and ``graphics_cards_num`` say so
            where they are not the published default.
        cg_version, plugins: the application's version and its plug-ins (versions by name, as JSON): what the
            document says, or the stored environment that it names.
        begins_at: seconds since 1970 before which nothing of it renders, 0 for none.
        limits: how much of each named limit a unit takes, as JSON; empty for none.
        waits_for_start: it was submitted, and renders once its owner starts it.
        wish: what its owner wants of it so far: to run, or to stop where even its analysis waits for a start.
        analysis: where the farm's own analysis of its scene stands.
    """

    artist: str
    time_out_s: int
    frames_at_once: int
    ram_gb: int
    tiles: int
    layers: str
    cameras: str
    all_cameras: str
    out_user_id: str
    isolation: str
    waits_for_start: bool
    frames_text: str
    task_type: str
    needs_ram_gb: int
    needs_gpus: int
    cg_version: str
    plugins: str
    begins_at: float
    sequential: bool
    chunk_seconds: float
    limits: str
    wish: str = Wish.RUN.value
    analysis: str = Analysis.NONE.value

    @classmethod
    def of(
        cls,
        what: Submission,
        facts: TaskFacts,
        settings: AccountSettings,
        isolation: Isolation,
        artist: str,
        software: Software,
        task_type: str,
        now: float,
    ) -> TaskChoices:
        """Everything settled at the moment of submission; later changes of the account's choice are for
        later tasks.

        A scene that the farm has yet to analyse is analysed at once, whether or not its frames wait for a
        start; only ``manuallyStartAnalysisFlag`` has the analysis wait too.
        """
        by_hand = settings.manually_start_analysis and not what.analysed
        waits = by_hand or not settings.auto_commit
        stopped = waits if what.analysed else by_hand
        limits = facts.order.limits
        return cls(
            artist=artist,
            time_out_s=facts.time_out_s or settings.task_over_time_s,
            frames_at_once=frames_at_once(facts, settings),
            ram_gb=facts.ram_gb,
            needs_ram_gb=facts.ram_gb if facts.ram_gb != USUAL_RAM_GB else 0,
            needs_gpus=facts.gpus,
            frames_text=what.frames_text,
            task_type=task_type,
            cg_version=software.version,
            plugins=_as_text(software.plugins),
            begins_at=facts.order.begins_at(now),
            sequential=facts.order.sequential,
            chunk_seconds=facts.order.chunk_seconds,
            limits=_as_text(limits),
            tiles=facts.tiles,
            **names_in(what, facts),
            out_user_id=isolation.out_user_id,
            isolation=isolation.path,
            waits_for_start=waits,
            wish=(Wish.STOP if stopped else Wish.RUN).value,
            analysis=(Analysis.NONE if what.analysed else Analysis.WANTED).value,
        )


def frames_at_once(facts: TaskFacts, settings: AccountSettings) -> int:
    """Most frames of a unit: what the task says, else what its account has chosen.

    A picture in tiles, or one that is a still, is a unit of its own whatever the account has chosen.
    """
    if facts.frames_per_task:
        return facts.frames_per_task
    return 1 if facts.tiles > 1 or facts.still else settings.single_node_render_frames


def _as_text(values: Mapping[str, object]) -> str:
    return msgspec.json.encode(dict(values), order="sorted").decode() if values else ""


def names_in(what: Submission, facts: TaskFacts) -> dict[str, str]:
    """Columns of a task with the names of its layers and cameras."""
    return {
        "layers": _joined(frames.layer for frames in what.frame_sets),
        "cameras": _joined(facts.cameras),
        "all_cameras": _joined(facts.all_cameras),
    }


def _joined(names: Iterable[str]) -> str:
    text = ",".join(dict.fromkeys(name for name in names if name))
    return text if len(text) <= LONGEST_LIST else f"{text[:LONGEST_LIST]}…"
