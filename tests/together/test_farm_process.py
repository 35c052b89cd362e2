"""A farm from its start to its end: what it makes, what it refuses, what it leaves."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from tests.together.farms import END_WITHIN_S, FarmProcess, farm_process, wait_for

from renderbus_farm.data_folder import DataFolder
from renderbus_farm.main import add_user
from renderbus_farm.processes import MARKER, marked
from renderbus_farm.rules.refusals import Refusal
from renderbus_model.pieces import digest_of
from renderbus_model.wire.operation import Nothing
from renderbus_model.wire.transfer import MISSING_BLOBS, BlobToSend, MissingBlobsQuery
from renderbus_model.wire.user import QUERY_USER_PROFILE


def failing(*arguments: str) -> str:
    """What a farm says that must not start, in one line."""
    ended = subprocess.run(
        [sys.executable, "-m", "renderbus_farm", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1, ended
    assert ended.stdout == ""
    (line,) = ended.stderr.splitlines()
    return line


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def its_processes(data: Path) -> list[int]:
    """Processes of the farm on this data, itself left out."""
    return list(marked({MARKER: DataFolder(data).farm_id()}))


def test_what_a_farm_puts_into_an_open_folder_is_its_owners_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o755)
    with farm_process(data):
        for made in ("farm.sqlite3", "farm.log", "blobs", "nodes", "owner.json"):
            assert mode_of(data / made) & 0o077 == 0


def test_a_new_farm_keeps_its_secrets_to_its_owner(own_farm: FarmProcess) -> None:
    data = own_farm.data
    assert mode_of(data) == 0o700
    assert mode_of(data / "farm.key") == 0o600
    assert mode_of(data / "owner.json") == 0o600
    owner = json.loads((data / "owner.json").read_bytes())
    assert owner == {"accessId": own_farm.access_id, "accessKey": own_farm.access_key}
    database = (data / "farm.sqlite3").read_bytes() + (data / "farm.sqlite3-wal").read_bytes()
    assert own_farm.access_id.encode() in database
    assert own_farm.access_key.encode() not in database


def test_a_farm_says_where_it_is_when_it_answers(own_farm: FarmProcess) -> None:
    said = json.loads((own_farm.data / "farm.json").read_bytes())
    assert said["url"] == own_farm.url
    assert said["pid"] == own_farm.process.pid
    assert said["started"] > 0
    assert said["version"]
    assert own_farm.process.stdout is not None
    assert own_farm.process.stdout.readline() == own_farm.url + "\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_farm_that_is_told_to_end_leaves_no_process(rendering_farm: FarmProcess, number: int) -> None:
    wait_for(lambda: its_processes(rendering_farm.data), "no worker starts")
    rendering_farm.process.send_signal(number)
    assert rendering_farm.process.wait(END_WITHIN_S) == 0, rendering_farm.log()
    assert its_processes(rendering_farm.data) == []
    assert not (rendering_farm.data / "farm.json").exists()
    assert '"farm ends"' in rendering_farm.log()


def test_a_farm_ends_although_a_client_holds_its_connection(own_farm: FarmProcess) -> None:
    host, port = own_farm.domain.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(
            b"POST /api/render/user/queryUserProfile HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"
        )
        own_farm.end()


def test_a_farm_that_ends_in_the_middle_of_an_upload_keeps_nothing_of_it(own_farm: FarmProcess) -> None:
    asked = MissingBlobsQuery(blobs=[BlobToSend(digest=digest_of(b"x" * 4_000_000), size_bytes=4_000_000)])
    (grant,) = own_farm.ask(MISSING_BLOBS, asked).missing
    host, port = own_farm.domain.split(":")
    incoming = own_farm.data / "blobs" / "incoming"
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        head = f"PUT {grant.url} HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n"
        connection.sendall(head.encode() + b"x" * 2_000_000)
        wait_for(lambda: list(incoming.iterdir()), "nothing arrives", 10)
        own_farm.end()
    assert list(incoming.iterdir()) == []
    assert "upload failed" not in own_farm.log()


def test_a_farm_goes_on_where_a_killed_one_was(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with farm_process(data, workers=1) as first:
        wait_for(lambda: its_processes(data), "no worker starts")
        profile = first.ask(QUERY_USER_PROFILE, Nothing())
        (data / "blobs" / "incoming" / "1-2-3").write_bytes(b"half a file")
        first.kill()
        assert (data / "farm.json").exists()
    with farm_process(data) as second:
        assert second.ask(QUERY_USER_PROFILE, Nothing()) == profile
        assert (second.access_id, second.access_key) == (first.access_id, first.access_key)
        assert list((data / "blobs" / "incoming").iterdir()) == []
        wait_for(lambda: not its_processes(data), "a worker outlives its farm")


def test_a_second_farm_on_the_same_data_is_told_where_the_first_is(own_farm: FarmProcess) -> None:
    line = failing("--data", str(own_farm.data), "--port", "0")
    assert f"running already, at {own_farm.url}" in line
    assert own_farm.ask(QUERY_USER_PROFILE, Nothing())


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = failing("--data", str(tmp_path / "data"), "--port", str(port))
    assert f"127.0.0.1:{port} cannot be taken: the port is in use; choose another" in line


def test_an_address_that_is_not_this_machines_is_named(tmp_path: Path) -> None:
    line = failing("--data", str(tmp_path / "data"), "--host", "192.0.2.1", "--port", "0")
    assert "192.0.2.1:0 cannot be taken" in line


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    line = failing("--data", str(tmp_path / "file" / "data"))
    assert "file/data' cannot be used: Not a directory" in line


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    (tmp_path / "farm.toml").write_text("prot = 8800\n")
    assert "setting 'prot'" in failing("--data", str(tmp_path))


def test_a_damaged_key_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "farm.key").write_bytes(b"no key")
    line = failing("--data", str(tmp_path), "--port", "0")
    assert f"key file {tmp_path / 'farm.key'}" in line


def test_a_database_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "farm.sqlite3").write_bytes(b"this is no database" * 100)
    assert str(tmp_path / "farm.sqlite3") in failing("--data", str(tmp_path), "--port", "0")


def test_accounts_are_made_while_the_farm_runs(own_farm: FarmProcess) -> None:
    made = add_user(own_farm.data, "ada", allow_scripts=True)
    ada = replace(own_farm, access_id=made.user.access_id, access_key=made.access_key)
    assert ada.ask(QUERY_USER_PROFILE, Nothing()).user_name == "ada"
    with pytest.raises(Refusal, match="ada"):
        add_user(own_farm.data, "ada")


def test_accounts_are_made_before_a_farm_ever_ran(tmp_path: Path) -> None:
    made = add_user(tmp_path / "data", "ada")
    assert mode_of(tmp_path / "data" / "farm.key") == 0o600
    with farm_process(tmp_path / "data") as farm:
        ada = replace(farm, access_id=made.user.access_id, access_key=made.access_key)
        assert ada.ask(QUERY_USER_PROFILE, Nothing()).user_name == "ada"


def test_many_accounts_at_the_same_time_on_new_data(tmp_path: Path) -> None:
    start, made = threading.Barrier(4), []

    def add(number: int) -> None:
        start.wait()
        made.append(add_user(tmp_path / "data", f"user {number}").user.id)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 4


def test_a_farm_listens_on_all_addresses_and_names_one_that_can_be_reached(tmp_path: Path) -> None:
    with farm_process(tmp_path / "data", "--host", "0.0.0.0") as farm:
        assert farm.url.startswith("http://127.0.0.1:")


def test_an_embedded_farm_ends_when_nobody_needs_it(tmp_path: Path) -> None:
    with farm_process(tmp_path / "data", "--embedded", "--idle-end-s", "0.5", workers=1) as farm:
        assert farm.process.wait(END_WITHIN_S) == 0
        assert not (tmp_path / "data" / "farm.json").exists()
        assert its_processes(tmp_path / "data") == []
        assert '"nobody needs the farm"' in farm.log()


def test_an_embedded_farm_stays_while_it_is_asked(tmp_path: Path) -> None:
    with farm_process(tmp_path / "data", "--embedded", "--idle-end-s", "1.5") as farm:
        pause = threading.Event()
        for _ in range(8):
            assert requests.get(farm.url + "/healthz", timeout=10).status_code == 200
            pause.wait(0.4)
        assert farm.process.poll() is None


def test_an_embedded_farm_stays_while_a_client_looks_for_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with farm_process(data, "--embedded", "--idle-end-s", "0.5") as farm:
        with DataFolder(data).start_lock():
            with pytest.raises(subprocess.TimeoutExpired):
                farm.process.wait(3)
            assert DataFolder(data).running() is not None
        assert farm.process.wait(END_WITHIN_S) == 0


def test_a_client_that_waits_for_the_start_lock_finds_no_farm_that_is_about_to_go(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with farm_process(data, "--embedded", "--idle-end-s", "0.5"):
        wait_for(lambda: DataFolder(data).running() is None, "the farm does not end")
        # Whoever gets this lock may start a farm at once: the old one holds nothing any more.
        with DataFolder(data).start_lock(), DataFolder(data).held():
            pass


def test_a_farm_that_serves_does_not_end_by_itself(tmp_path: Path) -> None:
    with (
        farm_process(tmp_path / "data", "--idle-end-s", "0.2") as farm,
        pytest.raises(subprocess.TimeoutExpired),
    ):
        farm.process.wait(2)


def test_a_farm_that_is_told_to_end_while_it_starts_ends(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "renderbus_farm", "--data", str(tmp_path / "data"), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        wait_for((tmp_path / "data" / "farm.log").exists, "the farm does not start")
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(END_WITHIN_S) == 0, process.communicate()
    assert not (tmp_path / "data" / "farm.json").exists()
    assert its_processes(tmp_path / "data") == []
