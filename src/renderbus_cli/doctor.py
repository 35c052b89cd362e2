"""``doctor``: what this machine can render, why not the rest, and whether the farm can be used from here."""

from __future__ import annotations

import sys

import click

from renderbus_cli import options
from renderbus_cli.problems import EXIT_HELP

_MARKS = {"ok": click.style("ok  ", fg="green"), "note": "note", "problem": click.style("PROBLEM", fg="red")}


@click.command(epilog=EXIT_HELP)
@options.farm_options
@options.json_option
def doctor(as_json: bool) -> int:
    """Look at this machine and at the farm: what can be rendered, and why not the rest.

    Renderers with their versions, graphics cards, room on the disk, packages of the vendor that hide ours,
    and of the farm that is chosen whether it answers, goes by the same clock and takes the key. Ends with 69
    where something is missing that is needed.
    """
    from renderbus_cli import doctor_checks
    from renderbus_cli.session import OwnFarm, choose, default_data
    from renderbus_cli.show import json_line, plain

    chosen = choose(options.chosen_farm())
    own = isinstance(chosen, OwnFarm)
    data = chosen.data if isinstance(chosen, OwnFarm) else default_data()
    lines = []
    for part in (
        doctor_checks.installation(),
        doctor_checks.machine(data, needed=own),
        doctor_checks.farm(chosen),
    ):
        for line in part:
            lines.append(line)
            if as_json:
                sys.stdout.buffer.write(json_line(line))
                sys.stdout.buffer.flush()
            else:
                click.echo(f"{_MARKS[line.level]} {plain(line.about)}: {plain(line.text)}")
    return doctor_checks.status(lines)
