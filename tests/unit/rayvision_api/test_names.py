"""The published constants and names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rayvision_api import constants, operators, signature, url
from rayvision_api.api.url import URL, ApiUrl, LaterApiUrl, assemble_api_url
from rayvision_api.applications import cg_id_of
from rayvision_api.exception import RayvisionError
from renderbus_model.wire.catalogue import OPERATIONS
from renderbus_model.wire.operation import FIRST, SECOND, ApiVersion

OTHER_NAMES = {
    "/api/render/hardwareConfig/list": "hardwareConfig",
    "/api/render/submit/getUserPackNodeInfo": "getPackNode",
}
"""Published names that are not the end of their path."""


@pytest.mark.parametrize(("urls", "version"), [(ApiUrl, FIRST), (LaterApiUrl, SECOND)])
def test_every_operation_has_its_published_name(
    urls: type[ApiUrl] | type[LaterApiUrl], version: ApiVersion
) -> None:
    paths = [operation.path_in(version) for operation in OPERATIONS]
    assert {url.value: url.name for url in urls} == {
        path: OTHER_NAMES.get(path, path.rsplit("/", 1)[-1]) for path in paths
    }
    assert len(urls) == len(paths)


def test_the_names_are_where_each_package_has_them() -> None:
    assert URL is ApiUrl is url.ApiUrl
    assert ApiUrl.loadingFrameThumbnail == constants.LOADING_FRAME_THUMBNAIL
    assert ApiUrl.updateTaskUserLevel == constants.UPDATE_TASK_USER_LEVEL
    paths = [value for value in vars(constants).values() if str(value).startswith("/api/")]
    assert len(paths) == len(set(paths)) == 35


def test_a_path_prints_as_itself() -> None:
    assert f"{ApiUrl.stopTask}" == str(ApiUrl.stopTask) == "/api/render/task/stopTask"
    assert assemble_api_url("farm.example:8080", ApiUrl.stopTask, "http") == (
        "http://farm.example:8080/api/render/task/stopTask"
    )


def test_the_tables_hold_what_is_published() -> None:
    assert (len(constants.MODIFIABLE_PARAM), constants.MODIFIABLE_PARAM[-1]) == (18, "enable_layered")
    assert (len(constants.DCC_ID_MAPPINGS), constants.DCC_ID_MAPPINGS["octane_render"]) == (18, 2014)
    assert all(constants.CG_SETTING[constants.CG_SETTING[name]] == name for name in constants.CG_SETTING)
    assert constants.HEADERS["version"] == "1.0.0"
    assert constants.SUPPORT_UPLOAD_FILE_NAME == ["task.json", "upload.json", "asset.json", "tips.json"]
    assert constants.KEYS[0] == "layers"
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


@pytest.mark.parametrize("name", ["maya", "Maya", " MAYA ", "2000", 2000])
def test_an_application_is_known_by_name_in_any_case_and_by_number(name: str | int) -> None:
    assert cg_id_of(name) == 2000


@pytest.mark.parametrize("name", ["3ds Max", "3ds max", "3dsmax"])
def test_the_published_spellings_of_an_application_are_one(name: str) -> None:
    assert cg_id_of(name) == 2001


@pytest.mark.parametrize("name", ["Paint", "", "1999", None])
def test_an_application_that_is_none_is_named_with_those_that_are(name: str) -> None:
    with pytest.raises(RayvisionError, match="maya, 3ds Max") as caught:
        cg_id_of(name)
    assert caught.value.error_code == 1000000


@pytest.mark.parametrize("name", ["Query", "RenderEnv", "Tag", "Task", "User"])
def test_operators_have_the_names_of_both_generations(name: str) -> None:
    assert issubclass(getattr(operators, name), getattr(operators, f"{name}Operator"))
