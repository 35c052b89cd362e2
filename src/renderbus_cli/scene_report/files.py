"""The files that a scene names, in the shape of a report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from rayvision_utils.scene_files import LookedUp
from renderbus_cli.scene_report.shape import File, SceneLink
from renderbus_model.scene import Kind, Reference, Role


def files_as_written(references: Iterable[Reference]) -> list[File]:
    """What the scene says, without a look at the disk."""
    return [_file(each) for each in references]


def files_looked_up(references: Iterable[Reference], looked_up: Iterable[LookedUp]) -> list[File]:
    """The files that were looked for, other scenes' own included; then what is written or comes along."""
    read = [_file(each.reference, each.found, each.why, each.library) for each in looked_up]
    return [*read, *(_file(each) for each in references if each.role is not Role.INPUT)]


def links_within(looked_up: Iterable[LookedUp], known: Iterable[SceneLink]) -> list[SceneLink]:
    """The scenes that other scenes refer to, beyond those that are known; each with its least depth.

    One that leads back to a scene further up is left out: a finding tells of it.
    """
    by_holder: dict[str, list[LookedUp]] = defaultdict(list)
    for each in looked_up:
        if each.reference.kind in (Kind.LIBRARY, Kind.REFERENCE):
            by_holder[each.library].append(each)
    links = {(each.path, each.depth): each for each in known}
    own = len(links)
    reached, level, depth = {""}, [""], 0
    while level:
        depth += 1
        below = [each for holder in level for each in by_holder[holder] if not reached & set(each.found[:1])]
        for each in below if depth > 1 else ():
            path = each.reference.path
            links.setdefault((path, depth), SceneLink(path=path, depth=depth))
        level = list(dict.fromkeys(each.found[0] for each in below if each.found))
        reached.update(level)
    return list(links.values())[own:]


def _file(reference: Reference, found: tuple[str, ...] = (), why: str = "", library: str = "") -> File:
    return File(
        path=reference.path,
        kind=reference.kind.value,
        node=reference.node,
        attribute=reference.attribute,
        role=reference.role.value,
        resolved=list(found),
        missing=bool(why),
        why=why or None,
        library=library or reference.library or None,
    )
