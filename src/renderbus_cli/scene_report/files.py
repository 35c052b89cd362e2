"""The files that a scene names, in the shape of a report."""

from __future__ import annotations

from collections.abc import Iterable

from rayvision_utils.scene_files import LookedUp
from renderbus_cli.scene_report.shape import File
from renderbus_model.scene import Reference, Role


def files_as_written(references: Iterable[Reference]) -> list[File]:
    """What the scene says, without a look at the disk."""
    return [_file(each) for each in references]


def files_looked_up(references: Iterable[Reference], looked_up: Iterable[LookedUp]) -> list[File]:
    """The files that were looked for, other scenes' own included; then what is written or comes along."""
    read = [_file(each.reference, each.found, each.why, each.library) for each in looked_up]
    return [*read, *(_file(each) for each in references if each.role is not Role.INPUT)]


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
