"""Uploads in pieces against a real farm: what travels, what a kill costs, what others may not learn."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from tests.together.farms import FarmProcess, farm_process, wait_for

from rayvision_api.core import RayvisionAPI
from rayvision_sync import engine
from rayvision_sync.exception import FileChanged
from rayvision_sync.progress import TransferProgress

MIB = 1 << 20

UPLOAD = """
import json, sys
from pathlib import Path
from rayvision_api.core import RayvisionAPI
from rayvision_sync import engine

url, access_id, key, folder, speed = sys.argv[1:]
with RayvisionAPI(access_id, key, url, "2") as api:
    files = [(path, "/shot/" + path.name) for path in sorted(Path(folder).iterdir())]
    done = engine.upload(api, files, "input", max_speed_kb=float(speed) or None)
# Not ru_maxrss: that begins with the memory of the process that started this one.
status = open("/proc/self/status").read()
peak_kb = int(status.partition("VmHWM:")[2].split()[0])
print(json.dumps({"known": done.bytes_known, "total": done.bytes_total, "peak_mb": peak_kb >> 10}))
"""


def logged_in(farm: FarmProcess) -> RayvisionAPI:
    return RayvisionAPI(farm.access_id, farm.access_key, farm.url, "2")


@pytest.fixture
def api(farm: FarmProcess, request: pytest.FixtureRequest) -> Iterator[RayvisionAPI]:
    with logged_in(farm.as_user(request.node.name)) as api:
        yield api


def program(farm: FarmProcess, folder: Path, speed_kb: float = 0) -> list[str]:
    arguments = [farm.url, farm.access_id, farm.access_key, str(folder), str(speed_kb)]
    return [sys.executable, "-c", UPLOAD, *arguments]


def upload_in_a_process(farm: FarmProcess, folder: Path) -> dict[str, int]:
    done = subprocess.run(program(farm, folder), capture_output=True, check=True, timeout=120)
    found: dict[str, int] = json.loads(done.stdout)
    return found


def pairs(folder: Path) -> list[tuple[Path, str]]:
    return [(path, f"/shot/{path.name}") for path in sorted(folder.iterdir())]


def stored_bytes(farm: FarmProcess) -> int:
    return sum(size for size in map(size_of, (farm.data / "blobs" / "packs").rglob("*")) if size)


def size_of(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except FileNotFoundError:  # it has got its name meanwhile
        return 0


def test_of_an_edited_scene_only_what_is_new_travels(api: RayvisionAPI, tmp_path: Path) -> None:
    scene = tmp_path / "shot.blend"
    content = random.Random(5).randbytes(20 * MIB)
    scene.write_bytes(content)
    engine.upload(api, [(scene, "/shot.blend")], "input")
    scene.write_bytes(content[: 7 * MIB] + b"one object moved" + content[7 * MIB + 5 :])
    done = engine.upload(api, [(scene, "/shot.blend")], "input")
    assert done.bytes_total - done.bytes_known < 0.02 * done.bytes_total


def test_twenty_thousand_tiny_files_are_a_few_requests(farm: FarmProcess, tmp_path: Path) -> None:
    user = farm.as_user("tiny files")
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(20_000):
        (folder / f"{number:05}.tx").write_bytes(b"%d" % number * 20)
    packs = len(list((farm.data / "blobs" / "packs").glob("??/*")))
    began = time.monotonic()
    first = upload_in_a_process(user, folder)
    took_s = time.monotonic() - began
    assert first["known"] == 0
    assert first["peak_mb"] < 400
    assert len(list((farm.data / "blobs" / "packs").glob("??/*"))) - packs <= 8
    assert took_s < 60  # some 3 s on two quiet cores
    again = upload_in_a_process(user, folder)
    assert again["known"] == again["total"]


def test_a_sparse_file_of_three_gigabytes_takes_little_memory(farm: FarmProcess, tmp_path: Path) -> None:
    folder = tmp_path / "sparse"
    folder.mkdir()
    with (folder / "cache.vdb").open("wb") as file:
        file.truncate(3 << 30)
        file.seek((2 << 30) + 5)
        file.write(os.urandom(MIB))
    done = upload_in_a_process(farm.as_user("sparse files"), folder)
    assert done["total"] == 3 << 30
    assert done["known"] > done["total"] - 64 * MIB
    assert done["peak_mb"] < 400


def test_after_a_kill_of_the_client_only_what_was_on_its_way_travels_again(
    own_farm: FarmProcess, tmp_path: Path
) -> None:
    folder = tmp_path / "large"
    folder.mkdir()
    (folder / "cache.vdb").write_bytes(os.urandom(48 * MIB))
    with subprocess.Popen(program(own_farm, folder, 12_000), stdout=subprocess.DEVNULL) as killed:
        wait_for(lambda: stored_bytes(own_farm) > 25 * MIB, "half of it is there", 60)
        killed.send_signal(signal.SIGKILL)
    arrived = sum(map(size_of, (own_farm.data / "blobs" / "packs").glob("??/*")))
    assert arrived > 0
    done = upload_in_a_process(own_farm, folder)
    assert done["known"] >= arrived - 4096
    assert done["total"] == 48 * MIB


def test_an_upload_outlives_a_kill_of_the_farm_in_the_middle(own_farm: FarmProcess, tmp_path: Path) -> None:
    folder = tmp_path / "large"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.vdb").write_bytes(os.urandom(6 * MIB))
    with subprocess.Popen(program(own_farm, folder, 6_000), stdout=subprocess.PIPE) as sending:
        wait_for(lambda: stored_bytes(own_farm) > 5 * MIB, "a third of it is there", 60)
        own_farm.kill()
        with farm_process(own_farm.data, "--port", own_farm.url.rpartition(":")[2]):
            said, _ = sending.communicate(timeout=90)
    assert sending.returncode == 0
    assert json.loads(said)["total"] == 18 * MIB


def test_two_clients_may_send_the_same_at_once(farm: FarmProcess, tmp_path: Path) -> None:
    user = farm.as_user("both")
    for number in range(6):
        (tmp_path / f"{number}.exr").write_bytes(os.urandom(2 * MIB))
    both = [subprocess.Popen(program(user, tmp_path), stdout=subprocess.PIPE) for _ in range(2)]
    for one in both:
        one.communicate(timeout=60)
    assert [one.returncode for one in both] == [0, 0]
    assert upload_in_a_process(user, tmp_path)["known"] == 12 * MIB


def test_a_file_that_changes_meanwhile_is_named_and_nothing_is_committed(
    api: RayvisionAPI, tmp_path: Path
) -> None:
    folder = tmp_path / "shot"
    folder.mkdir()
    for name in ("a.vdb", "b.vdb"):
        (folder / name).write_bytes(os.urandom(3 * MIB))

    def watch(progress: TransferProgress) -> None:
        if progress.bytes_done:
            (folder / "b.vdb").write_bytes(b"half of the new version")

    with pytest.raises(FileChanged, match=r"b\.vdb"):
        engine.upload(api, pairs(folder), "input", max_speed_kb=6000, on_progress=watch)
    again = engine.upload(api, pairs(folder), "input")
    assert again.files_done == 2


def test_what_another_account_sent_travels_again(
    farm: FarmProcess, api: RayvisionAPI, tmp_path: Path
) -> None:
    (tmp_path / "a.vdb").write_bytes(os.urandom(3 * MIB))
    engine.upload(api, pairs(tmp_path), "input")
    with logged_in(farm.as_user("eve of pieces")) as eve:
        assert engine.upload(eve, pairs(tmp_path), "input").bytes_known == 0


def test_a_pack_with_a_wrong_piece_is_refused(farm: FarmProcess, api: RayvisionAPI) -> None:
    (url,) = api.transmit.missing_pieces([], packs=1).packs
    assert requests.put(farm.url + url, data=b"no pack", timeout=10).status_code == 409
    assert requests.put(farm.url + url, data=b"", timeout=10).status_code == 409
    forged = url.replace("account=", "account=1")
    assert requests.put(farm.url + forged, data=b"", timeout=10).status_code == 403
    assert requests.get(farm.url + url, timeout=10).json()["code"] != 200
    assert "sig=" not in farm.log()


def test_a_flipped_byte_in_a_stored_pack_is_found_and_sent_again(
    own_farm: FarmProcess, tmp_path: Path
) -> None:
    files = [(tmp_path / "a.exr", "/shot/a.exr"), (tmp_path / "b.exr", "/shot/b.exr")]
    for path, _ in files:
        path.write_bytes(os.urandom(MIB))
    with logged_in(own_farm) as api:
        engine.upload(api, files, "input")
        largest = max((own_farm.data / "blobs" / "packs").glob("??/*"), key=size_of)
        largest.chmod(0o600)
        content = bytearray(largest.read_bytes())
        content[100] ^= 1
        largest.write_bytes(content)
        command = [sys.executable, "-m", "renderbus_cli", "farm", "check", "--storage", "--json"]
        checking = subprocess.run([*command, "--data", str(own_farm.data)], capture_output=True, text=True)
        told = [json.loads(line) for line in checking.stdout.splitlines()]
        assert [line["file"] for line in told if line["event"] == "damaged"] in (
            ["/shot/a.exr"],
            ["/shot/b.exr"],
        )
        assert checking.returncode == 1
        assert engine.upload(api, files, "input").bytes_known == MIB


def test_the_speed_limit_holds_within_five_percent(api: RayvisionAPI, tmp_path: Path) -> None:
    files = []
    for number in range(8):
        (tmp_path / f"{number}.exr").write_bytes(os.urandom(2 * MIB))
        files.append((tmp_path / f"{number}.exr", f"/{number}.exr"))
    times: list[tuple[float, float]] = []

    def watch(progress: TransferProgress) -> None:
        times.append((time.monotonic(), progress.bytes_done))

    engine.upload(api, files, "input", max_speed_kb=4096, on_progress=watch)
    moving = [(at, moved) for at, moved in times if 2 * MIB <= moved <= 14 * MIB]
    (first_at, first), (last_at, last) = moving[0], moving[-1]
    assert (last - first) / (last_at - first_at) <= 4096 * 1024 * 1.15  # over 3 s, in steps of 0.4 MB
