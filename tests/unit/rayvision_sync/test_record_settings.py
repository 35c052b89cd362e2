"""db_config.ini: every key, where folders are looked for, and what a transmitter is told."""

from __future__ import annotations

import configparser
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from tests.redis_server import client_of, redis_server
from tests.unit.rayvision_sync.bytefarm import ByteFarm, entries

from rayvision_api.core import RayvisionAPI
from rayvision_sync import db_config, ledgers
from rayvision_sync.exception import BadDbConfig, UnsupportedDatabaseError
from rayvision_sync.ledger_redis import RedisAddress
from rayvision_sync.progress import TransferProgress
from rayvision_sync.upload import RayvisionUpload

pytestmark = pytest.mark.usefixtures("home", "later")

Ini = Callable[..., Path]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute has passed since the files of the test were written."""
    monkeypatch.setattr("rayvision_sync.ledger.clock", lambda: time.time() + 60)


@pytest.fixture
def ini(tmp_path: Path) -> Ini:
    """Write a db_config.ini with these keys changed."""

    def write(**changed: str) -> Path:
        settings = configparser.ConfigParser(interpolation=None)
        settings.read(db_config.PACKAGED)
        for section in settings.sections():
            for key in settings[section]:
                settings[section][key] = changed.get(key, settings[section][key])
        with (tmp_path / "db_config.ini").open("w") as file:
            settings.write(file)
        return tmp_path / "db_config.ini"

    return write


def documents(work: Path) -> tuple[Path, Path, Path, Path]:
    return work / "task.json", work / "tips.json", work / "asset.json", work / "upload.json"


def bytes_read(upload: RayvisionUpload, work: Path, *, is_db: bool = True) -> int:
    told: list[TransferProgress] = []
    upload.upload_asset(work / "upload.json", is_db=is_db, on_progress=told.append)
    return told[-1].bytes_read


def test_the_packaged_file_has_every_published_key_and_default(api: RayvisionAPI) -> None:
    log_path, redis, sqlite, database = RayvisionUpload(api).load_db_config()
    assert log_path == ""
    assert database == {"on": "true", "type": "sqlite", "db_path": ""}
    assert sqlite == {"temporary": "false"}
    assert redis == {
        "host": "127.0.0.1",
        "port": 6379,
        "password": "",
        "table_index": "0",
        "timeout": "5000",
    }


def test_what_a_file_leaves_out_and_a_file_that_is_not_there_mean_the_packaged_one(tmp_path: Path) -> None:
    (tmp_path / "short.ini").write_text("\ufeff[REDIS]\nport = 7000\npassword = 50%\n", "utf-8")
    short = db_config.load(tmp_path / "short.ini")
    assert (short.redis_config["port"], short.redis_config["password"]) == (7000, "50%")
    assert short.database_config == db_config.load().database_config
    assert db_config.load(tmp_path / "none.ini") == db_config.load()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("[REDIS]\nport = many\n", r"\[REDIS\] port: 'many' is no number"),
        ("no section\n", "is no ini file"),
    ],
)
def test_a_senseless_file_is_refused_with_its_place(
    api: RayvisionAPI, tmp_path: Path, content: str, why: str
) -> None:
    (tmp_path / "bad.ini").write_text(content)
    with pytest.raises(BadDbConfig, match=rf"bad\.ini: {why}"):
        RayvisionUpload(api, tmp_path / "bad.ini")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"on": "perhaps"}, r"\[DATABASE_CONFIG\] on: 'perhaps' is neither true nor false"),
        ({"temporary": "maybe"}, r"\[SQLITE\] temporary"),
        ({"table_index": "-1"}, r"\[REDIS\] table_index"),
        ({"timeout": "soon"}, r"\[REDIS\] timeout"),
    ],
)
def test_a_senseless_value_is_refused_before_anything_is_sent(
    farm: ByteFarm, api: RayvisionAPI, work: Path, ini: Ini, changed: dict[str, str], why: str
) -> None:
    upload = RayvisionUpload(api, ini(**changed))
    with pytest.raises(BadDbConfig, match=why):
        upload.upload(1, *documents(work))
    assert farm.commits == 0


def test_another_database_is_refused_before_anything_is_sent(
    farm: ByteFarm, api: RayvisionAPI, work: Path, ini: Ini
) -> None:
    upload = RayvisionUpload(api, ini(type="oracle"))
    with pytest.raises(UnsupportedDatabaseError, match="oracle"):
        upload.upload(1, *documents(work))
    with pytest.raises(UnsupportedDatabaseError, match="oracle"):
        upload.create_db_ini(work / "upload.json")
    assert farm.commits == 0


def test_a_second_upload_reads_nothing_unless_the_record_is_off(
    api: RayvisionAPI, work: Path, ini: Ini, home: Path
) -> None:
    off = RayvisionUpload(api, ini(on="false"))
    assert [bytes_read(off, work), bytes_read(off, work)] == [700_004] * 2
    kept = RayvisionUpload(api)
    assert bytes_read(kept, work, is_db=False) == 700_004
    assert not home.exists()
    assert [bytes_read(kept, work), bytes_read(kept, work)] == [700_004, 0]


def test_the_record_is_named_after_the_farm_and_the_account(
    farm: ByteFarm, api: RayvisionAPI, work: Path, home: Path
) -> None:
    farm.id = "fa9d/.."
    bytes_read(RayvisionUpload(api), work)
    farm.id = None
    bytes_read(RayvisionUpload(api), work)
    kept = {path.name for path in (home / "renderfarm_sdk" / "db").iterdir()}
    assert "fa9d__-7.sqlite3" in kept
    assert f"127.0.0.1_{farm.url.rpartition(':')[2]}-7.sqlite3" in kept


def test_a_farm_at_another_port_is_known_by_its_id(
    farm: ByteFarm, api: RayvisionAPI, work: Path, tmp_path: Path
) -> None:
    bytes_read(RayvisionUpload(api), work)
    again = ByteFarm(farm.folder)
    try:
        with RayvisionAPI("an-id", "a-key", again.url, "2") as moved:
            assert bytes_read(RayvisionUpload(moved), work) == 0
    finally:
        again.close()


def test_a_temporary_record_is_forgotten_once_the_upload_has_ended_well(
    farm: ByteFarm, api: RayvisionAPI, work: Path, ini: Ini
) -> None:
    temporary, kept = RayvisionUpload(api, ini(temporary="true")), RayvisionUpload(api)
    assert bytes_read(temporary, work) == 700_004
    assert bytes_read(temporary, work) == 700_004
    bytes_read(kept, work)
    assert bytes_read(temporary, work) == 0


def test_the_record_is_kept_in_redis_too(api: RayvisionAPI, work: Path, ini: Ini, tmp_path: Path) -> None:
    with redis_server(tmp_path / "redis", password="a%b") as server:
        settings = ini(type="Redis", port=str(server.port), password="a%b", table_index="3")
        assert bytes_read(RayvisionUpload(api, settings), work) == 700_004
        assert bytes_read(RayvisionUpload(api, settings), work) == 0
        with client_of(RedisAddress(port=server.port, password="a%b", table_index=3)) as client:
            assert client.keys() == [b"renderbus:ledger:bytes:7"]
    assert bytes_read(RayvisionUpload(api, settings), work) == 700_004  # the server is gone


def test_uploaded_files_are_noted_in_redis_where_that_is_asked_for(
    api: RayvisionAPI, work: Path, shot: Path, tmp_path: Path
) -> None:
    with redis_server(tmp_path / "redis") as server, client_of(server) as client:
        RayvisionUpload(api).upload_asset(
            work / "upload.json", is_record=True, redis_flag="mine", redis_obj=client
        )
        noted = set(cast("list[bytes]", client.hkeys("mine")))
        assert noted == {os.fsencode(shot / name) for name in ("bus.blend", "tex/wood.png")}


def test_the_record_goes_where_settings_and_environment_say(
    api: RayvisionAPI, work: Path, ini: Ini, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [tmp_path / name for name in ("of the ini", "of the record", "of the log")]
    for folder in folders:
        folder.mkdir()
    monkeypatch.setenv("RAYVISION_LOG", str(folders[2]))
    assert RayvisionUpload(api).db_ini == str(folders[2] / "db_ini")
    monkeypatch.setenv("RAYVISION_DB", str(folders[1]))
    assert RayvisionUpload(api).db_ini == str(folders[1] / "db_ini")
    chosen = RayvisionUpload(api, ini(db_path=str(folders[0])))
    assert chosen.db_ini == str(folders[0] / "db_ini")
    bytes_read(chosen, work)
    assert [path.name for path in (folders[0] / "db").iterdir()] == ["bytes-7.sqlite3"]
    assert RayvisionUpload(api, ini(db_path="/no/such/folder")).db_ini == str(folders[1] / "db_ini")


def test_the_logs_folder_is_the_given_one_then_the_environments_then_home(
    api: RayvisionAPI, ini: Ini, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = RayvisionUpload(api)
    assert os.environ["RAYVISION_LOG"] == str(home / "renderfarm_sdk")
    for name in ("given", "set"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("RAYVISION_LOG", str(tmp_path / "set"))
    assert upload.check_transfer_log_path("/no/such/folder") == str(tmp_path / "set")
    assert upload.check_transfer_log_path(str(tmp_path / "given")) == str(tmp_path / "given")
    assert os.environ["RAYVISION_LOG"] == str(tmp_path / "given")
    assert ledgers.record_folder("") == home / "renderfarm_sdk"  # a folder for logs alone


def test_the_published_file_for_a_transmitter_is_written(
    api: RayvisionAPI, work: Path, ini: Ini, home: Path
) -> None:
    path = Path(
        RayvisionUpload(api, ini(password="50%", port="7000")).create_db_ini(str(work / "upload.json"))
    )
    assert path == home / "renderfarm_sdk" / "db_ini" / "work.ini"
    written = configparser.ConfigParser(interpolation=None)
    written.read(path)
    assert {section: dict(written[section]) for section in written.sections()} == {
        "database": {"on": "true", "platform_id": "2", "type": "sqlite"},
        "redis": {
            "host": "127.0.0.1",
            "port": "7000",
            "password": "50%",
            "table_index": "0",
            "timeout": "5000",
        },
        "sqlite": {"db_path": str(home / "renderfarm_sdk" / "db" / "work.db"), "temporary": "false"},
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    redis = RayvisionUpload(api, ini(type="redis")).create_db_ini(work / "upload.json")
    assert Path(redis).name == "db_redis.ini"


def test_a_transmitter_reads_what_was_written_for_it(api: RayvisionAPI, work: Path, ini: Ini) -> None:
    upload = RayvisionUpload(api, ini(temporary="true", port="7000", password="50%", on="TRUE"))
    choice = db_config.read_transmitter_ini(upload.create_db_ini(work / "upload.json"))
    assert (choice.kind, choice.temporary) == ("sqlite", True)
    assert choice.folder == Path(upload.db_ini).with_name("db")
    assert choice.redis == RedisAddress(port=7000, password="50%")
    off = RayvisionUpload(api, ini(on="false")).create_db_ini(work / "upload.json")
    assert db_config.read_transmitter_ini(off).kind == "off"


def test_uploads_are_whole_with_every_record(farm: ByteFarm, api: RayvisionAPI, work: Path) -> None:
    bytes_read(RayvisionUpload(api), work)
    assert entries(farm, "input") == {"/D/shot/bus.blend", "/D/shot/tex/wood.png"}
