"""What users do to tasks and frames, in every state and twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.unit.renderbus_farm.heart.world import World

from renderbus_farm.rules.refusals import BadValue, NotFound, Refusal
from renderbus_model.statuses import FrameStatus, TaskStatus
from renderbus_model.wire.codes import Code
from renderbus_model.wire.frame import ChosenFrames, FrameLogQuery, FrameQuery, ThumbnailQuery
from renderbus_model.wire.label import AddLabel
from renderbus_model.wire.task import CreateTask, RestartTasks, SubmitTask, TaskDocument, TaskTimeLimit
from renderbus_model.wire.transfer import OutputQuery

W, R, S, D, F = (
    FrameStatus.WAITING,
    FrameStatus.RENDERING,
    FrameStatus.STOPPED,
    FrameStatus.DONE,
    FrameStatus.FAILED,
)

Command = Callable[[World, int], object]
COMMANDS: dict[str, Command] = {
    "stop": lambda world, task_id: world.tasks.stop([task_id], by=world.user),
    "start": lambda world, task_id: world.tasks.start([task_id], by=world.user),
    "abort": lambda world, task_id: world.tasks.abort([task_id], by=world.user),
    "delete": lambda world, task_id: world.tasks.delete([task_id], by=world.user),
    "full speed": lambda world, task_id: world.tasks.full_speed([task_id], by=world.user),
    "submit": lambda world, task_id: world.tasks.submit(SubmitTask(task_id=task_id), by=world.user),
    "restart failed": lambda world, task_id: world.tasks.restart_failed(
        RestartTasks(task_ids=[task_id]), by=world.user
    ),
    "restart all": lambda world, task_id: world.of_frames.restart(
        ChosenFrames(task_id=task_id, select_all=1), by=world.user
    ),
}


def waiting(world: World) -> int:
    return world.submitted("1-4[1]")


def rendering(world: World) -> int:
    task_id = world.submitted("1-4[1]")
    world.tick()
    return task_id


def partly_done(world: World) -> int:
    task_id = rendering(world)
    first, second = sorted(world.executor.orders)
    world.executor.finish(first)
    world.executor.fail(second)
    world.tick()
    return task_id


def stopped(world: World) -> int:
    task_id = partly_done(world)
    world.tasks.stop([task_id], by=world.user)
    return task_id


def held(world: World) -> int:
    task_id = world.submitted("1-4[1]", pre_frames="100", stop_after_test="1")
    world.render_to_end()
    return task_id


def done(world: World) -> int:
    task_id = world.submitted("1-2[1]")
    world.render_to_end()
    return task_id


def failed(world: World) -> int:
    task_id = world.submitted("1-2[1]")
    world.tick()
    for chunk in sorted(world.executor.orders):
        world.executor.fail(chunk)
    world.tick()
    return task_id


def aborted(world: World) -> int:
    task_id = partly_done(world)
    world.tasks.abort([task_id], by=world.user)
    return task_id


def deleted(world: World) -> int:
    task_id = partly_done(world)
    world.tasks.delete([task_id], by=world.user)
    return task_id


def draft(world: World) -> int:
    return world.new_task()


STATES = [waiting, rendering, partly_done, stopped, held, done, failed, aborted, deleted, draft]


def ask(command: Command, world: World, task_id: int) -> str:
    """What came of it; a refusal is an answer too."""
    try:
        command(world, task_id)
    except Refusal as refusal:
        return refusal.message
    return ""


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_a_command_that_comes_twice_does_no_more_than_once(
    world: World, state: Callable[[World], int], name: str
) -> None:
    task_id = state(world)
    answer = ask(COMMANDS[name], world, task_id)
    once = world.picture(task_id)
    assert ask(COMMANDS[name], world, task_id) == answer
    assert world.picture(task_id) == once
    world.render_to_end()
    assert world.miscounted() == []


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_after_any_command_the_task_can_be_deleted_and_nothing_of_it_runs(
    world: World, state: Callable[[World], int], name: str
) -> None:
    task_id = state(world)
    ask(COMMANDS[name], world, task_id)
    world.tick()
    world.tasks.delete([task_id], by=world.user)
    world.tick()
    assert not world.executor.orders
    assert not world.dispatcher.anything_left()
    with pytest.raises(NotFound):
        world.task(task_id)


def test_a_stopped_task_keeps_what_is_done_and_goes_on_when_started(world: World) -> None:
    task_id = stopped(world)
    assert world.frame_statuses(task_id) == [D, F, S, S]
    assert world.status(task_id) == TaskStatus.STOP
    world.tick()
    assert not world.executor.orders
    world.tasks.start([task_id], by=world.user)
    world.render_to_end()
    assert world.frame_statuses(task_id) == [D, F, D, D]


def test_an_aborted_task_stays_aborted(world: World) -> None:
    task_id = aborted(world)
    assert world.status(task_id) == TaskStatus.ABANDON
    for name in ("start", "restart failed", "restart all"):
        with pytest.raises(BadValue, match="was aborted and cannot go on"):
            COMMANDS[name](world, task_id)
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.ABANDON


def test_aborting_a_finished_task_leaves_it_finished(world: World) -> None:
    task_id = done(world)
    world.tasks.abort([task_id], by=world.user)
    assert world.status(task_id) == TaskStatus.FINISHED


def test_a_task_that_was_not_submitted_cannot_be_started(world: World) -> None:
    with pytest.raises(BadValue, match="was not submitted yet"):
        world.tasks.start([draft(world)], by=world.user)


def test_an_aborted_draft_cannot_be_submitted(world: World) -> None:
    task_id = draft(world)
    world.tasks.abort([task_id], by=world.user)
    world.documents(task_id)
    with pytest.raises(BadValue, match="was aborted; create a new one"):
        world.tasks.submit(SubmitTask(task_id=task_id), by=world.user)


def test_failed_frames_are_rendered_again_and_the_others_left_alone(world: World) -> None:
    task_id = partly_done(world)
    world.render_to_end()
    assert world.status(task_id) == TaskStatus.FINISHED_HAS_FAILED
    world.tasks.restart_failed(RestartTasks(task_ids=[task_id]), by=world.user)
    world.render_to_end()
    assert [(frame.attempt, frame.recommit_flag) for frame in world.frames(task_id)] == [
        (1, 0), (2, 1), (1, 0), (1, 0),
    ]  # fmt: skip
    assert world.status(task_id) == TaskStatus.FINISHED


def test_frames_can_be_restarted_by_id_and_by_status(world: World) -> None:
    task_id = done(world)
    first, second = (frame.id for frame in world.frames(task_id))
    world.of_frames.restart(ChosenFrames(task_id=task_id, ids=[second]), by=world.user)
    assert world.frame_statuses(task_id) == [D, W]
    world.of_frames.restart(ChosenFrames(task_id=task_id, select_all=1, status=[F]), by=world.user)
    assert world.frame_statuses(task_id) == [D, W]
    world.tasks.restart_failed(RestartTasks(task_ids=[task_id], status=[D]), by=world.user)
    assert world.frame_statuses(task_id) == [W, W]
    del first


def test_a_restarted_frame_of_a_stopped_task_is_rendered_and_the_rest_stays_stopped(world: World) -> None:
    task_id = stopped(world)
    failed_frame = world.frames(task_id)[1]
    world.of_frames.restart(ChosenFrames(task_id=task_id, ids=[failed_frame.id]), by=world.user)
    world.render_to_end()
    assert world.frame_statuses(task_id) == [D, D, S, S]
    assert world.status(task_id) == TaskStatus.STOP


def test_a_frame_that_renders_is_not_begun_anew_by_a_restart(world: World) -> None:
    task_id = rendering(world)
    COMMANDS["restart all"](world, task_id)
    world.tick()
    assert world.executor.cancelled == []


def test_a_restart_names_frames_of_its_own_task(world: World) -> None:
    ours, other = done(world), done(world)
    foreign = world.frames(other)[0].id
    with pytest.raises(NotFound, match=f"frame {foreign}: no such frame"):
        world.of_frames.restart(ChosenFrames(task_id=ours, ids=[foreign]), by=world.user)
    with pytest.raises(BadValue, match="no frame id was given"):
        world.of_frames.restart(ChosenFrames(task_id=ours, ids=[]), by=world.user)


def test_one_unknown_task_stops_the_command_for_all(world: World) -> None:
    task_id = rendering(world)
    with pytest.raises(NotFound, match=r"task 4711: no such task in this account"):
        world.tasks.stop([task_id, 4711], by=world.user)
    assert world.status(task_id) == TaskStatus.RENDERING


@pytest.mark.parametrize("task_id", [0, -1, 4711, 2**63, 10**30])
def test_an_id_that_nothing_has_is_not_found(world: World, task_id: int) -> None:
    for command in COMMANDS.values():
        with pytest.raises(NotFound) as refused:
            command(world, task_id)
        assert refused.value.code == Code.RESOURCE_NOT_FOUND


def test_tasks_of_another_account_are_as_good_as_unknown(world: World) -> None:
    task_id = done(world)
    frame = world.frames(task_id)[0]
    eve = world.accounts.add("eve").user
    asked: list[Callable[[], object]] = [
        lambda: world.tasks.stop([task_id], by=eve),
        lambda: world.tasks.start([task_id], by=eve),
        lambda: world.tasks.abort([task_id], by=eve),
        lambda: world.tasks.delete([task_id], by=eve),
        lambda: world.tasks.full_speed([task_id], by=eve),
        lambda: world.tasks.submit(SubmitTask(task_id=task_id), by=eve),
        lambda: world.lists.info([task_id], by=eve),
        lambda: world.of_frames.page(FrameQuery(task_id=task_id), by=eve),
        lambda: world.lists.explain(task_id, by=eve),
        lambda: world.tasks.restart_failed(RestartTasks(task_ids=[task_id]), by=eve),
        lambda: world.of_frames.restart(ChosenFrames(task_id=task_id, select_all=1), by=eve),
        lambda: world.results.thumbnails(ThumbnailQuery(id=frame.id), by=eve),
        lambda: world.results.frame_log(FrameLogQuery(frame_id=frame.id), by=eve),
        lambda: world.tasks.store_document(
            TaskDocument(task_id=task_id, file_name="task.json", content="{}"), by=eve
        ),
        lambda: world.transfers.list_outputs(OutputQuery(task_id=task_id), by=eve),
        lambda: world.transfers.list_outputs(OutputQuery(path=f"{task_id}_shot"), by=eve),
        lambda: world.upload({f"/{task_id}/cfg/task.json": b"{}"}, eve, storage="config"),
    ]
    before = world.picture(task_id)
    for ask_as_eve in asked:
        with pytest.raises(NotFound, match=r"no such (task|frame) in this account"):
            ask_as_eve()
    assert world.picture(task_id) == before


def test_new_tasks_get_ids_that_never_come_again(world: World) -> None:
    made = world.tasks.create(CreateTask(count=3, labels=["film", "film", ""]), by=world.user)
    assert made.alias_task_id_list == [f"2W{task_id}" for task_id in made.task_id_list]
    assert len(set(made.task_id_list)) == 3
    assert [label.project_name for label in world.labels.every(by=world.user).project_name_list] == ["film"]


@pytest.mark.parametrize(("count", "level"), [(0, 50), (-1, 50), (10**9, 50), (1, 10**9), (1, -1)])
def test_a_count_or_level_of_no_sense_is_refused(world: World, count: int, level: int) -> None:
    with pytest.raises(BadValue, match=r"expected"):
        world.tasks.create(CreateTask(count=count, task_user_level=level), by=world.user)


def test_an_attempt_that_never_was_has_no_log(world: World) -> None:
    frame = world.frames(done(world))[0]
    with pytest.raises(NotFound, match=r"attempt at frame \d+ 2"):
        world.results.frame_log(FrameLogQuery(frame_id=frame.id, attempt=2), by=world.user)


def test_ten_thousand_frames_can_be_restarted_by_id(world: World) -> None:
    task_id = world.submitted("1-10000[1]")
    ids = [frame.id for frame in [*world.frames(task_id), *world.frames(task_id, page=2)]]
    world.tasks.stop([task_id], by=world.user)
    world.of_frames.restart(ChosenFrames(task_id=task_id, ids=ids), by=world.user)
    assert world.task(task_id).waiting_count == 10_000


@pytest.mark.parametrize(
    "ask",
    [
        CreateTask(artist="x" * 201),
        CreateTask(labels=["film", "x" * 201]),
        CreateTask(labels=[str(number) for number in range(101)]),
    ],
)
def test_names_that_would_fill_the_database_are_refused(world: World, ask: CreateTask) -> None:
    with pytest.raises(BadValue, match=r"artist|label"):
        world.tasks.create(ask, by=world.user)
    assert world.labels.every(by=world.user).project_name_list == []


def test_a_label_of_a_new_task_is_the_same_as_one_that_was_added(world: World) -> None:
    world.labels.add(AddLabel(new_name="film"), by=world.user)
    world.tasks.create(CreateTask(labels=[" film ", ""]), by=world.user)
    labels = world.labels.every(by=world.user).project_name_list
    assert [label.project_name for label in labels] == ["film"]


@pytest.mark.parametrize("state", [aborted, draft], ids=lambda state: state.__name__)
def test_what_could_not_act_is_refused_and_says_why(world: World, state: Callable[[World], int]) -> None:
    task_id = state(world)
    limit = TaskTimeLimit(task_ids=[task_id], over_time=60)
    why = "was aborted and cannot go on" if state is aborted else "was not submitted yet"
    before = world.picture(task_id)
    with pytest.raises(BadValue, match=why):
        world.tasks.full_speed([task_id], by=world.user)
    with pytest.raises(BadValue, match=why):
        world.changes.time_limit(limit, by=world.user)
    assert world.picture(task_id) == before


def test_a_draft_that_was_abandoned_is_refused_too(world: World) -> None:
    task_id = draft(world)
    world.tasks.abort([task_id], by=world.user)
    with pytest.raises(BadValue, match="was not submitted yet"):
        world.tasks.full_speed([task_id], by=world.user)
