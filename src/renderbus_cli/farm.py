"""``farm``: run a farm in the foreground, and make accounts on it."""

from __future__ import annotations

from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from renderbus_cli import options

if TYPE_CHECKING:
    from renderbus_farm.main import Ready

LOCAL_PROFILE = "local"

_PEM = click.Path(path_type=Path)

DATA = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="The farm's data folder; the same as the embedded farm's if left out.",
)


def farm_folder(data: Path | None) -> Path:
    """The folder of a farm that has been there before; a mistyped one is not made into a farm.

    Raises:
        Problem: no farm has been in it.
    """
    from renderbus_cli.problems import Exit, Problem
    from renderbus_cli.session import default_data
    from renderbus_farm.data_folder import DataFolder

    folder = (data or default_data()).absolute()
    if not DataFolder(folder).key_file.is_file():
        hint = "name its data folder with --data" if data is None else "check --data"
        raise Problem(f"there is no farm in {folder}; {hint}", Exit.NOT_FOUND)
    return folder


@click.group()
def farm() -> None:
    """Run a farm on this machine, and look after one."""


@farm.command()
@click.option("--host", help="Address to listen on; 0.0.0.0 for all of this machine. [default: 127.0.0.1]")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 for any free one. [default: 8800]"
)
@DATA
@click.option(
    "--workers", type=click.IntRange(0, 1024), help="Frames rendered at once on this machine. [default: 1]"
)
@click.option(
    "--tls-cert",
    type=_PEM,
    metavar="FILE",
    help="Speak https with this certificate (PEM, with those above it).",
)
@click.option("--tls-key", type=_PEM, metavar="FILE", help="The certificate's key (PEM, no passphrase).")
@options.json_option
def serve(
    host: str | None,
    port: int | None,
    data: Path | None,
    workers: int | None,
    tls_cert: Path | None,
    tls_key: Path | None,
    as_json: bool,
) -> None:
    """Run a farm in the foreground until Ctrl-C.

    On its first start it makes its key file, its database and one account, prints the account's access id and
    key, and stores them as profile "local" in the configuration file.
    """
    from renderbus_cli.session import default_data
    from renderbus_farm.main import serve as run
    from renderbus_farm.settings import read_settings

    given = {"host": host, "port": port, "workers": workers, "tls_cert": tls_cert, "tls_key": tls_key}
    settings = read_settings((data or default_data()).absolute(), given=given)
    run(settings, on_ready=lambda ready: _ready(ready, settings.data, as_json=as_json))


def _ready(ready: Ready, data: Path, *, as_json: bool) -> None:
    from renderbus_cli.session import config_file
    from renderbus_cli.show import json_line, print_line
    from renderbus_farm.processes import adopt_orphans

    adopt_orphans()  # this process is the farm's alone now, as that of ``python -m renderbus_farm`` is
    path = config_file()
    stored = store_profile(path, ready)
    # Whoever only moves a farm to another port knows the key, and need not have it on the screen again.
    is_told = bool(ready.access_id) and (ready.is_new or (stored is not None and stored.is_new))
    if as_json:
        line = {"event": "ready", "url": ready.url, "data": str(data)}
        if is_told:
            line |= {"accessId": ready.access_id, "accessKey": ready.access_key}
        print_line(json_line(line))
        return
    if is_told:
        click.echo(f"access id  {ready.access_id}\naccess key {ready.access_key}")
    if stored:
        click.echo(f"stored as profile {stored.name!r} in {path}", err=True)
        if stored.is_new and stored.name != LOCAL_PROFILE:
            click.echo(f"profile {LOCAL_PROFILE!r} is another farm's; use --profile {stored.name}", err=True)
    click.echo(f"farm ready at {ready.url}, data in {data}; Ctrl-C ends it", err=True)


class Stored(NamedTuple):
    """A profile that was written; ``is_new`` when there was none of its name."""

    name: str
    is_new: bool


def store_profile(path: Path, ready: Ready) -> Stored | None:
    """Keep the first account as profile ``local``, or ``local-2`` … beside other farms of this machine.

    A later start only brings the address of its own profile up to date. None when nothing was written.
    """
    from renderbus_cli.session import Account, read_config, save_profile

    if not ready.access_id:
        return None
    profiles = read_config(path).get("profiles", {})
    ours = next((name for name, known in profiles.items() if known.get("access_id") == ready.access_id), None)
    if ours is not None and profiles[ours].get("url") == ready.url:
        return None
    further = (f"{LOCAL_PROFILE}-{number}" for number in count(2))
    name = ours or next(name for name in chain((LOCAL_PROFILE,), further) if name not in profiles)
    save_profile(path, name, Account(ready.url, ready.access_id, ready.access_key))
    return Stored(name, is_new=ours is None)


@farm.group()
def user() -> None:
    """Accounts of the farm on this machine."""


@user.command()
@click.argument("name")
@click.option("--allow-scripts", is_flag=True, help="Python inside this user's scenes may run on the farm.")
@DATA
@options.json_option
def add(name: str, allow_scripts: bool, data: Path | None, as_json: bool) -> None:
    """Make an account; its key is shown this once. The farm may be running."""
    from renderbus_cli.session import default_data
    from renderbus_cli.show import json_line, plain, print_line
    from renderbus_farm.main import add_user

    folder = (data or default_data()).absolute()
    was_there = (folder / "farm.key").exists()
    made = add_user(folder, name, allow_scripts=allow_scripts)
    if not was_there:
        click.echo(f"note       there was no farm in {folder} before; --data names another one", err=True)
    if as_json:
        answer = {"name": made.user.name, "accessId": made.user.access_id, "accessKey": made.access_key}
        print_line(json_line(answer))
        return
    click.echo(plain(f"account    {made.user.name}"), err=True)
    click.echo(f"access id  {made.user.access_id}\naccess key {made.access_key}")


@user.command("list")
@DATA
@options.json_option
def list_users(data: Path | None, as_json: bool) -> None:
    """List the accounts; keys are not shown."""
    from renderbus_cli.show import json_line, print_line, table
    from renderbus_farm.main import users

    found = users(farm_folder(data))
    if as_json:
        for each in found:
            scripts = each.allow_scripts
            print_line(json_line({"name": each.name, "accessId": each.access_id, "allowScripts": scripts}))
        return
    table(
        ["name", "access id", "scripts"],
        [[each.name, each.access_id, "yes" if each.allow_scripts else "no"] for each in found],
    )
