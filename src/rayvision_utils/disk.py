"""Folders of this machine, and which files in them a path stands for.

A folder is listed once, however many references lead into it; nothing is looked up one by one.
"""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Iterator
from dataclasses import dataclass

from rayvision_api.utils import files_below
from renderbus_model.frames import format_frames
from renderbus_model.paths import FarmPath, farm_path
from renderbus_model.scene import Reference, Spread
from renderbus_scenes.sequences import Listing, Match


@dataclass(frozen=True, slots=True)
class Asset:
    """A file to upload: where it lies here, where the farm keeps it, when it was changed (unix seconds)."""

    local: str
    server: FarmPath
    modified: float


class Disk:
    """Folders of this machine, each listed at most once.

    Attributes:
        windows: it runs Windows, so that the case of names does not matter.
        root: nothing outside this folder is looked at; a path that leads out of it begins there anew, and the
            case of names is forgiven, as where uploaded files render. "" for the whole machine.
    """

    def __init__(self, windows: bool, root: str = "") -> None:
        self.windows = windows
        self.root = root
        self._listings: dict[str, Listing] = {}
        self._as_it_is: dict[str, str] = {}

    def look_at(
        self,
        reference: Reference,
        place: str,
        *,
        any_case: bool = False,
        frames: frozenset[int] = frozenset(),
    ) -> tuple[list[Asset], str]:
        """The files of a reference whose path means ``place`` here, and what is missing of them.

        Args:
            any_case: the path is of a machine where case does not matter.
            frames: of a sequence: those that matter; all count without any.

        Raises:
            BadPath: no farm can keep a file of that path.
        """
        place = self._within(place)
        any_case = any_case or bool(self.root)
        if any_case and not self.windows:
            folder, name = os.path.split(place)
            place = f"{self._in_any_case(folder)}/{name}"
        if reference.spread is Spread.FOLDER:
            assets = list(self._below(place))
            return assets, "" if assets else f"is not there, or empty (looked for the folder {place})"
        return self._in_folder(reference, place, any_case or self.windows, frames)

    def _within(self, place: str) -> str:
        """The same place where nothing leads out of the root."""
        if not self.root:
            return place
        normal = posixpath.normpath(f"/{place.lstrip('/')}")
        inside = normal == self.root or normal.startswith(f"{self.root}/")
        return normal if inside else f"{self.root}/{normal.lstrip('/')}"

    def _in_any_case(self, folder: str) -> str:
        """A folder that is there, whose path is ``folder`` but for case; ``folder`` where none is."""
        if folder not in self._as_it_is:
            parent, name = os.path.split(folder)
            answer = folder
            if name and parent != folder and not os.path.isdir(folder):  # noqa: PTH112  (text, as in _asset)
                parent = self._in_any_case(parent)
                found = self._listing(parent).matching(name, ignore_case=True)
                answer = f"{parent.rstrip('/')}/{found[0].found}" if found else folder
            self._as_it_is[folder] = answer
        return self._as_it_is[folder]

    def _in_folder(
        self, reference: Reference, place: str, any_case: bool, frames: frozenset[int]
    ) -> tuple[list[Asset], str]:
        folder, name = os.path.split(place)
        listing = self._listing(folder)
        matches: list[Match] = []
        lost: list[str] = []
        for wanted in reference.names or (name,):
            spread = Spread.ONE if reference.names else reference.spread
            found = listing.matching(wanted, spread, ignore_case=any_case)
            matches += found
            lost += [] if found else [wanted]
        matches, lost_frames = (
            _those_of(matches, frames) if reference.spread is Spread.SEQUENCE else (matches, [])
        )
        assets = [asset for match in matches if (asset := self._asset(folder, match))]
        if len(assets) < len(matches) or (lost and not reference.names):
            return assets, _not_found(place, reference, listing.differing_in_case(name))
        have = {match.number for match in matches if match.number.isdigit()}
        lost += [f"tile {tile}" for tile in reference.tiles if have and str(tile) not in have]
        return assets, _incomplete([*lost, *lost_frames], folder)

    def _listing(self, folder: str) -> Listing:
        if folder not in self._listings:
            try:
                names = os.listdir(folder)  # noqa: PTH208  (names are wanted, not paths)
            except OSError:
                names = []
            self._listings[folder] = Listing(names)
        return self._listings[folder]

    def _asset(self, folder: str, match: Match) -> Asset | None:
        """The file, named as the scene would ask for it; None when it is a folder, a device or gone."""
        local = os.path.join(folder, match.found)  # noqa: PTH118  (text: a Path drops "..")
        try:
            status = os.stat(local)  # noqa: PTH116  (as above)
        except (OSError, ValueError):
            return None
        if not stat.S_ISREG(status.st_mode):
            return None
        asked = os.path.join(folder, match.asked)  # noqa: PTH118  (text: a Path drops "..")
        return Asset(local, farm_path(asked), status.st_mtime)

    def _below(self, folder: str) -> Iterator[Asset]:
        for path in files_below(folder):
            beside, name = os.path.split(path)
            if asset := self._asset(beside, Match(name, name)):
                yield asset


def _those_of(matches: list[Match], frames: frozenset[int]) -> tuple[list[Match], list[str]]:
    """The matches of these frames, and the frames without one. All matches where none is a frame's."""
    numbers = {int(match.number): match for match in matches if match.number.lstrip("-").isdecimal()}
    if not frames or len(numbers) < len(matches):
        return matches, []
    lost = sorted(frames - numbers.keys())
    told = [f"frames {format_frames(lost)}"] if lost else []
    near = frozenset(frame + step for frame in frames for step in (-1, 0, 1))  # motion blur reads neighbours
    wanted = [match for number, match in numbers.items() if number in near]
    return wanted or matches, told if matches else []


def _not_found(place: str, reference: Reference, other_case: str) -> str:
    if reference.spread is Spread.SEQUENCE or reference.spread is Spread.TILES:
        return f"is not there (no file matches {place})"
    hint = f"; {other_case!r} is there, which differs in case" if other_case else ""
    return f"is not there (looked for {place}){hint}"


_TOLD_AT_MOST = 5


def _incomplete(lost: list[str], folder: str) -> str:
    if not lost:
        return ""
    more = f" and {len(lost) - _TOLD_AT_MOST} more" if len(lost) > _TOLD_AT_MOST else ""
    return f"is not complete: {', '.join(lost[:_TOLD_AT_MOST])}{more} not found in {folder}"
