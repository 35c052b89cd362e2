r"""Where on this machine a file may lie that a Maya scene names. Pure: which of them holds it is asked later.

Maya looks below the project folder, in the project's folder for files of that kind, and beside the scene. A
``//`` within a path stands between the project folder of old and what lies in it.
"""

from __future__ import annotations

import ntpath
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rayvision_utils.whereabouts import Habits, Place, is_windows_path
from renderbus_model.scene import Kind, Spread
from renderbus_scenes.maya_workspace import DEFAULT_RULES

_RULES: Mapping[Kind, tuple[str, ...]] = {
    Kind.TEXTURE: ("sourceimages", "images"),
    Kind.IMAGE: ("sourceimages", "images"),
    Kind.IES: ("sourceimages",),
    Kind.AUDIO: ("sound", "audio"),
    Kind.ALEMBIC: ("alembiccache", "alembic", "filecache"),
    Kind.CACHE: ("filecache", "diskcache", "particles", "fluidcache"),
    Kind.VOLUME: ("filecache", "diskcache"),
    Kind.HAIR: ("filecache", "diskcache"),
    Kind.REFERENCE: ("scene", "mayaascii", "mayabinary"),
}
"""File rules of a project that say where files of a kind lie, best first."""

_ANYWHERE = ("sourceimages", "textures", "tex")
_TILE_NUMBERS = re.compile(r"u[0-9]+_v[0-9]+(?=[^/\\]*$)", re.IGNORECASE)
_TILE_WORDS = re.compile(r"<tile>|u<u>_v<v>|\$u_\$v", re.IGNORECASE)
_DOUBLE_SLASH = re.compile(r"(?<=[^/\\:])//(?=[^/])|(?<=:/)/(?=[^/])")


@dataclass(frozen=True, slots=True)
class Project:
    """A project folder and its file rules, by their names in small letters.

    Attributes:
        once: project folders of old, as the scene's paths show them.
    """

    folder: str
    rules: Mapping[str, str] = field(default_factory=dict)
    once: Sequence[str] = ()

    def folders(self, kind: Kind) -> Iterator[str]:
        """The folders for files of a kind, best first."""
        for rule in _RULES.get(kind, ()):
            folder = self.rules.get(rule, DEFAULT_RULES.get(rule, ""))
            if folder:
                yield folder if _is_absolute(folder) else f"{self.folder}/{folder}"


def maya_places(
    path: str, kind: Kind, scene_folder: str, project: Project, habits: Habits
) -> Iterator[Place]:
    """The places to look at, best first.

    >>> found = maya_places("tex/a.exr", Kind.TEXTURE, "/film/scenes", Project("/film"), Habits())
    >>> [place.path for place in found][:3]
    ['/film/tex/a.exr', '/film/sourceimages/tex/a.exr', '/film/images/tex/a.exr']
    """
    normal = ntpath.normpath if habits.windows else posixpath.normpath
    seen: set[str] = set()
    for place in _places(path, kind, scene_folder, project, habits):
        where = normal(habits.meant(place.path))
        if where not in seen:
            seen.add(where)
            yield Place(where, place.how)


def _places(path: str, kind: Kind, scene_folder: str, project: Project, habits: Habits) -> Iterator[Place]:
    text = (
        path.strip().strip('"').replace("\\", "/") if is_windows_path(path) or "\\" in path else path.strip()
    )
    for begin, instead in habits.mapping.items():
        if rest := _after(text, begin):
            yield Place(f"{instead}/{rest}", f"by the mapping of {begin}")
    if _is_absolute(text):
        if habits.windows or habits.root or not is_windows_path(text):
            yield Place(text, "")
        for part in _DOUBLE_SLASH.split(text)[1:]:
            yield Place(f"{project.folder}/{part}", "below the project folder, by the // in its path")
        for once in project.once:
            if rest := _after(text, once):
                yield Place(f"{project.folder}/{rest}", f"below the project folder, which was {once}")
    else:
        yield from (
            Place(f"{base}/{text}", "") for base in (project.folder, *project.folders(kind), scene_folder)
        )
    yield from _by_name(text, kind, scene_folder, project, habits)


def _by_name(text: str, kind: Kind, scene_folder: str, project: Project, habits: Habits) -> Iterator[Place]:
    name = ntpath.basename(text.rstrip("/"))
    if not name:
        return
    yield Place(f"{scene_folder}/{name}", "by its name beside the scene")
    for folder in project.folders(kind):
        yield Place(f"{folder}/{name}", "by its name in the project folder")
    for folder in _ANYWHERE:
        yield Place(f"{scene_folder}/{folder}/{name}", "by its name beside the scene")
        yield Place(f"{project.folder}/{folder}/{name}", "by its name in the project folder")
    for searched in habits.search:
        if not _is_absolute(text):
            yield Place(f"{searched}/{text}", f"in {searched}")
        yield Place(f"{searched}/{name}", f"by its name in {searched}")


def as_pattern(path: str, spread: Spread) -> str:
    """A path with the tokens that file names are matched by, in place of Maya's other ways to say tiles.

    >>> as_pattern("tex/wood_u1_v2.tif", Spread.TILES), as_pattern("tex/wood.1001.tif", Spread.TILES)
    ('tex/wood_<UVTILE>.tif', 'tex/wood.1001.tif')
    """
    if spread is not Spread.TILES:
        return path
    return _TILE_NUMBERS.sub("<UVTILE>", _TILE_WORDS.sub("<UVTILE>", path), count=1)


def _is_absolute(path: str) -> bool:
    return path.startswith("/") or is_windows_path(path)


def _after(path: str, begin: str) -> str:
    """What follows ``begin`` in a path, "" where it does not begin so; Windows' case does not matter."""
    begin = begin.replace("\\", "/").rstrip("/")
    head, rest = path[: len(begin)], path[len(begin) :]
    same = head.lower() == begin.lower() if is_windows_path(path) else head == begin
    return rest.lstrip("/") if begin and same and rest.startswith("/") else ""
