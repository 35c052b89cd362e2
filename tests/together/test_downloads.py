"""The SDK's upload, render and download over https, through a real farm and real Cycles frames.

The command line's tests do the same without a certificate.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.together.certificates import Authority
from tests.together.farms import farm_process

from rayvision_api.core import RayvisionAPI
from rayvision_api.exception import RayvisionAPIError
from rayvision_api.task.check import RayvisionCheck
from rayvision_blender.analyze_blender import AnalyzeBlender
from rayvision_sync import engine
from rayvision_sync.download import RayvisionDownload
from rayvision_sync.exception import DownloadFailed
from rayvision_sync.patience import Patience
from rayvision_sync.upload import RayvisionUpload

SCENE = Path(__file__).parents[2] / "examples" / "demo" / "demo.blend"

pytestmark = pytest.mark.render


@dataclass(frozen=True)
class Rendered:
    """A task of two small frames, and what was downloaded while it rendered."""

    api: RayvisionAPI
    task_id: int
    came: tuple[Path, ...]
    data: Path


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rendered]:
    folder = tmp_path_factory.mktemp("sdk")
    workspace = folder / "workspace"
    workspace.mkdir()
    authority = Authority(folder)
    signed = authority.sign("127.0.0.1")
    options = ("--tls-cert", str(signed.cert), "--tls-key", str(signed.key))
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("REQUESTS_CA_BUNDLE", str(authority.file))
        patch.setenv("HOME", str(folder / "home"))
        farm = stack.enter_context(farm_process(folder / "data", *options, workers=1))
        with RayvisionAPI(farm.access_id, farm.access_key, farm.url, "2") as api:
            scene = AnalyzeBlender(str(SCENE), "5.0", workspace=str(workspace))
            scene.analyse()
            make_small(Path(scene.task_json))
            task_id = int(RayvisionCheck(api, scene).execute(scene.task_json, scene.upload_json))
            documents = (scene.tips_json, scene.task_json, scene.asset_json, scene.upload_json)
            assert RayvisionUpload(api).upload(str(task_id), *map(str, documents))
            api.submit(task_id)
            came: list[Path] = []
            download = RayvisionDownload(api)
            assert download.auto_download(
                [task_id], sleep_time=0.2, local_path=folder / "results", on_file=came.append
            )
            yield Rendered(api, task_id, tuple(came), farm.data)


def make_small(task_json: Path) -> None:
    document = json.loads(task_json.read_text("utf-8"))
    for entry in document["scene_info_render"].values():
        entry["common"].update(frames="1-2[1]", width="80", height="60", samples="1")
    task_json.write_text(json.dumps(document), "utf-8")


def pictures(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_frame_came_once_and_whole(rendered: Rendered) -> None:
    assert len(rendered.came) == len(set(rendered.came)) == 2
    for path in rendered.came:
        content = path.read_bytes()
        assert content.startswith(b"\x89PNG")
        assert content.endswith(b"IEND\xaeB`\x82")


def test_the_same_results_come_again_in_every_published_way(rendered: Rendered, tmp_path: Path) -> None:
    download = RayvisionDownload(rendered.api)
    download.download([rendered.task_id], local_path=tmp_path / "kept")
    download.download([rendered.task_id], download_filename_format="false", local_path=tmp_path / "flat")
    name = rendered.came[0].parent.name
    download.download(server_path=name, local_path=tmp_path / "asked")
    download.auto_download_after_task_completed(
        [rendered.task_id], sleep_time=0.01, local_path=tmp_path / "ended"
    )
    expected = {f"{name}/{path.name}": path.read_bytes() for path in rendered.came}
    assert (
        pictures(tmp_path / "kept")
        == pictures(tmp_path / "asked")
        == pictures(tmp_path / "ended")
        == expected
    )
    assert pictures(tmp_path / "flat") == {path.name: path.read_bytes() for path in rendered.came}


def test_a_part_that_is_here_is_gone_on_with(rendered: Rendered, tmp_path: Path) -> None:
    picture = rendered.came[0]
    (tmp_path / picture.parent.name).mkdir()
    half = tmp_path / picture.parent.name / f"{picture.name}.part"
    half.write_bytes(picture.read_bytes()[:1000])
    engine.fetch_new(rendered.api, rendered.task_id, tmp_path, {})
    assert (tmp_path / picture.parent.name / picture.name).read_bytes() == picture.read_bytes()
    assert not half.exists()


def test_an_unknown_task_ends_the_wait_with_the_farms_words(rendered: Rendered, tmp_path: Path) -> None:
    with pytest.raises(RayvisionAPIError, match="404"):
        RayvisionDownload(rendered.api).auto_download([987654], sleep_time=0.01, local_path=tmp_path)


def test_two_downloads_into_one_folder_at_once_do_not_mix(rendered: Rendered, tmp_path: Path) -> None:
    failed: list[BaseException] = []

    def fetch() -> None:
        try:
            engine.fetch_new(rendered.api, rendered.task_id, tmp_path, {})
        except BaseException as error:
            failed.append(error)

    several = [threading.Thread(target=fetch) for _ in range(4)]
    for one in several:
        one.start()
    for one in several:
        one.join(60)
    assert failed == []
    assert set(pictures(tmp_path).values()) == {path.read_bytes() for path in rendered.came}


def test_a_byte_that_was_flipped_in_the_farms_store_never_reaches_a_picture(
    rendered: Rendered, tmp_path: Path
) -> None:
    outputs = list(engine.results(rendered.api, task_id=rendered.task_id))
    stored = next(path for path in (rendered.data / "blobs").rglob(outputs[0].digest))
    whole = stored.read_bytes()
    stored.chmod(0o600)
    try:
        stored.write_bytes(whole[:100] + bytes([whole[100] ^ 1]) + whole[101:])
        with pytest.raises(DownloadFailed, match="wrong digest"):
            engine.download(rendered.api, outputs, tmp_path, patience=Patience(2, 0.01, 0.01))
    finally:
        stored.write_bytes(whole)
    assert {path.rpartition("/")[2] for path in pictures(tmp_path)} == {outputs[1].path.rpartition("/")[2]}
