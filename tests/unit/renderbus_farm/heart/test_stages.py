"""Chunks, test frames, tiles and simulations: which units there are, and which of them wait for which."""

from __future__ import annotations

import json

import pytest
from tests.unit.renderbus_farm.heart.world import SCENE, World, node

from renderbus_farm.rules.refusals import BadValue
from renderbus_farm.rules.work import ChunkId, Fault, Stage, Tile
from renderbus_model.statuses import FrameStatus, FrameType, TaskStatus
from renderbus_model.wire.frame import ChosenFrames, FrameQuery
from renderbus_model.wire.task import RestartTasks, SubmitTask, TaskDocument
from renderbus_model.wire.transfer import OutputQuery

F, T = FrameStatus, FrameType


def units(world: World, task_id: int) -> list[tuple[str, int, int]]:
    return [(unit.frame_index, unit.frame_type, unit.frame_status) for unit in world.frames(task_id)]


def chunk_of(world: World, index: str, layer: str | None = None) -> ChunkId:
    """What renders now of that unit."""
    (task_id,) = {order.task_id for order in world.executor.orders.values()}
    (unit,) = [
        unit
        for unit in world.frames(task_id)
        if unit.frame_index == index and layer in (None, unit.layer_name)
    ]
    return ChunkId(unit.id, unit.attempt)


def pictures(world: World, task_id: int) -> list[str]:
    found = world.transfers.list_outputs(OutputQuery(task_id=task_id), by=world.user)
    return [each.path.partition("/")[2] for each in found.files]


def test_frames_go_in_chunks_and_test_frames_alone(world: World) -> None:
    task_id = world.submitted("1-10[1]", frames_per_task="3", pre_frames="010:9", stop_after_test="1")
    assert units(world, task_id) == [
        ("1-3[1]", T.MAIN, F.WAITS_FOR_TEST_FRAMES),
        ("4", T.MAIN, F.WAITS_FOR_TEST_FRAMES),
        ("5", T.PRIORITY, F.WAITING),
        ("6-8[1]", T.MAIN, F.WAITS_FOR_TEST_FRAMES),
        ("9", T.PRIORITY, F.WAITING),
        ("10", T.MAIN, F.WAITS_FOR_TEST_FRAMES),
    ]
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED_TEST
    world.tasks.full_speed([task_id], by=world.user)
    world.render_to_end()
    assert [order.numbers for order in world.executor.history] == [
        (5,),
        (9,),
        (1, 2, 3),
        (4,),
        (6, 7, 8),
        (10,),
    ]
    assert world.status(task_id) == TaskStatus.FINISHED
    assert world.miscounted() == []


def test_test_frames_of_the_clarisse_example_count_as_well(world: World) -> None:
    task_id = world.submitted("1-5[1]", pre_frames="100", test_frames="000:4")
    first = [index for index, kind, _ in units(world, task_id) if kind == T.PRIORITY]
    assert first == ["1", "4"]


def test_steps_of_a_list_stay_steps_of_its_chunks(world: World) -> None:
    task_id = world.submitted("2-10[2],11,20", frames_per_task="3")
    assert [index for index, *_ in units(world, task_id)] == ["2-6[2]", "8-10[2]", "11-20[9]"]
    world.tick()
    assert [order.numbers for order in world.executor.history] == [(2, 4, 6), (8, 10)]


@pytest.mark.parametrize("number", ["1", "2-4[1]", "[1]"])
def test_chunks_are_found_by_their_index(world: World, number: str) -> None:
    task_id = world.submitted("1-7[1]", frames_per_task="3", pre_frames="100")
    ask = FrameQuery(task_id=task_id, page_num=1, page_size=10, search_keyword=number)
    found = [unit.frame_index for unit in world.of_frames.page(ask, by=world.user).items]
    assert found == [index for index, *_ in units(world, task_id) if number in index]


def test_a_chosen_chunk_is_rendered_again_whole(world: World) -> None:
    task_id = world.submitted("1-4[1]", frames_per_task="2")
    world.render_to_end()
    second = world.frames(task_id)[1]
    world.of_frames.restart(ChosenFrames(task_id=task_id, select_all=0, ids=[second.id]), by=world.user)
    world.render_to_end()
    assert [order.numbers for order in world.executor.history] == [(1, 2), (3, 4), (3, 4)]
    assert pictures(world, task_id) == [f"shot_000{number}.png" for number in range(1, 5)]


def test_a_picture_is_rendered_in_tiles_and_put_together(world: World) -> None:
    task_id = world.submitted("7-8[1]", tiles="2", tiles_type="strip", pre_frames="100")
    assert units(world, task_id) == [
        ("7-1", T.PRIORITY, F.WAITING),
        ("7-2", T.PRIORITY, F.WAITING),
        ("8-1", T.MAIN, F.WAITING),
        ("8-2", T.MAIN, F.WAITING),
        ("7", T.PRIORITY_MERGE, F.WAITS_FOR_PREPROCESSING),
        ("8", T.MAIN_MERGE, F.WAITS_FOR_PREPROCESSING),
    ]
    world.tick()
    tiles = [order.tile for order in world.executor.orders.values()]
    assert [(tile.index, tile.count, tile.kind) for tile in tiles if tile] == [
        (0, 2, "strip"),
        (1, 2, "strip"),
    ]
    world.executor.finish_all()
    world.tick()
    merge = next(order for order in world.executor.orders.values() if order.stage is Stage.MERGE)
    assert [part.path for part in merge.parts] == [f".tiles/{n}/shot_0007.png" for n in (1, 2)]
    assert (merge.numbers, merge.output, merge.tile) == ((7,), "shot_####", Tile(0, 2, "strip"))
    assert pictures(world, task_id) == []
    world.render_to_end()
    assert pictures(world, task_id) == ["shot_0007.png", "shot_0008.png"]
    assert world.status(task_id) == TaskStatus.FINISHED
    assert world.miscounted() == []


def test_a_tile_that_is_rendered_again_is_put_together_again(world: World) -> None:
    task_id = world.submitted("1", tiles="2")
    world.render_to_end()
    tile = world.frames(task_id)[0]
    world.of_frames.restart(ChosenFrames(task_id=task_id, select_all=0, ids=[tile.id]), by=world.user)
    assert world.frame_statuses(task_id) == [F.WAITING, F.DONE, F.WAITS_FOR_PREPROCESSING]
    world.render_to_end()
    assert [order.stage for order in world.executor.history[-2:]] == [Stage.RENDER, Stage.MERGE]
    assert world.frame_statuses(task_id) == [F.DONE] * 3
    assert world.miscounted() == []


def test_a_merge_that_runs_while_a_tile_is_asked_for_again_is_given_up(world: World) -> None:
    task_id = world.submitted("1", tiles="2")
    world.tick()
    world.executor.finish_all()
    world.tick()
    merge = next(iter(world.executor.orders))
    tile = world.frames(task_id)[0]
    world.of_frames.restart(ChosenFrames(task_id=task_id, select_all=0, ids=[tile.id]), by=world.user)
    world.tick()
    assert merge in world.executor.cancelled
    world.render_to_end()
    assert (merge.frame_id, "OUTDATED") in world.outcomes(task_id)
    assert world.status(task_id) == TaskStatus.FINISHED


def test_a_tile_that_fails_ends_the_task_and_holds_its_picture(world: World) -> None:
    task_id = world.submitted("1", tiles="2")
    world.tick()
    world.executor.fail(chunk_of(world, "1-1"), "no camera")
    world.render_to_end()
    assert world.frame_statuses(task_id) == [F.FAILED, F.DONE, F.WAITS_FOR_PREPROCESSING]
    assert world.status(task_id) == TaskStatus.FINISHED_HAS_FAILED
    world.tasks.restart_failed(RestartTasks(task_ids=[task_id]), by=world.user)
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED
    assert pictures(world, task_id) == ["shot_0001.png"]


def test_stopping_and_starting_puts_merges_where_they_were(world: World) -> None:
    task_id = world.submitted("1", tiles="2")
    world.tasks.stop([task_id], by=world.user)
    assert world.frame_statuses(task_id) == [F.STOPPED] * 3
    assert world.status(task_id) == TaskStatus.STOP
    world.tasks.start([task_id], by=world.user)
    assert world.frame_statuses(task_id) == [F.WAITING, F.WAITING, F.WAITS_FOR_PREPROCESSING]
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED


@pytest.mark.parametrize(
    ("info", "why"),
    [
        ({"tiles": "4", "frames_per_task": "2"}, "a picture in 4 tiles goes to several nodes"),
        ({"tiles": "4", "tiles_type": "hexagon"}, "expected block or strip"),
        ({"tiles": "4096"}, "4096 is out of range"),
        ({"is_distribute_render": "1"}, "no renderer of this farm can share one picture among 3 nodes"),
        ({"is_distribute_render": "1", "distribute_render_node": "0"}, "expected 1 node or more"),
        ({"distribute_render_node": "some"}, "expected a whole number"),
        ({"test_frames": "12"}, "task_info.test_frames"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(world: World, info: dict[str, str], why: str) -> None:
    with pytest.raises(BadValue, match=why):
        world.submitted("1", by=None, **info)


def houdini(world: World, **nodes: list[dict[str, str]]) -> int:
    """A task of Houdini that was submitted."""
    world.executor.all_nodes = [HOUDINI]
    world.upload({SCENE: b"HOUDINI"})
    task_id = world.new_task()
    document = {
        "task_info": {"input_cg_file": SCENE, "cg_id": "2004", "task_stop_time": "0"},
        "scene_info": nodes,
        "scene_info_render": nodes,
    }
    upload = {"asset": [{"local": SCENE, "server": SCENE}]}
    for name, content in (("task.json", document), ("upload.json", upload)):
        ask = TaskDocument(task_id=task_id, file_name=name, content=json.dumps(content))
        world.tasks.store_document(ask, by=world.user)
    world.tasks.submit(SubmitTask(task_id=task_id), by=world.user)
    return task_id


HOUDINI = node("h-01", places=4, cg_id=2004, engines=())
ROP = {"node": "/out/mantra1", "frames": "1-2[1]", "option": "-1", "render": "1"}
SIMULATION = {"node": "/obj/fluid", "frames": "1-5[1]", "option": "0", "render": "1"}
EXPORT = {"node": "/obj/mesh", "frames": "1-2[1]", "option": "-1", "render": "1"}


def test_a_simulation_goes_to_one_node_before_what_reads_it(world: World) -> None:
    task_id = houdini(world, rop_node=[ROP], geo_node=[SIMULATION])
    assert units(world, task_id) == [
        ("1-5[1]", T.SIMULATION, F.WAITING),
        ("1", T.MAIN, F.WAITS_FOR_SIMULATION),
        ("2", T.MAIN, F.WAITS_FOR_SIMULATION),
    ]
    item = world.task(task_id)
    assert (item.task_type, world.frames(task_id)[0].gop_name) == ("GopRender", "/obj/fluid")
    world.tick()
    (order,) = world.executor.orders.values()
    assert (order.stage, order.numbers) == (Stage.SIMULATE, (1, 2, 3, 4, 5))
    assert world.status(task_id) == TaskStatus.PRE_RENDERING
    world.executor.finish_all()
    world.tick()
    assert world.status(task_id) == TaskStatus.RENDERING
    rops = list(world.executor.orders.values())
    assert [rop.numbers for rop in rops] == [(1,), (2,)]
    assert {len(rop.parts) for rop in rops} == {5}
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED
    assert world.miscounted() == []


def test_simulations_follow_one_another_as_the_document_lists_them(world: World) -> None:
    houdini(
        world,
        rop_node=[ROP],
        geo_node=[SIMULATION, EXPORT],
        distributedsim_node=[{"node": "/out/hq", "frames": "1-3[1]", "option": "1", "render": "1"}],
    )
    world.render_to_end()
    history = [(order.choice.layer, order.numbers) for order in world.executor.history]
    assert history == [
        ("/out/hq", (1, 2, 3)),
        ("/obj/fluid", (1, 2, 3, 4, 5)),
        ("/obj/mesh", (1,)),
        ("/obj/mesh", (2,)),
        ("/out/mantra1", (1,)),
        ("/out/mantra1", (2,)),
    ]


def test_a_simulation_that_nobody_switched_on_holds_nothing(world: World) -> None:
    task_id = houdini(world, rop_node=[ROP], geo_node=[{**SIMULATION, "render": "0"}])
    assert [status for *_, status in units(world, task_id)] == [F.WAITING, F.WAITING]


def test_a_failed_simulation_holds_what_reads_it_until_it_is_restarted(world: World) -> None:
    task_id = houdini(world, rop_node=[ROP], geo_node=[SIMULATION])
    world.tick()
    world.executor.fail(next(iter(world.executor.orders)), "the solver exploded", Fault.SCENE)
    world.render_to_end()
    assert world.frame_statuses(task_id) == [F.FAILED, F.WAITS_FOR_SIMULATION, F.WAITS_FOR_SIMULATION]
    assert world.status(task_id) == TaskStatus.FAILED
    reasons = world.lists.explain(task_id, by=world.user).reasons
    assert "2 frames are held: the simulation /obj/fluid failed or was stopped; restart to go on." in reasons
    world.tasks.restart_failed(RestartTasks(task_ids=[task_id]), by=world.user)
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED


def test_a_simulation_without_one_range_is_refused(world: World) -> None:
    with pytest.raises(BadValue, match="a simulation has one range of frames"):
        houdini(world, rop_node=[ROP], geo_node=[{**SIMULATION, "frames": "1-3[1],9"}])
