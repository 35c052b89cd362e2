"""docs/transfer.md tells every setting of the record and every exit status of the transmitter."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest

from rayvision_sync import db_config
from rayvision_sync.transmitter.program import Status

DOCS = (Path(__file__).parents[3] / "docs" / "transfer.md").read_text("utf-8")


def test_every_setting_of_the_record_is_told() -> None:
    settings = configparser.ConfigParser()
    settings.read(db_config.PACKAGED)
    told = DOCS.partition("## What was read before")[2].partition("\n## ")[0]
    for section in settings.sections():
        assert f"`{section}`" in told
        for key in settings[section]:
            assert f"`{key}`" in told


@pytest.mark.parametrize("status", list(Status))
def test_every_exit_status_of_the_transmitter_is_told(status: Status) -> None:
    assert f"\n| {status.value} | " in DOCS
