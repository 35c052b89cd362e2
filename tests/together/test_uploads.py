"""The SDK's uploads against a real farm."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.together.farms import FarmProcess, farm_process

from rayvision_api.core import RayvisionAPI
from rayvision_api.exception import RayvisionAPIError
from rayvision_sync import engine
from rayvision_sync.ledger_sqlite import SqliteLedger
from rayvision_sync.progress import TransferProgress


def logged_in(farm: FarmProcess) -> RayvisionAPI:
    return RayvisionAPI(farm.access_id, farm.access_key, farm.url, "2")


@pytest.fixture
def api(farm: FarmProcess, request: pytest.FixtureRequest) -> Iterator[RayvisionAPI]:
    with logged_in(farm.as_user(request.node.name)) as api:
        yield api


def random_files(folder: Path, sizes: list[int]) -> list[tuple[Path, str]]:
    folder.mkdir()
    for number, size in enumerate(sizes):
        (folder / f"{number:05}.bin").write_bytes(os.urandom(size))
    return [(path, f"/shot/{path.name}") for path in sorted(folder.iterdir())]


def test_files_of_every_size_arrive_and_need_not_travel_again(api: RayvisionAPI, tmp_path: Path) -> None:
    files = random_files(tmp_path / "shot", [0, 1, 65_535, 1 << 20, (1 << 20) + 1, 30 << 20])
    first = engine.upload(api, files, "input")
    again = engine.upload(api, files, "input")
    assert first.bytes_known == 0
    assert again.bytes_known == again.bytes_total == first.bytes_total


def test_names_beyond_ascii_and_very_long_ones_arrive(api: RayvisionAPI, tmp_path: Path) -> None:
    names = ["木 材.png", "Grüße.tif", "é" * 120 + ".exr", "x" * 250]
    for name in names:
        (tmp_path / name).write_text(name)
    done = engine.upload(api, [(tmp_path / name, f"/t/{name}") for name in names], "input")
    assert done.files_done == len(names)


def test_what_another_account_stored_travels_again(
    farm: FarmProcess, api: RayvisionAPI, tmp_path: Path
) -> None:
    files = random_files(tmp_path / "shot", [1000, 2000])
    engine.upload(api, files, "input")
    with logged_in(farm.as_user("somebody else")) as other:
        assert engine.upload(other, files, "input").bytes_known == 0


def test_a_document_of_somebody_elses_task_is_refused(api: RayvisionAPI, tmp_path: Path) -> None:
    (tmp_path / "task.json").write_text("{}")
    with pytest.raises(RayvisionAPIError):
        engine.upload(api, [(tmp_path / "task.json", "/1/cfg/task.json")], "config")


def test_two_thousand_small_files_are_quick(api: RayvisionAPI, tmp_path: Path) -> None:
    files = random_files(tmp_path / "shot", [16_384] * 2000)
    long_ago = time.time() - 3600
    for path, _ in files:
        os.utime(path, (long_ago, long_ago))
    began = time.monotonic()
    engine.upload(api, files, "input")
    first_s = time.monotonic() - began
    with SqliteLedger(tmp_path / "record", settled_after_s=0) as ledger:
        engine.upload(api, files, "input", ledger=ledger)
        began = time.monotonic()
        engine.upload(api, files, "input", ledger=ledger)
        again_s = time.monotonic() - began
    assert first_s < 60  # some 8 s on two quiet cores
    assert again_s < 10


def test_an_upload_outlives_a_farm_that_is_killed_and_started_again(
    own_farm: FarmProcess, tmp_path: Path
) -> None:
    files = random_files(tmp_path / "shot", [200_000] * 20)
    half = threading.Event()
    port = own_farm.url.rpartition(":")[2]

    def watch(progress: TransferProgress) -> None:
        if progress.files_done >= 5:
            half.set()

    ended: list[TransferProgress | BaseException] = []

    def send(api: RayvisionAPI) -> None:
        try:
            ended.append(engine.upload(api, files, "input", on_progress=watch, max_speed_kb=1500))
        except BaseException as error:
            ended.append(error)

    with logged_in(own_farm) as api:
        sending = threading.Thread(target=send, args=(api,))
        sending.start()
        assert half.wait(60)
        own_farm.kill()
        with farm_process(own_farm.data, "--port", port):
            sending.join(60)
            assert isinstance(ended[0], TransferProgress), ended
            assert ended[0].files_done == 20
            assert engine.upload(api, files, "input").bytes_known == 20 * 200_000
