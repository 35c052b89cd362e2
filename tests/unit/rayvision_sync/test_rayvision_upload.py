from __future__ import annotations

import json
import threading
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
    TransferCancelled,
    UnsupportedEngineType,
    UploadsFailed,
)
from rayvision_sync.progress import TransferProgress
from rayvision_sync.upload import RayvisionUpload

DOCUMENTS = ("task.json", "tips.json", "asset.json", "upload.json")


pytestmark = pytest.mark.usefixtures("home")


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


@pytest.fixture
def pool(shot: Path, tmp_path: Path) -> list[str]:
    """Twelve lists of one file each."""
    names = []
    for number in range(12):
        listed = [{"local": str(shot / "tex/wood.png"), "server": f"/tex/{number}.png"}]
        names.append(str(tmp_path / f"upload_{number}.json"))
        Path(names[-1]).write_text(json.dumps({"asset": listed}))
    return names


@pytest.mark.parametrize("size", [1, 3, 12, 50])
@pytest.mark.parametrize("method", ["multi_thread_upload", "thread_pool_upload"])
def test_every_list_of_a_pool_is_uploaded_whatever_its_size(
    farm: ByteFarm, api: RayvisionAPI, pool: list[str], method: str, size: int
) -> None:
    before = list(pool)
    assert getattr(RayvisionUpload(api), method)(pool, size) is True
    assert entries(farm, "input") == {f"/tex/{number}.png" for number in range(12)}
    assert pool == before


def test_each_failure_in_a_pool_is_told_and_stops_no_other(
    farm: ByteFarm, api: RayvisionAPI, pool: list[str], tmp_path: Path
) -> None:
    (tmp_path / "bad.json").write_text("{}")
    broken = [str(tmp_path / "none.json"), str(tmp_path / "bad.json")]
    with pytest.raises(UploadsFailed) as caught:
        RayvisionUpload(api).thread_pool_upload([broken[0], *pool, broken[1]], 2, is_db=False)
    assert [path for path, _ in caught.value.failures] == broken
    assert len(entries(farm, "input")) == 12


def test_a_pool_may_be_empty(api: RayvisionAPI) -> None:
    assert RayvisionUpload(api).multi_thread_upload([]) is True


def test_a_cancelled_pool_ends(farm: ByteFarm, api: RayvisionAPI, pool: list[str]) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(TransferCancelled):
        RayvisionUpload(api).thread_pool_upload(pool, 2, cancel=cancel)


def test_a_text_of_files_and_folders_can_be_the_list(
    farm: ByteFarm, api: RayvisionAPI, shot: Path, tmp_path: Path
) -> None:
    (tmp_path / "list.txt").write_text(f"{shot / 'tex'}\n\n{shot / 'bus.blend'}\n")
    RayvisionUpload(api).upload_asset(tmp_path / "list.txt", transmit_type="upload_list")
    assert entries(farm, "input") == {
        str(path) for path in (shot / "bus.blend", shot / "tex/steel.png", shot / "tex/wood.png")
    }


def test_the_keywords_of_the_newest_package_are_taken(farm: ByteFarm, api: RayvisionAPI, work: Path) -> None:
    upload = RayvisionUpload(api, automatic_line=True, internet_provider="", log_level="INFO")
    assert upload.upload_asset(
        work / "upload.json",
        engine_type="raysyncproxy",
        server_ip="10.0.0.1",
        server_port=1,
        network_mode=2,
        proxy_ip=None,
        proxy_port=None,
        upload_num=2,
    )


def test_other_keywords_and_engines_are_refused(api: RayvisionAPI, work: Path) -> None:
    wrong: dict[str, Any] = {"enigne_type": "aspera"}
    with pytest.raises(TypeError, match="enigne_type"):
        RayvisionUpload(api).upload_asset(work / "upload.json", **wrong)
    with pytest.raises(UnsupportedEngineType, match="udx"):
        RayvisionUpload(api).upload_config(1, [work / "task.json"], engine_type="udx")
