"""docs/cli.md tells of every exit status, event and option that there is."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click
import msgspec
import pytest

from renderbus_cli import events
from renderbus_cli.farm import serve
from renderbus_cli.files import download
from renderbus_cli.problems import Exit
from renderbus_cli.program import program
from renderbus_cli.render import render
from renderbus_farm.settings import Settings

DOCS = (Path(__file__).parents[3] / "docs" / "cli.md").read_text("utf-8")

EVENTS = [
    kind
    for kind in vars(events).values()
    if isinstance(kind, type) and issubclass(kind, events.Event) and kind is not events.Event
]


@pytest.mark.parametrize("status", list(Exit))
def test_every_exit_status_is_explained(status: Exit) -> None:
    assert f"\n| {status.value} | " in DOCS


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: str(kind.__name__))
def test_every_event_and_its_members_are_listed(kind: type[msgspec.Struct]) -> None:
    tag = str(kind.__struct_config__.tag)
    lines = [line for line in DOCS.split("\n\n") if f"`{tag}`" in line]
    assert lines
    told = "\n".join(lines)
    for field in msgspec.structs.fields(kind):
        assert f"`{field.name}`" in told


@pytest.mark.parametrize("param", render.params, ids=lambda param: str(param.name))
def test_every_option_of_render_is_told(param: click.Parameter) -> None:
    for name in param.opts:
        if name.startswith("--"):
            assert name in DOCS


@pytest.mark.parametrize("param", download.params, ids=lambda param: str(param.name))
def test_every_option_of_download_is_told(param: click.Parameter) -> None:
    for name in param.opts:
        if name.startswith("--"):
            assert f"`{name}" in DOCS


@pytest.mark.parametrize("name", sorted(program.commands))
def test_every_command_is_listed(name: str) -> None:
    assert f"| `renderbus {name} " in DOCS


@pytest.mark.parametrize("param", serve.params, ids=lambda param: str(param.name))
def test_every_option_of_farm_serve_is_told(param: click.Parameter) -> None:
    section = DOCS.partition("## Running a farm")[2].partition("\n## ")[0]
    if param.name != "as_json":  # told once for all commands
        assert f"`{param.opts[0]} " in section


@pytest.mark.parametrize("name", [each.name for each in dataclasses.fields(Settings)])
def test_every_setting_of_a_farm_is_told(name: str) -> None:
    told_by_an_option = f"`--{name.replace('_', '-')} "
    set_by_the_farm_itself = name in ("embedded", "idle_end_s")
    assert set_by_the_farm_itself or f"`{name}`" in DOCS or told_by_an_option in DOCS
