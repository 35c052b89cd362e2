"""What task.json and its additional_info say of order, software and hardware; units written in slices."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping

import pytest
import sqlalchemy as sa
from tests.unit.renderbus_farm.heart.world import SCENE, World, node, task_document

from renderbus_farm.housekeeping import DAY_S, Housekeeping
from renderbus_farm.rules.plans import plan_of
from renderbus_farm.rules.refusals import BadValue, NotFound
from renderbus_farm.store import tables, units
from renderbus_farm.store.order_tables import task_after
from renderbus_model.documents import Submission
from renderbus_model.statuses import FrameStatus, TaskStatus
from renderbus_model.task_facts import TaskFacts
from renderbus_model.wire.plugin import RenderEnv
from renderbus_model.wire.task import CreateTask, SubmitTask, TaskDocument


def with_more(world: World, more: Mapping[str, object], frames: str = "1", **info: str) -> int:
    """A task that was submitted with this ``additional_info``."""
    world.upload({SCENE: b"BLENDER"})
    task_id = world.new_task()
    document = {**task_document(frames, ["ViewLayer"], **info), "additional_info": more}
    for name, content in (("task.json", document), ("upload.json", {"asset": [{"server": SCENE}]})):
        ask = TaskDocument(task_id=task_id, file_name=name, content=json.dumps(content))
        world.tasks.store_document(ask, by=world.user)
    world.tasks.submit(SubmitTask(task_id=task_id), by=world.user)
    return task_id


def kept(world: World, task_id: int) -> sa.Row[tuple[object, ...]]:
    with world.database.reading() as db:
        return db.execute(tables.task.select().where(tables.task.c.id == task_id)).one()


def before(world: World, task_id: int) -> list[int]:
    with world.database.reading() as db:
        query = sa.select(task_after.c.after_id).where(task_after.c.task_id == task_id)
        return sorted(db.execute(query).scalars())


def test_what_a_task_waits_for_is_kept_with_it(world: World) -> None:
    first, second = world.submitted("1"), world.submitted("1")
    more = {
        "after": [str(first), second],
        "not_before": "2020-09-13T14:00:00+00:00",
        "delay": "60",
        "sequential": "1",
        "chunk_seconds": 30,
        "limits": {"maya": 1, "arnold": "2"},
    }
    row = kept(world, task_id := with_more(world, more))
    assert before(world, task_id) == [first, second]
    assert (row.begins_at, row.sequential, row.chunk_seconds) == (1_600_005_600.0, True, 30.0)
    assert json.loads(row.limits) == {"arnold": 2, "maya": 1}


def test_a_delay_counts_from_the_submission(world: World) -> None:
    assert kept(world, with_more(world, {"delay": "60"})).begins_at == world.now + 60
    assert kept(world, with_more(world, {})).begins_at == 0


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"after": ["shot 7"]}, "after: 'shot 7' is no id of a task"),
        ({"not_before": "tomorrow"}, "not_before: 'tomorrow': expected a time like"),
        ({"not_before": "-5"}, "is no moment of our time"),
        ({"delay": "-1"}, "delay: '-1': expected seconds"),
        ({"chunk_seconds": "nan"}, "chunk_seconds: 'nan': expected seconds"),
        ({"sequential": "perhaps"}, "sequential: 'perhaps'"),
        ({"limits": ["maya"]}, "limits: expected an object"),
        ({"limits": {"maya": 0}}, "limits.maya: '0': expected 1 to"),
        ({"limits": {"": 1}}, "a limit's name has 1 to"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(world: World, more: dict[str, object], why: str) -> None:
    with pytest.raises(BadValue, match=why):
        with_more(world, more)


def test_only_own_tasks_come_before_one(world: World) -> None:
    eve = world.accounts.add("eve").user
    foreign = world.new_task(by=eve)
    for task_id in (foreign, 4711):
        with pytest.raises(NotFound, match=str(task_id)):
            with_more(world, {"after": [task_id]})


def test_tasks_that_would_wait_for_one_another_are_refused(world: World) -> None:
    last = world.new_task()
    middle = with_more(world, {"after": [last]})
    first = with_more(world, {"after": [middle]})
    document = {**task_document("1", ["ViewLayer"]), "additional_info": {"after": [first]}}
    ask = TaskDocument(task_id=last, file_name="task.json", content=json.dumps(document))
    world.tasks.store_document(ask, by=world.user)
    with pytest.raises(
        BadValue, match=f"wait for one another: {last} after {first} after {middle} after {last}"
    ):
        world.tasks.submit(SubmitTask(task_id=last), by=world.user)


def test_the_parts_of_a_shell_wait_for_what_it_waits_for(world: World) -> None:
    first = world.submitted("1")
    world.upload({SCENE: b"BLENDER"})
    task_id = world.new_task()
    document = {
        **task_document("1", ["beauty", "shadow"], enable_layered="1"),
        "additional_info": {"after": [first]},
    }
    ask = TaskDocument(task_id=task_id, file_name="task.json", content=json.dumps(document))
    world.tasks.store_document(ask, by=world.user)
    world.tasks.submit(SubmitTask(task_id=task_id), by=world.user)
    parts = world.task(task_id).resp_rendering_task_list or []
    assert [before(world, each) for each in (task_id, *(part.id for part in parts))] == [[first]] * 3


def test_memory_and_graphics_cards_beyond_the_default_are_a_wish(world: World) -> None:
    usual, large = world.submitted("1", ram="64"), world.submitted("1", ram="128", graphics_cards_num="2")
    assert (kept(world, usual).needs_ram_gb, kept(world, usual).needs_gpus) == (0, 0)
    assert (kept(world, large).needs_ram_gb, kept(world, large).needs_gpus) == (128, 2)
    world.render_to_end()
    assert (world.status(usual), world.status(large)) == (TaskStatus.FINISHED, TaskStatus.WAITING)
    assert "wants 128 GB of memory" in world.lists.explain(large, by=world.user).reasons[0]


def environment(world: World, name: str) -> None:
    world.environments.add(
        RenderEnv(
            cg_id=2007,
            cg_name="Blender",
            cg_version="5.0.1",
            render_layer_type=0,
            edit_name=name,
            render_system=0,
            plugin_ids=(),
        ),
        by=world.user,
    )


def test_a_stored_environment_says_what_a_task_is_rendered_with(world: World) -> None:
    world.executor.all_nodes = [node("w-01")]
    environment(world, "film")
    chosen = world.submitted("1", edit_name="film")
    assert kept(world, chosen).cg_version == "5.0.1"
    world.environments.remove("film", by=world.user)
    assert kept(world, chosen).cg_version == "5.0.1"
    assert kept(world, world.submitted("1")).cg_version == "5.0"  # as software_config says
    with pytest.raises(BadValue, match="edit_name 'film': you have no render environment of this name"):
        world.submitted("1", edit_name="film")


def test_an_environment_of_another_account_is_none(world: World) -> None:
    world.executor.all_nodes = [node("w-01")]
    environment(world, "film")
    eve = world.accounts.add("eve").user
    with pytest.raises(BadValue, match="you have no render environment"):
        world.submitted("1", by=eve, edit_name="film")


def test_a_copy_names_its_original_by_either_way(world: World) -> None:
    original = world.submitted("1")
    assert world.task(world.submitted("1", clone_original_id=str(original))).clone_original_id == original
    made = world.tasks.create(CreateTask(clone_original_id=original), by=world.user).task_id_list[0]
    world.documents(made, frames="1", clone_original_id="")
    world.tasks.submit(SubmitTask(task_id=made), by=world.user)
    assert world.task(made).clone_original_id == original
    eve = world.accounts.add("eve").user
    with pytest.raises(NotFound):
        world.submitted("1", by=eve, clone_original_id=str(original))


def test_units_written_in_slices_are_all_there(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "SLICE", 3)
    task_id = world.submitted("1-10[1]", pre_frames="001")
    assert [unit.frame_index for unit in world.frames(task_id)] == [str(number) for number in range(1, 11)]
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED


def half_submitted(world: World, layers: tuple[str, ...] = ("ViewLayer",), **info: str) -> int:
    """A draft as a farm leaves it that dies when all units are written and the task is not there yet."""
    world.upload({SCENE: b"BLENDER"})
    task_id = world.new_task()
    world.documents(task_id, frames="1-5[1]", layers=layers, by=None, inputs=(SCENE,), **info)
    task_json = json.dumps(task_document("1-7[1]", layers, **info)).encode()
    plan = plan_of(Submission.read(task_json, None), TaskFacts.read(task_json), 1)
    units.fill(world.database, task_id, plan, world.now)
    return task_id


def test_what_a_dying_farm_left_is_made_anew(world: World) -> None:
    task_id = half_submitted(world)
    world.restart()
    world.tick()
    assert world.executor.orders == {}
    world.tasks.submit(SubmitTask(task_id=task_id), by=world.user)
    assert world.frame_statuses(task_id) == [FrameStatus.WAITING] * 5
    assert world.miscounted() == []


def test_the_same_holds_for_a_shell(world: World) -> None:
    task_id = half_submitted(world, ("beauty", "shadow"), enable_layered="1")
    world.tasks.submit(SubmitTask(task_id=task_id), by=world.user)
    parts = world.task(task_id).resp_rendering_task_list or []
    assert [part.total_frames for part in parts] == [5, 5]
    with world.database.reading() as db:
        assert db.execute(sa.select(sa.func.count()).select_from(tables.task)).scalar_one() == 3


def test_old_drafts_go_with_what_was_written_of_them(world: World) -> None:
    half_submitted(world, ("beauty", "shadow"), enable_layered="1")
    Housekeeping(world.database, drafts_kept_days=7).tick(world.now + 8 * DAY_S)
    with world.database.reading() as db:
        for table in (tables.task, tables.frame, tables.frame_set):
            assert db.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() == 0


def test_a_submission_that_comes_twice_at_once_is_one(world: World) -> None:
    world.upload({SCENE: b"BLENDER"})
    task_id = world.new_task()
    world.documents(task_id, frames="1-500[1]")
    ask = SubmitTask(task_id=task_id)
    threads = [
        threading.Thread(target=world.tasks.submit, args=(ask,), kwargs={"by": world.user}) for _ in "1234"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert world.task(task_id).total_frames == 500
    assert world.miscounted() == []
