"""Arguments that several commands take, and how their text becomes a value."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

LARGEST_SIDE_PX = 65536
"""Blender's own limit for the width and height of a picture."""


def frames(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """``1-10[2]``, lists with commas; kept as text, refused when it makes no sense."""
    from renderbus_model.frames import BadFrameRange, parse_frames

    if value is None:
        return None
    try:
        parse_frames(value)
    except BadFrameRange as error:
        raise click.BadParameter(str(error), ctx, param) from error
    return value.strip()


def test_frames(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """``100`` or ``000:1,3-4[1]``: three switches for first, middle and last frame, and a list."""
    from renderbus_model.frames import BadFrameRange, PriorityFrames

    if value is None:
        return None
    try:
        chosen = PriorityFrames.parse(value)
    except BadFrameRange as error:
        raise click.BadParameter(str(error), ctx, param) from error
    if not (chosen.first or chosen.middle or chosen.last or chosen.listed):
        raise click.BadParameter(
            f"{value!r} chooses no frame; 100 is the first, 000:1,3-4[1] are 1, 3 and 4", ctx, param
        )
    return value.strip()


def resolution(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[int, int] | None:
    """``1920x1080``: width and height in pixels."""
    if value is None:
        return None
    found = re.fullmatch(r"\s*([0-9]{1,6})\s*[xX]\s*([0-9]{1,6})\s*", value)
    if not found:
        raise click.BadParameter(f"{value!r}: expected width x height in pixels, e.g. 1920x1080", ctx, param)
    width, height = int(found[1]), int(found[2])
    if not (4 <= width <= LARGEST_SIDE_PX and 4 <= height <= LARGEST_SIDE_PX):
        raise click.BadParameter(f"{value!r}: each side must be 4 to {LARGEST_SIDE_PX} pixels", ctx, param)
    return width, height


@dataclass(frozen=True, slots=True)
class FarmOptions:
    """Which farm was asked for on the command line; nothing means: as configured, or the embedded one."""

    profile: str | None = None
    embedded: bool = False
    data: Path | None = None

    def again(self) -> str:
        """As typed in a command for the same farm, each with a space before it; "" when none was given.

        >>> FarmOptions(data=Path("/srv/my farm")).again()
        " --data '/srv/my farm'"
        """
        words = ["--profile", self.profile] if self.profile else []
        if self.data:
            words += ["--data", str(self.data.absolute())]
        elif self.embedded:
            words.append("--embedded")
        return "".join(f" {shlex.quote(word)}" for word in words)


def farm_options(command: Command) -> Command:
    """Add ``--profile``, ``--embedded`` and ``--data``; ``chosen_farm`` gives what they say."""
    for option in (
        click.option(
            "--data",
            type=click.Path(file_okay=False, path_type=Path),
            expose_value=False,
            callback=_keep,
            help="Data folder of the embedded farm; implies --embedded.",
        ),
        click.option(
            "--embedded",
            is_flag=True,
            expose_value=False,
            callback=_keep,
            help="Use the farm that this program starts by itself, whatever is configured.",
        ),
        click.option(
            "--profile",
            metavar="NAME",
            expose_value=False,
            callback=_keep,
            help="Use this farm of the configuration file.",
        ),
    ):
        command = option(command)
    return command


def chosen_farm() -> FarmOptions:
    """What ``farm_options`` gathered for the command that runs now."""
    given = click.get_current_context().meta
    farm = FarmOptions(
        given.get("renderbus.profile"),
        bool(given.get("renderbus.embedded")),
        given.get("renderbus.data"),
    )
    if farm.profile and (farm.embedded or farm.data):
        raise click.UsageError("--profile names a farm, --embedded and --data ask for one of its own: choose")
    return farm


def _keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    ctx.meta[f"renderbus.{param.name}"] = value


def _mapping(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """``D:=/mnt/d``: where a drive or folder of another machine lies here."""
    pairs = {}
    for value in values:
        begin, equals, here = value.partition("=")
        if not (begin.strip() and equals and here.strip()):
            raise click.BadParameter(f"{value!r}: expected FROM=TO, e.g. D:=/mnt/d", ctx, param)
        if not Path(here.strip()).is_dir():  # or every file behind it is told as missing
            raise click.BadParameter(f"{value!r}: {here.strip()} is no folder of this machine", ctx, param)
        pairs[begin.strip()] = here.strip()
    return pairs


def where_files_are(command: Command) -> Command:
    """Add ``--search`` and ``--map``: where to look for files that are not where the scene says."""
    search = click.option(
        "--search",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        multiple=True,
        help="Look here, too, for files that are not where the scene says (repeatable).",
    )
    mapping = click.option(
        "--map",
        "mapping",
        multiple=True,
        callback=_mapping,
        metavar="FROM=TO",
        help="A drive or folder of another machine, and where it lies here: D:=/mnt/d (repeatable).",
    )
    return search(mapping(command))


def json_option(command: Command) -> Command:
    """Add ``--json/--no-json``; left out, a stdout that is no terminal is taken for a program."""
    return click.option(
        "--json/--no-json",
        "as_json",
        default=None,
        callback=_for_a_program,
        help="JSON lines for programs; by itself when the output is no terminal.",
    )(command)


def _for_a_program(_ctx: click.Context, _param: click.Parameter, value: bool | None) -> bool:
    return not sys.stdout.isatty() if value is None else value
