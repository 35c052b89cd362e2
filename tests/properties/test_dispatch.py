from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from renderbus_farm.rules.dispatch import Assignment, Head, Running, assign, fits
from renderbus_farm.rules.work import Node

APPLICATIONS = st.sampled_from([2000, 2007])
ENGINES = st.sampled_from(["", "CYCLES", "EEVEE"])
NAMES = [f"w-{number}" for number in range(6)]

nodes = st.lists(
    st.builds(
        Node,
        st.sampled_from(NAMES),
        st.integers(0, 4),
        st.sampled_from([31.3, 64.0]),
        st.dictionaries(APPLICATIONS, st.just("5.0"), max_size=2),
        st.frozensets(st.sampled_from(["CYCLES", "EEVEE"])),
    ),
    max_size=6,
    unique_by=lambda node: node.name,
)


def with_their_task_s_limit(made: list[Head], limits: list[int]) -> list[Head]:
    """A limit is its task's: all heads of one task have the same."""
    return [replace(head, limit=limits[head.task_id - 1]) for head in made]


single_heads = st.lists(
    st.builds(
        Head,
        task_id=st.integers(1, 4),
        set_id=st.integers(1, 6),
        priority=st.booleans(),
        cg_id=APPLICATIONS,
        waiting=st.integers(0, 5),
        engine=ENGINES,
        level=st.sampled_from([50, 60]),
        together=st.integers(1, 4),
        ram_gb=st.sampled_from([0, 32, 128]),
    ),
    max_size=8,
    unique_by=lambda head: (head.set_id, head.priority),
)
limits = st.lists(st.integers(0, 4), min_size=4, max_size=4)
heads = st.builds(with_their_task_s_limit, single_heads, limits)
busy = st.lists(st.builds(Running, st.integers(1, 4), st.sampled_from(NAMES)), max_size=8)


def given_out(made: Iterable[Assignment]) -> Counter[Head]:
    """How many frames of each head."""
    frames: Counter[Head] = Counter()
    for chosen in made:
        frames[chosen.head] += chosen.frames
    return frames


@given(heads, nodes, busy)
def test_a_node_gets_something_only_while_it_has_a_free_place(
    heads: list[Head], nodes: list[Node], busy: list[Running]
) -> None:
    places = {node.name: node.places for node in nodes}
    taken = Counter(run.node for run in busy)
    for chosen in assign(heads, nodes, busy):
        assert taken[chosen.node] < places[chosen.node]
        taken[chosen.node] += chosen.frames


@given(heads, nodes, busy)
def test_frames_go_in_the_numbers_asked_for(
    heads: list[Head], nodes: list[Node], busy: list[Running]
) -> None:
    made: dict[Head, list[int]] = defaultdict(list)
    for chosen in assign(heads, nodes, busy):
        made[chosen.head].append(chosen.frames)
    for head, frames in made.items():
        assert all(count == head.together for count in frames[:-1])
        assert 1 <= frames[-1] <= head.together


@given(heads, nodes, busy)
def test_no_frame_is_given_twice_and_none_to_a_node_that_cannot_render_it(
    heads: list[Head], nodes: list[Node], busy: list[Running]
) -> None:
    by_name = {node.name: node for node in nodes}
    made = assign(heads, nodes, busy)
    for head, count in given_out(made).items():
        assert count <= head.waiting
    assert all(fits(chosen.head, by_name[chosen.node]) for chosen in made)


@given(heads, nodes, busy)
def test_nothing_is_left_that_fits_a_free_place(
    heads: list[Head], nodes: list[Node], busy: list[Running]
) -> None:
    made = assign(heads, nodes, busy)
    taken = Counter(run.node for run in busy)
    where: dict[int, set[str]] = defaultdict(set)
    for run in busy:
        where[run.task_id].add(run.node)
    for chosen in made:
        taken[chosen.node] += chosen.frames
        where[chosen.head.task_id].add(chosen.node)
    free = [node for node in nodes if taken[node.name] < node.places]
    given = given_out(made)
    for head in heads:
        own = where[head.task_id]
        full = 0 < head.limit <= len(own)
        if given[head] < head.waiting:
            assert not any(fits(head, node) for node in free if not full or node.name in own)


@given(heads, nodes, busy)
def test_no_task_comes_to_more_nodes_than_its_limit(
    heads: list[Head], nodes: list[Node], busy: list[Running]
) -> None:
    where: dict[int, set[str]] = defaultdict(set)
    for run in busy:
        where[run.task_id].add(run.node)
    for chosen in assign(heads, nodes, busy):
        own, limit = where[chosen.head.task_id], chosen.head.limit
        assert chosen.node in own or not limit or len(own) < limit
        own.add(chosen.node)


@given(heads, nodes)
def test_the_higher_level_is_served_before_any_lower_one_that_could_take_its_place(
    heads: list[Head], nodes: list[Node]
) -> None:
    made = assign(heads, nodes, [])
    given, by_name = given_out(made), {node.name: node for node in nodes}
    for first in heads:
        if not first.limit and given[first] < first.waiting:
            lower = [
                chosen
                for chosen in made
                if chosen.head.priority <= first.priority and chosen.head.level < first.level
            ]
            assert not any(fits(first, by_name[chosen.node]) for chosen in lower)


@given(heads, nodes, busy)
def test_the_answer_does_not_depend_on_the_order_of_what_is_asked(
    heads: list[Head], nodes: list[Node], busy: list[Running]
) -> None:
    assert assign(heads, nodes, busy) == assign(heads, nodes, list(reversed(busy)))
    again = assign(list(reversed(heads)), list(reversed(nodes)), busy)
    assert Counter(again) == Counter(assign(heads, nodes, busy))


@given(heads, nodes, busy)
def test_test_frames_are_served_before_others_that_could_take_the_same_place(
    heads: list[Head], nodes: list[Node], busy: list[Running]
) -> None:
    made = assign(heads, nodes, busy)
    given = given_out(made)
    unserved = [head for head in heads if head.priority and not head.limit and given[head] < head.waiting]
    for first in unserved:
        by_name = {node.name: node for node in nodes}
        others = [chosen for chosen in made if not chosen.head.priority]
        assert not any(fits(first, by_name[chosen.node]) for chosen in others)
