"""The transmitter against a small farm: what moves, what it says, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.together.certificates import Authority
from tests.unit.rayvision_sync.bytefarm import ByteFarm, entries

from rayvision_api.exception import FarmNotReachable
from rayvision_sync.transfer import FOLDER
from rayvision_sync.transmitter.arguments import parse
from rayvision_sync.transmitter.farm import address as address_of
from rayvision_sync.transmitter.log import LARGEST_BYTES, NAME, TransferLog
from rayvision_sync.transmitter.moving import path_pairs
from rayvision_sync.transmitter.program import Status, status_of

PROGRAM = FOLDER / "transmission" / "linux" / "rayvision_transmitter"
KEYS = {"RAYVISION_API_ACCESS_ID": "an-id", "RAYVISION_API_KEY": "a-secret-key"}
CONFIG, OUTPUT, INPUT, USER = "1", "2", "3", "7"
"""What the small farm calls the storages and the account."""

Transmit = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def words(farm: ByteFarm) -> Callable[..., list[str]]:
    """The arguments with flags, for this farm."""

    def build(kind: str, local: object, remote: str, storage: str, *more: str) -> list[str]:
        port = farm.url.rpartition(":")[2]
        line = ["-E", "aspera", "-H", "127.0.0.1", "-P", port, "-S", storage, "-U", USER]
        return [*line, "-T", kind, "-L", str(local), "-R", remote, *more]

    return build


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    """What a client's process may have set: other libraries, and a Python that is not ours."""
    misleading = {"LD_LIBRARY_PATH": str(PROGRAM.parent), "PYTHONHOME": "/no/such", "PYTHONPATH": "/no/such"}
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C", **misleading, **KEYS}


@pytest.fixture
def transmit(environment: dict[str, str], words: Callable[..., list[str]]) -> Transmit:
    """Run the transmitter as clients do, but without a shell."""

    def run(*order: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [str(PROGRAM), *words(*order)],
            input="y\n",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**environment, **variables},
            text=True,
            encoding="utf-8",
            check=False,
            timeout=60,
        )
        assert "a-secret-key" not in done.stdout
        return done

    return run


def test_the_pairs_of_an_upload_json_go_up(
    farm: ByteFarm, transmit: Transmit, shot: Path, work: Path
) -> None:
    (shot / "tex/木 材 é.png").write_text("wood")
    listed = [{"local": str(path), "server": f"/D/{path.name}"} for path in sorted((shot / "tex").iterdir())]
    (work / "upload.json").write_text(json.dumps({"asset": listed}))
    done = transmit("upload_json", work / "upload.json", "/", INPUT, "-K", "false", "-C", "None", "-p", "0")
    assert done.returncode == 0, done.stdout
    assert entries(farm, "input") == {"/D/wood.png", "/D/steel.png", "/D/木 材 é.png"}
    assert f"upload file done ({shot / 'tex/木 材 é.png'})" in done.stdout


def test_a_document_goes_up_in_the_form_of_positions(
    farm: ByteFarm, environment: dict[str, str], work: Path
) -> None:
    port = farm.url.rpartition(":")[2]
    line = ["aspera", "CTCC", "127.0.0.1", port, CONFIG, USER, "upload_files", str(work / "task.json")]
    command = [str(PROGRAM), *line, "/19/cfg/task.json", "1", "false", "1048576", "None"]
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=60)
    assert entries(farm, "config") == {"/19/cfg/task.json"}


def test_a_list_goes_up_folders_and_all_or_only_some_of_its_lines(
    farm: ByteFarm, transmit: Transmit, shot: Path, tmp_path: Path
) -> None:
    (tmp_path / "list.txt").write_text(f"{shot / 'bus.blend'}\n{shot / 'tex'}\n", "utf-8")
    assert transmit("upload_list", tmp_path / "list.txt", "/", INPUT, "-c", "1 2").returncode == 0
    textures = {str(shot / "tex/wood.png"), str(shot / "tex/steel.png")}
    assert entries(farm, "input") == textures
    assert transmit("upload_list", tmp_path / "list.txt", "/", INPUT).returncode == 0
    assert entries(farm, "input") == textures | {str(shot / "bus.blend")}


def test_where_a_path_goes(shot: Path) -> None:
    scene, folder = str(shot / "bus.blend"), str(shot / "tex")
    assert path_pairs(scene, "/7/cfg/x.json", keep=False) == [(scene, "/7/cfg/x.json")]
    assert path_pairs(scene, "/films/", keep=False) == [(scene, "/films/bus.blend")]
    assert path_pairs(scene, "/", keep=True) == [(scene, scene)]
    assert {farm for _, farm in path_pairs(folder, "/films", keep=False)} == {
        "/films/tex/steel.png",
        "/films/tex/wood.png",
    }
    assert {farm for _, farm in path_pairs(folder, "/films/", keep=True)} == {
        f"/films{folder}/steel.png",
        f"/films{folder}/wood.png",
    }


@pytest.mark.parametrize(("keep", "files"), [("true", {"18_s/l/1.png"}), ("false", {"1.png"})])
def test_results_come_down(
    farm: ByteFarm, transmit: Transmit, tmp_path: Path, keep: str, files: set[str]
) -> None:
    farm.render("18_s/l/1.png", b"one")
    farm.render("18_s/2.png", b"two")
    done = transmit("download_path", tmp_path / "here", "18_s/l", OUTPUT, "-K", keep)
    assert done.returncode == 0, done.stdout
    found = {str(path.relative_to(tmp_path / "here")) for path in (tmp_path / "here").rglob("*.png")}
    assert found == files


def test_results_of_a_list_come_down_and_what_fails_is_worth_another_try(
    farm: ByteFarm, transmit: Transmit, tmp_path: Path
) -> None:
    for name in ("18_s/é 木/1.png", "18_s/2.png", "19_s/3.png"):
        farm.render(name, name.encode())
    (tmp_path / "list.txt").write_text("18_s/é 木\n\n19_s\n", "utf-8")
    farm.get_statuses.append(400)
    order = ("download_list", tmp_path / "here", str(tmp_path / "list.txt"), OUTPUT, "-K", "true")
    assert transmit(*order).returncode == 10
    assert transmit(*order).returncode == 0
    found = {str(path.relative_to(tmp_path / "here")) for path in (tmp_path / "here").rglob("*.png")}
    assert found == {"18_s/é 木/1.png", "19_s/3.png"}


def test_a_task_without_results_so_far_is_no_failure(transmit: Transmit, tmp_path: Path) -> None:
    assert transmit("download_path", tmp_path, "18_s", OUTPUT).returncode == 0


def test_the_clients_database_names_the_folder_of_the_record(
    farm: ByteFarm, transmit: Transmit, work: Path, tmp_path: Path
) -> None:
    ini = tmp_path / "1586932339.ini"
    database = (
        f"[database]\non = true\nplatform_id = 2\ntype = sqlite\n[sqlite]\ndb_path = {tmp_path}/db/158.db\n"
    )
    ini.write_text(f"{database}temporary = false\n")
    order = ("upload_json", work / "upload.json", "/", INPUT, "-C")
    assert transmit(*order, str(ini)).returncode == 0
    assert [path.name for path in (tmp_path / "db").iterdir()] == ["bytes-7.sqlite3"]
    ini.write_text("[database]\ntype = oracle\n")
    done = transmit(*order, str(ini))
    assert (done.returncode, "every file is read" in done.stdout) == (0, True)


def test_files_that_are_not_there_are_named_in_the_words_that_clients_collect(
    farm: ByteFarm, transmit: Transmit, work: Path, shot: Path
) -> None:
    (shot / "tex/wood.png").unlink()
    done = transmit("upload_json", work / "upload.json", "/", INPUT)
    assert done.returncode == 11
    assert f"upload file fail: {shot / 'tex/wood.png'}" in done.stdout
    assert farm.commits == 0


@pytest.mark.parametrize(
    ("order", "variables", "status", "says"),
    [
        (("upload_json", "/none.json", "/", INPUT), {}, 9, "No such file"),
        (("upload_path", "/none.ma", "/", INPUT), {}, 11, "upload file fail: /none.ma"),
        (("upload_path", "/dev/null", "/", OUTPUT), {}, 9, "uploads go to 3 (input) or 1 (config)"),
        (("download_path", "/tmp", "18_s", INPUT), {}, 9, "only results are downloaded"),
        (("download_path", "/tmp", "/", OUTPUT), {}, 9, "name the results"),
        (("upload_path", "/a", "/", INPUT, "-U", "8"), {}, 9, "another account"),
        (("upload_path", "/a", "/", INPUT, "-X", "8"), {}, 9, "'-X'"),
        (("upload_path", "/a", "/", INPUT), {"RAYVISION_API_KEY": ""}, 9, "RAYVISION_API_KEY not set"),
    ],
)
def test_every_end_has_a_published_status_and_says_why(
    transmit: Transmit, order: tuple[str, ...], variables: dict[str, str], status: int, says: str
) -> None:
    done = transmit(*order, **variables)
    assert (done.returncode, says in done.stdout) == (status, True), done.stdout


@pytest.mark.parametrize(
    ("cause", "status"),
    [
        (socket.gaierror(-2, "Name or service not known"), Status.WRONG),
        (ssl.SSLCertVerificationError("self-signed certificate"), Status.WRONG),
        (ConnectionRefusedError("Connection refused"), Status.TRY_AGAIN),
        (TimeoutError("timed out"), Status.TRY_AGAIN),
    ],
)
def test_only_a_failure_that_may_pass_is_worth_another_try(cause: OSError, status: Status) -> None:
    error = FarmNotReachable("http://farm", str(cause))
    error.__cause__ = cause
    assert status_of(error) is status


def test_a_farm_that_refuses_is_not_asked_for_ever(farm: ByteFarm, transmit: Transmit) -> None:
    farm.refuses = (611, "wrong signature")
    assert transmit("upload_path", "/a", "/", INPUT).returncode == 9


def test_a_network_that_fails_is_worth_another_try(farm: ByteFarm, transmit: Transmit, work: Path) -> None:
    farm.put_statuses.append(400)
    done = transmit("upload_path", work / "task.json", "/", INPUT, "-s", "1048576")
    assert done.returncode == 10
    assert "upload file fail" in done.stdout


def test_several_at_once_keep_one_record(
    farm: ByteFarm, words: Callable[..., list[str]], environment: dict[str, str], shot: Path, tmp_path: Path
) -> None:
    ini = tmp_path / "db.ini"
    ini.write_text(f"[database]\non = true\ntype = sqlite\n[sqlite]\ndb_path = {tmp_path}/db/x.db\n")
    files = [shot / "bus.blend", shot / "tex/wood.png", shot / "tex/steel.png"]
    orders = [words("upload_path", file, f"/{file.name}", INPUT, "-C", str(ini)) for file in files]
    running = [
        subprocess.Popen([str(PROGRAM), *order], env=environment, stdout=subprocess.DEVNULL)
        for order in orders
    ]
    assert [one.wait(60) for one in running] == [0, 0, 0]
    assert len(entries(farm, "input")) == 3
    assert [path.name for path in (tmp_path / "db").iterdir()] == ["bytes-7.sqlite3"]


def test_a_farm_that_speaks_https_is_asked_so(
    environment: dict[str, str], work: Path, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    signed = authority.sign("127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(signed.cert, signed.key)
    farm = ByteFarm(tmp_path / "secure", tls=context)
    line = ["-H", "127.0.0.1", "-P", farm.url.rpartition(":")[2], "-S", INPUT, "-U", USER]
    command = [str(PROGRAM), *line, "-T", "upload_path", "-L", str(work / "task.json"), "-R", "/x.json"]
    try:
        trusting = {**environment, "REQUESTS_CA_BUNDLE": str(authority.file)}
        subprocess.run(command, env=trusting, check=True, capture_output=True, timeout=60)
        assert entries(farm, "input") == {"/x.json"}
        refused = subprocess.run(
            command, env=environment, check=False, capture_output=True, text=True, timeout=60
        )
    finally:
        farm.close()
    assert (refused.returncode, "certificate" in refused.stdout) == (9, True), refused.stdout


@pytest.mark.parametrize(
    ("host", "known", "address"),
    [
        ("https://farm.example", "", "https://farm.example:8800"),
        ("farm.example", "https://farm.example:8800/prefix", "https://farm.example:8800/prefix"),
        ("farm.example", "http://FARM.example:8800", "http://FARM.example:8800"),
        ("::1", "http://[::1]:8800", "http://[::1]:8800"),
    ],
)
def test_how_a_farm_is_asked_is_said_by_the_host_or_the_environment(
    host: str, known: str, address: str
) -> None:
    order = parse(["-H", host, "-P", "8800", "-S", "3", "-U", "7", "-T", "upload_path", "-L", "/a"])
    assert address_of(order, {"RENDERBUS_URL": known}) == address


def test_a_farm_that_speaks_plain_http_is_asked_so(farm: ByteFarm) -> None:
    port = farm.url.rpartition(":")[2]
    order = parse(["-H", "127.0.0.1", "-P", port, "-S", "3", "-U", "7", "-T", "upload_path", "-L", "/a"])
    assert address_of(order, {"RENDERBUS_URL": "https://127.0.0.1:1"}) == farm.url


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_a_transfer_with_a_published_status(
    farm: ByteFarm,
    words: Callable[..., list[str]],
    environment: dict[str, str],
    shot: Path,
    number: signal.Signals,
) -> None:
    (shot / "bus.blend").write_bytes(os.urandom(700_000))
    begun = threading.Event()
    farm.on_put = begun.set
    command = [str(PROGRAM), *words("upload_path", shot / "bus.blend", "/x.blend", INPUT, "-s", "10")]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as running:
        assert begun.wait(30)
        running.send_signal(number)
        assert running.wait(30) == 10
    assert farm.commits == 0


def test_a_client_that_reads_no_more_does_not_stop_a_transfer(
    farm: ByteFarm, words: Callable[..., list[str]], environment: dict[str, str], work: Path
) -> None:
    command = [str(PROGRAM), *words("upload_json", work / "upload.json", "/", INPUT)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        running.stdout.close()
        assert running.wait(30) == 0
    assert farm.commits == 1


@pytest.mark.parametrize("word", ["--help", "-h", "--version", "-v"])
def test_it_tells_what_it_is(environment: dict[str, str], word: str) -> None:
    done = subprocess.run([PROGRAM, word], env=environment, capture_output=True, text=True, check=True)
    assert "rayvision_transmitter" in done.stdout


def test_a_copy_of_the_program_finds_the_python_that_is_named(
    farm: ByteFarm, environment: dict[str, str], work: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "rayvision_transmitter"
    copy.write_bytes(PROGRAM.read_bytes())
    copy.chmod(0o700)
    lost = subprocess.run([copy, "--version"], env=environment, capture_output=True, text=True, check=False)
    assert lost.returncode in (0, 9)  # 0 where the Python of PATH has the package
    named = {**environment, "RENDERBUS_PYTHON": sys.executable}
    subprocess.run([copy, "--version"], env=named, check=True, capture_output=True)


def test_what_is_said_is_written_to_the_log_that_rayvision_log_names(
    transmit: Transmit, shot: Path, tmp_path: Path, home: Path
) -> None:
    (tmp_path / "logs").mkdir()
    done = transmit("upload_path", shot / "bus.blend", "/D/木", INPUT, RAYVISION_LOG=str(tmp_path / "logs"))
    assert done.returncode == 0
    transmit("upload_path", shot / "gone", "/D/", INPUT, RAYVISION_LOG="/no/such/folder")
    written = (tmp_path / "logs" / "rayvision_transmitter.log").read_text("utf-8")
    assert "upload_path" in written
    assert written.endswith("ended with status 0\n")
    assert "a-secret-key" not in written
    elsewhere = (home / "renderfarm_sdk" / "rayvision_transmitter.log").read_text("utf-8")
    assert "gone: it does not exist" in elsewhere
    assert elsewhere.endswith("ended with status 11\n")


def test_a_large_log_goes_on_in_a_new_file_and_a_folder_that_cannot_be_written_is_no_error(
    tmp_path: Path,
) -> None:
    log = TransferLog.found({"RAYVISION_LOG": str(tmp_path)})
    (tmp_path / NAME).write_bytes(b"x" * (LARGEST_BYTES + 1))
    log.write("next")
    assert (tmp_path / f"{NAME}.1").stat().st_size > LARGEST_BYTES
    assert (tmp_path / NAME).read_text().endswith("next\n")
    TransferLog(tmp_path / NAME / "no folder" / NAME).write("lost")
