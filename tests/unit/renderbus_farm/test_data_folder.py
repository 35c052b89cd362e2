"""One folder, one farm; its secrets are its owner's alone."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import Timeout

from renderbus_farm import data_folder
from renderbus_farm.data_folder import DataFolder, Owner, Running
from renderbus_farm.errors import AlreadyRunning, DataFolderUnusable
from renderbus_farm.keys import KeyBox
from renderbus_farm.main import add_user, users

RUNNING = Running("http://127.0.0.1:8800", 4711, 1700000000.0, "0.1.0")


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder.prepared(tmp_path / "studio" / "data")


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_folder_is_made_for_its_owner_alone(folder: DataFolder) -> None:
    assert mode_of(folder.path) == 0o700
    assert list(folder.path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(
        DataFolderUnusable, match="file/data' cannot be used: Not a directory; choose another"
    ):
        DataFolder.prepared(tmp_path / "file" / "data")


def test_a_folder_that_takes_no_files_is_named_with_the_reason() -> None:
    with pytest.raises(DataFolderUnusable, match="'/proc' cannot be used"):
        DataFolder.prepared(Path("/proc"))


def test_an_announced_farm_is_found_until_it_is_forgotten(folder: DataFolder) -> None:
    assert folder.running() is None
    folder.announce(RUNNING)
    assert folder.running() == RUNNING
    folder.forget_running()
    folder.forget_running()
    assert folder.running() is None


def test_a_damaged_announcement_is_none(folder: DataFolder) -> None:
    (folder.path / "farm.json").write_bytes(b'{"url": ')
    assert folder.running() is None


def test_the_owner_is_kept_for_the_owners_eyes(folder: DataFolder) -> None:
    assert folder.owner() is None
    folder.keep_owner(Owner("id", "key"))
    assert folder.owner() == Owner("id", "key")
    assert mode_of(folder.path / "owner.json") == 0o600
    assert (folder.path / "owner.json").read_bytes() == b'{"accessId":"id","accessKey":"key"}'


def test_a_folder_keeps_its_id(folder: DataFolder) -> None:
    assert folder.farm_id() == DataFolder.prepared(folder.path).farm_id()
    assert len(folder.farm_id()) == 32


def test_a_second_farm_is_told_where_the_first_one_is(folder: DataFolder) -> None:
    with folder.held():
        folder.announce(RUNNING)
        second = DataFolder.prepared(folder.path)
        with (
            pytest.raises(AlreadyRunning, match=r"running already, at http://127.0.0.1:8800; use that one"),
            second.held(),
        ):
            pytest.fail("both hold it")
    with folder.held():
        pass


def test_a_farm_waits_for_one_that_is_just_ending(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_folder, "WAIT_FOR_THE_LAST_FARM_S", 0.1)
    with folder.held():
        second = DataFolder.prepared(folder.path)
        with pytest.raises(AlreadyRunning, match="but is not ready yet"), second.held():
            pytest.fail("both hold it")


def test_what_a_killed_farm_announced_is_forgotten(folder: DataFolder) -> None:
    folder.announce(RUNNING)
    with folder.held():
        assert folder.running() is None


def test_whoever_holds_the_start_lock_holds_it_alone(folder: DataFolder) -> None:
    with folder.start_lock(), pytest.raises(Timeout):
        DataFolder(folder.path).start_lock().acquire(timeout=0)


def test_a_farm_whose_owner_could_not_be_kept_has_none_and_is_set_up_again(tmp_path: Path) -> None:
    (tmp_path / "owner.json").mkdir()
    with pytest.raises(DataFolderUnusable, match=r"owner\.json: Is a directory"):
        add_user(tmp_path, "ada")
    assert users(tmp_path) == []
    (tmp_path / "owner.json").rmdir()
    add_user(tmp_path, "ada")
    owner = DataFolder(tmp_path).owner()
    assert owner is not None
    assert [user.name for user in users(tmp_path) if user.access_id == owner.access_id] == ["owner"]


def test_a_key_file_that_a_full_disk_cut_short_is_not_left_behind(tmp_path: Path) -> None:
    path = tmp_path / "farm.key"
    script = f"""
import resource, signal
from pathlib import Path
from renderbus_farm.errors import DataFolderUnusable
from renderbus_farm.keys import KeyBox
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
try:
    KeyBox.at(Path({str(path)!r}))
except DataFolderUnusable as error:
    print(error)
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "farm.key: File too large" in ended.stdout
    assert list(tmp_path.iterdir()) == []
    KeyBox.at(path)
