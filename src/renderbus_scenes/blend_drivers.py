"""Drivers that only Python can work out: a node that runs no scripts leaves their values as saved.

Blender evaluates plain arithmetic by itself. What counts as plain was found by asking Blender 5.0
(``Driver.is_simple_expression``) about every form below.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Container, Iterator
from itertools import pairwise

from renderbus_model.scene import PythonDriver
from renderbus_scenes.blend_owners import owned_records
from renderbus_scenes.blend_records import Record, Structs

_BY_PYTHON = 1  # ChannelDriver.type
_CONSTANTS = frozenset({"pi", "frame"})
_ANY_NUMBER = range(1, 1000)
_ONE_ARGUMENT = "abs acos asin atan ceil cos degrees exp fabs floor int radians round sin sqrt tan trunc"
_FUNCTIONS = {
    **dict.fromkeys(_ONE_ARGUMENT.split(), range(1, 2)),
    **dict.fromkeys(("atan2", "fmod", "pow"), range(2, 3)),
    **dict.fromkeys(("lerp", "smoothstep"), range(3, 4)),
    "log": range(1, 3),
    "clamp": range(1, 4, 2),
    "max": _ANY_NUMBER,
    "min": _ANY_NUMBER,
}
_PLAIN = (
    *(ast.Expression, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Constant, ast.Load),
    *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.UAdd, ast.USub, ast.Not, ast.And, ast.Or),
    *(ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE),
)
# Names, decimal numbers, operators: all that Blender's own parser takes. Python's would take far more.
_WORD = re.compile(
    r"\s*([A-Za-z_]\w*|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[-+*/(),]|[<>]=?|[=!]=)\s*", re.ASCII
)
_LONGEST = 255  # what Blender keeps of an expression


def python_drivers(structs: Structs, kept: Container[int] | None = None) -> Iterator[PythonDriver]:
    """The drivers of a file that need Python, in file order; ``kept`` as in ``owned_records``."""
    curves = structs.dna.numbers_of("FCurve")
    for curve, owner in owned_records(structs, curves, kept):
        driver = curve.follow("driver", "ChannelDriver")
        if driver is None or driver.number("type") != _BY_PYTHON:
            continue
        expression = driver.text("expression")
        variables = frozenset(variable.text("name") for variable in driver.list("variables"))
        if needs_python(expression, variables):
            yield PythonDriver(owner.node, owner.node_type, _rna_path(curve), expression)


def _rna_path(curve: Record) -> str:
    index = curve.number("array_index")
    path = curve.pointed_text("rna_path")
    return f"{path}[{index}]" if index else path


def needs_python(expression: str, variables: frozenset[str] = frozenset()) -> bool:
    """Whether Blender cannot work out ``expression`` by itself.

    >>> needs_python("sin(frame) * size", frozenset({"size"})), needs_python("size ** 2", frozenset({"size"}))
    (False, True)
    """
    words = _words(expression)
    if words is None or (",", ")") in pairwise(words):
        return True
    try:
        tree = ast.parse(" ".join(words), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return True
    functions = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return not all(_is_plain(node, functions, variables) for node in ast.walk(tree))


def _words(expression: str) -> list[str] | None:
    """The expression cut into words; None when it holds anything else."""
    words: list[str] = []
    position = 0
    while position < len(expression) <= _LONGEST:
        found = _WORD.match(expression, position)
        if found is None:
            return None
        words.append(found[1])
        position = found.end()
    return words or None


def _is_plain(node: ast.AST, functions: set[int], variables: frozenset[str]) -> bool:
    if isinstance(node, ast.Name):
        return id(node) in functions or node.id in variables or node.id in _CONSTANTS
    if isinstance(node, ast.Call):
        counts = _FUNCTIONS.get(node.func.id) if isinstance(node.func, ast.Name) else None
        return counts is not None and len(node.args) in counts and not node.keywords
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int | float)  # None is a name to Blender, and an unknown one
    return isinstance(node, _PLAIN)
