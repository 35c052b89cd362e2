from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from renderbus_farm.rules.ageing import Ages
from renderbus_farm.rules.dispatch import assign
from renderbus_farm.rules.heads import Assignment, Head, Running, fits
from renderbus_farm.rules.shares import Division, InUse, Share
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
        holds=st.frozensets(st.sampled_from(["first", "second"])),
        is_open=st.sampled_from(["", "first", "second"]),
    ),
    max_size=6,
    unique_by=lambda node: node.name,
)


def with_their_task_s_limit(made: list[Head], limits: list[int]) -> list[Head]:
    """A limit is its task's: all heads of one task have the same."""
    return [replace(head, limit=limits[head.task_id - 1]) for head in made]


takes = st.sampled_from([(), (("maya", 1),), (("maya", 2), ("nas", 1)), (("nas", 3),), (("free", 9),)])
divisions = st.builds(
    Division,
    st.dictionaries(
        st.integers(1, 3),
        st.builds(Share, st.sampled_from([0.5, 1.0, 3.0]), st.integers(0, 3), st.none() | st.integers(3, 6)),
    ),
    st.fixed_dictionaries({"maya": st.integers(0, 4), "nas": st.integers(0, 5)}),
)
"""At most three accounts of different shares, and how many there are of two limits."""

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
        account_id=st.integers(0, 3),
        takes=takes,
        inputs=st.sampled_from(["", "first", "second"]),
        sequential=st.just(False),
    ),
    max_size=8,
    unique_by=lambda head: (head.set_id, head.priority),
)
limits = st.lists(st.integers(0, 4), min_size=4, max_size=4)
heads = st.builds(with_their_task_s_limit, single_heads, limits)
busy = st.lists(
    st.builds(Running, st.integers(1, 4), st.sampled_from(NAMES), st.integers(0, 3), takes), max_size=8
)


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


def in_use_after(
    division: Division, busy: Iterable[Running], made: Iterable[Assignment]
) -> tuple[InUse, InUse]:
    """What was in use, and what is once all that was given out renders."""
    before, after = InUse(division, busy), InUse(division, busy)
    for chosen in made:
        after.add(chosen.head.account_id, chosen.node, chosen.head.takes, chosen.frames)
    return before, after


@given(heads, nodes, busy, divisions)
def test_no_limit_is_ever_passed(
    heads: list[Head], nodes: list[Node], busy: list[Running], division: Division
) -> None:
    before, after = in_use_after(division, busy, assign(heads, nodes, busy, division))
    for name, count in division.limits.items():
        # What renders already may be more than a limit that was lowered since.
        assert after.taken(name) <= max(count, before.taken(name))


@given(heads, nodes, busy, divisions)
def test_no_account_passes_its_ceiling(
    heads: list[Head], nodes: list[Node], busy: list[Running], division: Division
) -> None:
    before, after = in_use_after(division, busy, assign(heads, nodes, busy, division))
    for account_id, share in division.shares.items():
        if share.at_most is not None:
            assert after.units[account_id] <= max(share.at_most, before.units[account_id])


@given(heads, nodes, busy, divisions)
def test_nothing_is_left_that_fits_a_free_place_and_may_have_it(
    heads: list[Head], nodes: list[Node], busy: list[Running], division: Division
) -> None:
    """Neither shares nor a scene that another node holds open leave a machine idle."""
    made = assign(heads, nodes, busy, division)
    again = [Running(made.head.task_id, made.node, made.head.account_id, made.head.takes) for made in made]
    running = [*busy, *(run for run, chosen in zip(again, made, strict=True) for _ in range(chosen.frames))]
    given = given_out(made)
    rest = [replace(head, waiting=head.waiting - given[head]) for head in heads]
    assert assign(rest, nodes, running, division) == []


@given(st.lists(st.booleans(), min_size=3, max_size=3), st.integers(1, 3), st.integers(1, 12))
def test_weights_divide_the_places_among_accounts_that_compete(
    urgent: list[bool], tasks: int, places: int
) -> None:
    division = Division({1: Share(1.0), 2: Share(2.0), 3: Share(3.0)})
    level = 60 if all(urgent) else 50
    many = [
        Head(account * 10 + task, account * 10 + task, False, 2007, 99, level=level, account_id=account)
        for account in (1, 2, 3)
        for task in range(tasks)
    ]
    made = assign(many, [Node("w-1", 6 * places, 64.0, {2007: "5.0"})], [], division)
    assert Counter(chosen.head.account_id for chosen in made) == {1: places, 2: 2 * places, 3: 3 * places}


@given(heads, nodes, st.integers(0, 6))
def test_an_account_gets_its_guarantee_before_others_of_a_higher_level(
    heads: list[Head], nodes: list[Node], at_least: int
) -> None:
    """Test frames apart, which go first."""
    mine = Head(9, 9, True, 2007, 20, level=0, account_id=9)
    division = Division({9: Share(1.0, at_least)})
    made = assign([*heads, mine], nodes, [], division)
    got = given_out(made)[mine]
    room = sum(node.places for node in nodes if fits(mine, node))
    others = [
        chosen
        for chosen in made
        if chosen.head != mine and fits(mine, {n.name: n for n in nodes}[chosen.node])
    ]
    assert got >= min(at_least, room) or not others


@settings(max_examples=25, deadline=None)  # each example is a farm of many looks
@given(
    st.lists(
        st.lists(
            st.builds(
                Head,
                st.integers(100, 999),
                st.integers(100, 999),
                st.booleans(),
                st.just(2007),
                st.integers(1, 9),
                level=st.integers(51, 100),
                account_id=st.integers(1, 2),
                takes=takes,
                together=st.integers(1, 3),
                inputs=st.sampled_from(["", "first"]),
            ),
            max_size=4,
        ),
        min_size=1,
        max_size=12,
    ),
    st.sampled_from([(), (("maya", 1),), (("maya", 3),)]),
    st.lists(st.integers(1, 5), min_size=1, max_size=6),
)
def test_whatever_arrives_before_it_a_unit_is_served_in_the_end(
    arrivals: list[list[Head]], its_takes: tuple[tuple[str, int], ...], lasts: list[int]
) -> None:
    """The lowest of all, in a farm that gets more urgent work at every look than it can render."""
    lowest = Head(1, 1, False, 2007, 1, level=0, account_id=3, takes=its_takes, inputs="own")
    nodes = [Node("w-1", 2, 64.0, {2007: "5.0"}, is_open="first"), Node("w-2", 1, 64.0, {2007: "5.0"})]
    division = Division({1: Share(9.0, 2), 3: Share(0.1)}, {"maya": 3, "nas": 3})
    ages, busy, queue = Ages(), list[tuple[Running, int]](), dict[tuple[int, int], Head]()
    for look in range(200):
        now = 100.0 * look
        for number, head in enumerate(arrivals[look % len(arrivals)]):
            queue[look, number] = replace(head, set_id=10_000 + 10 * look + number, task_id=10_000 + look)
        waiting = [*queue.values(), lowest]
        busy = [(run, until) for run, until in busy if until > look]
        ages = ages.seen(waiting, now)
        made = assign(waiting, nodes, [run for run, _ in busy], division, ages, now)
        if any(chosen.head == lowest for chosen in made):
            return
        ages = ages.served([chosen.head for chosen in made], now)
        given = given_out(made)
        queue = {
            key: replace(head, waiting=left)
            for key, head in queue.items()
            if (left := head.waiting - given[head]) > 0
        }
        for number, chosen in enumerate(made):
            run = Running(chosen.head.task_id, chosen.node, chosen.head.account_id, chosen.head.takes)
            busy += [(run, look + lasts[(look + number) % len(lasts)])] * chosen.frames
    raise AssertionError("it was never served")
