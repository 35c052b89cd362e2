"""``task``: look at tasks and their frames, stop, start, restart, abort and delete them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from renderbus_cli import options
from renderbus_cli.problems import Exit, Problem

if TYPE_CHECKING:
    from renderbus_model.wire.operation import Operation
    from renderbus_model.wire.task import TaskIds

TASK_ID = click.IntRange(1, 2**63 - 1)


@click.group()
def task() -> None:
    """Look at tasks and change what becomes of them."""


@task.command("list")
@click.option(
    "--limit", type=click.IntRange(1, 10000), default=20, show_default=True, help="The newest so many."
)
@click.option("--search", metavar="TEXT", help="Only tasks with this in scene name or id.")
@options.farm_options
@options.json_option
def list_tasks(limit: int, search: str | None, as_json: bool) -> None:
    """List tasks, newest first."""
    from renderbus_cli.asking import entered
    from renderbus_cli.cells import task_time, when
    from renderbus_cli.show import table, task_words
    from renderbus_model.wire.task import GET_TASK_LIST, TaskListQuery

    with entered(options.chosen_farm()) as api:
        asked = TaskListQuery(page_num=1, page_size=limit, search_keyword=search)
        page = api.connect.call(GET_TASK_LIST, asked)
    found = page.items
    if as_json:
        _print_json(found)
        return
    rows = [
        [
            str(item.id),
            item.scene_name,
            task_words(item.task_status),
            f"{item.done_frames}/{item.total_frames}",
            str(item.failed_frames),
            when(item.submit_date),
            task_time(item),
        ]
        for item in found
    ]
    table(
        ["id", "scene", "status", "done", "failed", "submitted", "render time"],
        rows,
        right=["id", "done", "failed", "render time"],
    )
    if page.total > len(found):
        click.echo(f"the newest {len(found)} of {page.total} tasks; --limit shows more", err=True)


@task.command()
@click.argument("task_id", metavar="ID", type=TASK_ID)
@options.farm_options
@options.json_option
def show(task_id: int, as_json: bool) -> None:
    """Show one task, and why it does not render where it waits."""
    from renderbus_cli.asking import counted_unit, entered, one_task
    from renderbus_cli.cells import part_words, task_time, when
    from renderbus_cli.show import table, task_words
    from renderbus_cli.units import counted
    from renderbus_model.wire.task import EXPLAIN_TASK, TaskId

    with entered(options.chosen_farm()) as api:
        item = one_task(api, task_id)
        why = api.connect.call(EXPLAIN_TASK, TaskId(task_id=task_id))
        unit = "frame" if as_json else counted_unit(api, task_id)
    if as_json:
        from renderbus_cli.show import json_line, print_line

        print_line(json_line({**_builtins(item), "possible": why.possible, "reasons": why.reasons}))
        return
    rows = [
        ["task", str(item.id)],
        ["scene", item.scene_name],
        ["project", item.project_name],
        ["status", task_words(item.task_status)],
        ["frames", f"{item.frames_range}: {item.done_frames} of {counted(item.total_frames, unit)} done"],
        ["", f"{item.executing_frames} rendering, {item.failed_frames} failed, {item.abort_frames} aborted"],
        ["submitted", when(item.submit_date)],
        ["started", when(item.start_time)],
        ["ended", when(item.completed_date)],
        ["render time", task_time(item)],
        ["pictures", item.output_file_name or ""],
        *(["waits" if number == 0 else "", reason] for number, reason in enumerate(why.reasons)),
        *(["part", part_words(part)] for part in item.resp_rendering_task_list or ()),
    ]
    table(["", ""], rows)


@task.command()
@click.argument("task_id", metavar="ID", type=TASK_ID)
@click.option("--frame", type=int, metavar="N", help="Only this frame, whatever it does.")
@options.farm_options
@options.json_option
def why(task_id: int, frame: int | None, as_json: bool) -> None:
    """Tell what the frames of a task wait for, one sentence for all that wait for the same."""
    from renderbus_cli.asking import entered, every_why
    from renderbus_cli.show import json_line, print_line, table

    with entered(options.chosen_farm()) as api:
        found = list(every_why(api, task_id, frame))
    if frame is not None and not found:
        raise Problem(f"task {task_id} has no frame {frame}", Exit.NOT_FOUND)
    if as_json:
        for item in found:
            print_line(json_line(_builtins(item)))
        return
    if not found:
        click.echo("nothing of it waits", err=True)
        return
    several = len({item.task_id for item in found}) > 1
    rows = [
        [*([str(item.task_id)] if several else []), item.layer or "", item.frames, item.reason]
        for item in found
    ]
    table([*(["task"] if several else []), "layer", "frames", "why"], rows)


@task.command()
@click.argument("task_id", metavar="ID", type=TASK_ID)
@options.farm_options
@options.json_option
def frames(task_id: int, as_json: bool) -> None:
    """List the frames of one task, with the error of each that failed."""
    from renderbus_cli.asking import all_frames, entered, one_task
    from renderbus_cli.cells import frame_status, frame_time
    from renderbus_cli.show import table
    from renderbus_cli.units import unit_words

    with entered(options.chosen_farm()) as api:
        one_task(api, task_id)
        found = all_frames(api, task_id)
    if as_json:
        _print_json(found)
        return
    rows = [
        [
            unit_words(frame.frame_index),
            frame.layer_name,
            frame.camera_name,
            frame_status(frame),
            f"{frame.frame_percent:.0f} %",
            frame_time(frame),
            str(frame.attempt),
            frame.node_name,
            frame.error or (f"look at it: {frame.flags}" if frame.flags else ""),
        ]
        for frame in found
    ]
    table(
        ["frame", "layer", "camera", "status", "", "time", "attempt", "node", "error"],
        rows,
        right=["frame", "", "time", "attempt"],
    )


@task.command()
@click.argument("task_id", metavar="ID", type=TASK_ID)
@click.argument("frame", type=int)
@click.option("--layer", metavar="NAME", help="Of this layer, where several render the frame.")
@click.option("--camera", metavar="NAME", help="Through this camera, where several see the frame.")
@click.option(
    "--attempt", type=click.IntRange(1), metavar="N", help="An earlier try; the last one if left out."
)
@options.farm_options
@options.json_option
def log(
    task_id: int, frame: int, layer: str | None, camera: str | None, attempt: int | None, as_json: bool
) -> None:
    """Print what the renderer wrote about FRAME of task ID."""
    from renderbus_cli.asking import all_frames, entered, one_task
    from renderbus_cli.show import json_line, plain, print_line
    from renderbus_cli.units import frames_of, unit_words
    from renderbus_model.wire.frame import FRAME_LOG, FrameLogQuery

    with entered(options.chosen_farm()) as api:
        one_task(api, task_id)
        wanted = [
            item
            for item in all_frames(api, task_id)
            if frame in frames_of(item.frame_index)
            and layer in (None, item.layer_name)
            and camera in (None, item.camera_name)
        ]
        if not wanted:
            raise Problem(
                f"task {task_id} has no such frame: {_frame_words(frame, layer, camera)}", Exit.NOT_FOUND
            )
        logs = [
            (item, api.connect.call(FRAME_LOG, FrameLogQuery(frame_id=item.id, attempt=attempt or 0)))
            for item in wanted
        ]
    for item, found in logs:
        if as_json:
            print_line(
                json_line({**_builtins(found), "frameIndex": item.frame_index, "layerName": item.layer_name})
            )
            continue
        if len(logs) > 1:
            click.echo(
                plain(
                    f"== frame {unit_words(item.frame_index)} {item.layer_name} {item.camera_name}".rstrip()
                )
            )
        if not found.text.strip():
            click.echo(f"nothing was written about frame {unit_words(item.frame_index)} yet", err=True)
            continue
        click.echo("\n".join(plain(line) for line in found.text.rstrip("\n").split("\n")))


def _frame_words(frame: int, layer: str | None, camera: str | None) -> str:
    words = [str(frame)]
    words += [f"of layer {layer!r}"] if layer else []
    words += [f"through camera {camera!r}"] if camera else []
    return " ".join(words)


@task.command()
@click.argument("ids", metavar="ID...", type=TASK_ID, nargs=-1, required=True)
@options.farm_options
@options.json_option
def stop(ids: tuple[int, ...], as_json: bool) -> None:
    """Stop tasks: frames that render are cancelled, the others wait for ``start``."""
    from renderbus_model.wire.task import STOP_TASK

    _change(STOP_TASK, ids, "stopped", as_json=as_json)


@task.command()
@click.argument("ids", metavar="ID...", type=TASK_ID, nargs=-1, required=True)
@options.farm_options
@options.json_option
def start(ids: tuple[int, ...], as_json: bool) -> None:
    """Go on with tasks that were stopped, or that suspended after their test frames."""
    from renderbus_cli.asking import entered, one_task
    from renderbus_model.statuses import TaskStatus
    from renderbus_model.wire.task import FULL_SPEED, START_TASK, TaskIds

    with entered(options.chosen_farm()) as api:
        tested = [each for each in ids if one_task(api, each).task_status == TaskStatus.FINISHED_TEST]
        others = [each for each in ids if each not in tested]
        if tested:
            api.connect.call(FULL_SPEED, TaskIds(task_ids=tested))
        if others:
            api.connect.call(START_TASK, TaskIds(task_ids=others))
    _done(ids, "started", as_json=as_json)


@task.command()
@click.argument("ids", metavar="ID...", type=TASK_ID, nargs=-1, required=True)
@click.option("--failed", is_flag=True, help="Its failed frames, as when nothing is said.")
@click.option("--all", "every", is_flag=True, help="Every frame, whatever became of it.")
@click.option("--frames", metavar="RANGE", callback=options.frames, help="These frames, e.g. 1-10[2].")
@options.farm_options
@options.json_option
def restart(ids: tuple[int, ...], failed: bool, every: bool, frames: str | None, as_json: bool) -> None:
    """Render frames of tasks again: those that failed, all of them, or chosen ones.

    A chunk is rendered again whole if one of its frames is chosen.
    """
    from renderbus_cli.asking import entered
    from renderbus_cli.restarting import restart_every, restart_failed, restart_some

    if failed + every + (frames is not None) > 1:
        raise click.UsageError("--failed, --all and --frames say different things: choose one")
    restarted: Sequence[int] = ids
    with entered(options.chosen_farm()) as api:
        if frames is not None:
            restart_some(api, ids, frames)
        elif every:
            restart_every(api, ids)
        else:
            restarted = restart_failed(api, ids)
    for untouched in sorted({*ids} - {*restarted}):
        click.echo(f"task {untouched} has no failed frames; --all or --frames render others again", err=True)
    if restarted or as_json:
        _done(restarted, "restarted", as_json=as_json)


@task.command()
@click.argument("ids", metavar="ID...", type=TASK_ID, nargs=-1, required=True)
@options.farm_options
@options.json_option
def abort(ids: tuple[int, ...], as_json: bool) -> None:
    """Give tasks up: what has not rendered never will."""
    from renderbus_model.wire.task import ABORT_TASK

    _change(ABORT_TASK, ids, "aborted", as_json=as_json)


@task.command()
@click.argument("ids", metavar="ID...", type=TASK_ID, nargs=-1, required=True)
@options.farm_options
@options.json_option
def delete(ids: tuple[int, ...], as_json: bool) -> None:
    """Delete tasks; pictures that were downloaded stay."""
    from renderbus_model.wire.task import DELETE_TASK

    _change(DELETE_TASK, ids, "deleted", as_json=as_json)


def _change(operation: Operation[TaskIds, Any], ids: tuple[int, ...], word: str, *, as_json: bool) -> None:
    from renderbus_cli.asking import entered
    from renderbus_model.wire.task import TaskIds

    with entered(options.chosen_farm()) as api:
        api.connect.call(operation, TaskIds(task_ids=list(ids)))
    _done(ids, word, as_json=as_json)


def _done(ids: Sequence[int], word: str, *, as_json: bool) -> None:
    from renderbus_cli.show import json_line, print_line

    if as_json:
        print_line(json_line({"event": word, "tasks": ids}))
        return
    noun = "task" if len(ids) == 1 else "tasks"
    click.echo(f"{noun} {', '.join(map(str, ids))} {word}", err=True)


def _builtins(value: Any) -> dict[str, Any]:
    import msgspec

    made: dict[str, Any] = msgspec.to_builtins(value)
    return made


def _print_json(items: list[Any]) -> None:
    from renderbus_cli.show import json_line, print_line

    for item in items:
        print_line(json_line(item))
