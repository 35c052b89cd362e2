"""What is true of a farm at every moment, and what it means when it is not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Rule(Enum):
    """The ten invariants of a farm; the value says what holds."""

    ONE_ATTEMPT = "at most one attempt at a frame is alive"
    STAYS_FINISHED = "a finished frame stays finished"
    COUNTS = "counts equal the rows that they count"
    RESOURCES = "what is in use is what live attempts use, and passes no limit"
    SILENT_WHEN_LOST = "a node that was given up reports nothing"
    KEEPS_REPORTS = "reports that were not delivered are kept"
    FENCED = "a farm that starts has ended what an earlier one left running"
    HAS_A_REASON = "every waiting frame has a reason"
    LEAVES_NOTHING = "nothing stays behind after clean-up"
    MATCHES_ITS_DIGEST = "every object's bytes match its digest"


_RESTART = "restart the farm: its first look gives such frames back"
HEALS = {
    Rule.ONE_ATTEMPT: _RESTART,
    Rule.STAYS_FINISHED: "restart the frame: it is rendered once more (renderbus task restart)",
    Rule.COUNTS: "run this check again with --heal: it counts again",
    Rule.RESOURCES: _RESTART,
    Rule.SILENT_WHEN_LOST: "restart the frame, so that its pictures are those of a wanted attempt",
    Rule.KEEPS_REPORTS: "remove the file: its frame is rendered again",
    Rule.FENCED: "start the farm, which ends them, or end these processes",
    Rule.HAS_A_REASON: "start the task, or stop it once more",
    Rule.LEAVES_NOTHING: "a farm that runs removes it by itself within some days",
    Rule.MATCHES_ITS_DIGEST: "restart the frames that made it, or upload the file again",
}
"""What to do about a breach of each."""


@dataclass(frozen=True, slots=True)
class Breach:
    """Something that is not as it must be: which rule it breaks, and which thing does."""

    rule: Rule
    what: str

    @property
    def heal(self) -> str:
        """What to do about it."""
        return HEALS[self.rule]
