"""Tasks whose scenes the farm analyses itself, from submission to frames or to a reason."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from tests.unit.renderbus_farm.heart.test_settings_act import choose
from tests.unit.renderbus_farm.heart.world import SCENE, World, task_document

from renderbus_farm.rules.refusals import BadValue
from renderbus_farm.store import transfers
from renderbus_model.scene_analysis import AnalysisAnswer
from renderbus_model.statuses import FrameStatus, TaskStatus
from renderbus_model.wire.task import RestartTasks, SubmitTask, TaskDocument, TaskListQuery


def uploaded(world: World, document: dict[str, Any] | None = None) -> int:
    """A task whose scene is uploaded and whose task.json says nothing of it."""
    world.upload({SCENE: b"BLENDER"})
    task_id = world.new_task()
    whole = task_document("1-2[1]", ["ViewLayer"])
    content = {key: whole[key] for key in ("task_info", "software_config")} | (document or {})
    store(world, task_id, content)
    world.tasks.submit(SubmitTask(task_id=task_id), by=world.user)
    return task_id


def store(world: World, task_id: int, content: dict[str, Any]) -> None:
    ask = TaskDocument(task_id=task_id, file_name="task.json", content=json.dumps(content))
    world.tasks.store_document(ask, by=world.user)


def found(frames: str = "1-2[1]", **more: Any) -> AnalysisAnswer:
    scene_info = task_document(frames, ["ViewLayer"])["scene_info"]
    return AnalysisAnswer(scene_info=msgspec.Raw(msgspec.json.encode(scene_info)), **more)


def document(world: World, task_id: int, name: str) -> Any:
    with world.database.reading() as db:
        return json.loads(transfers.documents(db, task_id)[name])


def listed(world: World, task_id: int) -> int:
    items = world.lists.page(TaskListQuery(), by=world.user).items
    return next(item.task_status for item in items if item.id == task_id)


def reasons(world: World, task_id: int) -> list[str]:
    return world.lists.explain(task_id, by=world.user).reasons


def test_a_scene_that_was_only_uploaded_is_analysed_and_then_renders(world: World) -> None:
    task_id = uploaded(world)
    world.tick()
    order = world.analyser.orders[task_id]
    assert (order.scene, order.cg_id, order.wanted.cg_version) == (SCENE, 2007, "5.0")
    assert listed(world, task_id) == TaskStatus.ANALYSE
    assert world.status(task_id) == TaskStatus.WAITING  # clients that ask for one task know no 50
    assert reasons(world, task_id) == [
        "The farm analyses the scene, since task.json has no scene_info; its frames follow."
    ]
    assert world.analyses.anything_left()
    tips = {"10012": ["Image 'wood': '//wood.png' is not there"]}
    asset = msgspec.Raw(b'{"asset": []}')
    world.analyser.answer(task_id, found(tips=tips, asset=asset, task_info={"render_layer_type": "1"}))
    world.render_to_end()
    task = world.task(task_id)
    assert (task.task_status, task.frames_range, task.layer_name) == (
        TaskStatus.FINISHED,
        "1-2[1]",
        "ViewLayer",
    )
    written = document(world, task_id, "task.json")
    assert (
        written["scene_info"]
        == written["scene_info_render"]
        == task_document("1-2[1]", ["ViewLayer"])["scene_info"]
    )
    assert written["task_info"]["render_layer_type"] == "1"
    assert document(world, task_id, "tips.json") == tips
    assert document(world, task_id, "asset.json") == {"asset": []}
    assert not world.analyses.anything_left()
    assert world.miscounted() == []


def test_what_a_client_chose_in_task_json_stays(world: World) -> None:
    task_id = uploaded(world, {"task_info": {"input_cg_file": SCENE, "cg_id": "2007", "ram": "128"}})
    world.tick()
    world.analyser.answer(task_id, found(task_info={"ram": "64", "project_name": "Film"}))
    world.tick()
    info = document(world, task_id, "task.json")["task_info"]
    assert (info["ram"], info["project_name"]) == ("128", "Film")


def test_an_error_in_the_scene_ends_the_task_with_its_text_and_remedy(world: World) -> None:
    task_id = uploaded(world)
    world.tick()
    world.analyser.answer(task_id, found(tips={"15006": ["scene 'Shot' has no camera"]}))
    world.tick()
    assert world.status(task_id) == listed(world, task_id) == TaskStatus.FAILED
    assert reasons(world, task_id) == [
        "The scene could not be analysed: scene 'Shot' has no camera (15006). "
        "Set the scene's camera, or choose one, and analyse again."
    ]
    assert document(world, task_id, "tips.json") == {"15006": ["scene 'Shot' has no camera"]}
    assert "scene_info" not in document(world, task_id, "task.json")
    assert world.task(task_id).completed_date is not None
    assert world.miscounted() == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (AnalysisAnswer(why="reading it takes longer than 600 s"), "takes longer than 600 s"),
        (AnalysisAnswer(), "nothing in the scene can be rendered"),
        (found(frames="10-1[1]"), "ends before it starts"),
        (
            AnalysisAnswer(scene_info=msgspec.Raw(b'{"a": {"renderable": "0"}}')),
            "nothing in it is renderable",
        ),
    ],
)
def test_a_scene_that_gives_no_frames_ends_the_task_with_the_reason(
    world: World, answer: AnalysisAnswer, words: str
) -> None:
    task_id = uploaded(world)
    world.tick()
    world.analyser.answer(task_id, answer)
    world.tick()
    assert world.status(task_id) == TaskStatus.FAILED
    assert words in reasons(world, task_id)[0]
    assert world.frames(task_id) == []


def test_a_failed_analysis_is_tried_again_when_the_task_is_restarted(world: World) -> None:
    task_id = uploaded(world)
    world.tick()
    world.analyser.answer(task_id, AnalysisAnswer(why="no memory"))
    world.tick()
    world.tasks.restart_failed(
        RestartTasks(task_ids=[task_id], status=[FrameStatus.TIMED_OUT]), by=world.user
    )
    assert world.status(task_id) == TaskStatus.FAILED
    world.tasks.restart_failed(RestartTasks(task_ids=[task_id]), by=world.user)
    assert listed(world, task_id) == TaskStatus.ANALYSE
    world.tick()
    world.analyser.answer(task_id, found())
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED
    assert world.miscounted() == []


@pytest.mark.parametrize("command", ["stop", "abort", "delete"])
def test_an_analysis_ends_when_its_task_is_not_wanted_any_more(world: World, command: str) -> None:
    task_id = uploaded(world)
    world.tick()
    getattr(world.tasks, command)([task_id], by=world.user)
    world.tick()
    assert world.analyser.given_up == [task_id]
    assert not world.analyses.anything_left()
    if command != "delete":
        ends = {"stop": TaskStatus.STOP, "abort": TaskStatus.ABANDON}
        assert world.status(task_id) == listed(world, task_id) == ends[command]
    assert world.miscounted() == []


def test_what_is_found_after_a_stop_is_not_kept_and_a_start_analyses_again(world: World) -> None:
    task_id = uploaded(world)
    world.tick()
    world.analyser.answer(task_id, found())
    world.tasks.stop([task_id], by=world.user)
    world.tick()
    assert world.frames(task_id) == []
    assert "start the task" in reasons(world, task_id)[0]
    world.tasks.start([task_id], by=world.user)
    world.tick()
    world.analyser.answer(task_id, found())
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED


def test_a_farm_that_was_killed_analyses_again(world: World) -> None:
    task_id = uploaded(world)
    world.tick()
    world.restart()
    world.tick()
    assert task_id in world.analyser.orders
    world.analyser.answer(task_id, found())
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED


def test_a_few_scenes_are_analysed_at_once_and_the_others_in_their_order(world: World) -> None:
    first, second, third = (uploaded(world) for _ in range(3))
    world.tick()
    assert set(world.analyser.orders) == {first, second}
    world.analyser.answer(second, found())
    world.tick()
    assert set(world.analyser.orders) == {first, third}


def test_an_account_that_starts_analyses_by_hand_has_them_wait_for_a_start(world: World) -> None:
    choose(world, manually_start_analysis=True)
    task_id = uploaded(world)
    world.tick()
    assert world.analyser.orders == {}
    assert world.status(task_id) == listed(world, task_id) == TaskStatus.STOP
    assert "manuallyStartAnalysisFlag" in reasons(world, task_id)[0]
    assert not world.analyses.anything_left()
    world.tasks.start([task_id], by=world.user)
    world.tick()
    assert listed(world, task_id) == TaskStatus.ANALYSE
    world.analyser.answer(task_id, found())
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED
    assert world.miscounted() == []


def test_a_task_that_the_client_analysed_does_not_wait_for_a_start_by_hand(world: World) -> None:
    choose(world, manually_start_analysis=True)
    task_id = world.submitted("1-2[1]")
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED


def test_where_tasks_are_started_by_hand_the_scene_is_analysed_before(world: World) -> None:
    choose(world, auto_commit=False)
    task_id = uploaded(world)
    world.tick()
    assert listed(world, task_id) == TaskStatus.ANALYSE
    world.analyser.answer(task_id, found())
    world.tick()
    assert world.status(task_id) == TaskStatus.STOP
    assert reasons(world, task_id) == ["The task waits for you to start it: its account has autoCommit 1."]
    world.tasks.start([task_id], by=world.user)
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED
    assert world.miscounted() == []


def test_a_start_while_the_scene_is_analysed_holds_for_its_frames_too(world: World) -> None:
    choose(world, auto_commit=False)
    task_id = uploaded(world)
    world.tick()
    world.tasks.start([task_id], by=world.user)
    world.analyser.answer(task_id, found())
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED


def test_test_frames_of_an_analysed_scene_come_first(world: World) -> None:
    info = {"input_cg_file": SCENE, "cg_id": "2007", "pre_frames": "100", "stop_after_test": "1"}
    task_id = uploaded(world, {"task_info": info})
    world.tick()
    world.analyser.answer(task_id, found("1-3[1]"))
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED_TEST


def test_a_task_json_that_was_spoilt_meanwhile_ends_the_task(world: World) -> None:
    task_id = uploaded(world)
    store(world, task_id, {"task_info": 5})
    world.tick()
    world.analyser.answer(task_id, found())
    world.tick()
    assert world.status(task_id) == TaskStatus.FAILED
    assert "task.json: task_info: expected an object" in reasons(world, task_id)[0]


def test_a_scene_of_an_unknown_application_is_refused_at_once(world: World) -> None:
    with pytest.raises(BadValue, match="2999: this farm takes scenes of"):
        uploaded(world, {"task_info": {"input_cg_file": SCENE, "cg_id": "2999"}})


def test_an_answer_that_makes_no_sense_ends_its_task_and_no_other(world: World) -> None:
    strange, sound = uploaded(world), uploaded(world)
    world.tick()
    world.analyser.answer(strange, AnalysisAnswer(scene_info=msgspec.Raw(b'{"a": {"common": {"frames"')))
    world.analyser.answer(sound, found())
    world.tick()
    assert world.status(strange) == TaskStatus.FAILED
    assert world.status(sound) == TaskStatus.WAITING
    assert world.task(strange).remark in reasons(world, strange)[0]
    assert world.miscounted() == []
