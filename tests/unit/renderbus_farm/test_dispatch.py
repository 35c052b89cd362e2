from __future__ import annotations

from collections import Counter

from msgspec.structs import replace

from renderbus_farm.rules.ageing import OVERDUE_AFTER_S, YIELDS_FOR_S, Ages
from renderbus_farm.rules.dispatch import assign
from renderbus_farm.rules.explain import explain
from renderbus_farm.rules.heads import Head, Running, wished
from renderbus_farm.rules.lifecycle import Counts
from renderbus_farm.rules.recall import LinedUp, recall
from renderbus_farm.rules.shares import Division
from renderbus_farm.rules.work import ChunkId, Node
from renderbus_model.pieces import Digest
from renderbus_model.statuses import TaskStatus

BLENDER, MAYA = 2007, 2000


def node(name: str, places: int = 2, cg_id: int = BLENDER, engine: str = "CYCLES") -> Node:
    return Node(name, places, 64.0, {cg_id: "5.0"}, frozenset({engine}))


def head(
    task_id: int,
    waiting: int = 10,
    *,
    priority: bool = False,
    level: int = 50,
    cg_id: int = BLENDER,
    engine: str = "CYCLES",
    limit: int = 0,
) -> Head:
    return Head(task_id, task_id, priority, cg_id, waiting, engine, level, limit)


def test_two_frames_go_to_two_nodes_before_one_gets_a_second() -> None:
    made = assign([head(1, 2)], [node("a"), node("b")], [])
    assert {chosen.node for chosen in made} == {"a", "b"}


def test_test_frames_go_before_the_frames_of_an_urgent_task() -> None:
    made = assign([head(1, level=60), head(2, priority=True)], [node("a", 1)], [])
    assert [chosen.head.task_id for chosen in made] == [2]


def test_the_higher_level_goes_first() -> None:
    made = assign([head(1), head(2, level=60)], [node("a", 2)], [])
    assert [chosen.head.task_id for chosen in made] == [2, 2]


def test_tasks_of_one_level_share_the_nodes_evenly() -> None:
    made = assign([head(1), head(2), head(3)], [node("a", 6)], [Running(1, "b")])
    assert Counter(chosen.head.task_id for chosen in made) == {1: 2, 2: 2, 3: 2}


def test_a_node_takes_only_what_it_has_application_and_engine_for() -> None:
    nodes = [node("maya", cg_id=MAYA), node("eevee", engine="EEVEE"), node("cycles")]
    assert {chosen.node for chosen in assign([head(1)], nodes, [])} == {"cycles"}


def test_a_task_is_on_no_more_nodes_than_its_limit() -> None:
    nodes = [node("a", 2), node("b", 2), node("c", 2)]
    made = assign([head(1, limit=2)], nodes, [Running(1, "b")])
    assert [chosen.node for chosen in made] == ["a", "a", "b"]
    assert {chosen.node for chosen in assign([head(1, limit=1)], nodes, [Running(1, "b")])} == {"b"}


def test_frames_that_go_together_go_to_one_node_that_gets_nothing_else_meanwhile() -> None:
    together = Head(1, 1, False, BLENDER, 7, together=5)
    made = assign([together, head(2)], [node("a", 2), node("b", 2)], [])
    assert [(chosen.head.task_id, chosen.node, chosen.frames) for chosen in made] == [
        (1, "a", 5),
        (2, "b", 1),
        (2, "b", 1),
    ]


def test_a_task_that_wants_much_memory_goes_where_it_is() -> None:
    small, large = Node("s", 2, 33.2, {BLENDER: "5.0"}), Node("l", 2, 66.6, {BLENDER: "5.0"})
    wants = Head(1, 1, False, BLENDER, 1, ram_gb=67)
    assert [chosen.node for chosen in assign([wants], [small, large], [])] == ["l"]
    why = explain(TaskStatus.WAITING, waiting(1), [wants], [small], [])
    assert not why.can_go_on
    assert (
        "the task wants 67 GB of memory; the farm's nodes with Blender have 34 GB at most" in why.reasons[0]
    )


def test_a_task_that_fits_no_node_does_not_hold_up_the_others() -> None:
    made = assign([head(1, level=60, cg_id=MAYA), head(2)], [node("a", 2)], [])
    assert [chosen.head.task_id for chosen in made] == [2, 2]


def waiting(count: int) -> Counts:
    return Counts(waiting=count)


def test_an_application_that_no_node_has_is_said_by_name_and_makes_the_task_impossible() -> None:
    why = explain(TaskStatus.WAITING, waiting(3), [head(1, 3)], [node("a", cg_id=MAYA)], [])
    assert not why.can_go_on
    assert why.reasons == ("3 frames are waiting: no node of the farm has Blender; install it on one.",)


def test_an_engine_that_the_nodes_cannot_run_is_said_with_their_reason() -> None:
    nodes = [
        replace(node(name), lacking={"EEVEE": why}) for name, why in (("a", "no driver"), ("b", "no driver"))
    ]
    why = explain(TaskStatus.WAITING, waiting(1), [head(1, 1, engine="EEVEE")], nodes, [])
    assert not why.can_go_on
    assert "renders with EEVEE (no driver); its nodes with Blender have CYCLES" in why.reasons[0]


def test_layers_that_wait_for_one_reason_are_counted_together() -> None:
    stuck = [head(1, 1, cg_id=MAYA), head(1, 2, cg_id=MAYA), head(1, 1, cg_id=MAYA), head(1, 3, engine="LUX")]
    why = explain(TaskStatus.WAITING, waiting(7), stuck, [node("a")], [])
    assert why.reasons == (
        "4 frames are waiting: no node of the farm has Maya; install it on one.",
        "3 frames are waiting: no node of the farm renders with LUX; its nodes with Blender have CYCLES: "
        "choose one of these in the scene.",
    )


def test_an_engine_that_no_node_has_is_said_by_name() -> None:
    why = explain(TaskStatus.WAITING, waiting(1), [head(1, 1, engine="EEVEE")], [node("a")], [])
    assert not why.can_go_on
    assert "renders with EEVEE; its nodes with Blender have CYCLES" in why.reasons[0]


def test_a_busy_node_makes_a_task_wait_and_not_impossible() -> None:
    running = [Running(9, "a"), Running(9, "a")]
    why = explain(TaskStatus.WAITING, waiting(1), [head(1, 1)], [node("a")], running)
    assert why.can_go_on
    assert why.reasons == (
        "1 frame is waiting: all places on the 1 node that can render them are taken, also by 1 other task.",
    )


def test_a_farm_whose_nodes_are_only_starting_is_not_called_impossible() -> None:
    why = explain(TaskStatus.WAITING, waiting(1), [head(1, 1)], [], [])
    assert why.can_go_on
    assert why.reasons == ("1 frame is waiting: the farm has no node that is ready.",)


def test_a_task_goes_on_while_one_of_its_layers_can_be_rendered() -> None:
    heads = [head(1, 1, engine="EEVEE"), head(1, 1)]
    assert explain(TaskStatus.WAITING, waiting(2), heads, [node("a")], []).can_go_on
    counts = Counts(waiting=1, rendering=1)
    assert explain(TaskStatus.RENDERING, counts, heads[:1], [node("a")], []).can_go_on


def test_every_status_that_does_not_render_is_explained() -> None:
    for status in set(TaskStatus) - {TaskStatus.WAITING, TaskStatus.RENDERING, TaskStatus.PRE_RENDERING}:
        why = explain(status, Counts(), [], [], [])
        assert why.can_go_on
        assert len(why.reasons) == 1


def lined_up(number: int, node: str, engine: str = "CYCLES") -> LinedUp:
    return LinedUp(ChunkId(number, 1), head(1, 0, engine=engine), node)


def test_a_frame_behind_another_one_is_recalled_for_a_node_that_does_nothing() -> None:
    running = [Running(1, "a"), Running(1, "a")]
    assert recall([lined_up(2, "a")], [node("a"), node("b")], running) == [lined_up(2, "a")]


def test_nothing_is_recalled_while_every_node_has_something_to_do() -> None:
    running = [Running(1, "a"), Running(1, "a"), Running(1, "b")]
    assert recall([lined_up(2, "a")], [node("a"), node("b")], running) == []


def test_a_node_keeps_the_only_frame_it_has() -> None:
    assert recall([lined_up(2, "a")], [node("a"), node("b")], [Running(1, "a")]) == []


def test_a_frame_is_not_recalled_for_a_node_that_cannot_render_it() -> None:
    running = [Running(1, "a"), Running(1, "a")]
    assert recall([lined_up(2, "a")], [node("a"), node("b", engine="EEVEE")], running) == []


def test_one_idle_node_takes_one_frame() -> None:
    running = [Running(1, name) for name in "aabb"]
    waiting = [lined_up(2, "a"), lined_up(4, "b")]
    assert len(recall(waiting, [node("a"), node("b"), node("c")], running)) == 1


def test_a_frame_is_not_recalled_when_its_task_may_come_to_no_other_node() -> None:
    limited = Head(1, 1, False, BLENDER, 0, limit=1)
    running = [Running(1, "a"), Running(1, "a")]
    nodes = [node("a", 2), node("b", 2)]
    assert recall([LinedUp(ChunkId(2, 1), limited, "a")], nodes, running) == []
    wider = LinedUp(ChunkId(2, 1), Head(1, 1, False, BLENDER, 0, limit=2), "a")
    assert recall([wider], nodes, running) == [wider]


def test_frames_that_go_together_leave_their_node_only_together_with_nothing_of_theirs_there() -> None:
    together = LinedUp(ChunkId(2, 1), Head(1, 1, False, BLENDER, 0, together=3), "a")
    nodes = [node("a", 2), node("b", 2)]
    assert recall([together], nodes, [Running(1, "a"), Running(1, "a")]) == []
    assert recall([together], nodes, [Running(9, "a"), Running(1, "a")]) == [together]


def test_a_wish_that_no_single_node_meets_is_said() -> None:
    large = Node("l", 2, 128.0, {BLENDER: "5.0"}, frozenset({"EEVEE"}))
    wants = Head(1, 1, False, BLENDER, 1, engine="CYCLES", ram_gb=100)
    why = explain(TaskStatus.WAITING, waiting(1), [wants], [large, node("a")], [])
    assert not why.can_go_on
    assert "no node of the farm has at once all that the task wants" in why.reasons[0]


def test_too_few_graphics_cards_are_said() -> None:
    wants = Head(1, 1, False, BLENDER, 1, gpus=2)
    why = explain(TaskStatus.WAITING, waiting(1), [wants], [node("a")], [])
    assert "wants 2 graphics cards; the farm's nodes with Blender have 0 at most" in why.reasons[0]


def test_a_scene_goes_to_no_older_application() -> None:
    old, new = Node("old", 2, 64.0, {BLENDER: "4.2"}), Node("new", 2, 64.0, {BLENDER: "5.0.1"})
    made_with_5 = Head(1, 1, False, BLENDER, 3, version="5.0")
    assert {chosen.node for chosen in assign([made_with_5], [old, new], [])} == {"new"}
    why = explain(TaskStatus.WAITING, waiting(1), [made_with_5], [old], [])
    assert "the scene was made with Blender 5.0; the farm's newest is 4.2" in why.reasons[0]


def test_plug_ins_are_held_against_nodes_that_say_which_they_have() -> None:
    wants = Head(1, 1, False, MAYA, 3, plugins=("mtoa",))
    silent = Node("silent", 1, 64.0, {MAYA: "2024"})
    without = Node("without", 1, 64.0, {MAYA: "2024"}, plugins=frozenset({"redshift"}))
    having = Node("having", 1, 64.0, {MAYA: "2024"}, plugins=frozenset({"mtoa", "redshift"}))
    assert {chosen.node for chosen in assign([wants], [silent, without, having], [])} == {"silent", "having"}
    why = explain(TaskStatus.WAITING, waiting(1), [wants], [without], [])
    assert "no node of the farm has Maya with mtoa" in why.reasons[0]


def test_a_node_that_holds_the_scene_open_is_taken_before_others_that_are_as_free() -> None:
    nodes = [
        node("a"),
        replace(node("b"), holds=frozenset({Digest("scene")})),
        replace(node("c"), is_open="scene"),
    ]
    waits = Head(1, 1, False, BLENDER, 1, inputs="scene")
    assert [chosen.node for chosen in assign([waits], nodes, [])] == ["c"]
    assert [chosen.node for chosen in assign([waits], nodes[:2], [])] == ["b"]
    busy = [Running(9, "c")]
    assert [chosen.node for chosen in assign([waits], nodes, busy)] == ["b"]


def test_a_node_goes_on_with_its_open_scene_for_a_while_and_then_changes() -> None:
    one = [replace(node("a", 1), is_open="first")]
    first = Head(1, 1, False, BLENDER, 9, inputs="first")
    second = Head(2, 2, False, BLENDER, 9, inputs="second")
    running = [Running(1, "elsewhere")]  # the second task has fewer units, so its turn it would be
    ages = Ages().seen([first, second], 0.0)
    early = assign([first, second], one, running, None, ages, YIELDS_FOR_S - 1)
    late = assign([first, second], one, running, None, ages, YIELDS_FOR_S)
    assert [chosen.head.task_id for chosen in (*early, *late)] == [1, 2]


def test_an_open_scene_is_no_reason_to_pass_over_a_higher_level() -> None:
    one = [replace(node("a", 1), is_open="first")]
    heads = [
        Head(1, 1, False, BLENDER, 9, inputs="first"),
        Head(2, 2, False, BLENDER, 9, level=60, inputs="second"),
    ]
    assert [chosen.head.task_id for chosen in assign(heads, one, [])] == [2]


def test_what_is_overdue_has_the_limits_it_lacks_saved_up_for_it() -> None:
    """Others would take single licences for ever, and three would never be free at once."""
    division = Division(limits={"maya": 3})
    wants_all = Head(1, 1, False, BLENDER, 1, level=0, takes=(("maya", 3),))
    others = Head(2, 2, False, BLENDER, 9, level=90, takes=(("maya", 1),))
    nodes = [node(name, 1) for name in "abcd"]
    running = [Running(2, "a", takes=(("maya", 1),))]
    ages = Ages().seen([wants_all], 0.0).seen([wants_all, others], 1.0)
    assert assign([wants_all, others], nodes, running, division, ages, OVERDUE_AFTER_S) == []
    freed = assign([wants_all, others], nodes, [], division, ages, OVERDUE_AFTER_S)
    assert [chosen.head.task_id for chosen in freed] == [1]


def test_a_unit_goes_back_to_where_it_failed_only_where_no_other_node_fits() -> None:
    failed = Head(1, 1, False, BLENDER, 1, avoid=frozenset({"a"}), memory_gb=128)
    (wanted,) = wished([failed], [node("a"), node("b")])
    assert [chosen.node for chosen in assign([wanted], [node("a"), node("b")], [])] == ["b"]
    (wanted,) = wished([failed], [node("a")])
    assert [chosen.node for chosen in assign([wanted], [node("a")], [])] == ["a"]
    large = Node("c", 2, 128.0, {BLENDER: "5.0"}, frozenset({"CYCLES"}))
    (wanted,) = wished([failed], [node("a"), node("b"), large])
    assert [chosen.node for chosen in assign([wanted], [node("a"), node("b"), large], [])] == ["c"]
