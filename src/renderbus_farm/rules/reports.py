"""What a node's last report comes to. A node may be broken, so nothing it says goes unchecked."""

from __future__ import annotations

from dataclasses import dataclass

from renderbus_farm.rules.work import Failed, Fault, Finished, Output
from renderbus_model.paths import BadPath, checked_farm_path
from renderbus_model.pieces import BadDigest, checked_digest

LONGEST_ERROR = 4000
"""Characters of an error that lists carry; the log has the rest."""

MOST_BYTES = 2**63 - 1
MOST_SECONDS = 1e9
"""What is more than these could not be kept or added up, and the report would come back at every tick."""

FLAGS = ("black", "not a number")
"""What is odd about a picture without its being a failure."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an attempt ended.

    Attributes:
        fault: None for a rendered one.
        error: for the frame's owner.
        seconds: of rendering.
        flags: what is odd about the pictures of a rendered one.
    """

    fault: Fault | None
    error: str
    seconds: float
    flags: tuple[str, ...] = ()


def judged(report: Finished | Failed) -> Verdict:
    """What came of an attempt."""
    if isinstance(report, Finished):
        error = _why_unusable(report)
        fault, flags = (Fault.PICTURE, ()) if error else (None, report.flags)
    else:
        fault, error, flags = report.fault, report.error, ()
    # The text of a process may hold bytes that are no text, or a whole traceback.
    text = error.encode("utf-8", "replace").decode()
    if len(text) > LONGEST_ERROR:
        text = f"{text[:LONGEST_ERROR]}…"
    seconds = report.seconds if 0 <= report.seconds <= MOST_SECONDS else 0.0
    return Verdict(fault, text, seconds, tuple(flag for flag in FLAGS if flag in flags))


def _why_unusable(report: Finished) -> str:
    if not report.outputs:
        return "the renderer ended without a picture"
    if why := next((why for made in report.outputs if (why := _why_bad(made))), ""):
        return f"the node sent a picture that cannot be kept: {why}"
    return ""


def _why_bad(made: Output) -> str:
    """What is wrong with an output, whose path becomes a path on its owner's machine."""
    try:
        checked_digest(made.digest)
        if checked_farm_path(made.path) != f"/{made.path}":
            return f"path {made.path!r} is not in its one spelling"
    except (BadDigest, BadPath) as error:
        return str(error)
    return "" if 0 <= made.size_bytes <= MOST_BYTES else f"{made.path} has {made.size_bytes} bytes"
