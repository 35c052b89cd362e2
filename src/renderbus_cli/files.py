"""``download``: the pictures of a task."""

from __future__ import annotations

from pathlib import Path

import click

from renderbus_cli import options


@click.command()
@click.argument("task_id", metavar="ID", type=click.IntRange(1, 2**63 - 1))
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("frames"),
    show_default=True,
    help="Pictures go to OUTPUT/{task}_{scene}/.",
)
@options.farm_options
@options.json_option
def download(task_id: int, output: Path, as_json: bool) -> int:
    """Fetch the pictures that task ID has so far; those that are here already are not fetched again."""
    from renderbus_cli.asking import entered
    from renderbus_cli.display import shown
    from renderbus_cli.fetching import fetch_task
    from renderbus_cli.interrupt import Interrupt

    with Interrupt() as interrupt, shown(as_json=as_json) as show, entered(options.chosen_farm()) as api:
        finished = fetch_task(api, task_id, output.absolute(), show, interrupt)
    if not as_json and finished.folder:
        click.echo(finished.folder)
    return finished.exit
