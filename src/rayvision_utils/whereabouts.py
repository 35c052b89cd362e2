r"""Where on this machine a file may lie that a scene names. Pure: which place holds it is the next question.

First the place that the path means, then, each told as such, where it may have gone: another drive or
folder that the user named, the place beside the scene as it was when it was saved, the scene's own folder.
Paths of Windows are taken apart as Windows does, on any machine.
"""

from __future__ import annotations

import ntpath
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_FILE_URL = re.compile(r"file:/{0,2}(?=/)")
_SLASHES = "\\/"
_USUAL_FOLDERS = ("sourceimages", "textures", "tex")


@dataclass(frozen=True, slots=True)
class Habits:
    """How paths are read on this machine.

    Attributes:
        windows: it runs Windows, where drives and servers can be opened.
        mapping: beginnings of paths and what to put in their place: ``{"D:": "/mnt/d"}``.
        search: folders to look in for what is not where its path says.
        root: the folder that uploaded files lie below, at their farm paths: then nothing outside it is
            looked at, and every path means what it means on the farm. "" for this machine itself.
    """

    windows: bool = False
    mapping: Mapping[str, str] = field(default_factory=dict)
    search: Sequence[str] = ()
    root: str = ""

    def meant(self, path: str) -> str:
        r"""A path as this machine would write it: below a root ``D:\a`` is ``/D/a``.

        >>> Habits(root="/farm/files").meant("D:\\tex\\wood.png"), Habits().meant("D:/tex/wood.png")
        ('/D/tex/wood.png', 'D:/tex/wood.png')
        """
        if not (self.root and is_windows_path(path)):
            return path
        drive = _DRIVE.match(path)
        return _slashes(f"/{path[0]}/{path[drive.end() :]}" if drive else f"/{path.lstrip(_SLASHES)}")


class Place(NamedTuple):
    """An absolute path here, and how it was come by: "" for what the path means itself."""

    path: str
    how: str


def is_windows_path(path: str) -> bool:
    """Whether a path names a drive or a server of Windows, where the case of names does not matter.

    >>> [is_windows_path(path) for path in ("D:/a", r"\\\\srv\\share\\a", "//srv/share/a", "/mnt/a")]
    [True, True, True, False]
    """
    return _DRIVE.match(path) is not None or path.startswith(("\\\\", "//"))


def places(
    path: str, folder: str, habits: Habits, *, saved_in: str = "", beside: bool = True
) -> Iterator[Place]:
    """The places to look at, best first.

    Args:
        path: as the scene names it, its variables replaced.
        folder: where the scene lies now.
        saved_in: where it lay when it was saved.
        beside: look for its name beside the scene too.

    >>> [place.path for place in places("D:/shot/tex/a.exr", "/show", Habits(), saved_in="D:/shot")]
    ['/show/tex/a.exr', '/show/a.exr', '/show/sourceimages/a.exr', '/show/textures/a.exr', '/show/tex/a.exr']
    """
    path = habits.meant(_FILE_URL.sub("", path.strip().strip('"')))
    normal = ntpath.normpath if habits.windows else posixpath.normpath
    for begin, instead in habits.mapping.items():
        if rest := _after(path, begin):
            yield Place(normal(f"{instead}/{rest}"), f"by the mapping of {begin}")
    absolute = path.startswith("/") or is_windows_path(path)
    if not absolute:
        yield Place(normal(f"{folder}/{_slashes(path)}"), "")
    elif habits.windows or not is_windows_path(path):
        yield Place(normal(path), "")
    if rest := _after(path, saved_in) if absolute and saved_in else "":
        yield Place(normal(f"{folder}/{rest}"), f"beside the scene, which was saved in {saved_in}")
    name = ntpath.basename(path)
    if name:
        for below in ("", *_USUAL_FOLDERS) if beside else ():
            yield Place(normal(f"{folder}/{below}/{name}"), "by its name beside the scene")
        for searched in habits.search:
            if not absolute:
                yield Place(normal(f"{searched}/{_slashes(path)}"), f"in {searched}")
            yield Place(normal(f"{searched}/{name}"), f"by its name in {searched}")


def why_nowhere(path: str, habits: Habits) -> str:
    """Why the path itself can lead to nothing here, as the end of a sentence; "" when it could."""
    if habits.windows or habits.root or not is_windows_path(path):
        return ""
    if _DRIVE.match(path):
        return f"is on drive {path[:2]} of a Windows machine; this is not one"
    return "is on a Windows file server, which this machine cannot open"


def _after(path: str, begin: str) -> str:
    """What follows ``begin`` in a path, "" where it does not begin so; Windows' case does not matter."""
    path, begin = _slashes(path), _slashes(begin).rstrip("/")
    head, rest = path[: len(begin)], path[len(begin) :]
    same = head.lower() == begin.lower() if is_windows_path(path) else head == begin
    return rest.lstrip("/") if begin and same and rest.startswith("/") else ""


def _slashes(path: str) -> str:
    return path.replace("\\", "/")
