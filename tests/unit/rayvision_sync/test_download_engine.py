from __future__ import annotations

import errno
import fcntl
import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from tests.unit.rayvision_sync.bytefarm import SIGNATURE, ByteFarm

from rayvision_api.core import RayvisionAPI
from rayvision_api.exception import RayvisionAPIError
from rayvision_sync import engine
from rayvision_sync.exception import DownloadFailed, RefusedPath, TransferCancelled, TransferError
from rayvision_sync.ledger_sqlite import SqliteLedger
from rayvision_sync.patience import Patience
from rayvision_sync.progress import TransferProgress
from renderbus_model.pieces import Digest, digest_of
from renderbus_model.wire.transfer import OutputFile

PICTURE = bytes(range(256)) * 4000


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return tmp_path / "results"


def files_below(folder: Path) -> set[str]:
    """Every name below a folder, whatever it is."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def test_results_come_to_their_places(farm: ByteFarm, api: RayvisionAPI, here: Path) -> None:
    farm.render("9_bus/beauty/0001.png", PICTURE)
    farm.render("9_bus/0002.png", b"two")
    farm.render("9_bus/empty.txt", b"")
    fetched = engine.download(api, engine.results(api, task_id=9), here)
    assert {path.relative_to(here) for path in fetched} == {
        Path("9_bus/beauty/0001.png"),
        Path("9_bus/0002.png"),
        Path("9_bus/empty.txt"),
    }
    assert (here / "9_bus/beauty/0001.png").read_bytes() == PICTURE
    assert (here / "9_bus/empty.txt").read_bytes() == b""
    assert files_below(here) == {"9_bus/beauty/0001.png", "9_bus/0002.png", "9_bus/empty.txt"}


def test_what_is_here_already_stays_and_what_was_rendered_anew_comes(
    farm: ByteFarm, api: RayvisionAPI, here: Path
) -> None:
    farm.render("9_bus/0001.png", PICTURE)
    farm.render("9_bus/0002.png", b"two")
    engine.download(api, engine.results(api, task_id=9), here)
    farm.starts.clear()
    farm.render("9_bus/0002.png", b"new")
    (here / "9_bus/0001.png").rename(here / "9_bus/0001.kept")
    (here / "9_bus/0001.kept").rename(here / "9_bus/0001.png")
    assert engine.download(api, engine.results(api, task_id=9), here) == [here / "9_bus/0002.png"]
    assert (here / "9_bus/0002.png").read_bytes() == b"new"
    assert farm.starts == [(digest_of(b"new"), 0)]


def test_a_file_of_the_right_size_but_wrong_bytes_is_fetched_again(
    farm: ByteFarm, api: RayvisionAPI, here: Path
) -> None:
    farm.render("9_bus/0001.png", b"right")
    (here / "9_bus").mkdir(parents=True)
    (here / "9_bus/0001.png").write_bytes(b"wrong")
    engine.download(api, engine.results(api, task_id=9), here)
    assert (here / "9_bus/0001.png").read_bytes() == b"right"


def test_a_file_here_that_cannot_be_read_is_fetched_anew(
    farm: ByteFarm, api: RayvisionAPI, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    farm.render("9_bus/0001.png", b"right")
    (here / "9_bus").mkdir(parents=True)
    os.mkfifo(here / "9_bus/0001.png")
    engine.download(api, engine.results(api, task_id=9), here)
    assert (here / "9_bus/0001.png").read_bytes() == b"right"


def test_more_than_a_page_of_results_is_listed_whole(farm: ByteFarm, api: RayvisionAPI) -> None:
    digest = farm.store(b"x")
    farm.outputs = [
        OutputFile(path=f"9_bus/{number:04}.png", digest=digest, size_bytes=1, url="/blobs/x")
        for number in range(2500)
    ]
    assert len(list(engine.results(api, task_id=9))) == 2500


def test_a_list_that_begins_again_does_not_go_on_for_ever(farm: ByteFarm, api: RayvisionAPI) -> None:
    digest = farm.store(b"x")
    one = OutputFile(path="9_bus/1", digest=digest, size_bytes=1, url="/blobs/x")
    farm.outputs = [one, one]
    with pytest.raises(TransferError, match="goes back"):
        list(engine.results(api, task_id=9))


def test_a_download_that_broke_off_goes_on_where_it_stopped(
    farm: ByteFarm, api: RayvisionAPI, here: Path, patience: Patience
) -> None:
    made = farm.render("9_bus/0001.png", PICTURE)
    farm.cut_gets.extend([600_000, 200_000])
    engine.download(api, engine.results(api), here, patience=patience)
    assert (here / "9_bus/0001.png").read_bytes() == PICTURE
    starts = [start for digest, start in farm.starts if digest == made.digest]
    assert starts == [0, 600_000, 800_000]


def test_a_store_without_ranges_sends_everything_again(
    farm: ByteFarm, api: RayvisionAPI, here: Path, patience: Patience
) -> None:
    farm.render("9_bus/0001.png", PICTURE)
    farm.ranges = False
    farm.cut_gets.append(600_000)
    told: list[TransferProgress] = []
    engine.download(api, engine.results(api), here, patience=patience, on_progress=told.append)
    assert (here / "9_bus/0001.png").read_bytes() == PICTURE
    assert told[-1].bytes_done == len(PICTURE)


def test_what_a_killed_download_left_is_gone_on_with(farm: ByteFarm, api: RayvisionAPI, here: Path) -> None:
    made = farm.render("9_bus/0001.png", PICTURE)
    (here / "9_bus").mkdir(parents=True)
    (here / "9_bus/0001.png.part").write_bytes(PICTURE[:500_000])
    engine.download(api, engine.results(api), here)
    assert (here / "9_bus/0001.png").read_bytes() == PICTURE
    assert farm.starts == [(made.digest, 500_000)]
    assert files_below(here) == {"9_bus/0001.png"}


@pytest.mark.parametrize("left", [b"of another picture" * 1000, PICTURE + b"longer", PICTURE[:-1] + b"?"])
def test_a_part_that_is_none_of_this_picture_is_thrown_away(
    farm: ByteFarm, api: RayvisionAPI, here: Path, patience: Patience, left: bytes
) -> None:
    farm.render("9_bus/0001.png", PICTURE)
    (here / "9_bus").mkdir(parents=True)
    (here / "9_bus/0001.png.part").write_bytes(left)
    engine.download(api, engine.results(api), here, patience=patience)
    assert (here / "9_bus/0001.png").read_bytes() == PICTURE
    assert files_below(here) == {"9_bus/0001.png"}


def test_a_flipped_byte_is_refused_and_fetched_again(
    farm: ByteFarm, api: RayvisionAPI, here: Path, patience: Patience
) -> None:
    farm.render("9_bus/0001.png", PICTURE)
    farm.flip_gets = 2
    engine.download(api, engine.results(api), here, patience=patience)
    assert (here / "9_bus/0001.png").read_bytes() == PICTURE


def test_bytes_that_stay_wrong_never_become_a_picture(
    farm: ByteFarm, api: RayvisionAPI, here: Path, patience: Patience
) -> None:
    farm.render("9_bus/0001.png", PICTURE)
    farm.render("9_bus/0002.png", b"two")
    (here / "9_bus").mkdir(parents=True)
    (here / "9_bus/0001.png").write_bytes(b"the old picture")
    farm.flip_gets = 100
    with pytest.raises(DownloadFailed, match="wrong digest") as caught:
        engine.download(api, engine.results(api), here, patience=patience)
    assert set(caught.value.failures) == {"9_bus/0001.png", "9_bus/0002.png"}
    assert (here / "9_bus/0001.png").read_bytes() == b"the old picture"
    assert files_below(here) == {"9_bus/0001.png"}


def test_one_file_that_fails_does_not_keep_the_others_away(
    farm: ByteFarm, api: RayvisionAPI, here: Path, patience: Patience
) -> None:
    gone = farm.render("9_bus/0001.png", PICTURE)
    farm.render("9_bus/0002.png", b"two")
    (farm.folder / gone.digest).write_bytes(b"damaged")
    with pytest.raises(DownloadFailed) as caught:
        engine.download(api, engine.results(api), here, patience=patience)
    assert list(caught.value.failures) == ["9_bus/0001.png"]
    assert (here / "9_bus/0002.png").read_bytes() == b"two"


def test_an_expired_url_is_asked_for_again(
    farm: ByteFarm, api: RayvisionAPI, here: Path, patience: Patience
) -> None:
    farm.render("9_bus/0001.png", PICTURE)
    farm.get_statuses.extend([403, 500])
    engine.download(api, engine.results(api), here, patience=patience)
    assert (here / "9_bus/0001.png").read_bytes() == PICTURE


def test_a_result_that_was_rendered_anew_meanwhile_is_said_so(
    farm: ByteFarm, api: RayvisionAPI, here: Path, patience: Patience
) -> None:
    farm.render("9_bus/0001.png", b"old")
    listed = list(engine.results(api))
    farm.render("9_bus/0001.png", b"new")
    farm.get_statuses.append(404)
    with pytest.raises(DownloadFailed, match="rendered it anew"):
        engine.download(api, listed, here, patience=patience)


HOSTILE = [
    "../evil",
    "9_bus/../../evil",
    "/etc/cron.d/evil",
    "9_bus/..",
    "C:/evil",
    "C:\\evil",
    "9_bus\\..\\..\\evil",
    "9_bus/a\0b",
    "9_bus/a\nb",
    "",
    ".",
    "9_bus/" + "x" * 300,
]


@pytest.mark.parametrize("path", HOSTILE)
def test_a_place_outside_the_folder_is_refused_before_anything_is_fetched(
    farm: ByteFarm, api: RayvisionAPI, here: Path, path: str
) -> None:
    good = farm.render("9_bus/0001.png", b"good")
    evil = OutputFile(path=path, digest=good.digest, size_bytes=good.size_bytes, url=good.url)
    with pytest.raises(RefusedPath) as caught:
        engine.download(api, [good, evil], here)
    assert caught.value.path == path
    assert farm.starts == []
    assert not here.exists()


def test_a_link_that_leads_out_is_not_followed(
    farm: ByteFarm, api: RayvisionAPI, here: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    here.mkdir()
    (here / "9_bus").symlink_to(outside, target_is_directory=True)
    farm.render("9_bus/deep/0001.png", b"x")
    with pytest.raises(RefusedPath, match="leads out"):
        engine.download(api, engine.results(api), here)
    assert list(outside.iterdir()) == []


def test_a_link_that_stays_inside_is_followed(farm: ByteFarm, api: RayvisionAPI, here: Path) -> None:
    (here / "other disk").mkdir(parents=True)
    (here / "9_bus").symlink_to("other disk", target_is_directory=True)
    farm.render("9_bus/0001.png", b"x")
    engine.download(api, engine.results(api), here)
    assert (here / "other disk/0001.png").read_bytes() == b"x"


def test_a_link_in_the_place_of_a_result_is_replaced_not_written_through(
    farm: ByteFarm, api: RayvisionAPI, here: Path, tmp_path: Path
) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"x")
    (here / "9_bus").mkdir(parents=True)
    (here / "9_bus/0001.png").symlink_to(precious)
    farm.render("9_bus/0001.png", b"y")
    engine.download(api, engine.results(api), here)
    assert (here / "9_bus/0001.png").read_bytes() == b"y"
    assert precious.read_bytes() == b"x"


def test_a_link_in_the_place_of_a_part_is_refused(
    farm: ByteFarm, api: RayvisionAPI, here: Path, tmp_path: Path
) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"x")
    (here / "9_bus").mkdir(parents=True)
    (here / "9_bus/0001.png.part").symlink_to(precious)
    farm.render("9_bus/0001.png", b"y")
    with pytest.raises(DownloadFailed, match="is a link"):
        engine.download(api, engine.results(api), here)
    assert precious.read_bytes() == b"x"


def test_two_results_in_one_place_are_refused(farm: ByteFarm, api: RayvisionAPI, here: Path) -> None:
    one = farm.render("9_bus/a/1.png", b"1")
    two = farm.render("9_bus/a", b"2")
    with pytest.raises(RefusedPath, match="at once"):
        engine.download(api, [one, two], here)


def test_a_result_called_like_a_part_is_kept_apart(farm: ByteFarm, api: RayvisionAPI, here: Path) -> None:
    farm.render("9_bus/a", PICTURE)
    farm.render("9_bus/a.part", b"a real result")
    engine.download(api, engine.results(api), here, threads=1)
    assert (here / "9_bus/a").read_bytes() == PICTURE
    assert (here / "9_bus/a.part").read_bytes() == b"a real result"
    assert files_below(here) == {"9_bus/a", "9_bus/a.part"}


@pytest.mark.parametrize("name", ["木 材.png", "é" * 126 + "ab", "nul.png", "%2e%2e", "a:b", "." * 3])
def test_any_name_that_a_disk_takes_comes_through(
    farm: ByteFarm, api: RayvisionAPI, here: Path, name: str
) -> None:
    farm.render(f"9_bus/{name}", b"x")
    engine.download(api, engine.results(api), here)
    assert files_below(here) == {f"9_bus/{name}"}


def test_a_folder_in_the_place_of_a_file_fails_by_name(farm: ByteFarm, api: RayvisionAPI, here: Path) -> None:
    (here / "9_bus/0001.png/full").mkdir(parents=True)
    farm.render("9_bus/0001.png", b"x")
    with pytest.raises(DownloadFailed, match=r"0001\.png.*[Dd]irectory"):
        engine.download(api, engine.results(api), here)
    assert files_below(here) == set()


def test_a_download_beside_another_of_the_same_file_does_not_touch_its_part(
    farm: ByteFarm, api: RayvisionAPI, here: Path, patience: Patience
) -> None:
    farm.render("9_bus/0001.png", PICTURE)
    (here / "9_bus").mkdir(parents=True)
    with (here / "9_bus/0001.png.part").open("wb") as others:
        fcntl.flock(others, fcntl.LOCK_EX)
        others.write(b"another program's bytes")
        others.flush()
        engine.download(api, engine.results(api), here, patience=patience)
        assert (here / "9_bus/0001.png.part").read_bytes() == b"another program's bytes"
    assert (here / "9_bus/0001.png").read_bytes() == PICTURE


def test_a_folder_on_a_file_system_without_locks_takes_results(
    farm: ByteFarm, api: RayvisionAPI, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(handle: int, how: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refused)
    farm.render("9_bus/0001.png", PICTURE)
    engine.download(api, engine.results(api), here)
    assert (here / "9_bus/0001.png").read_bytes() == PICTURE


def test_an_interrupt_leaves_nothing_half_written(farm: ByteFarm, api: RayvisionAPI, here: Path) -> None:
    for number in range(8):
        farm.render(f"9_bus/{number}.png", PICTURE + bytes([number]))

    def interrupt(progress: TransferProgress) -> None:
        if progress.bytes_done > 200_000:
            raise KeyboardInterrupt

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        engine.download(api, engine.results(api), here, max_speed_kb=1000, on_progress=interrupt)
    assert time.monotonic() - began < 5
    for path in files_below(here):
        assert (here / path).stat().st_size == len(PICTURE) + 1
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("transfer-")]


def test_a_cancel_leaves_nothing_half_written(farm: ByteFarm, api: RayvisionAPI, here: Path) -> None:
    farm.render("9_bus/0001.png", PICTURE)
    cancel = threading.Event()

    def watch(progress: TransferProgress) -> None:
        if progress.bytes_done:
            cancel.set()

    with pytest.raises(TransferCancelled):
        engine.download(api, engine.results(api), here, max_speed_kb=200, on_progress=watch, cancel=cancel)
    assert files_below(here) == set()


DOWNLOADS_WITH_LITTLE_ROOM = """
import resource, sys
from rayvision_api.core import RayvisionAPI
from rayvision_sync import engine
from rayvision_sync.exception import DownloadFailed

resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
with RayvisionAPI("an-id", "a-key", sys.argv[1], "2") as api:
    try:
        engine.download(api, engine.results(api), sys.argv[2])
    except DownloadFailed as error:
        print(error, repr(error.__cause__.__cause__))
"""


def test_a_full_disk_leaves_no_half_file_and_is_told_by_name(
    farm: ByteFarm, api: RayvisionAPI, here: Path
) -> None:
    farm.render("9_bus/0001.png", PICTURE)
    farm.render("9_bus/0002.png", b"small")
    command = [sys.executable, "-c", DOWNLOADS_WITH_LITTLE_ROOM, farm.url, str(here)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert "9_bus/0001.png" in ended.stdout
    assert os.strerror(27) in ended.stdout  # EFBIG stands in for ENOSPC
    assert "OSError(27" in ended.stdout  # and is the cause of the cause, for callers
    assert files_below(here) == {"9_bus/0002.png"}


def test_each_file_is_told_once_it_is_in_place_in_the_callers_thread(
    farm: ByteFarm, api: RayvisionAPI, here: Path
) -> None:
    told: list[tuple[Path, bool, int]] = []
    for number in range(5):
        farm.render(f"9_bus/{number}", bytes([number]) * 100)
    engine.download(
        api,
        engine.results(api),
        here,
        on_file=lambda path: told.append((path, path.exists(), threading.get_ident())),
    )
    assert {(exists, thread) for _, exists, thread in told} == {(True, threading.get_ident())}
    assert len(told) == 5


def test_no_signature_reaches_a_log_or_an_error(
    farm: ByteFarm, api: RayvisionAPI, here: Path, patience: Patience, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "urllib3")  # ``init_logger`` may have quietened it before
    farm.render("9_bus/0001.png", PICTURE)
    farm.cut_gets.extend([0, 1, 2, 3, 4, 5])
    with pytest.raises(DownloadFailed) as caught:
        engine.download(api, engine.results(api), here, patience=patience)
    assert SIGNATURE not in caplog.text + repr(caught.value) + str(caught.value)
    assert "GET" in caplog.text


def test_a_ledger_saves_reading_what_is_here(
    farm: ByteFarm, api: RayvisionAPI, here: Path, tmp_path: Path
) -> None:
    farm.render("9_bus/0001.png", PICTURE)
    engine.download(api, engine.results(api), here)
    told: list[TransferProgress] = []
    for _ in range(2):
        with SqliteLedger(tmp_path / "record", settled_after_s=0) as ledger:
            engine.download(api, engine.results(api), here, ledger=ledger, on_progress=told.append)
    assert told[-1].bytes_read == 0
    assert told[-1].bytes_known == len(PICTURE)


def test_only_what_is_new_is_fetched_even_when_the_user_moves_files_away(
    farm: ByteFarm, api: RayvisionAPI, here: Path
) -> None:
    seen: dict[str, Digest] = {}
    farm.render("9_bus/0001.png", b"1")
    assert engine.fetch_new(api, 9, here, seen) == [here / "9_bus/0001.png"]
    (here / "9_bus/0001.png").unlink()
    farm.render("9_bus/0002.png", b"2")
    assert engine.fetch_new(api, 9, here, seen) == [here / "9_bus/0002.png"]
    assert engine.fetch_new(api, 9, here, seen) == []
    farm.render("9_bus/0001.png", b"again")
    assert engine.fetch_new(api, 9, here, seen) == [here / "9_bus/0001.png"]


def test_what_failed_is_new_the_next_time(
    farm: ByteFarm, api: RayvisionAPI, here: Path, patience: Patience
) -> None:
    seen: dict[str, Digest] = {}
    farm.render("9_bus/0001.png", b"1")
    farm.render("9_bus/0002.png", b"2")
    farm.get_statuses.append(400)
    with pytest.raises(DownloadFailed):
        engine.fetch_new(api, 9, here, seen, threads=1, patience=patience)
    assert set(seen) == {"9_bus/0002.png"}
    engine.fetch_new(api, 9, here, seen)
    assert set(seen) == {"9_bus/0001.png", "9_bus/0002.png"}


def test_what_the_farm_refuses_to_list_is_told_as_it_says(farm: ByteFarm, api: RayvisionAPI) -> None:
    farm.refuses = (404, "task 9: no such task")
    with pytest.raises(RayvisionAPIError, match="no such task"):
        list(engine.results(api, task_id=9))
