"""Whatever is asked: the body says it in both path sets, also when numbers are written as text."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rayvision_api.operators.operator import typed
from renderbus_model.wire import transfer
from renderbus_model.wire.catalogue import OPERATIONS
from renderbus_model.wire.operation import HEADER_VERSIONS, Operation

# Questions about bytes hold values that check themselves; test_transfer draws those.
PUBLISHED = [one for one in OPERATIONS if one.ask.__module__ != transfer.__name__]
IDS = [operation.path.rsplit("/", 1)[-1] for operation in PUBLISHED]


def questions(operation: Operation[Any, Any]) -> st.SearchStrategy[Any]:
    """Any question of an operation, with every member drawn; a number has 64 bits at the most."""
    members = {field.name: ... for field in msgspec.structs.fields(operation.ask)}
    return st.builds(operation.ask, **members).filter(lambda ask: fits(msgspec.structs.asdict(ask)))


def fits(value: Any) -> bool:
    """Whether every whole number has a place in 64 bits."""
    if isinstance(value, (dict, list)):
        return all(map(fits, value.values() if isinstance(value, dict) else value))
    return not isinstance(value, int) or -(2**63) <= value < 2**63


def as_text(value: Any) -> Any:
    """The same with every number as text."""
    if isinstance(value, dict):
        return {name: as_text(member) for name, member in value.items()}
    if isinstance(value, list):
        return [as_text(entry) for entry in value]
    return str(value) if isinstance(value, int) else value


@pytest.mark.parametrize("operation", PUBLISHED, ids=IDS)
@settings(max_examples=20)
@given(data=st.data())
def test_a_question_survives_its_body_in_both_path_sets(
    data: st.DataObject, operation: Operation[Any, Any]
) -> None:
    ask = data.draw(questions(operation))
    for version in HEADER_VERSIONS:
        assert operation.read_ask(operation.body(ask, version)) == ask


@pytest.mark.parametrize("operation", PUBLISHED, ids=IDS)
@settings(max_examples=20)
@given(data=st.data())
def test_numbers_that_are_given_as_text_are_sent_as_numbers(
    data: st.DataObject, operation: Operation[Any, Any]
) -> None:
    body = operation.body(data.draw(questions(operation)))
    assert typed(operation, as_text(body)) == typed(operation, body)
