"""Signatures against examples that the published packages computed."""

from __future__ import annotations

import ast
import json
from enum import Enum, IntEnum
from pathlib import Path
from typing import Any

import pytest

from renderbus_model.wire import signing

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "data" / "signature-vectors.json").read_text("utf-8")
)["vectors"]
REBUILT = [vector for vector in VECTORS if vector["server_can_rebuild_from_json"]]
LOST_IN_JSON = [vector for vector in VECTORS if not vector["server_can_rebuild_from_json"]]


def named(vector: dict[str, Any]) -> str:
    return str(vector["name"])


def canonical(vector: dict[str, Any], body: dict[str, Any]) -> str:
    return signing.canonical_string(vector["domain"], vector["path"], vector["headers"], body)


def python_body(vector: dict[str, Any]) -> dict[str, Any]:
    # nan and inf are names in Python's text form of a body, not literals.
    tree = ast.parse(vector["python_body"], mode="eval")
    value = eval(
        compile(tree, "vector", "eval"), {"__builtins__": {}, "nan": float("nan"), "inf": float("inf")}
    )
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize("vector", REBUILT, ids=named)
def test_a_server_rebuilds_the_signature_from_the_json_it_received(vector: dict[str, Any]) -> None:
    found = canonical(vector, json.loads(vector["json_body"]))
    assert found == vector["canonical"]
    assert signing.sign(vector["access_key"], found) == vector["signature"]


@pytest.mark.parametrize("vector", REBUILT, ids=named)
def test_a_client_signs_its_python_body_alike(vector: dict[str, Any]) -> None:
    body = signing.normalised(python_body(vector))
    assert canonical(vector, body) == vector["canonical"]


@pytest.mark.parametrize("vector", LOST_IN_JSON, ids=named)
def test_what_json_changes_is_changed_before_our_client_signs_it(vector: dict[str, Any]) -> None:
    ours = signing.normalised(python_body(vector))
    assert canonical(vector, ours) != vector["canonical"]
    assert canonical(vector, ours) == canonical(vector, json.loads(vector["json_body"]))


def test_the_examples_are_all_there() -> None:
    assert (len(REBUILT), len(LOST_IN_JSON)) == (25, 2)


def test_an_enumeration_is_signed_as_the_value_that_is_sent() -> None:
    class Level(IntEnum):
        HIGH = 60

    class Name(str, Enum):
        TASK = "task.json"

    body = signing.normalised({"level": Level.HIGH, Level.HIGH: Name.TASK})
    assert body == {"level": 60, "60": "task.json"}
    assert {type(value) for value in body.values()} == {int, str}
    assert signing.canonical_string("d", "/p", {}, body) == "[POST]d:/p&60=task.json&level=60"


def test_headers_that_are_never_signed_change_nothing() -> None:
    headers = {"accessId": "a", "signature": "s", "Content-Type": "c", "languageFlag": "0"}
    assert signing.canonical_string("d", "/p", headers, {}) == "[POST]d:/p&accessId=a"


def test_a_body_that_nests_deeper_than_the_stack_is_signed() -> None:
    body: dict[str, Any] = {}
    for _ in range(3000):
        body = {"a": [body]}
    assert signing.canonical_string("d", "/p", {"n": "1"}, body) == "[POST]d:/p&n=1"


@pytest.mark.parametrize("many", [[0] * 100_000, {str(number): 0 for number in range(100_000)}])
def test_a_long_name_over_many_entries_is_refused_before_it_fills_the_memory(many: object) -> None:
    with pytest.raises(signing.TooLongToSign):
        signing.canonical_string("d", "/p", {}, {"n" * 100_000: many})


@pytest.mark.parametrize(("one", "other", "same"), [("a", "a", True), ("a", "b", False), ("a", "ä", False)])
def test_signatures_are_compared_whatever_they_hold(one: str, other: str, same: bool) -> None:
    assert signing.same_signature(one, other) is same


def test_a_body_of_millions_of_empty_things_is_refused_at_once() -> None:
    with pytest.raises(signing.TooLongToSign, match="more than 1000000 members"):
        signing.canonical_string("farm", "/a", {}, {"a": [{}] * (signing.MOST_VALUES + 1)})
