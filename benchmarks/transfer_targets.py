"""What the measurements of ``transfer.py`` shall reach, and whether they do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Target:
    """A measured median is at most ``most``, or that many times the median of ``beside``."""

    measured: str
    most: float
    beside: str = ""

    def verdict(self, results: Mapping[str, Sequence[float]]) -> str:
        """In words, with the figures."""
        found = median(results[self.measured])
        if not self.beside:
            return f"{self.measured}: {found:.3g}, target {self.most:g}: {_word(found <= self.most)}"
        ratio = found / median(results[self.beside])
        return (
            f"{self.measured}: {ratio:.2f} times {self.beside!r}, target {self.most:g}: "
            f"{_word(ratio <= self.most)}"
        )


def _word(met: bool) -> str:
    return "met" if met else "MISSED"


MEASUREMENTS: dict[int, tuple[tuple[str, ...], tuple[Target, ...]]] = {
    1: (("small",), (Target("small, first", 0.25, "small, first: rclone"),)),
    2: (
        ("small",),
        (
            Target("small, unchanged", 0.7),
            Target("small, no ledger", 0.5, "small, unchanged: rclone"),
        ),
    ),
    3: (
        ("large",),
        (
            Target("large, up", 2.5, "large, cp and flush"),
            Target("large, down", 2.5, "large, cp and flush"),
            Target("large, unchanged", 0.7),
            Target("large, client's memory in MB", 400),
        ),
    ),
    4: (
        ("edits", "maya"),
        tuple(
            Target(f"{case}, {edit}: share that travels", most)
            for case in ("edits", "maya")
            for edit, most in (("moved", 0.02), ("added", 0.25))
        ),
    ),
    5: (("tree",), (Target("tree, first", 1.0, "tree, first: rclone"),)),
    6: (("line",), (Target("line, seconds", 5.0),)),
    7: (("resume",), (Target("resume, MiB sent twice", 64),)),
}
"""The cases of each measurement, and its targets; two may share a case."""


def cases_of(numbers: Sequence[int]) -> list[str]:
    """The cases to run for these measurements, each once."""
    return list(dict.fromkeys(case for number in numbers for case in MEASUREMENTS[number][0]))


def verdicts(results: Mapping[str, Sequence[float]]) -> Iterator[str]:
    """What is to be said of all that was measured."""
    for number, (_, targets) in MEASUREMENTS.items():
        for target in targets:
            if target.measured in results and (not target.beside or target.beside in results):
                yield f"measurement {number}: {target.verdict(results)}"
