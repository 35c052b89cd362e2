"""Runs in the environment of a published client and evaluates Python there: one JSON line in, one out.

``{"id": 1, "code": "api.query.task_info([task])", "names": {"task": 7}, "keep": ""}`` is answered by
``{"id": 1, "value": ...}`` or ``{"id": 1, "raised": {"type": ..., "text": ..., "facts": {...}}}``. Every
line is evaluated in a thread of its own, since a refused call keeps a published client busy for 4 to 8 s.
``keep`` names the value for later lines instead of answering it.

Only the standard library is imported here; the first lines that a test sends import the client.
"""

from __future__ import annotations

import ast
import json
import os
import sys
import threading
from typing import Any

_namespace: dict[str, Any] = {}
_writing = threading.Lock()
# A client may print; that must not stand between the answers.
_answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)


def main() -> None:
    """Answer until standard input ends."""
    threads = []
    for line in sys.stdin:
        thread = threading.Thread(target=_answer, args=(json.loads(line),), daemon=True)
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join()


def _answer(asked: dict[str, Any]) -> None:
    answer: dict[str, Any] = {"id": asked["id"]}
    try:
        value = _evaluate(asked["code"], asked["names"])
        if asked["keep"]:
            _namespace[asked["keep"]] = value
            value = None
        answer["value"] = value
        text = json.dumps(answer)
    except BaseException as error:  # whatever the client raises is what the test asks about
        text = json.dumps({"id": asked["id"], "raised": _raised(error)})
    with _writing:
        _answers.write(text + "\n")
        _answers.flush()


def _evaluate(code: str, names: dict[str, Any]) -> Any:
    """Statements are executed, and the value is that of the last one when it is an expression."""
    scope = {**_namespace, **names}
    *statements, last = ast.parse(code).body
    if not isinstance(last, ast.Expr):
        statements.append(last)
    exec(compile(ast.Module(statements, []), "asked", "exec"), scope)
    for name in scope.keys() - names.keys() - {"__builtins__"}:
        _namespace[name] = scope[name]
    return (
        eval(compile(ast.Expression(last.value), "asked", "eval"), scope)
        if isinstance(last, ast.Expr)
        else None
    )


def _raised(error: BaseException) -> dict[str, Any]:
    facts = {
        name: getattr(error, name) for name in ("error_code", "error", "request") if hasattr(error, name)
    }
    return {
        "type": type(error).__name__,
        "text": str(error),
        "facts": json.loads(json.dumps(facts, default=str)),
    }


if __name__ == "__main__":
    main()
