"""The OpenAPI document that a farm serves, and the farm held to it by Schemathesis."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.together.farms import FarmProcess

from renderbus_farm.api.app import HANDLERS
from renderbus_farm.api.openapi import CODES, document
from renderbus_model.wire.catalogue import OPERATIONS
from renderbus_model.wire.codes import Code

DOCUMENT = document(HANDLERS, "0")
PATHS = sorted(operation.path for operation in OPERATIONS)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
MODES = [GenerationMode(name) for name in ("positive", "negative")]
SCHEMA = schemathesis.openapi.from_dict(json.loads(msgspec.json.encode(DOCUMENT)))


@pytest.fixture(scope="module")
def ada(farm: FarmProcess) -> FarmProcess:
    """The farm as one account sees it."""
    return farm.as_user("ada of openapi")


def test_a_farm_serves_its_document_to_everybody(farm: FarmProcess) -> None:
    answer = requests.get(farm.url + "/openapi.json", timeout=30)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["openapi"] == "3.1.0"
    assert answer.json()["paths"] == json.loads(msgspec.json.encode(DOCUMENT["paths"]))
    head = requests.head(farm.url + "/openapi.json", timeout=30)
    assert (head.status_code, head.content) == (200, b"")


def test_every_path_of_every_operation_is_in_the_document() -> None:
    assert set(DOCUMENT["paths"]) == {path for operation in OPERATIONS for path in operation.paths}
    ids = [item["post"]["operationId"] for item in DOCUMENT["paths"].values()]
    assert len(set(ids)) == len(ids)


def test_every_code_is_explained() -> None:
    assert set(CODES) | {Code.SUCCESS} == set(Code)


def test_only_what_must_not_be_asked_twice_takes_a_key() -> None:
    keyed = {
        path
        for path, item in DOCUMENT["paths"].items()
        if {"$ref": "#/components/parameters/idempotencyKey"} in item["post"]["parameters"]
    }
    assert keyed == {path for each in OPERATIONS if not each.repeatable for path in each.paths}


@pytest.mark.parametrize("path", PATHS)
@settings(
    max_examples=8,
    phases=[Phase.generate],  # a failure need not be the smallest one, but has to be told soon
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_a_farm_answers_as_its_document_says(ada: FarmProcess, path: str, data: st.DataObject) -> None:
    operation = SCHEMA[path]["POST"]
    mode = MODES[data.draw(st.integers(0, 1))]
    case: Case[Any] = data.draw(operation.as_strategy(generation_mode=mode))
    answer = case.call(base_url=ada.url, headers=signed(ada, path, case.body), timeout=30)
    assert answer.json()["code"] != Code.INTERNAL_ERROR, answer.json()
    case.validate_response(answer, checks=CHECKS)


def signed(farm: FarmProcess, path: str, body: Any) -> dict[str, str]:
    """The headers of a request with this body; what was made up for them is replaced."""
    return {**farm.headers(path, body if isinstance(body, dict) else {}), "Content-Type": "application/json"}
