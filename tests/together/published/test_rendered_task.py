"""What published clients learn of a task that Cycles rendered: states, pictures, results and logs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.together.farms import FarmProcess, wait_for
from tests.together.published.clients import NEWEST, VERSIONS, PublishedClient, logged_in
from tests.together.published.shapes import OUTPUT_FILES, PROGRESS, misfits

from rayvision_api import RayvisionAPI
from rayvision_api.task.check import RayvisionCheck
from rayvision_blender.analyze_blender import AnalyzeBlender
from rayvision_sync.upload import RayvisionUpload
from rayvision_utils.choose import apply_choices
from renderbus_model.statuses import TaskStatus
from renderbus_model.wire.task import QUERY_TASK_INFO, TaskIds

pytestmark = pytest.mark.render

DEMO = Path(__file__).parents[3] / "examples" / "demo"
RENDERED_WITHIN_S = 120.0


@dataclass(frozen=True)
class Rendered:
    """A farm, a task of two frames that it rendered, and every published client of the task's owner."""

    farm: FarmProcess
    task: int
    clients: dict[str, PublishedClient]


def submit(farm: FarmProcess, folder: Path) -> int:
    """The id of a submitted task: the demo scene with tiny pictures."""
    scene = shutil.copytree(DEMO, folder / "scenes") / "demo.blend"
    analyze = AnalyzeBlender(str(scene), "5.0", workspace=str(folder))
    analyze.analyse()
    task = json.loads(Path(analyze.task_json).read_bytes())
    apply_choices(task, frames="1-2[1]", resolution=(64, 36), samples=1)
    Path(analyze.task_json).write_text(json.dumps(task))
    with RayvisionAPI(farm.access_id, farm.access_key, farm.url, "2") as api:
        task_id = int(RayvisionCheck(api, analyze).execute(analyze.task_json, analyze.upload_json))
        paths = [analyze.task_json, analyze.tips_json, analyze.asset_json, analyze.upload_json]
        RayvisionUpload(api).upload(str(task_id), *paths)
        api.submit(task_id)
    return task_id


@pytest.fixture(scope="module")
def rendered(farm: FarmProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rendered]:
    """Rendered once; the clients log in meanwhile."""
    artist = farm.as_user("rendered")
    folder = tmp_path_factory.mktemp("rendered")
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("HOME", str(folder))
        patch.setenv("RAYVISION_LOG_ROOT", str(folder / "logs"))
        task = submit(artist, folder)
        clients = {
            version: stack.enter_context(logged_in(version, artist, folder / version)) for version in VERSIONS
        }

        def done() -> bool:
            item = artist.ask(QUERY_TASK_INFO, TaskIds(task_ids=[task])).items[0]
            assert item.failed_frames == 0, farm.log()
            return item.task_status == TaskStatus.FINISHED

        wait_for(done, "the task is not done", RENDERED_WITHIN_S)
        yield Rendered(artist, task, clients)


@pytest.fixture(params=VERSIONS)
def client(rendered: Rendered, request: pytest.FixtureRequest) -> PublishedClient:
    """One published client after the other."""
    return rendered.clients[request.param]


def test_a_rendered_task_is_done_with_its_times(client: PublishedClient, rendered: Rendered) -> None:
    (item,) = client.do("api.query.task_info([task])", task=rendered.task)["items"]
    assert (item["taskStatus"], item["statusText"]) == (25, "render_task_status_25")
    assert (item["totalFrames"], item["doneFrames"], item["failedFrames"]) == (2, 2, 0)
    assert item["outputFileName"] == f"{rendered.task}_demo"
    assert item["submitDate"] <= item["startTime"] <= item["completedDate"]
    listed = client.do("api.query.get_task_list(1, 10, [25])")
    assert [one["id"] for one in listed["items"]] == [rendered.task]
    totals = client.do("api.query.all_frame_status()")
    assert (totals["doneFramesTotal"], totals["totalFrames"]) == (2, 2)


def test_its_frames_have_times_and_pictures_that_can_be_fetched(
    client: PublishedClient, rendered: Rendered
) -> None:
    frames = client.do("api.query.task_frames(task, 1, 10)", task=rendered.task)["items"]
    assert [(frame["frameIndex"], frame["frameStatus"]) for frame in frames] == [("1", 4), ("2", 4)]
    for frame in frames:
        assert 0 < frame["startTime"] <= frame["endTime"]
        (path,) = client.do("api.query.get_frame_thumbnall(frame)", frame=frame["id"])
        answer = rendered.farm.session.get(rendered.farm.url + path, timeout=10)
        assert answer.content[:4] == b"RIFF"


def test_its_progress_picture_shows_every_frame_whole(client: PublishedClient, rendered: Rendered) -> None:
    picture = client.do("api.query.get_task_processing_img(task, 5)", task=rendered.task)
    assert misfits(picture, PROGRESS) == []
    assert (picture["width"], picture["height"], picture["currentTaskType"]) == (64, 36, "Render")
    tiles = [tile for row in picture["grabInfo"] for tile in row]
    assert {tile["frameIndex"] for tile in tiles} <= {"1", "2"}
    assert {(tile["frameStatus"], tile["framePercent"]) for tile in tiles} == {("4", "100")}
    for tile in tiles:
        answer = rendered.farm.session.get(rendered.farm.url + tile["grabUrl"], timeout=10)
        assert answer.content[:4] == b"RIFF"
    photons = client.do("api.query.get_task_processing_img(task, 2)", task=rendered.task)
    assert photons["grabInfo"] in ([], [[]])


def test_the_newest_client_lists_the_results_of_a_task(rendered: Rendered) -> None:
    client, task = rendered.clients[NEWEST], rendered.task
    (top,) = client.do("api.transmit.get_output_files()")
    assert (top["fileName"], top["directory"], top["filePath"]) == (f"{task}_demo", True, f"/{task}_demo")
    for code in ("api.transmit.get_output_files(task)", "api.transmit.get_output_files(tree_path=path)"):
        files = client.do(code, task=task, path=top["filePath"])
        assert misfits(files, OUTPUT_FILES) == []
        assert len(files) == 2
        assert all(one["fileSize"] > 0 and not one["directory"] for one in files)
        assert {one["filePath"] for one in files} == {f"{top['filePath']}/{one['fileName']}" for one in files}


def test_the_newest_client_reads_what_the_renderer_wrote(rendered: Rendered) -> None:
    client = rendered.clients[NEWEST]
    frame = client.do("api.query.get_all_frames(task)", task=rendered.task)["1"]
    page = client.do("api.query.get_render_log(frame_id=frame)", frame=frame["id"])
    assert page["total"] == 1
    assert page["items"][0]["log"]


def test_the_newest_client_reads_what_its_account_did(rendered: Rendered) -> None:
    client, task = rendered.clients[NEWEST], rendered.task
    records = client.do("api.user.task_record(pageSize=100)")["items"]
    assert str(task) in " ".join(record["taskIds"] for record in records)
    # Log-ins of clients that call themselves the same are one within a minute.
    logins = client.do("api.user.login_record(pageSize=100)")["items"]
    assert {"python-requests/2.34.2", "python-requests/2.23.0"} <= {login["userUa"] for login in logins}


def test_the_published_sync_clients_find_the_results_of_a_task(
    client: PublishedClient, rendered: Rendered
) -> None:
    code = (
        "from rayvision_sync.manage import RayvisionManageTask\n"
        "manage = RayvisionManageTask(api.query)\n"
        "manage.output_file_names(manage.get_task_status([task]))"
    )
    (found,) = client.do(code, task=rendered.task)
    assert (found["output_name"] if client.version == NEWEST else found) == f"{rendered.task}_demo"
