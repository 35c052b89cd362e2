"""``renderbus doctor`` tells what this machine can render, and what is wrong with it or its farm."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from renderbus_cli.doctor_checks import Line, clashes, farm, installation, machine, status
from renderbus_cli.problems import Exit
from renderbus_cli.program import program
from renderbus_cli.session import Account, OwnFarm
from renderbus_farm import machine_check
from renderbus_farm.renderers.drawing import drawing
from renderbus_farm.settings import Settings


class Farm(BaseHTTPRequestHandler):
    """Answers /healthz, by a clock that is an hour behind, and knows no key."""

    def do_GET(self) -> None:
        self._answer({"status": "ok", "farm": "x"})

    def do_POST(self) -> None:
        self._answer({"version": "1", "result": False, "code": 611, "message": "no", "data": None})

    def _answer(self, document: dict[str, Any]) -> None:
        content = json.dumps(document).encode()
        self.send_response_only(200)
        self.send_header("Date", "Thu, 01 Jan 2026 00:00:00 GMT")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def strange_farm() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Farm) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def by_name(lines: Iterator[Line]) -> dict[str, Line]:
    return {line.about: line for line in lines}


def distribution(folder: Path, name: str) -> Distribution:
    made = folder / f"{name}.dist-info"
    made.mkdir()
    (made / "METADATA").write_text(f"Name: {name}\nVersion: 1\n", "utf-8")
    return PathDistribution(made)


def test_packages_of_the_vendor_are_told_by_name_however_they_spell_it(tmp_path: Path) -> None:
    names = ("rayvision_api", "rayvision-sync", "Rayvision.log", "renderbus", "requests")
    found = [distribution(tmp_path, name) for name in names]
    assert clashes(found) == ["Rayvision.log", "rayvision-sync", "rayvision_api"]


def test_an_installation_of_its_own_has_no_clash() -> None:
    lines = by_name(installation())
    assert lines["packages"].level == "ok"
    assert lines["renderbus"].facts["version"]


def test_the_machine_tells_versions_engines_cards_and_room(tmp_path: Path) -> None:
    found = {each.about: each for each in machine_check.machine(Settings(tmp_path))}
    assert found["Blender"].level == "ok"
    assert str(found["Blender"].facts["version"]).startswith("5.")
    assert found["POV-Ray"].level == "ok"
    assert found["Maya"].level == "note"
    assert "no renderer for it yet" in found["Maya"].text
    assert "CYCLES" in str(found["engines"].facts["engines"])
    assert found["engines"].facts["drawn_by"] == drawing().renderer
    assert (f"drawn by {drawing().renderer}" in found["engines"].text) is not bool(drawing().why_not)
    assert ("but slow" in found["engines"].text) is drawing().by_processor
    assert "memory" in found["machine"].text
    assert found["data"].facts["free_gb"]


@pytest.mark.usefixtures("no_opengl")
def test_engines_that_draw_are_told_with_why_they_do_not(tmp_path: Path) -> None:
    found = {each.about: each for each in machine_check.machine(Settings(tmp_path))}["engines"]
    assert found.level == "note"
    assert "not BLENDER_EEVEE and BLENDER_WORKBENCH: libEGL.so.1 cannot be loaded" in found.text
    assert "apt-get install libegl1" in found.text
    assert found.facts["engines"] == ["CYCLES"]


def test_a_full_disk_is_a_problem_of_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 5e8}))
    found = machine_check.space("data", tmp_path / "not" / "there")
    assert found.level == "problem"
    assert "only 0.5 GB free" in found.text


def test_a_machine_without_the_farms_packages_is_a_problem_only_where_it_renders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name != "OpenEXR" or None)
    assert by_name(machine(tmp_path, needed=True))["farm packages"].level == "problem"
    assert by_name(machine(tmp_path, needed=False))["farm packages"].level == "note"


def test_a_description_that_makes_no_sense_is_told(tmp_path: Path) -> None:
    (tmp_path / "farm.toml").write_text('renderers = ["none.toml"]\n', "utf-8")
    (line,) = machine(tmp_path, needed=True)
    assert line.level == "problem"
    assert "none.toml" in line.text


def test_a_farm_that_does_not_answer_is_a_problem() -> None:
    lines = list(farm(Account("http://127.0.0.1:9", "id", "key", "a test")))
    assert [line.about for line in lines] == ["farm"]
    assert status(lines) is Exit.UNAVAILABLE
    assert "a test" in lines[0].text


def test_a_wrong_clock_and_a_refused_key_are_told_apart(strange_farm: str) -> None:
    lines = by_name(farm(Account(strange_farm, "id", "secret", "a test")))
    assert lines["farm"].level == "ok"
    assert lines["clock"].level == "problem"
    assert "ahead of the farm's" in lines["clock"].text
    assert lines["key"].level == "problem"
    assert not any("secret" in line.text for line in lines.values())


def test_the_embedded_farm_needs_a_folder_that_can_be_written(tmp_path: Path) -> None:
    assert status(farm(OwnFarm(tmp_path / "farm"))) is Exit.DONE
    (tmp_path / "file").touch()
    assert status(farm(OwnFarm(tmp_path / "file" / "farm"))) is Exit.UNAVAILABLE


def test_programs_get_a_line_of_json_for_each_thing(tmp_path: Path) -> None:
    result = CliRunner().invoke(program, ["doctor", "--json", "--data", str(tmp_path)])
    lines = [json.loads(line) for line in result.output.splitlines()]
    assert {line["level"] for line in lines} <= {"ok", "note", "problem"}
    assert {"renderbus", "packages", "machine", "Blender", "farm"} <= {line["about"] for line in lines}
    assert result.exit_code == (69 if any(line["level"] == "problem" for line in lines) else 0)


@pytest.mark.parametrize(("needed", "level"), [(True, "problem"), (False, "note")])
def test_a_machine_that_is_not_linux_needs_a_farm_elsewhere(tmp_path: Path, needed: bool, level: str) -> None:
    (line,) = machine(tmp_path, needed=needed, system="Windows")
    assert (line.about, line.level) == ("renderers", level)
    assert "this is Windows" in line.text
