"""docs/http-api.md says what the code does: its tables are made from it, its example is worked out again."""

from __future__ import annotations

import json
import re

from scripts.http_api_table import PAGE, with_tables

from renderbus_farm.api.bodies import Limits
from renderbus_farm.connections import HEAD_WITHIN_S, LARGEST_HEAD_BYTES
from renderbus_farm.main import KEEP_ALIVE_S
from renderbus_farm.once import KEPT_S
from renderbus_model.wire.signing import SIGNED_HEADERS, canonical_string, sign

TEXT = PAGE.read_text("utf-8")


def test_the_tables_are_up_to_date() -> None:
    assert with_tables(TEXT) == TEXT, "run .venv/bin/python scripts/http_api_table.py"


def test_the_worked_example_is_right() -> None:
    found = re.search(r"```http\nPOST (\S+) HTTP/1.1\n(.*?)\n\n(.*?)\n```", TEXT, re.DOTALL)
    key = re.search(r"with the key\s+`([^`]+)`", TEXT)
    assert found
    assert key
    sent = dict(line.split(": ", 1) for line in found[2].split("\n"))
    headers = {name: sent[name] for name in SIGNED_HEADERS}
    text = canonical_string(sent["Host"], found[1], headers, json.loads(found[3]))
    assert f"```text\n{text}\n```" in TEXT
    assert f"signature: {sign(key[1], text)}\n" in TEXT


def test_the_limits_are_those_of_the_farm() -> None:
    limits = Limits()
    prose = " ".join(TEXT.split())
    assert f"A body may be {limits.body_bytes >> 20} MiB" in prose
    assert f"{limits.large_body_bytes >> 20} MiB. It has to be there within {limits.body_s:.0f} s" in prose
    assert f"something every {limits.stalled_s:.0f} s" in prose
    assert f"head within {HEAD_WITHIN_S:.0f} s, in at most {LARGEST_HEAD_BYTES >> 10} KiB" in prose
    assert f"closed after {KEEP_ALIVE_S} s" in prose
    assert f"for {KEPT_S // 3600} hours" in prose
