"""Queries of the hottest paths, compiled once and handed straight to the driver.

What the library does around a query costs ten times a read of one row. So a statement is still written in its
language, and everything that does not depend on the values is done when the module is imported.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import sqlite

_DIALECT = sqlite.dialect()


class Prepared:
    """A select with named values: ``bindparam("account")`` in it is ``account=…`` of ``rows``."""

    def __init__(self, statement: sa.Select[Any]) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        self._sql = str(compiled)
        fixed = compiled.params
        self._names = [(name, fixed[name]) for name in compiled.positiontup or ()]
        self._processors = [
            (index, processor)
            for index, column in enumerate(statement.selected_columns)
            if (processor := column.type.dialect_impl(_DIALECT).result_processor(_DIALECT, None)) is not None
        ]

    def rows(self, db: Connection, **values: object) -> list[tuple[Any, ...]]:
        """The rows that the query finds with these values, as the library would give them."""
        driver: Any = db.connection.driver_connection
        bound = [values.get(name, fixed) for name, fixed in self._names]
        found: list[tuple[Any, ...]] = driver.execute(self._sql, bound).fetchall()
        if not self._processors:
            return found
        return [self._processed(row) for row in found]

    def _processed(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        changed = list(row)
        for index, processor in self._processors:
            changed[index] = processor(changed[index])
        return tuple(changed)


def listed(name: str) -> sa.Select[Any]:
    """The numbers of the value ``name``, written by ``as_list``: one statement for any count of them."""
    return sa.select(sa.func.json_each(sa.bindparam(name)).table_valued("value").c.value)


def as_list(numbers: Collection[int]) -> str:
    """Numbers as ``listed`` reads them."""
    return f"[{','.join(map(str, numbers))}]"
