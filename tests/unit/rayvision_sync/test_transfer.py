"""``RayvisionTransfer``: lines, the transmitter, and its command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rayvision_api.core import RayvisionAPI
from rayvision_sync.commands import as_shell_text
from rayvision_sync.exception import UnsupportedEngineType
from rayvision_sync.transfer import FOLDER, RayvisionTransfer
from rayvision_sync.transmitter.arguments import parse

ECHO = "import json, sys; print(json.dumps(sys.argv[1:]))"


def transfer(**options: Any) -> RayvisionTransfer:
    numbers = ("10206", "30201", "task.renderbus.com", "2", "linux", "10001136", "20201")
    made: RayvisionTransfer = RayvisionTransfer(*numbers, **options)
    return made


def test_our_own_transmitter_is_a_program_in_a_folder_of_its_own() -> None:
    program = Path(transfer().transmitter_exe)
    assert program == FOLDER / "transmission" / "linux" / "rayvision_transmitter"
    assert os.access(program, os.X_OK)
    # Published clients make all of its folder writable for everybody.
    assert list(program.parent.iterdir()) == [program]
    assert program.parent.name != "bin"


def test_another_transmitter_is_taken_where_it_exists(tmp_path: Path) -> None:
    (tmp_path / "own").touch()
    assert transfer(transmitter_exe=tmp_path / "own").transmitter_exe == str(tmp_path / "own")
    assert transfer(transmitter_exe=tmp_path / "gone").transmitter_exe == transfer().transmitter_exe


@pytest.mark.parametrize("platform", ["2", "3", "6", "20", "21"])
@pytest.mark.parametrize("domain", ["jop.foxrenderfarm.com", "task.renderbus.com", "127.0.0.1:8800"])
def test_every_published_platform_has_a_line_in_the_package(platform: str, domain: str) -> None:
    line = transfer().parse_transports_json(domain=domain, platform=platform)
    assert set(line) == {"engine_type", "server_name", "server_ip", "server_port"}


def test_another_platform_has_none() -> None:
    with pytest.raises(KeyError):
        transfer().parse_transports_json(platform="4")


def test_lines_come_from_another_file_in_either_published_shape(tmp_path: Path) -> None:
    flat = {"engine_type": "aspera", "server_name": "CTCC", "server_ip": "10.0.0.1", "server_port": "10221"}
    lines = {"renderbus_www2": flat, "foxrenderfarm_www2": {"raysyncproxy": {**flat, "server_port": "2"}}}
    (tmp_path / "lines.json").write_text(json.dumps(lines))
    first = transfer(transports_json=tmp_path / "lines.json")
    assert first.transport_info == flat
    second = transfer(transports_json=tmp_path / "lines.json")
    second.user_info["domain"] = "jop.foxrenderfarm.com"
    words = second.arguments(
        ["upload_path", "/a", "/b", "1", "false", "input_bid"], engine_type="raysyncproxy"
    )
    assert parse(words[1:]).port == 2


def test_the_first_published_form_is_given_for_its_types() -> None:
    made = transfer(transmitter_exe=sys.executable)
    made.transport_info = {
        "engine_type": "aspera",
        "server_name": "CTCC",
        "server_ip": "10.0.0.1",
        "server_port": "10221",
    }
    command = made.create_cmd(
        ["upload_files", "/w/task.json", "/7/cfg/task.json", "1048576", "false", "config_bid"]
    )
    assert command == (
        f'echo y|"{sys.executable}" "aspera" "CTCC" "10.0.0.1" "10221" "10206" "10001136" "upload_files" '
        '"/w/task.json" "/7/cfg/task.json" "1" "false" "1048576" "None" '
    )


def test_the_later_form_is_given_for_its_types(tmp_path: Path) -> None:
    made = transfer()
    made.transport_info = {"aspera": {"server_name": "CTCC", "server_ip": "10.0.0.1", "server_port": 10221}}
    words = made.arguments(
        ["download_path", "/here", "7_shot", "2048", "true", "output_bid"],
        "/db.ini",
        main_user_id=8,
        bid="5",
        network_mode=2,
    )
    order = parse(words[1:])
    assert words[1:].count("-p") == 1
    assert (order.kind, order.local, order.remote, order.keep) == ("download_path", "/here", "7_shot", True)
    assert (order.host, order.port, order.storage, order.user) == ("10.0.0.1", 10221, "5", "8")
    assert (order.speed_kb, order.config) == (2048, "/db.ini")


def test_an_engine_that_was_never_published_is_refused() -> None:
    with pytest.raises(UnsupportedEngineType):
        transfer().create_cmd(["upload_path", "/a", "/b", "1", "false", "input_bid"], engine_type="udx")


def test_the_line_of_a_client_that_is_logged_in_is_the_farm_itself(api: RayvisionAPI) -> None:
    line = RayvisionTransfer.of(api).transport_info
    assert f"http://{line['server_ip']}:{line['server_port']}" == api.connect.address


@settings(max_examples=25, deadline=None)  # each starts a shell
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), max_size=4))
def test_a_shell_hands_every_word_on_as_it_is(words: list[str]) -> None:
    command = as_shell_text([sys.executable, "-c", ECHO, *words])
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=True, timeout=60)
    assert json.loads(done.stdout) == words


def test_a_path_cannot_start_a_program(tmp_path: Path) -> None:
    hostile = f'/a/$(touch "{tmp_path}/1")`touch {tmp_path}/2`";touch {tmp_path}/3;"'
    command = transfer(transmitter_exe="/bin/true").create_cmd(
        ["upload_path", hostile, "/b", "1", "false", "input_bid"]
    )
    subprocess.run(["sh", "-c", command], check=True, timeout=60)
    assert list(tmp_path.iterdir()) == []


def test_both_published_orders_of_arguments_are_understood(api: RayvisionAPI, tmp_path: Path) -> None:
    (tmp_path / "own").touch()
    own = str(tmp_path / "own")
    numbers = ("10206", "30201", "task.renderbus.com", "2", "linux", "10001136")
    documented = RayvisionTransfer(*numbers, "20201")
    later = RayvisionTransfer(api, *numbers, False, "20201", None, "", own)
    named = RayvisionTransfer(
        api,
        config_bid="10206",
        input_bid="30201",
        domain="task.renderbus.com",
        platform="2",
        local_os="linux",
        user_id="10001136",
        automatic_line=False,
        output_bid="20201",
    )
    assert documented.user_info == later.user_info == named.user_info
    assert documented.user_info["output_bid"] == "20201"
    assert later.transmitter_exe == own
    assert named.transport_info["server_ip"] == "127.0.0.1"


@pytest.mark.parametrize(
    ("given", "named", "why"),
    [
        (("1",), {}, "needs input_bid"),
        (("1", "2", "d", "2", "linux", "7"), {"config_bid": "1"}, "'config_bid' twice"),
        (("1", "2", "d", "2", "linux", "7"), {"engine": "x"}, "no argument 'engine'"),
        (("1", "2", "d", "2", "linux", "7", "3", None, "more"), {}, "at most 8"),
    ],
)
def test_arguments_that_no_version_takes_are_refused(
    given: tuple[str, ...], named: dict[str, str], why: str
) -> None:
    with pytest.raises(TypeError, match=why):
        RayvisionTransfer(*given, **named)  # type: ignore[call-overload]  # what is refused at run time too
