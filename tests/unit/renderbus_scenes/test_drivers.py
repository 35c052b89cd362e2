"""Which drivers need Python."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from renderbus_scenes.blend_drivers import needs_python

EXPRESSIONS = json.loads(
    (Path(__file__).parents[2] / "data" / "blender" / "expressions.json").read_text(encoding="utf-8")
)
"""Expression to what Blender 5.0 says of it, with one variable ``var``."""


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_needs_python_where_blender_says_so(expression: str) -> None:
    assert needs_python(expression, frozenset({"var"})) is EXPRESSIONS[expression]


@pytest.mark.parametrize("expression", ["(" * 255, "-" * 255, "1" * 70_000, "a." * 120, "\udcff", "if" * 100])
def test_an_expression_made_to_hurt_needs_python_and_nothing_else(expression: str) -> None:
    assert needs_python(expression)
