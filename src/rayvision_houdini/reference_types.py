"""The published database of parameters that name files: ``data_tl.db`` with its table ``ReFerType``.

A parameter whose name is in it names a file in any node; people add those of their own digital assets.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path

from rayvision_api.utils import home_folder

FILE_NAME = "data_tl.db"
ENVIRONMENT = "RAYVISION_HOUDINI"
FIRST = ("file", "")
MOST_NAMES = 1000
"""More parameter names than this are not asked for: each is looked for in every node."""


def database_folder(chosen: str | os.PathLike[str] | None, environ: Mapping[str, str] = os.environ) -> Path:
    """Where the database lies: the chosen folder if it is there, else that of the environment, else ours."""
    if chosen and Path(chosen).is_dir():
        return Path(chosen)
    named = environ.get(ENVIRONMENT)
    return Path(named) if named and Path(named).is_dir() else home_folder()


def parameter_names(folder: Path) -> tuple[str, ...]:
    """The names in the database, which is made when it is not there.

    Raises:
        sqlite3.Error: it cannot be made, or is no database.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / FILE_NAME)) as database, database:
        database.execute("create table if not exists ReFerType (TYPES text primary key, INFO text)")
        database.execute("insert or ignore into ReFerType values (?, ?)", FIRST)
        rows = database.execute("select TYPES from ReFerType order by rowid limit ?", (MOST_NAMES,))
        return tuple(str(name) for (name,) in rows if name)


def remember(folder: Path, names: Iterable[tuple[str, str]]) -> None:
    """Keep names of parameters that were found to name files, each with what sort of file.

    Raises:
        sqlite3.Error: it cannot be written.
    """
    with closing(sqlite3.connect(folder / FILE_NAME)) as database, database:
        database.executemany("insert or ignore into ReFerType values (?, ?)", names)
