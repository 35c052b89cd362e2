from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from renderbus_farm.rules.dispatch import Head, Running, assign, fits
from renderbus_farm.rules.work import Node

APPLICATIONS = st.sampled_from([2000, 2007])
ENGINES = st.sampled_from(["", "CYCLES", "EEVEE"])
NAMES = [f"w-{number}" for number in range(6)]

nodes = st.lists(
    st.builds(
        Node,
        st.sampled_from(NAMES),
        st.integers(0, 4),
        st.just(64.0),
        st.dictionaries(APPLICATIONS, st.just("5.0"), max_size=2),
        st.frozensets(st.sampled_from(["CYCLES", "EEVEE"])),
    ),
    max_size=6,
    unique_by=lambda node: node.name,
)
heads = st.lists(
    st.builds(
        Head,
        task_id=st.integers(1, 4),
        set_id=st.integers(1, 6),
        priority=st.booleans(),
        cg_id=APPLICATIONS,
        waiting=st.integers(0, 5),
        engine=ENGINES,
        level=st.sampled_from([50, 60]),
        limit=st.integers(0, 4),
    ),
    max_size=8,
    unique_by=lambda head: (head.set_id, head.priority),
)
busy = st.lists(st.builds(Running, st.integers(1, 4), st.sampled_from(NAMES)), max_size=8)


@given(heads, nodes, busy)
def test_no_node_gets_more_than_it_has_places_for(
    heads: list[Head], nodes: list[Node], busy: list[Running]
) -> None:
    taken = Counter(run.node for run in busy)
    given_to = Counter(chosen.node for chosen in assign(heads, nodes, busy))
    for node in nodes:
        assert given_to[node.name] <= max(0, node.places - taken[node.name])
    assert set(given_to) <= {node.name for node in nodes}


@given(heads, nodes, busy)
def test_no_frame_is_given_twice_and_none_to_a_node_that_cannot_render_it(
    heads: list[Head], nodes: list[Node], busy: list[Running]
) -> None:
    by_name = {node.name: node for node in nodes}
    made = assign(heads, nodes, busy)
    for head, count in Counter(chosen.head for chosen in made).items():
        assert count <= head.waiting
    assert all(fits(chosen.head, by_name[chosen.node]) for chosen in made)


@given(heads, nodes, busy)
def test_nothing_is_left_that_fits_a_free_place(
    heads: list[Head], nodes: list[Node], busy: list[Running]
) -> None:
    made = assign(heads, nodes, busy)
    taken = Counter(run.node for run in busy) + Counter(chosen.node for chosen in made)
    of_task = Counter(run.task_id for run in busy) + Counter(chosen.head.task_id for chosen in made)
    given_out = Counter(chosen.head for chosen in made)
    free = [node for node in nodes if taken[node.name] < node.places]
    for head in heads:
        if given_out[head] < head.waiting and not (head.limit and of_task[head.task_id] >= head.limit):
            assert not any(fits(head, node) for node in free)


@given(heads, nodes, busy)
def test_no_task_gets_more_places_than_its_limit(
    heads: list[Head], nodes: list[Node], busy: list[Running]
) -> None:
    of_task = Counter(run.task_id for run in busy)
    for chosen in assign(heads, nodes, busy):
        assert not chosen.head.limit or of_task[chosen.head.task_id] < chosen.head.limit
        of_task[chosen.head.task_id] += 1


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
    given_out = Counter(chosen.head for chosen in made)
    unserved = [head for head in heads if head.priority and not head.limit and given_out[head] < head.waiting]
    for first in unserved:
        by_name = {node.name: node for node in nodes}
        others = [chosen for chosen in made if not chosen.head.priority]
        assert not any(fits(first, by_name[chosen.node]) for chosen in others)
