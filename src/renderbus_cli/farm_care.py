"""``farm check`` and ``farm nodes``: whether a farm is what it must be, and which nodes it does not trust."""

from __future__ import annotations

import time
from pathlib import Path

import click

from renderbus_cli import options
from renderbus_cli.farm import DATA, farm_folder


@click.command()
@DATA
@click.option("--storage", is_flag=True, help="Also read every stored byte and check its digest.")
@click.option("--heal", is_flag=True, help="Set right what can be worked out anew: counts.")
@options.json_option
def check(data: Path | None, storage: bool, heal: bool, as_json: bool) -> None:
    """Check that a farm is what it must be; it may be running or stopped.

    Tells what is wrong and what to do about it; nothing is changed without --heal, but that uploads with
    damaged bytes are forgotten (--storage), so that the next upload of those files sends them again. Exit
    status 1 where anything is wrong.
    """
    from renderbus_cli.show import json_line, print_line
    from renderbus_farm.assembly import check_farm, count_again

    folder = farm_folder(data)
    if heal:
        count_again(folder)
    wrong = 0
    for breach in check_farm(folder, all_bytes=storage):
        wrong += 1
        if as_json:
            told = {"rule": breach.rule.name.lower(), "what": breach.what, "heal": breach.heal}
            print_line(json_line({"event": "wrong", **told}))
        else:
            click.echo(f"wrong: {breach.what}\n  rule: {breach.rule.value}\n  heal: {breach.heal}")
    if not as_json:
        points = "1 thing is wrong" if wrong == 1 else f"{wrong} things are wrong"
        click.echo(points if wrong else "the farm is what it must be", err=True)
    damaged = _check_uploads(folder, as_json=as_json) if storage else 0
    if as_json:
        print_line(json_line({"event": "sound", "wrong": wrong, "damaged": damaged}))
    if wrong or damaged:
        raise click.exceptions.Exit(1)


def _check_uploads(folder: Path, *, as_json: bool) -> int:
    """Read every uploaded byte: how many packs have damaged ones."""
    from renderbus_cli.show import json_line, print_line
    from renderbus_farm.assembly import check_storage

    packs = size_bytes = damaged = 0
    for checked in check_storage(folder):
        packs, size_bytes = checked.packs, checked.size_bytes
        if checked.damaged is None:
            continue
        damaged += 1
        for path in checked.damaged.files or (f"pack {checked.damaged.name}",):
            if as_json:
                print_line(
                    json_line({"event": "damaged", "file": path, "account": checked.damaged.account_id})
                )
            else:
                click.echo(f"damaged: {path} of account {checked.damaged.account_id}; upload it again")
    if as_json:
        print_line(json_line({"event": "checked", "packs": packs, "bytes": size_bytes, "damaged": damaged}))
    else:
        click.echo(f"{packs} packs of {size_bytes / 1e6:.1f} MB checked, {damaged} damaged", err=True)
    return damaged


@click.command()
@DATA
@click.option("--forgive", metavar="NODE", help="Hold nothing more against this node.")
@options.json_option
def nodes(data: Path | None, forgive: str | None, as_json: bool) -> None:
    """List nodes through which tasks failed, and those that are set aside for that; the farm may be running.

    A node that fails several tasks gets no new work for a while. Exit status 1 where --forgive names a node
    that nothing is held against.
    """
    from renderbus_cli.show import json_line, print_line, table
    from renderbus_farm.assembly import forgive_node, nodes_in_doubt

    folder = farm_folder(data)
    if forgive is not None and not forgive_node(folder, forgive):
        click.echo(f"nothing is held against node {forgive}", err=True)
        raise click.exceptions.Exit(1)
    found, now = nodes_in_doubt(folder), time.time()
    if as_json:
        for kept in found:
            until = kept.standing.aside_until if kept.standing.is_aside(now) else None
            tasks = sorted(kept.standing.marks)
            line = {"node": kept.name, "asideUntil": until, "tasks": tasks, "why": kept.why}
            print_line(json_line(line))
        return
    rows = []
    for kept in found:
        left_s = (kept.standing.aside_until or now) - now if kept.standing.is_aside(now) else 0.0
        state = (
            f"set aside for {left_s / 60:.0f} min" if left_s else f"{len(kept.standing.marks)} tasks failed"
        )
        rows.append([kept.name, state, kept.why.splitlines()[0] if kept.why else ""])
    if not rows:
        click.echo("nothing is held against any node", err=True)
        return
    table(["node", "state", "last reason"], rows)
