from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.rayvision_sync.bytefarm import ByteFarm, entries

from rayvision_api.core import RayvisionAPI
from rayvision_api.exception import RayvisionError
from rayvision_sync.exception import (
    BadSpeed,
    BadUploadList,
    MissingFiles,
    RefusedPath,
    UnsupportedDatabaseError,
)
from rayvision_sync.progress import TransferProgress
from rayvision_sync.upload import RayvisionUpload, open_ledger

DOCUMENTS = ("task.json", "tips.json", "asset.json", "upload.json")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that is nobody's."""
    for name in ("RAYVISION_DB", "RAYVISION_LOG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def work(tmp_path: Path, shot: Path) -> Path:
    """A workspace with the four documents of a task."""
    folder = tmp_path / "work"
    folder.mkdir()
    for name in DOCUMENTS:
        (folder / name).write_text("{}")
    listed = [
        {"local": str(shot / "bus.blend"), "server": "/D/shot/bus.blend"},
        {"local": str(shot / "tex/wood.png"), "server": "D/shot/tex/wood.png"},
    ]
    (folder / "upload.json").write_text(json.dumps({"asset": listed}))
    return folder


def test_documents_and_assets_go_to_their_storages(farm: ByteFarm, api: RayvisionAPI, work: Path) -> None:
    # The published demo passes such a dictionary; its values are texts.
    paths: dict[str, Any] = {f"{name[:-5]}_json_path": str(work / name) for name in DOCUMENTS}
    assert RayvisionUpload(api).upload("19084", **paths) is True
    assert entries(farm, "config") == {f"/19084/cfg/{name}" for name in DOCUMENTS}
    assert entries(farm, "input") == {"/D/shot/bus.blend", "/D/shot/tex/wood.png"}


def test_the_published_list_form_works_whatever_the_order_of_the_first_three(
    farm: ByteFarm, api: RayvisionAPI, work: Path
) -> None:
    paths = [str(work / name) for name in ("tips.json", "task.json", "asset.json", "upload.json")]
    assert RayvisionUpload(api).upload("19084", *paths) is True
    assert len(entries(farm, "config")) == 4
    assert len(entries(farm, "input")) == 2


def test_assets_and_documents_go_separately_too(farm: ByteFarm, api: RayvisionAPI, work: Path) -> None:
    upload = RayvisionUpload(api)
    assert upload.upload_asset(upload_json_path=str(work / "upload.json"), is_db=False) is True
    assert upload.upload_config("5165465", [str(work / "task.json")]) is True
    assert entries(farm, "config") == {"/5165465/cfg/task.json"}


def test_a_missing_document_is_named(api: RayvisionAPI, work: Path) -> None:
    with pytest.raises(MissingFiles, match=r"gone\.json") as caught:
        RayvisionUpload(api).upload_config(1, [work / "task.json", work / "gone.json"])
    assert caught.value.error_code == 200025


def test_the_record_is_kept_unless_it_is_switched_off(
    farm: ByteFarm, api: RayvisionAPI, work: Path, home: Path
) -> None:
    upload = RayvisionUpload(api)
    upload.upload_asset(work / "upload.json", is_db=False)
    assert not home.exists()
    upload.upload_asset(work / "upload.json")
    kept = list((home / "renderfarm_sdk" / "db").iterdir())
    assert len(kept) == 1
    assert kept[0].name.endswith("-7.sqlite3")
    with open_ledger(api) as ledger:
        assert ledger.path == kept[0]


def test_the_record_goes_where_the_settings_or_the_environment_say(
    farm: ByteFarm, api: RayvisionAPI, work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("of the ini", "of the environment"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("RAYVISION_DB", str(tmp_path / "of the environment"))
    ini = tmp_path / "db_config.ini"
    ini.write_text(f"[DATABASE_CONFIG]\non = true\ntype = sqlite\ndb_path = {tmp_path / 'of the ini'}\n")
    RayvisionUpload(api, db_config_path=str(ini)).upload_asset(work / "upload.json")
    RayvisionUpload(api).upload_asset(work / "upload.json")
    assert list((tmp_path / "of the ini" / "db").iterdir())
    assert list((tmp_path / "of the environment" / "db").iterdir())


def test_the_settings_switch_the_record_off(
    farm: ByteFarm, api: RayvisionAPI, work: Path, tmp_path: Path, home: Path
) -> None:
    ini = tmp_path / "db_config.ini"
    ini.write_text("[DATABASE_CONFIG]\non = false\n")
    RayvisionUpload(api, ini).upload_asset(work / "upload.json")
    assert not home.exists()


def test_a_record_in_another_database_is_refused_before_anything_is_sent(
    api: RayvisionAPI, tmp_path: Path
) -> None:
    ini = tmp_path / "db_config.ini"
    ini.write_text("[DATABASE_CONFIG]\ntype = redis\n")
    with pytest.raises(UnsupportedDatabaseError, match="redis"):
        RayvisionUpload(api, ini)


def test_settings_that_are_not_there_mean_the_defaults(
    farm: ByteFarm, api: RayvisionAPI, work: Path, tmp_path: Path
) -> None:
    assert RayvisionUpload(api, tmp_path / "none.ini").upload_asset(work / "upload.json") is True


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is not JSON"),
        (b"\xff\xfe\xff", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"[]", "asset: expected a list"),
        (b'{"asset": {}}', "asset: expected a list"),
        (b'{"asset": [{"local": "/x"}]}', r"asset\[0\]: expected an object"),
        (b'{"asset": [{"local": 1, "server": "/x"}]}', r"asset\[0\]: expected an object"),
        (b'{"asset": ["/x"]}', r"asset\[0\]: expected an object"),
    ],
)
def test_a_senseless_list_is_refused_with_its_place(
    api: RayvisionAPI, tmp_path: Path, content: bytes, why: str
) -> None:
    (tmp_path / "upload.json").write_bytes(content)
    with pytest.raises(BadUploadList, match=rf"upload\.json: {why}"):
        RayvisionUpload(api).upload_asset(tmp_path / "upload.json")


def test_a_list_that_is_not_there_is_said_so(api: RayvisionAPI, tmp_path: Path) -> None:
    with pytest.raises(BadUploadList, match="No such file") as caught:
        RayvisionUpload(api).upload_asset(tmp_path / "upload.json")
    assert caught.value.error_code == 1000004


def test_a_list_with_a_byte_order_mark_is_read(farm: ByteFarm, api: RayvisionAPI, work: Path) -> None:
    content = (work / "upload.json").read_bytes()
    (work / "upload.json").write_bytes(b"\xef\xbb\xbf" + content)
    assert RayvisionUpload(api).upload_asset(work / "upload.json") is True


@pytest.mark.parametrize("server", ["/a/../../etc/passwd", "C:\\x", "C:/x", "/a\0b", "..", "a\\..\\..\\b"])
def test_hostile_server_paths_are_refused(
    farm: ByteFarm, api: RayvisionAPI, shot: Path, tmp_path: Path, server: str
) -> None:
    listed = {"asset": [{"local": str(shot / "bus.blend"), "server": server}]}
    (tmp_path / "upload.json").write_text(json.dumps(listed))
    with pytest.raises(RefusedPath):
        RayvisionUpload(api).upload_asset(tmp_path / "upload.json")
    assert farm.commits == 0


@pytest.mark.parametrize("speed", ["fast", "0", "-1", "inf", "nan", ""])
def test_a_senseless_speed_is_refused(api: RayvisionAPI, work: Path, speed: str) -> None:
    with pytest.raises(BadSpeed, match="max_speed"):
        RayvisionUpload(api).upload_asset(work / "upload.json", max_speed=speed)


def test_every_error_is_a_rayvision_error(api: RayvisionAPI, work: Path) -> None:
    with pytest.raises(RayvisionError):
        RayvisionUpload(api).upload_asset(work / "upload.json", max_speed="fast")


def test_progress_is_told(farm: ByteFarm, api: RayvisionAPI, work: Path) -> None:
    told: list[TransferProgress] = []
    RayvisionUpload(api).upload_asset(work / "upload.json", on_progress=told.append)
    assert told[-1].files_done == 2


def test_a_log_in_that_tells_no_storage_is_said_so(api: RayvisionAPI) -> None:
    del api.user_info["input_bid"]
    with pytest.raises(RayvisionError, match="input_bid"):
        RayvisionUpload(api)
