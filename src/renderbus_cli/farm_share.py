"""``farm share``: what each account gets of a farm."""

from __future__ import annotations

from pathlib import Path

import click

from renderbus_cli import options
from renderbus_cli.farm import DATA, farm_folder


@click.command()
@click.argument("name", required=False)
@click.option("--weight", type=float, help="Twice the weight gets twice the frames at once. [default: 1]")
@click.option("--at-least", type=click.IntRange(0), metavar="N", help="Frames at once that go before others.")
@click.option(
    "--at-most", metavar="N|none", help="Frames at once that the account never passes; none for no ceiling."
)
@DATA
@options.json_option
def share(
    name: str | None,
    weight: float | None,
    at_least: int | None,
    at_most: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Show what accounts get of the farm, or change it for account NAME; the farm may be running.

    What is not named stays as it is. Frames that render are not taken away for it.
    """
    from renderbus_cli.show import json_line, print_line, table
    from renderbus_farm.assembly import change_share, shares

    folder = farm_folder(data)
    changes: dict[str, float | int | None] = {}
    if weight is not None:
        changes["weight"] = weight
    if at_least is not None:
        changes["at_least"] = at_least
    if at_most is not None:
        changes["at_most"] = _ceiling(at_most)
    if changes and name is None:
        raise click.UsageError("name the account whose share is to change")
    if name is not None and changes:
        change_share(folder, name, changes)
    found = [(user, each) for user, each in shares(folder) if name in (None, user)]
    if name is not None and not found:
        raise click.BadParameter(f"there is no account {name!r}; renderbus farm user list shows all")
    if as_json:
        for user, each in found:
            told = {"weight": each.weight, "atLeast": each.at_least, "atMost": each.at_most}
            print_line(json_line({"name": user, **told}))
        return
    rows = [
        [user, f"{each.weight:g}", str(each.at_least), "none" if each.at_most is None else str(each.at_most)]
        for user, each in found
    ]
    table(["account", "weight", "at least", "at most"], rows)


def _ceiling(text: str) -> int | None:
    if text.lower() == "none":
        return None
    if not text.isdigit():
        raise click.BadParameter(f"{text!r} is neither a number nor none", param_hint="--at-most")
    return int(text)
