from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderbus_farm.rules.analysis import Analysis
from renderbus_farm.rules.heads import Head, Running
from renderbus_farm.rules.lifecycle import Wish
from renderbus_farm.rules.shares import Division, Share
from renderbus_farm.rules.waiting import Before, Group, OfFarm, OfTask, why
from renderbus_farm.rules.work import Node
from renderbus_model.statuses import FrameStatus, TaskStatus

BLENDER, MAYA = 2007, 2000
NOW = 1_600_000_000.0


def node(name: str, places: int = 2) -> Node:
    return Node(name, places, 64.0, {BLENDER: "5.0.1"}, frozenset({"CYCLES"}))


def head(cg_id: int = BLENDER) -> Head:
    return Head(1, 1, False, cg_id, 3, account_id=7)


TASK = OfTask(1)
FARM = OfFarm([node("w-1")], [], NOW)
GROUP = Group(head(), FrameStatus.WAITING)
BUSY = [Running(2, "w-1"), Running(3, "w-1")]


@given(
    st.sampled_from(FrameStatus),
    st.sampled_from(Wish),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from([[], [node("w-1")], [node("w-1", 0)], [node("m-1")]]),
    st.sampled_from([[], BUSY]),
    st.sampled_from([0.0, NOW - 1, NOW + 60]),
)
def test_every_unit_has_a_reason_however_it_stands(
    status: FrameStatus,
    wish: Wish,
    by_hand: bool,
    sequential: bool,
    maya: bool,
    nodes: list[Node],
    running: list[Running],
    not_before: float,
) -> None:
    of_unit = replace(head(MAYA if maya else BLENDER), sequential=sequential)
    group = Group(of_unit, status, not_before=not_before)
    sentence = why(group, OfTask(1, wish, waits_for_start=by_hand), OfFarm(nodes, running, NOW))
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        (OfTask(1, analysis=Analysis.WANTED), "The farm has yet to analyse the scene."),
        (OfTask(1, made=False), "Its task is just being submitted."),
        (
            OfTask(1, waits_for_start=True),
            "Its task waits for you to start it: its account has autoCommit 1.",
        ),
        (OfTask(1, begins_at=NOW + 3600), "Its task begins at 2020-09-13 13:26:40 UTC."),
        (
            OfTask(1, before=[Before(4, TaskStatus.FAILED), Before(5, TaskStatus.WAITING)]),
            "Its task comes after task 4 and 1 more: "
            "4 is Failed; start it, or restart its frames that failed.",
        ),
        (
            OfTask(1, before=[Before(4, TaskStatus.STOP, deleted=True)]),
            "Its task comes after task 4: 4 was deleted; abort this one, and submit it again without that.",
        ),
    ],
)
def test_what_holds_a_whole_task_is_said_of_each_of_its_frames(task: OfTask, reason: str) -> None:
    assert why(GROUP, task, FARM) == reason


@pytest.mark.parametrize(
    ("group", "farm", "reason"),
    [
        (GROUP, FARM, "A node is free for it; it is given out at the next look, in its turn."),
        (
            GROUP,
            replace(FARM, running=BUSY),
            "All places on the 1 node that can render it are taken, also by 2 other tasks.",
        ),
        (
            Group(head(MAYA), FrameStatus.WAITING),
            replace(FARM, gives_up_after_s=900),
            "No node can render it: no node of the farm has Maya; install it on one; "
            "after 15 min so it fails.",
        ),
        (
            GROUP,
            replace(FARM, nodes=[node("w-1", 0)], aside={"w-1": NOW + 600}),
            "The 1 node that can render it is set aside until 2020-09-13 12:36:40 UTC, "
            "since tasks failed there.",
        ),
        (
            Group(replace(head(), avoid=frozenset({"w-1"})), FrameStatus.WAITING, not_before=NOW + 15),
            FARM,
            "It failed on w-1 and is tried again in 15 s.",
        ),
        (
            Group(replace(head(), takes=(("maya", 6),)), FrameStatus.WAITING),
            replace(FARM, division=Division(limits={"maya": 5})),
            "It takes 6 of maya, and the farm has 5 in all.",
        ),
        (
            Group(replace(head(), takes=(("maya", 1),)), FrameStatus.WAITING),
            replace(
                FARM,
                running=[Running(2, "w-2", 1, (("maya", 1),))],
                division=Division(limits={"maya": 1}),
            ),
            "It takes 1 of maya, and 1 of 1 are in use.",
        ),
        (
            GROUP,
            replace(FARM, running=[Running(2, "w-2", 7)], division=Division({7: Share(at_most=1)})),
            "Its account has 1 frames at once, the most that it may have.",
        ),
        (
            Group(replace(head(), limit=1), FrameStatus.WAITING),
            replace(FARM, running=[Running(1, "w-2")]),
            "Its task is on 1 node, the most that its limit allows.",
        ),
        (
            Group(replace(head(), sequential=True), FrameStatus.WAITING),
            replace(FARM, running=[Running(1, "w-2")]),
            "Its task renders one frame after another, and an earlier one is on a node.",
        ),
        (
            Group(head(), FrameStatus.WAITS_FOR_SIMULATION, needs="what comes before it"),
            FARM,
            "It waits for what comes before it.",
        ),
        (Group(head(), FrameStatus.RENDERING, node="w-1"), FARM, "It is on node w-1."),
        (
            Group(head(), FrameStatus.FAILED, error="no camera\nat all"),
            FARM,
            "It failed: no camera; restart it to try again.",
        ),
    ],
)
def test_what_holds_a_frame_is_said_in_one_sentence(group: Group, farm: OfFarm, reason: str) -> None:
    assert why(group, TASK, farm) == reason
