"""Write the tables of docs/http-api.md: every operation with its paths, and every code.

.venv/bin/python scripts/http_api_table.py           # write them
.venv/bin/python scripts/http_api_table.py --check   # status 1 when they are not up to date
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from renderbus_farm.api.app import HANDLERS
from renderbus_farm.api.handlers import Handler
from renderbus_farm.api.openapi import CODES
from renderbus_model.wire.catalogue import OPERATIONS
from renderbus_model.wire.codes import Code

PAGE = Path(__file__).resolve().parents[1] / "docs" / "http-api.md"


def main() -> int:
    """Bring the page up to date, or say that it is not."""
    before = PAGE.read_text("utf-8")
    after = with_tables(before)
    if "--check" in sys.argv[1:]:
        return int(after != before)
    PAGE.write_text(after, "utf-8")
    return 0


def with_tables(page: str) -> str:
    """The page with its tables as the code says."""
    tables: dict[str, Callable[[], str]] = {"codes": _codes, "operations": _operations}
    for name, table in tables.items():
        begin, end = f"<!-- {name}: made by scripts/http_api_table.py -->\n", f"<!-- end of {name} -->"
        head, _, rest = page.partition(begin)
        page = f"{head}{begin}\n{table()}\n\n{end}{rest.partition(end)[2]}"
    return page


def _codes() -> str:
    rows = [(str(int(Code.SUCCESS)), Code.SUCCESS.name, "success")]
    rows += [(str(int(code)), code.name, text) for code, text in sorted(CODES.items())]
    return _table(("code", "name", "says"), rows)


def _operations() -> str:
    rows = []
    for operation in OPERATIONS:
        handler: Handler[Any, Any] = HANDLERS[operation.path]
        paths = "<br>".join(f"`{path.removeprefix('/api')}`" for path in operation.paths)
        does = (handler.function.__doc__ or "").strip().split("\n")[0]
        marks = "" if operation.repeatable else " *Not repeatable.*"
        rows.append((paths, _members(operation.ask, operation.first_names or {}), does + marks))
    return _table(("paths below `/api`", "members of the body", "does"), rows)


def _members(ask: type[msgspec.Struct], first_names: Any) -> str:
    told = []
    for field in msgspec.structs.fields(ask):
        name = f"`{field.encode_name}`"
        if other := first_names.get(field.encode_name):
            name += f" or `{other}`"
        told.append(name if field.required else f"{name}?")
    return ", ".join(told) or "none"


def _table(names: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [names, tuple("---" for _ in names), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
