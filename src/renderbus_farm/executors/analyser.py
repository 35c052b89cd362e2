"""Where scenes are analysed: what the farm asks of whoever starts the processes that read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from renderbus_farm.rules.analysis import Wanted
from renderbus_model.paths import FarmPath
from renderbus_model.pieces import Digest
from renderbus_model.scene_analysis import AnalysisAnswer


@dataclass(frozen=True, slots=True)
class AnalysisOrder:
    """Analyse the scene of a task.

    Attributes:
        inputs: the manifest of the files that the task may read, the scene among them.
        wanted: what task.json says of the scene.
    """

    task_id: int
    cg_id: int
    scene: FarmPath
    inputs: Digest
    wanted: Wanted


class Analyser(Protocol):
    """Analyses scenes, each in a process of its own; it is asked and never calls back."""

    @property
    def places(self) -> int:
        """How many scenes it reads at once."""

    def begin(self, order: AnalysisOrder) -> None:
        """Begin with a task that it does not have; returns at once."""

    def give_up(self, task_id: int) -> None:
        """End an analysis; no answer follows. One that has ended, or never began, is ignored."""

    def running(self) -> set[int]:
        """Tasks that were begun and whose answer was not handed out yet."""

    def drain(self) -> dict[int, AnalysisAnswer]:
        """The answers since the last call, by task."""

    def close(self) -> None:
        """End all processes. Closing twice is harmless."""
