from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.rayvision_sync.bytefarm import SCENE, SIGNATURE, ByteFarm, entries
from tests.unit.rayvision_sync.conftest import LONG_AGO_S

from rayvision_api.core import RayvisionAPI
from rayvision_sync import engine
from rayvision_sync.exception import (
    FileChanged,
    MissingFiles,
    RefusedPath,
    TransferCancelled,
    TransferFailed,
    UnreadableFile,
)
from rayvision_sync.patience import Patience
from rayvision_sync.progress import TransferProgress
from rayvision_sync.reading import read_pieces
from renderbus_model.pieces import digest_of


@pytest.fixture
def shot(shot: Path) -> Path:
    """The user's folder with a scene that no compression makes smaller."""
    (shot / "bus.blend").write_bytes(SCENE)
    os.utime(shot / "bus.blend", (LONG_AGO_S, LONG_AGO_S))
    return shot


def pairs(folder: Path) -> list[tuple[str, str]]:
    """Every file below a folder with its farm path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [(str(path), f"/shot/{path.relative_to(folder)}") for path in files]


def test_every_file_of_an_upload_exists_afterwards(farm: ByteFarm, api: RayvisionAPI, shot: Path) -> None:
    engine.upload(api, pairs(shot), "input")
    assert entries(farm, "input") == {"/shot/bus.blend", "/shot/tex/steel.png", "/shot/tex/wood.png"}
    assert farm.content("input", "/shot/bus.blend") == SCENE
    assert farm.commits == 1


def test_the_same_upload_again_sends_nothing(farm: ByteFarm, api: RayvisionAPI, shot: Path) -> None:
    engine.upload(api, pairs(shot), "input")
    farm.puts.clear()
    done = engine.upload(api, pairs(shot), "input")
    assert farm.puts == []
    assert done.bytes_known == done.bytes_total == done.bytes_done
    assert farm.commits == 2


def test_files_with_one_content_travel_once(farm: ByteFarm, api: RayvisionAPI, tmp_path: Path) -> None:
    files = []
    for number in range(5):
        (tmp_path / f"{number}.png").write_bytes(b"the same")
        files.append((tmp_path / f"{number}.png", f"/t/{number}.png"))
    done = engine.upload(api, files, "input")
    assert farm.puts == [digest_of(b"the same")]
    assert (done.files_done, done.bytes_done, done.bytes_known) == (5, 40, 32)


def test_zero_bytes_are_a_file_too(farm: ByteFarm, api: RayvisionAPI, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    engine.upload(api, [(tmp_path / "empty", "/t/empty")], "input")
    assert farm.content("input", "/t/empty") == b""


@pytest.mark.parametrize(
    "name", ["木 材.png", "Grüße – überall.tif", "é" * 120 + ".exr", "a'b\"c$d`e.png", "-x"]
)
def test_any_name_that_a_disk_takes_can_be_uploaded(
    farm: ByteFarm, api: RayvisionAPI, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(b"x")
    engine.upload(api, [(tmp_path / name, f"/t/{name}")], "input")
    assert farm.content("input", f"/t/{name}") == b"x"


def test_every_missing_file_is_named_and_nothing_is_sent(
    farm: ByteFarm, api: RayvisionAPI, shot: Path
) -> None:
    files = [*pairs(shot), (str(shot / "gone.png"), "/t/gone.png"), (str(shot / "away.png"), "/t/away.png")]
    with pytest.raises(MissingFiles) as caught:
        engine.upload(api, files, "input")
    assert caught.value.paths == (str(shot / "gone.png"), str(shot / "away.png"))
    assert str(shot / "away.png") in str(caught.value)
    assert (farm.puts, farm.commits) == ([], 0)


@pytest.mark.parametrize("path", ["/t/../../etc/passwd", "C:/x", "/t/a\0b", "", "/", "/t/" + "x" * 256])
def test_a_farm_path_that_leads_elsewhere_is_refused(
    farm: ByteFarm, api: RayvisionAPI, shot: Path, path: str
) -> None:
    with pytest.raises(RefusedPath) as caught:
        engine.upload(api, [(shot / "bus.blend", path)], "input")
    assert caught.value.path == path
    assert farm.commits == 0


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_only_regular_files_are_read(farm: ByteFarm, api: RayvisionAPI, tmp_path: Path, make: object) -> None:
    assert callable(make)
    make(tmp_path / "odd")
    with pytest.raises(UnreadableFile, match=r"odd.*(regular|directory)"):
        engine.upload(api, [(tmp_path / "odd", "/t/odd")], "input")


def test_a_link_to_a_texture_is_uploaded_as_the_texture(
    farm: ByteFarm, api: RayvisionAPI, shot: Path
) -> None:
    (shot / "link.png").symlink_to(shot / "tex" / "wood.png")
    engine.upload(api, [(shot / "link.png", "/t/link.png")], "input")
    assert farm.content("input", "/t/link.png") == b"wood"


def test_answers_that_say_try_again_are_tried_again(
    farm: ByteFarm, api: RayvisionAPI, shot: Path, patience: Patience
) -> None:
    farm.put_statuses.extend([500, 503, 429])
    engine.upload(api, [(shot / "bus.blend", "/t/a")], "input", patience=patience)
    assert farm.content("input", "/t/a") == SCENE


def test_a_connection_that_breaks_off_is_made_again(
    farm: ByteFarm, api: RayvisionAPI, shot: Path, patience: Patience
) -> None:
    farm.cut_puts.extend([0, 300_000])
    done = engine.upload(api, [(shot / "bus.blend", "/t/a")], "input", patience=patience)
    assert done.bytes_done == done.bytes_total == 700_000
    assert farm.content("input", "/t/a") == SCENE


def test_an_expired_url_is_asked_for_again(
    farm: ByteFarm, api: RayvisionAPI, shot: Path, patience: Patience
) -> None:
    farm.put_statuses.append(403)
    engine.upload(api, [(shot / "bus.blend", "/t/a")], "input", patience=patience)
    assert farm.commits == 1


def test_trying_ends_and_says_which_file_and_why(
    farm: ByteFarm, api: RayvisionAPI, shot: Path, patience: Patience
) -> None:
    farm.put_statuses.extend([500] * 10)
    with pytest.raises(TransferFailed, match=r"bus\.blend: tried 4 times, last: .*ordered answer 500"):
        engine.upload(api, [(shot / "bus.blend", "/t/a")], "input", patience=patience)
    assert farm.commits == 0


@pytest.mark.parametrize("status", [400, 413, 507])
def test_a_refusal_is_not_tried_again(farm: ByteFarm, api: RayvisionAPI, shot: Path, status: int) -> None:
    farm.put_statuses.append(status)
    with pytest.raises(TransferFailed, match=f"ordered answer {status}"):
        engine.upload(api, [(shot / "bus.blend", "/t/a")], "input")


def test_no_signature_reaches_a_log_or_an_error(
    farm: ByteFarm, api: RayvisionAPI, shot: Path, patience: Patience, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "urllib3")
    engine.upload(api, pairs(shot), "input", patience=patience)
    farm.cut_puts.extend([0] * 10)
    (shot / "new").write_bytes(b"new")
    with pytest.raises(TransferFailed) as caught:
        engine.upload(api, pairs(shot), "input", patience=patience)
    assert SIGNATURE not in caplog.text
    assert "PUT" in caplog.text
    assert SIGNATURE not in repr(caught.value)
    assert SIGNATURE not in repr(caught.value.__context__)


def test_a_file_that_grows_after_it_was_read_fails_by_name(
    farm: ByteFarm, api: RayvisionAPI, shot: Path
) -> None:
    def grow() -> None:
        with (shot / "bus.blend").open("ab") as scene:
            scene.write(b"more")

    farm.on_put = grow
    files = [(shot / "tex/wood.png", "/t/wood"), (shot / "bus.blend", "/t/bus")]
    with pytest.raises(FileChanged) as caught:
        engine.upload(api, files, "input", threads=1)
    assert caught.value.path == str(shot / "bus.blend")
    assert farm.commits == 0


def test_a_file_that_is_gone_before_the_commit_fails_by_name(
    farm: ByteFarm, api: RayvisionAPI, shot: Path
) -> None:
    farm.on_put = lambda: (shot / "bus.blend").unlink(missing_ok=True)
    files = [(shot / "tex/wood.png", "/t/wood"), (shot / "bus.blend", "/t/bus")]
    with pytest.raises(FileChanged, match=r"bus\.blend.*it is gone"):
        engine.upload(api, files, "input", threads=1)
    assert farm.commits == 0


@pytest.mark.parametrize("size", [50_000, 200_000, 5_000_000])
@pytest.mark.parametrize("keeps_time", [False, True])
def test_a_file_that_is_written_to_while_it_is_read_fails_by_name(
    tmp_path: Path, size: int, keeps_time: bool
) -> None:
    scene = tmp_path / "a.blend"
    scene.write_bytes(os.urandom(size))
    before = scene.stat()

    def write(_: int) -> None:
        with scene.open("r+b") as stream:
            stream.write(b"other bytes")
        if keeps_time:
            os.utime(scene, ns=(before.st_atime_ns, before.st_mtime_ns))

    with pytest.raises(FileChanged, match=r"a\.blend.*while it was read"):
        read_pieces(str(scene), lambda digest, content: None, write)


def test_a_file_that_grows_while_it_is_read_is_not_read_for_ever(tmp_path: Path) -> None:
    scene = tmp_path / "a.vdb"
    scene.write_bytes(os.urandom(3 << 20))

    def grow(count: int) -> None:
        with scene.open("ab") as stream:
            stream.write(b"x" * count)

    with pytest.raises(FileChanged):
        read_pieces(str(scene), lambda digest, content: None, grow)


def test_a_file_that_the_farm_has_but_that_changes_meanwhile_fails_too(
    farm: ByteFarm, api: RayvisionAPI, shot: Path
) -> None:
    engine.upload(api, [(shot / "bus.blend", "/t/bus")], "input")

    def touch() -> None:
        os.utime(shot / "bus.blend")

    farm.on_put = touch
    with pytest.raises(FileChanged, match=r"bus\.blend"):
        engine.upload(api, pairs(shot), "input")
    assert farm.commits == 1


def test_progress_grows_to_the_end_and_is_told_in_the_callers_thread(
    farm: ByteFarm, api: RayvisionAPI, shot: Path
) -> None:
    told: list[TransferProgress] = []
    threads: set[int] = set()

    def tell(progress: TransferProgress) -> None:
        told.append(progress)
        threads.add(threading.get_ident())

    farm.put_statuses.append(500)
    patience = Patience(first_wait_s=0.2)
    engine.upload(api, pairs(shot), "input", on_progress=tell, max_speed_kb=1500, patience=patience)
    assert threads == {threading.get_ident()}
    assert told[-1].files_done == told[-1].files_total == 3
    assert told[-1].bytes_done == told[-1].bytes_total == 700_006
    assert len(told) > 3
    assert any(0 < one.bytes_done < one.bytes_total for one in told)
    assert any(one.bytes_per_s > 0 for one in told)


def test_the_speed_limit_holds_for_all_threads_together(
    farm: ByteFarm, api: RayvisionAPI, tmp_path: Path
) -> None:
    files = []
    for number in range(4):
        (tmp_path / str(number)).write_bytes(os.urandom(250_000))
        files.append((tmp_path / str(number), f"/t/{number}"))
    began = time.monotonic()
    engine.upload(api, files, "input", max_speed_kb=1000)
    assert 0.75 <= time.monotonic() - began < 5  # 977 KB, one tenth of a second's worth at once


def test_a_cancelled_upload_ends_soon_and_commits_nothing(
    farm: ByteFarm, api: RayvisionAPI, shot: Path
) -> None:
    cancel = threading.Event()
    farm.on_put = lambda: cancel.set()
    began = time.monotonic()
    with pytest.raises(TransferCancelled):
        engine.upload(api, pairs(shot), "input", max_speed_kb=50, cancel=cancel)
    assert time.monotonic() - began < 5
    assert farm.commits == 0


def test_an_interrupt_in_the_callers_thread_stops_every_other_thread(
    farm: ByteFarm, api: RayvisionAPI, shot: Path
) -> None:
    def interrupt(progress: TransferProgress) -> None:
        if progress.bytes_done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine.upload(api, pairs(shot), "input", max_speed_kb=100, on_progress=interrupt)
    assert farm.commits == 0
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("transfer-")]


def test_two_uploads_of_the_same_files_at_once_both_end_well(
    farm: ByteFarm, api: RayvisionAPI, shot: Path
) -> None:
    failed: list[BaseException] = []

    def send() -> None:
        try:
            engine.upload(api, pairs(shot), "input")
        except BaseException as error:
            failed.append(error)

    both = [threading.Thread(target=send) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(30)
    assert failed == []
    assert farm.commits == 2


def test_two_thousand_small_files_are_quick(farm: ByteFarm, api: RayvisionAPI, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(2000):
        (folder / f"{number:04}.tx").write_bytes(f"texture {number}".encode() * 50)
    began = time.monotonic()
    engine.upload(api, pairs(folder), "input")
    first_s = time.monotonic() - began
    assert len(entries(farm, "input")) == 2000
    assert farm.packs <= 3
    began = time.monotonic()
    engine.upload(api, pairs(folder), "input")
    assert first_s < 30  # some 5 s on two quiet cores, farm included
    assert time.monotonic() - began < 5


SENDS_SLOWLY = """
import sys
from pathlib import Path
from rayvision_api.core import RayvisionAPI
from rayvision_sync import engine

with RayvisionAPI("an-id", "a-key", sys.argv[1], "2") as api:
    files = [(path, "/many/" + path.name) for path in sorted(Path(sys.argv[2]).iterdir())]
    engine.upload(api, files, "input", max_speed_kb=float(sys.argv[3]))
"""


@pytest.fixture
def many(tmp_path: Path) -> Path:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(40):
        (folder / f"{number:02}").write_bytes(os.urandom(80_000))
    return folder


def killed_after(farm: ByteFarm, puts: int, many: Path) -> Iterator[None]:
    """Start an upload in a process of its own and kill it when so many files are there."""
    enough = threading.Event()

    def count() -> None:
        if len(farm.puts) >= puts:
            enough.set()

    farm.on_put = count
    command = [sys.executable, "-c", SENDS_SLOWLY, farm.url, str(many), "500"]
    with subprocess.Popen(command) as process:
        yield
        assert enough.wait(60)
        process.kill()


def test_after_a_kill_the_same_command_sends_only_what_is_missing(
    farm: ByteFarm, api: RayvisionAPI, many: Path
) -> None:
    for _ in killed_after(farm, 10, many):
        assert farm.commits == 0
    assert farm.commits == 0
    stored = set(farm.puts)
    assert 10 <= len(stored) < 40
    farm.puts.clear()
    farm.on_put = lambda: None
    engine.upload(api, [(path, f"/many/{path.name}") for path in many.iterdir()], "input")
    assert not stored & set(farm.puts)
    assert len(entries(farm, "input")) == 40
