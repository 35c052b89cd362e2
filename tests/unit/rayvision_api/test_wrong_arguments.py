"""Whatever is given for an argument of a published method: it is understood, or named as wrong."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rayvision_api import operators
from rayvision_api.core import RayvisionAPI
from rayvision_api.exception import RayvisionError

from .conftest import Farm
from .test_operators import Frames

SUBJECTS: dict[str, type] = {
    "user": operators.UserOperator,
    "task": operators.TaskOperator,
    "query": operators.QueryOperator,
    "tag": operators.TagOperator,
    "env": operators.RenderEnvOperator,
    "transmit": operators.TransmitOperator,
}

OURS = (
    *("missing_blobs", "missing_pieces", "committed", "commit_files"),
    *("list_outputs", "explain_task", "frame_log"),
)
"""Not published: no caller writes their numbers as text."""

GIVEN: list[Callable[[], Any]] = [
    lambda: None,
    lambda: "x",
    lambda: "片段",
    lambda: "\ud800",
    lambda: b"5",
    lambda: 0,
    lambda: 10**30,
    lambda: 1.5,
    lambda: float("nan"),
    lambda: float("inf"),
    lambda: [None],
    lambda: [[5]],
    lambda: {5: 6},
    lambda: iter("ab"),
    object,
]


def calls(subject: str) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Method, sensible values for what it needs, and the argument to give something else for."""
    for name, method in inspect.getmembers(SUBJECTS[subject], inspect.isfunction):
        if name.startswith("_") or name in OURS:
            continue
        parameters = list(inspect.signature(method).parameters.values())[1:]
        needed: dict[str, Any] = {
            each.name: "maya" if each.name == "name" else 1
            for each in parameters
            if each.default is each.empty
        }
        yield from ((name, needed, each.name) for each in parameters)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_argument_is_understood_or_named_as_wrong(farm: Farm, api: RayvisionAPI, subject: str) -> None:
    Frames(farm)
    for name, needed, argument in calls(subject):
        for given in GIVEN:
            with contextlib.suppress(RayvisionError):
                getattr(getattr(api, subject), name)(**needed | {argument: given()})


def test_one_frame_need_not_stand_in_a_list(farm: Farm, api: RayvisionAPI) -> None:
    """A text is no list of its characters: these would be other frames."""
    frames = Frames(farm)
    frames.indices = ["1", "0", "10"]
    api.query.get_custome_frames(7, "10")
    assert farm.asked[-1].body["ids"] == [102]
    api.query.frame_number_to_stop(7, 10)  # type: ignore[arg-type] # as callers in a hurry write it
    assert farm.asked[-1].body["ids"] == [102]
    api.query.restart_frame(7, 0, "102")
    assert farm.asked[-1].body["ids"] == [102]


def test_one_task_or_status_or_application_need_not_stand_in_a_list(farm: Farm, api: RayvisionAPI) -> None:
    for path in ("hardwareConfig/list", "task/getTaskList", "common/getRenderEnv"):
        farm.answers[f"/api/render/{path}"] = []
    api.user.get_hardware_config("17")
    api.query.get_task_list(status_list=0)  # type: ignore[arg-type] # as callers in a hurry write it
    api.env.get_render_env(cg_names="maya")
    assert [farm.asked[0].body["taskIds"], farm.asked[1].body["statusList"], farm.asked[2].body["cgIds"]] == [
        [17],
        [0],
        [2000],
    ]
