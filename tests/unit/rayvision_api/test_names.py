"""The published constants and names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rayvision_api import constants, signature
from rayvision_api.api.url import URL, ApiUrl, assemble_api_url
from renderbus_model.wire.catalogue import OPERATIONS


def test_every_operation_has_its_published_name() -> None:
    assert {url.name: url.value for url in ApiUrl} == {
        operation.path.rsplit("/", 1)[-1]: operation.path for operation in OPERATIONS
    }
    assert URL is ApiUrl


def test_a_path_prints_as_itself() -> None:
    assert f"{ApiUrl.stopTask}" == str(ApiUrl.stopTask) == "/api/render/task/stopTask"
    assert assemble_api_url("farm.example:8080", ApiUrl.stopTask, "http") == (
        "http://farm.example:8080/api/render/task/stopTask"
    )


def test_the_tables_hold_what_is_published() -> None:
    assert (len(constants.MODIFIABLE_PARAM), constants.MODIFIABLE_PARAM[-1]) == (18, "enable_layered")
    assert (len(constants.DCC_ID_MAPPINGS), constants.DCC_ID_MAPPINGS["octane_render"]) == (16, 2014)
    assert all(constants.CG_SETTING[constants.CG_SETTING[name]] == name for name in constants.CG_SETTING)
    assert constants.HEADERS["version"] == "1.0.0"
    assert (len(constants.TASK_INFO["task_info"]), constants.TASK_INFO["task_info"]["ram"]) == (24, "64")


def test_the_published_signing_functions_give_the_published_signatures() -> None:
    path = Path(__file__).parents[2] / "data" / "signature-vectors.json"
    vector = json.loads(path.read_text("utf-8"))["vectors"][2]
    text = signature.generate_headers_body_str(
        vector["domain"], vector["path"], vector["headers"], json.loads(vector["json_body"])
    )
    assert text == vector["canonical"]
    assert signature.generate_signature(vector["access_key"], text) == vector["signature"].encode()


@pytest.mark.parametrize("_again", range(20))
def test_time_and_nonce_are_texts_of_digits(_again: int) -> None:
    assert len(signature.generate_nonce()) == 6
    assert signature.generate_nonce().isdigit()
    assert signature.generate_timestamp().isdigit()
