"""Options on when a task begins and how its frames go to nodes, and which units a restart means."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from renderbus_cli.ordering import chosen_order, order_options
from renderbus_cli.program import program
from renderbus_model.task_order import TaskOrder


@click.command()
@order_options
def tell() -> None:
    order = chosen_order()
    click.echo(json.dumps([dict(order.info), dict(order.more)]))


def told(*arguments: str) -> tuple[dict[str, str], dict[str, object]]:
    result = CliRunner().invoke(tell, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    info, more = json.loads(result.output)
    return info, more


def test_nothing_said_writes_nothing() -> None:
    assert told() == ({}, {})


def test_what_is_said_is_what_the_farm_reads() -> None:
    info, more = told(
        *("--after", "7", "--after", "9", "--delay", "60", "--sequential", "--chunk-seconds", "90"),
        *("--limit", "maya", "--limit", "arnold=2", "--tiles", "4", "--tiles-type", "strip", "--layered"),
    )
    assert info == {"tiles": "4", "tiles_type": "strip", "enable_layered": "1"}
    assert TaskOrder.read(more) == TaskOrder((7, 9), 0.0, 60.0, True, 90.0, {"maya": 1, "arnold": 2})


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("2026-05-01T22:00:00+02:00", 1777665600.0), ("2026-05-01T20:00:00Z", 1777665600.0)],
)
def test_a_time_keeps_its_moment(text: str, seconds: float) -> None:
    assert TaskOrder.read(told("--not-before", text)[1]).not_before == seconds


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--tiles", "2", "--frames-per-task", "3"), "choose one"),
        (("--not-before", "tomorrow"), "expected a time like 2026-05-01T22:00"),
        (("--limit", "=3"), "expected NAME or NAME=COUNT"),
        (("--limit", "maya=some"), "expected NAME or NAME=COUNT"),
        (("--after", "x"), "is not a valid integer"),
        (("--tiles-type", "hexagon"), "is not one of"),
    ],
)
def test_what_makes_no_sense_is_wrong_usage(arguments: tuple[str, ...], why: str) -> None:
    result = CliRunner().invoke(tell, list(arguments))
    assert result.exit_code == 2
    assert why in result.output


def test_a_restart_is_of_one_kind() -> None:
    result = CliRunner().invoke(program, ["task", "restart", "7", "--all", "--frames", "1-4"])
    assert (result.exit_code, "choose one" in result.output) == (64, True)


def test_the_order_is_written_into_the_document(tmp_path: Path) -> None:
    from rayvision_api.utils import append_to_task, json_load

    path = tmp_path / "task.json"
    path.write_text(json.dumps({"task_info": {"tiles": "1"}}), encoding="utf-8")
    append_to_task(told("--after", "7")[1], str(path))
    assert TaskOrder.read(json_load(str(path))["additional_info"]).after == (7,)
