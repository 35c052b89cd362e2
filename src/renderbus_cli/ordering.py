"""Options on when a task begins, and how its frames are put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from renderbus_cli.wish import Ordering

Command = TypeVar("Command", bound=Callable[..., Any])

_TASK_ID = click.IntRange(1, 2**63 - 1)
_META = "renderbus.order."
_OF_TASK: tuple[str, ...] = ("frames_per_task", "tiles", "tiles_type")
"""Options that are members of ``task_info``."""


def order_options(command: Command) -> Command:
    """Add them; ``chosen_order`` gives what they say."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def chosen_order() -> Ordering:
    """What ``order_options`` gathered for the command that runs now.

    Raises:
        click.UsageError: tiles and several frames together.
    """
    given = {
        name.removeprefix(_META): value
        for name, value in click.get_current_context().meta.items()
        if name.startswith(_META) and value not in (None, (), {}, False)
    }
    if given.get("tiles", 1) > 1 and given.get("frames_per_task", 1) > 1:
        raise click.UsageError(
            "--tiles has several nodes render one picture, --frames-per-task one node several: choose one"
        )
    info = {name: str(given[name]) for name in _OF_TASK if name in given}
    if "layered" in given:
        info["enable_layered"] = "1"
    more: dict[str, Any] = {}
    if "after" in given:
        more["after"] = list(given["after"])
    for name in ("not_before", "delay", "chunk_seconds"):
        if name in given:
            more[name] = str(given[name])
    if "sequential" in given:
        more["sequential"] = "1"
    if "limits" in given:
        more["limits"] = given["limits"]
    return Ordering(info, more)


def _keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    ctx.meta[f"{_META}{param.name}"] = value


def _moment(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    """``2026-05-01T22:00:00+02:00``; without an offset it is this machine's own time."""
    from datetime import datetime

    if value is not None:
        try:
            read = datetime.fromisoformat(value[:-1] + "+00:00" if value.endswith("Z") else value)
            value = read.astimezone().isoformat()
        except (ValueError, OverflowError) as error:
            raise click.BadParameter(
                f"{value!r}: expected a time like 2026-05-01T22:00 or 2026-05-01T22:00:00+02:00", ctx, param
            ) from error
    _keep(ctx, param, value)


def _limits(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> None:
    limits: Mapping[str, int] = dict(_limit(ctx, param, value) for value in values)
    _keep(ctx, param, limits)


def _limit(ctx: click.Context, param: click.Parameter, value: str) -> tuple[str, int]:
    name, _, count = value.partition("=")
    if not name.strip() or not (count or "1").isdecimal() or int(count or "1") < 1:
        raise click.BadParameter(f"{value!r}: expected NAME or NAME=COUNT, e.g. maya=1", ctx, param)
    return name.strip(), int(count or "1")


def _option(*names: str, **settings: Any) -> Callable[[Command], Command]:
    settings.setdefault("callback", _keep)
    return click.option(*names, expose_value=False, **settings)


_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    _option(
        "--after",
        type=_TASK_ID,
        multiple=True,
        metavar="ID",
        help="Begin when this task has ended well (repeatable).",
    ),
    _option(
        "--not-before",
        "not_before",
        metavar="TIME",
        callback=_moment,
        help="Begin at this time at the earliest.",
    ),
    _option(
        "--delay",
        type=click.FloatRange(0, min_open=True),
        metavar="SECONDS",
        help="Begin so long after the task was submitted.",
    ),
    _option("--sequential", is_flag=True, help="Render one frame after another, in order."),
    _option(
        "--frames-per-task",
        type=click.IntRange(1, 10_000),
        metavar="N",
        help="Give a node so many frames in one go.",
    ),
    _option(
        "--chunk-seconds",
        type=click.FloatRange(0, 86400, min_open=True),
        metavar="SECONDS",
        help="Give a node as many frames in one go as fill this time.",
    ),
    _option(
        "--tiles",
        type=click.IntRange(1, 1024),
        metavar="N",
        help="Have several nodes render each picture, in parts.",
    ),
    _option(
        "--tiles-type",
        type=click.Choice(["block", "strip"]),
        help="Parts as a grid or as strips, one below another.  [default: block]",
    ),
    _option("--layered", is_flag=True, help="Make each layer and camera a task of its own below one."),
    _option(
        "--limit",
        "limits",
        multiple=True,
        metavar="NAME=N",
        callback=_limits,
        help="Each frame takes so much of a limit of the farm, e.g. a licence (repeatable).",
    ),
)
