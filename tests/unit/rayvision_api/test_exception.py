"""The published errors: their arguments, attributes and texts."""

from __future__ import annotations

import pickle

import pytest

from rayvision_api import exception
from rayvision_api.exception import (
    FarmNotReachable,
    RayvisionAPIError,
    RayvisionError,
    RayvisonTaskIdError,
)
from rayvision_utils.exception import exception as of_utils


def test_an_error_has_the_published_attributes_and_text() -> None:
    error = RayvisionError(1000002, "key 'x' is not in task.json")
    assert (error.error_code, error.error) == (1000002, "key 'x' is not in task.json")
    assert str(error) == "RayvisionError: 1000002: key 'x' is not in task.json"


def test_a_refusal_has_the_published_attributes_and_text() -> None:
    error = RayvisionAPIError(610, "expired", "http://farm.example/api/x")
    assert (error.error_code, error.error, error.request) == (610, "expired", "http://farm.example/api/x")
    assert str(error) == "Error code: 610, Error message: expired, URL: http://farm.example/api/x"
    assert isinstance(error, RayvisionError)


@pytest.mark.parametrize("given", [("no id",), (1000000, "no id"), (2000, "no id")])
def test_a_task_id_error_always_has_code_2000(given: tuple[object, ...]) -> None:
    error = RayvisonTaskIdError(*given)
    assert (error.error_code, error.error) == (2000, "no id")
    assert str(error) == "Error code: 2000, Error message: no id"


def test_the_documented_arguments_have_names() -> None:
    assert RayvisonTaskIdError(error="no id").error == "no id"
    assert RayvisonTaskIdError(error_code=1, error="no id").args == (2000, "no id")
    assert RayvisionError(error_code=1, error="a").args == (1, "a")
    assert RayvisionAPIError(error_code=610, error="b", request="http://x").request == "http://x"


def test_a_farm_that_is_not_there_is_named_with_what_to_do() -> None:
    error = FarmNotReachable("http://127.0.0.1:8800", "connection refused")
    assert (error.url, error.reason) == ("http://127.0.0.1:8800", "connection refused")
    assert "http://127.0.0.1:8800" in str(error)
    assert "check the address" in str(error)


@pytest.mark.parametrize(
    "error",
    [
        RayvisionError(1, "a"),
        RayvisionAPIError(610, "b", "http://x"),
        RayvisonTaskIdError("c"),
        FarmNotReachable("http://x", "d"),
    ],
)
def test_an_error_survives_the_way_to_another_process(error: RayvisionError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), copy.__dict__) == (type(error), str(error), error.__dict__)


@pytest.mark.parametrize(
    "kind",
    [
        exception.UploadFileNotSupportError,
        exception.HardwareConfigIdError,
        exception.NotSupportPluginError,
        exception.NotSupportCGSoftwareError,
        exception.NotSupportHardwareCodeError,
    ],
)
def test_what_cannot_be_used_may_be_said_with_or_without_words(kind: type[exception.CannotUse]) -> None:
    assert kind().error_code == 1000000
    assert kind().error == kind.__doc__
    error = kind(1000001, "the farm has none")
    assert (error.error_code, error.error) == (1000001, "the farm has none")
    assert isinstance(error, RayvisionError)


def test_both_packages_publish_the_same_errors() -> None:
    assert {getattr(exception, name) for name in of_utils.__all__} == {
        getattr(of_utils, name) for name in of_utils.__all__
    }
    assert issubclass(exception.AnalyseFailError, exception.AnalyzeError)
