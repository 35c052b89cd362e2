"""Results as a tree: a folder a task, and below it what its frames made."""

from __future__ import annotations

import re
from dataclasses import dataclass

from renderbus_farm.rules.progress import time_text
from renderbus_farm.rules.refusals import BadValue, NotFound
from renderbus_model.paths import BadPath, checked_farm_path
from renderbus_model.wire.transmitter import OutputEntry

_FOLDER = re.compile(r"/?([0-9]{1,18})_[^/]*")


@dataclass(frozen=True, slots=True)
class Child:
    """Something in a folder; ``size_bytes`` is None for a folder, ``changed_at`` seconds since 1970."""

    name: str
    size_bytes: int | None
    changed_at: float | None


def parts_of(path: str) -> list[str]:
    """The names in a path of results, of which ``/`` has none.

    Raises:
        BadValue: a path that no result can have, such as one that climbs out of its folder.
    """
    if not path.strip("/"):
        return []
    try:
        return checked_farm_path(path if path.startswith("/") else f"/{path}")[1:].split("/")
    except BadPath as error:
        raise BadValue(str(error)) from error


def task_of_folder(name: str) -> int:
    """The task whose results are in the folder of this name.

    >>> task_of_folder("18164087_muti_layer_test")
    18164087

    Raises:
        NotFound: no folder of results is named like that.
    """
    found = _FOLDER.fullmatch(name)
    if not found:
        raise NotFound("output folder", [name])
    return int(found[1])


def entry_of(folder: str, child: Child) -> OutputEntry:
    """How a list shows what is in ``folder``, which is ``/`` or a path without a slash at its end."""
    stem, dot, suffix = child.name.rpartition(".")
    is_folder = child.size_bytes is None
    return OutputEntry(
        file_name=child.name,
        file_path=f"{folder.rstrip('/')}/{child.name}",
        directory=is_folder,
        last_modify=time_text(child.changed_at),
        file_size=child.size_bytes,
        file_type=suffix.lower() if dot and stem and not is_folder else "",
    )
