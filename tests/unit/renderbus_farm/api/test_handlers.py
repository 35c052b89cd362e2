"""Every operation has a handler on each of its paths."""

from __future__ import annotations

from typing import Any

import pytest

from renderbus_farm.api.app import HANDLERS
from renderbus_farm.api.bodies import json_object
from renderbus_farm.rules.refusals import BadValue
from renderbus_model.wire.catalogue import OPERATIONS
from renderbus_model.wire.operation import Operation


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: str(operation.path))
def test_an_operation_is_answered_on_each_of_its_paths(operation: Operation[Any, Any]) -> None:
    for path in operation.paths:
        assert HANDLERS[path].operation is operation


def test_no_path_is_answered_that_no_operation_names() -> None:
    paths = [path for operation in OPERATIONS for path in operation.paths]
    assert sorted(HANDLERS) == sorted(paths)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"[]", "expected a JSON object, got list"),
        (b"null", "expected a JSON object, got NoneType"),
        (b"\xff\xfe{\x00}\x00", "not JSON in UTF-8"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not JSON"),
        (b'{"a": "\\ud800"}', "half of a surrogate pair"),
        (b'{"\\udc00": 1}', "half of a surrogate pair"),
        (b"[" * 100000, "nested too deeply"),
        (b'{"a":' * 100000, "nested too deeply"),
    ],
)
def test_what_is_no_json_object_is_refused_with_the_reason(body: bytes, why: str) -> None:
    with pytest.raises(BadValue, match=why) as refused:
        json_object(body)
    assert refused.value.code == 600


def test_numbers_keep_the_form_in_which_python_signs_them() -> None:
    members = json_object(
        b'{"a": 1e16, "b": 1.0, "c": NaN, "d": 12345678901234567890, "e": "\\ud83c\\udf33"}'
    )
    assert [str(value) for value in members.values()] == ["1e+16", "1.0", "nan", "12345678901234567890", "🌳"]
