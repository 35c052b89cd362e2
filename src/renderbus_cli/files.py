"""``upload``, ``download`` and ``verify``: the files of a task by themselves."""

from __future__ import annotations

from pathlib import Path

import click

from renderbus_cli import options

TASK_ID = click.IntRange(1, 2**63 - 1)


@click.command()
@click.argument("workspace", type=click.Path(exists=True, path_type=Path))
@options.farm_options
@options.json_option
def upload(workspace: Path, as_json: bool) -> int:
    """Send the files that WORKSPACE/upload.json lists; those that the farm has are not sent again.

    Where the workspace's task.json has the number of a task, its four documents are sent, too.
    """
    from renderbus_cli.asking import entered
    from renderbus_cli.display import shown
    from renderbus_cli.interrupt import Interrupt
    from renderbus_cli.sending import upload_workspace

    with Interrupt() as interrupt, shown(as_json=as_json) as show, entered(options.chosen_farm()) as api:
        return upload_workspace(api, workspace.absolute(), show, interrupt).exit


@click.command()
@click.argument("task_id", metavar="ID", type=TASK_ID)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("frames"),
    show_default=True,
    help="Pictures go to OUTPUT/{task}_{scene}/.",
)
@click.option(
    "--follow", "until_end", is_flag=True, help="Go on until the task ends, each frame as it is done."
)
@click.option(
    "--server-path",
    "below",
    metavar="PATH",
    multiple=True,
    help="Only what lies there in the task's results, e.g. a layer's folder.",
)
@click.option(
    "--include", metavar="GLOB", multiple=True, help="Only files of such a name or path, e.g. '*.exr'."
)
@click.option(
    "--on-conflict",
    type=click.Choice(["skip", "overwrite", "rename"]),
    default="overwrite",
    show_default=True,
    help="What to do where another file has a picture's name; rename gives the picture a number.",
)
@options.farm_options
@options.json_option
def download(
    task_id: int,
    output: Path,
    until_end: bool,
    below: tuple[str, ...],
    include: tuple[str, ...],
    on_conflict: str,
    as_json: bool,
) -> int:
    """Fetch the pictures that task ID has so far; those that are here already are not fetched again."""
    from rayvision_sync.collecting import Choice, OnConflict
    from renderbus_cli.asking import entered
    from renderbus_cli.display import shown
    from renderbus_cli.interrupt import Interrupt
    from renderbus_cli.results import download_task

    choice = Choice(below, include, OnConflict(on_conflict))
    with Interrupt() as interrupt, shown(as_json=as_json) as show, entered(options.chosen_farm()) as api:
        finished = download_task(
            api, task_id, output.absolute(), choice, show, interrupt, until_end=until_end
        )
    if not as_json and finished.folder:
        click.echo(finished.folder)
    return finished.exit


@click.command()
@click.argument("task_id", metavar="ID", type=TASK_ID)
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@options.farm_options
@options.json_option
def verify(task_id: int, folder: Path, as_json: bool) -> int:
    """Tell whether the files in DIR are what task ID has rendered, byte for byte.

    DIR is the folder that they were downloaded to, or the task's own folder in it.
    """
    from renderbus_cli.asking import entered
    from renderbus_cli.display import shown
    from renderbus_cli.interrupt import Interrupt
    from renderbus_cli.results import verify_task

    with Interrupt() as interrupt, shown(as_json=as_json) as show, entered(options.chosen_farm()) as api:
        return verify_task(api, task_id, folder.absolute(), show, interrupt).exit
