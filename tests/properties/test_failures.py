"""Whatever goes wrong with a unit, in any order and on any nodes: it ends, and for a reason."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from renderbus_farm.rules.failures import (
    LONGEST_WAIT_S,
    MOST_TRIES,
    NextStep,
    Try,
    may_begin,
    next_step,
    untried,
)
from renderbus_farm.rules.lifecycle import TRANSITIONS, Frame, Happened
from renderbus_farm.rules.standing import ASIDE_S, LONGEST_ASIDE_S, MOST_MARKS, Standing, trusted
from renderbus_farm.rules.work import Fault, Node
from renderbus_model.statuses import FRAME_ENDED, FrameStatus

AGAIN = (Happened.SENT_BACK, Happened.NODE_LOST)

names = st.sampled_from(["w-01", "w-02", "w-03", "gone"])
nodes = st.lists(st.sampled_from(["w-01", "w-02", "w-03"]), unique=True, max_size=3).map(
    lambda chosen: [Node(name, 1, 16.0 * (index + 1), {}) for index, name in enumerate(sorted(chosen))]
)
bad_ends = st.builds(Try, names, st.sampled_from(Fault), st.sampled_from(["no camera", "no space"]))
lives = st.lists(st.tuples(bad_ends, nodes), min_size=MOST_TRIES, max_size=MOST_TRIES + 3)


def steps(life: list[tuple[Try, list[Node]]]) -> list[NextStep]:
    """What is decided after each bad end, up to the one that is final."""
    tries: list[Try] = []
    made: list[NextStep] = []
    for bad, fitting in life:
        tries.append(bad)
        made.append(next_step(tries, fitting))
        if made[-1].what not in AGAIN:
            break
    return made


@settings(max_examples=600)
@given(lives)
def test_a_unit_that_goes_on_failing_ends(life: list[tuple[Try, list[Node]]]) -> None:
    made = steps(life)
    assert made[-1].what not in AGAIN
    assert len(made) <= MOST_TRIES
    assert TRANSITIONS[FrameStatus.RENDERING, made[-1].what] in FRAME_ENDED


@settings(max_examples=300)
@given(lives)
def test_the_table_of_frames_allows_whatever_is_decided(life: list[tuple[Try, list[Node]]]) -> None:
    frame = Frame(1)
    for step in steps(life):
        frame = frame.after(Happened.CLAIMED).after(step.what)
        assert (frame.status is FrameStatus.WAITING) == (step.what in AGAIN)


@settings(max_examples=300)
@given(lives)
def test_every_bad_end_says_why_and_waits_in_bounds(life: list[tuple[Try, list[Node]]]) -> None:
    for step in steps(life):
        assert step.error
        assert 0 <= step.wait_s <= LONGEST_WAIT_S
        assert step.memory_gb >= 0


@settings(max_examples=300)
@given(lives)
def test_a_scenes_fault_is_final_where_nobody_else_could_say_otherwise(
    life: list[tuple[Try, list[Node]]],
) -> None:
    tries: list[Try] = []
    for bad, fitting in life:
        tries.append(bad)
        step = next_step(tries, fitting)
        if bad.fault in (Fault.SCENE, Fault.PICTURE):
            alone = not untried(tries, fitting)
            before = any(each.fault in (Fault.SCENE, Fault.PICTURE) for each in tries[:-1])
            assert (step.what is Happened.CRASHED) >= (alone or before)
        if step.what not in AGAIN:
            return


@given(st.floats(0, 1e10), st.floats(-1e9, 1e9), st.floats(0, LONGEST_WAIT_S))
def test_no_wait_outlasts_a_clock_that_is_set(at: float, jump_s: float, wait_s: float) -> None:
    not_before = at + wait_s
    assert may_begin(not_before, not_before + 1)
    now = at + jump_s
    assert may_begin(not_before, now) or not_before - now <= LONGEST_WAIT_S


marks = st.lists(st.tuples(st.integers(1, 6), st.floats(0, 20_000)), max_size=60)


@settings(max_examples=300)
@given(marks)
def test_only_several_tasks_set_a_node_aside_and_it_is_always_forgiven(
    marks: list[tuple[int, float]],
) -> None:
    standing, now = Standing(), 1e9
    since: set[int] = set()
    for task_id, gap_s in marks:
        now += gap_s
        before, standing = standing, standing.marked(task_id, now)
        since.add(task_id)
        if standing.times > before.times or standing.marks == {}:
            assert len(since) >= MOST_MARKS
            assert standing.aside_until is not None
            assert ASIDE_S <= standing.aside_until - now <= LONGEST_ASIDE_S
            since = set()
        assert not standing.is_aside(now + LONGEST_ASIDE_S)
        assert len(standing.marks) < MOST_MARKS


@given(nodes, st.sets(names))
def test_a_farm_always_trusts_some_node(all_nodes: list[Node], aside: set[str]) -> None:
    left = trusted(all_nodes, dict.fromkeys(aside, 1.0))
    assert [node.name for node in left] == [node.name for node in all_nodes]
    assert not all_nodes or any(node.places for node in left)


@given(st.integers(1, 4), st.integers(1, 50))
def test_the_same_task_sets_no_node_aside_however_often_it_fails(task_id: int, times: int) -> None:
    standing = Standing()
    for count in range(times):
        standing = standing.marked(task_id, 1e9 + count)
    assert standing.aside_until is None
