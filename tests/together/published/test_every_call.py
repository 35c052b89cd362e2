"""Every documented call of the published clients, unmodified, is answered in the documented shape."""

from __future__ import annotations

import re
from itertools import count
from typing import Any

import pytest
from tests.together.published import submissions
from tests.together.published.calls import CALLS, Call
from tests.together.published.clients import DOCUMENT, NEWEST, VERSIONS, PublishedClient
from tests.together.published.shapes import misfits

from renderbus_model.wire.frame import QUERY_TASK_FRAMES, FrameQuery

DEFECTS = {
    DOCUMENT: {"api.query.restart_failed_frames", "api.query.restart_frame", "api.submit_by_data"},
    NEWEST: {"api.query.get_small_task_id", "api.submit_by_data"},
}
"""Methods that fail in the client itself on every, or on a usual, farm; test_client_defects asks them."""

_PARTS = ("", ".user", ".task", ".query", ".tag", ".env", ".transmit")
_numbers = count()


def names_in(call: Call, client: PublishedClient) -> dict[str, Any]:
    """What the call's code speaks of, made on the farm when it does."""
    number = next(_numbers)
    names: dict[str, Any] = {"label": f"shot {number}", "environment": environment(client, number)}
    if re.search(r"\btask\b(?!\.)|\bframe\b", call.code):
        names["task"] = submissions.submitted_task(client.farm)
    if re.search(r"\bframe\b", call.code):
        page = client.farm.ask(QUERY_TASK_FRAMES, FrameQuery(task_id=names["task"]))
        names["frame"] = page.items[0].id
    if "spare" in call.code:
        names["spare"] = submissions.new_task(client.farm)
    return names


def environment(client: PublishedClient, number: int) -> dict[str, Any]:
    """A render environment, its numbers as the client's age sends them."""
    as_sent = int if client.version in (DOCUMENT, NEWEST) else str
    return {
        "cgId": as_sent(2000),
        "cgName": "Maya",
        "cgVersion": "2018",
        "renderLayerType": as_sent(0),
        "editName": f"environment {number}",
        "renderSystem": as_sent(0),
        "pluginIds": [],
    }


@pytest.mark.parametrize(
    ("version", "call"),
    [
        pytest.param(version, call, id=f"{version}-{call}")
        for version in VERSIONS
        for call in CALLS
        if version in call.versions
    ],
)
def test_a_documented_call_is_answered_in_the_documented_shape(
    clients: dict[str, PublishedClient], version: str, call: Call
) -> None:
    client = clients[version]
    answer = client.do(call.code, **names_in(call, client))
    assert misfits(answer, call.gives) == []


def test_no_public_method_is_left_out(client: PublishedClient) -> None:
    for part in _PARTS:
        part_of = f"getattr(api, {part[1:]!r}, None)" if part else "api"
        public = client.do(f"[name for name in dir(type({part_of})) if name[0] != '_']")
        methods = {f"api{part}.{name}" for name in public} - {"api.connect", "api.task.TASK_PARAM"}
        called = {
            found
            for call in CALLS
            if client.version in call.versions
            for found in re.findall(r"api(?:\.\w+)+", call.code)
        }
        assert methods - called - DEFECTS.get(client.version, set()) == set()
