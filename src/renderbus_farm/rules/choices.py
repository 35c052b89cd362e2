"""What holds for a task: what its documents say, and where they say nothing what its account has chosen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from renderbus_farm.rules.analysis import Analysis
from renderbus_farm.rules.isolation import Isolation
from renderbus_farm.rules.lifecycle import Wish
from renderbus_farm.rules.people import AccountSettings
from renderbus_model.documents import Submission
from renderbus_model.task_facts import TaskFacts

LONGEST_LIST = 2000
"""Characters of a list of names that lists of tasks carry."""


@dataclass(frozen=True, slots=True)
class TaskChoices:
    """Columns of a task beside those that rendering needs; lists of names are joined by commas.

    Attributes:
        artist: whose work it is, as lists show it.
        time_out_s: after how many seconds it is reported as over time.
        frames_at_once: frames that one node renders in one go.
        ram_gb: memory it was made for; only shown.
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
    ) -> TaskChoices:
        """Everything settled at the moment of submission; later changes of the account's choice are for
        later tasks.

        A scene that the farm has yet to analyse is analysed at once, whether or not its frames wait for a
        start; only ``manuallyStartAnalysisFlag`` has the analysis wait too.
        """
        by_hand = settings.manually_start_analysis and not what.analysed
        waits = by_hand or not settings.auto_commit
        stopped = waits if what.analysed else by_hand
        return cls(
            artist=artist,
            time_out_s=facts.time_out_s or settings.task_over_time_s,
            frames_at_once=facts.frames_per_task or settings.single_node_render_frames,
            ram_gb=facts.ram_gb,
            tiles=facts.tiles,
            **names_in(what, facts),
            out_user_id=isolation.out_user_id,
            isolation=isolation.path,
            waits_for_start=waits,
            wish=(Wish.STOP if stopped else Wish.RUN).value,
            analysis=(Analysis.NONE if what.analysed else Analysis.WANTED).value,
        )


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
