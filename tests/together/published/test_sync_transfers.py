"""The published ``rayvision_sync`` moves files through our transmitter, to and from a real farm."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.together.farms import FarmProcess, farm_process
from tests.together.published.clients import NEWEST, SEED, VERSIONS, PublishedClient, logged_in
from tests.together.small_task import prepare, submitted

from rayvision_api import RayvisionAPI
from rayvision_api.task.check import RayvisionCheck
from rayvision_blender.analyze_blender import AnalyzeBlender
from rayvision_sync import engine
from rayvision_sync.transfer import FOLDER
from rayvision_utils.choose import apply_choices
from renderbus_farm.data_folder import DataFolder
from renderbus_model.pieces import Hashing, digest_of
from renderbus_model.pieces.zeros import LONGEST_BYTES, zeros

DEMO = Path(__file__).parents[3] / "examples" / "demo"
PROGRAM = FOLDER / "transmission" / "linux" / "rayvision_transmitter"
ENDS_WITHIN_S = 150.0
"""Two tiny frames, with the time that Blender takes to start on a busy machine."""

KEYS = """
import os
os.makedirs(os.path.expanduser("~/renderfarm_sdk"), exist_ok=True)
os.environ.update(RAYVISION_API_ACCESS_ID=access_id, RAYVISION_API_KEY=access_key)
from rayvision_sync.upload import RayvisionUpload
from rayvision_sync.download import RayvisionDownload
"""

SEED_CLASSES = """
from rayvision_sync.transfer import RayvisionTransfer
RayvisionTransfer.init_transmitter = staticmethod(lambda current_dir, local_os: program)
upload, download = RayvisionUpload(api), RayvisionDownload(api)
for made in upload, download:
    made.trans.transport_info = {
        "engine_type": "aspera", "server_name": "own", "server_ip": host, "server_port": port}
"""
"""The first generation has no argument for the program, and knows only the lines in its package."""

LATER_CLASSES = """
upload = RayvisionUpload(api, transmitter_exe=program, automatic_line=True)
download = RayvisionDownload(api, transmitter_exe=program, automatic_line=True)
"""


@pytest.fixture(scope="module", autouse=True)
def _program_keeps_its_mode() -> Iterator[None]:
    """Published clients make the program writable for everybody; in a checkout it is not left so."""
    mode = PROGRAM.stat().st_mode
    yield
    PROGRAM.chmod(mode)


def artist(version: str, farm: FarmProcess, folder: Path) -> Iterator[PublishedClient]:
    """A client with ``upload`` and ``download``, made as its version allows."""
    own = farm.as_user(f"moving {version}")
    host, _, port = own.domain.partition(":")
    with logged_in(version, own, folder / "home") as client:
        client.do(KEYS, access_id=own.access_id, access_key=own.access_key)
        client.do(
            SEED_CLASSES if version == SEED else LATER_CLASSES, program=str(PROGRAM), host=host, port=port
        )
        yield client


@pytest.fixture(params=VERSIONS)
def client(farm: FarmProcess, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[PublishedClient]:
    yield from artist(request.param, farm, tmp_path)


@pytest.fixture
def newest(tmp_path: Path) -> Iterator[PublishedClient]:
    """The newest client, on a farm that is removed afterwards: what it stores is large."""
    with farm_process(tmp_path / "large farm") as own:
        yield from artist(NEWEST, own, tmp_path)
    shutil.rmtree(tmp_path / "large farm")


def own_api(client: PublishedClient) -> RayvisionAPI:
    return RayvisionAPI(client.farm.access_id, client.farm.access_key, client.farm.url, "2")


def analysed(folder: Path) -> AnalyzeBlender:
    """The documents of a small scene whose names are not ASCII."""
    scene = shutil.copytree(DEMO, folder / "場面 é") / "demo.blend"
    scene = scene.rename(scene.with_name("木 é.blend"))
    analyze = AnalyzeBlender(str(scene), "5.0", workspace=str(folder))
    analyze.analyse()
    task = json.loads(Path(analyze.task_json).read_bytes())
    apply_choices(task, frames="1-2[1]", resolution=(64, 36), samples=1)
    Path(analyze.task_json).write_text(json.dumps(task))
    return analyze


@pytest.mark.render
def test_a_scene_goes_up_and_its_pictures_come_down(
    client: PublishedClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "our home"))
    scene = analysed(tmp_path)
    with own_api(client) as api:
        task = int(RayvisionCheck(api, scene).execute(scene.task_json, scene.upload_json))
        paths = {
            f"{name}_json_path": getattr(scene, f"{name}_json")
            for name in ("task", "tips", "asset", "upload")
        }
        assert client.do("upload.upload(str(task), **paths)", task=task, paths=paths) is True
        client.do("api.submit(task)", task=task)
        here = tmp_path / "frames é"
        here.mkdir()
        code = "download.auto_download([task], sleep_time=0.5, local_path=here)"
        client.begin(code, task=task, here=str(here)).result(ENDS_WITHIN_S)
        rendered = {output.path: output.digest for output in engine.results(api, task_id=task)}
    assert len(rendered) == 2
    assert {
        str(path.relative_to(here)): digest_of(path.read_bytes())
        for path in here.rglob("*")
        if path.is_file()
    } == rendered
    # One folder may be asked for, and its content put directly into the user's folder.
    code = "download.download(download_filename_format='false', local_path=here, server_path=path)"
    client.do(code, here=str(tmp_path / "flat"), path=next(iter(rendered)).partition("/")[0])
    assert sorted(path.read_bytes() for path in (tmp_path / "flat").iterdir()) == sorted(
        path.read_bytes() for path in here.rglob("*.*")
    )


def test_a_file_beyond_two_gigabytes_goes_up_once(newest: PublishedClient, tmp_path: Path) -> None:
    large, workspace = tmp_path / "大 cache.vdb", tmp_path / "1586932339"
    with large.open("wb") as file:  # sparse: it takes no room here
        file.truncate((2 << 30) + 1)
    long_ago = 1_700_000_000
    os.utime(large, (long_ago, long_ago))
    workspace.mkdir()
    listed = workspace / "upload.json"
    listed.write_text(json.dumps({"asset": [{"local": str(large), "server": "/D/大 cache.vdb"}]}))
    assert newest.do("upload.upload_asset(path)", path=str(listed)) is True
    with own_api(newest) as api:
        again = engine.upload(api, [(large, "/D/大 cache.vdb")], "input")
    assert again.bytes_known == again.bytes_total == (2 << 30) + 1
    record = list((newest.home / "renderfarm_sdk" / "db").iterdir())
    assert [path.suffix for path in record] == [".sqlite3"]


def test_a_result_beyond_two_gigabytes_comes_down(newest: PublishedClient, tmp_path: Path) -> None:
    here = tmp_path / "frames é"
    with own_api(newest) as api:
        made = submitted(api, prepare(api, tmp_path))
        rendered_sparse(newest.farm, made["task_id"], made["frame_id"], (2 << 30) + 4096)
        code = "download.download([task], local_path=here)"
        newest.begin(code, task=made["task_id"], here=str(here)).result(ENDS_WITHIN_S)
    with closing(sqlite3.connect(DataFolder(newest.farm.data).database, timeout=10)) as db, db:
        db.execute("DELETE FROM output")  # no node made it, which the look at the farm's end would tell
    (result,) = (path for path in here.rglob("*") if path.is_file())  # its digest was compared on arrival
    assert (result.name, result.stat().st_size) == ("煙.vdb", (2 << 30) + 4096)
    assert result.stat().st_blocks * 512 < 64 << 20, "what was a hole takes room here"
    with result.open("rb") as stream:
        stream.seek(1 << 30)
        assert stream.read(6) == b"smoke\0"


def rendered_sparse(farm: FarmProcess, task_id: int, frame_id: int, size_bytes: int) -> None:
    """A large result of a frame, as a worker stores one; most of it is a hole."""
    new, hashing = farm.data / "blobs" / "large", Hashing(many=True)
    with new.open("wb") as file:
        file.truncate(size_bytes)
        file.seek(1 << 30)
        file.write(b"smoke")
    for content in (zeros(0), b"smoke"):
        hashing.update(content)
        until = 1 << 30 if not content else size_bytes
        while hashing.size_bytes < until:
            hashing.update(zeros(min(LONGEST_BYTES, until - hashing.size_bytes)))
    stored = farm.data / "blobs" / hashing.digest[:2] / hashing.digest[2:4] / hashing.digest
    stored.parent.mkdir(parents=True, exist_ok=True)
    new.rename(stored)
    row = (task_id, "煙.vdb", frame_id, hashing.digest, size_bytes)
    with closing(sqlite3.connect(DataFolder(farm.data).database, timeout=10)) as db, db:
        names = "task_id, path, frame_id, digest, size_bytes"
        db.execute(f"INSERT INTO output ({names}) VALUES (?, ?, ?, ?, ?)", row)
