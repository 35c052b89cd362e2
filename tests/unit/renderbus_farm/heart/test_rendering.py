"""From a submitted task to its pictures: what a tick does."""

from __future__ import annotations

from tests.unit.renderbus_farm.heart.world import World

from renderbus_model.statuses import TaskStatus
from renderbus_model.wire.transfer import OutputQuery


def test_a_submitted_task_is_rendered_to_its_last_frame(world: World) -> None:
    task_id = world.submitted("1-5[1]")
    assert world.status(task_id) == TaskStatus.WAITING
    world.render_to_end()
    task = world.task(task_id)
    assert task.task_status == TaskStatus.FINISHED
    assert (task.total_frames, task.done_frames, task.executing_frames) == (5, 5, 0)
    assert task.render_duration == 10
    assert task.completed_date is not None
    outputs = world.transfers.list_outputs(OutputQuery(task_id=task_id), by=world.user)
    assert [file.path for file in outputs.files] == [f"{task_id}_shot/shot_{n:04d}.png" for n in range(1, 6)]
