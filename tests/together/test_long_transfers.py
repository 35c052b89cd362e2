"""What long transfers to a real farm keep: their record through a kill, their speed limit, their holes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from tests.together.farms import FarmProcess, wait_for

from rayvision_api.core import RayvisionAPI
from rayvision_sync import engine
from rayvision_sync.exception import TransferCancelled
from renderbus_farm.blobs.links import Links
from renderbus_farm.blobs.local import LocalBlobs
from renderbus_farm.keys import KeyBox
from renderbus_model.wire.transfer import OutputFile

MIB = 1 << 20

UPLOAD = """
import json, sys
from pathlib import Path
from rayvision_api.core import RayvisionAPI
from rayvision_sync import engine
from rayvision_sync.ledger_sqlite import SqliteLedger

url, access_id, key, folder, ledger, speed = sys.argv[1:]
with RayvisionAPI(access_id, key, url, "2") as api, SqliteLedger(Path(ledger)) as kept:
    files = [(path, "/long/" + path.name) for path in sorted(Path(folder).iterdir())]
    done = engine.upload(api, files, "input", ledger=kept, max_speed_kb=float(speed) or None)
peak_kb = int(open("/proc/self/status").read().partition("VmHWM:")[2].split()[0])
print(json.dumps({"read": done.bytes_read, "known": done.bytes_known, "peak_mb": peak_kb >> 10}))
"""


def program(farm: FarmProcess, folder: Path, speed_kb: float = 0) -> list[str]:
    keys = [farm.url, farm.access_id, farm.access_key]
    return [sys.executable, "-c", UPLOAD, *keys, str(folder), str(folder) + ".ledger", str(speed_kb)]


def uploaded(farm: FarmProcess, folder: Path) -> dict[str, int]:
    done = subprocess.run(program(farm, folder), capture_output=True, check=True, timeout=120)
    found: dict[str, int] = json.loads(done.stdout)
    return found


def test_files_that_were_sent_before_a_kill_are_not_read_again(own_farm: FarmProcess, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(12):
        path = folder / f"{number:02d}.vdb"
        path.write_bytes(os.urandom(3 * MIB))  # of several pieces each
        os.utime(path, (1_700_000_000, 1_700_000_000))
    packs = own_farm.data / "blobs" / "packs"
    threading.Event().wait(2.1)  # only files that were left alone for two seconds are remembered
    with subprocess.Popen(program(own_farm, folder, 6_000), stdout=subprocess.DEVNULL) as killed:
        wait_for(
            lambda: sum(path.stat().st_size for path in packs.glob("??/*")) > 18 * MIB, "half is there", 60
        )
        killed.send_signal(signal.SIGKILL)
    arrived = sum(path.stat().st_size for path in packs.glob("??/*"))
    again = uploaded(own_farm, folder)
    assert again["known"] >= arrived - MIB
    assert again["read"] <= 36 * MIB - 9 * MIB, "files that were there whole were read again"


class Relay:
    """Passes one farm's bytes on, and counts them."""

    def __init__(self, farm: FarmProcess) -> None:
        host, _, port = farm.domain.rpartition(":")
        self._farm = (host, int(port))
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.passed = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Pass nothing on from now on."""
        self._listening.close()

    def _accept(self) -> None:
        try:
            while True:
                client, _ = self._listening.accept()
                other = socket.create_connection(self._farm)
                for end in (client, other):  # what waits in here has not passed
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 48 << 10)
                for pair in ((client, other), (other, client)):
                    threading.Thread(target=self._pass_on, args=pair, daemon=True).start()
        except OSError:
            return

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        try:
            while content := source.recv(65536):
                target.sendall(content)
                self.passed += len(content)
        except OSError:
            pass
        finally:
            for end in (source, target):
                end.close()


@contextmanager
def relayed(farm: FarmProcess) -> Iterator[tuple[Relay, RayvisionAPI]]:
    with (
        closing(Relay(farm)) as relay,
        RayvisionAPI(farm.access_id, farm.access_key, relay.url, "2") as api,
    ):
        yield relay, api


LIMIT_KB = 3000
SECONDS = 10.0


def rate_of(relay: Relay, transfer: threading.Thread) -> float:
    """KB/s over ten seconds, from the first byte that is more than a question's."""
    transfer.start()
    wait_for(lambda: relay.passed > 128 << 10, "nothing moves")
    began, before = time.monotonic(), relay.passed
    transfer.join(SECONDS)
    assert transfer.is_alive(), "ended too early to be measured"
    return (relay.passed - before) / 1024 / (time.monotonic() - began)


def test_a_speed_limit_is_held_over_ten_seconds_both_ways(farm: FarmProcess, tmp_path: Path) -> None:
    user = farm.as_user("slowly")
    for number in range(3):
        (tmp_path / f"{number}.vdb").write_bytes(os.urandom(14 * MIB))
    files = sorted(tmp_path.iterdir())
    cancel = threading.Event()
    rates: dict[str, float] = {}

    def upload(api: RayvisionAPI) -> None:
        sent = [(file, f"/slow/{file.name}") for file in files]
        with pytest.raises(TransferCancelled):
            engine.upload(api, sent, "input", max_speed_kb=LIMIT_KB, cancel=cancel)

    def download(api: RayvisionAPI) -> None:
        with pytest.raises(TransferCancelled):
            engine.download(api, outputs, tmp_path / "here", max_speed_kb=LIMIT_KB, cancel=cancel)

    outputs = [stored_result(farm, file) for file in files]
    with relayed(user) as (up, up_api), relayed(user) as (down, down_api):
        going = {
            "up": (up, threading.Thread(target=upload, args=(up_api,))),
            "down": (down, threading.Thread(target=download, args=(down_api,))),
        }
        watching = [
            threading.Thread(target=lambda name=name, pair=pair: rates.update({name: rate_of(*pair)}))
            for name, pair in going.items()
        ]
        for watcher in watching:
            watcher.start()
        for watcher in watching:
            watcher.join()
        cancel.set()
        for _, transfer in going.values():
            transfer.join()
    # A machine that is busy otherwise may be slower; nothing makes it faster than the limit.
    assert all(0.8 * LIMIT_KB < rate <= 1.05 * LIMIT_KB for rate in rates.values()), rates


def stored_result(farm: FarmProcess, file: Path) -> OutputFile:
    """A result with these bytes, as the farm would name it."""
    links = Links(KeyBox.at(farm.data / "farm.key").derived("blob urls"))
    blobs = LocalBlobs(farm.data / "blobs", links)
    digest, size_bytes = blobs.put_file(file)
    url = blobs.get_url(digest, file.name, int(time.time()) + 600)
    return OutputFile(path=f"1_long/{file.name}", digest=digest, size_bytes=size_bytes, url=url)


def test_a_sparse_file_of_a_hundred_gigabytes_costs_its_digest_and_little_more(
    farm: FarmProcess, tmp_path: Path
) -> None:
    folder = tmp_path / "sparse"
    folder.mkdir()
    with (folder / "smoke.vdb").open("wb") as file:
        file.truncate(101_000_000_000)
        for at in (5, 60_000_000_000, 101_000_000_000 - MIB):
            file.seek(at)
            file.write(os.urandom(MIB))
    user = farm.as_user("sparse")
    os.utime(folder / "smoke.vdb", (1_700_000_000, 1_700_000_000))
    done = uploaded(user, folder)
    assert done["known"] > 101_000_000_000 - 64 * MIB
    assert done["peak_mb"] < 400
    assert uploaded(user, folder)["read"] == 0, "unchanged, it is known"
