"""Published clients and tasks that are more than a list of frames: shells, chunks, tiles, test frames."""

from __future__ import annotations

from typing import Any

import pytest
from tests.together.published import submissions
from tests.together.published.clients import NEWEST, VERSIONS, PublishedClient
from tests.together.published.test_sync_clients import IMPORT


def layered(frames: str = "1-2[1]", **task_info: Any) -> dict[str, Any]:
    """A task.json of two layers, each to be a task of its own."""
    task = submissions.task_document(frames, enable_layered="1", **task_info)
    first = task["scene_info"]["Scene/ViewLayer"]
    second = {"renderable": "1", "common": {**first["common"], "view_layers": ["shadow"]}}
    task["scene_info"]["Scene/shadow"] = second
    return task


def item(client: PublishedClient, task: int) -> dict[str, Any]:
    (found,) = client.do("api.query.task_info([task])", task=task)["items"]
    assert isinstance(found, dict)
    return found


def indexes(client: PublishedClient, task: int) -> list[str]:
    frames = client.do("api.query.task_frames(task, 1, 100)", task=task)["items"]
    return [frame["frameIndex"] for frame in frames]


def test_a_shell_is_open_and_its_parts_are_tasks(client: PublishedClient) -> None:
    shell = item(client, submissions.submitted_task(client.farm, layered()))
    parts = shell["respRenderingTaskList"]
    assert (shell["isOpen"], shell["outputFileName"], shell["layerParentId"]) == (1, None, 0)
    assert [part["layerName"] for part in parts] == ["ViewLayer", "shadow"]
    for part in parts:
        assert (part["isOpen"], part["layerParentId"]) == (0, shell["id"])
        assert part["outputFileName"] == f"{part['id']}_shot010"
        assert item(client, part["id"])["layerParentId"] == shell["id"]
        assert indexes(client, part["id"]) == ["1", "2"]
    assert indexes(client, shell["id"]) == ["1", "2", "1", "2"]
    listed = client.do("api.query.get_task_list(1, 1000)")["items"]
    assert not {part["id"] for part in parts} & {one["id"] for one in listed}


def test_commands_on_a_shell_reach_its_parts(client: PublishedClient) -> None:
    shell = submissions.submitted_task(client.farm, layered())
    parts = [part["id"] for part in item(client, shell)["respRenderingTaskList"]]

    def statuses() -> list[int]:
        found = item(client, shell)
        return [found["taskStatus"], *(part["taskStatus"] for part in found["respRenderingTaskList"])]

    client.do("api.task.stop_task([task])", task=parts[0])
    assert statuses() == [0, 10, 0]
    client.do("api.task.stop_task([task])", task=shell)
    assert statuses() == [10, 10, 10]
    client.do("api.task.start_task([task])", task=shell)
    assert statuses() == [0, 0, 0]
    client.do("api.task.set_task_overtime_top([task], 1800)", task=shell)
    assert {part["overTimeStop"] for part in item(client, shell)["respRenderingTaskList"]} == {1800}
    client.do("api.task.abort_task([task])", task=shell)
    assert statuses() == [35, 35, 35]
    client.do("api.task.delete_task([task])", task=shell)
    listed = client.do("api.query.get_task_list(1, 1000)")["items"]
    assert shell not in {one["id"] for one in listed}


@pytest.mark.parametrize("version", VERSIONS)
def test_rayvision_sync_walks_the_leaves_of_a_shell(
    clients: dict[str, PublishedClient], version: str
) -> None:
    client = clients[version]
    client.do(IMPORT)
    shell = submissions.submitted_task(client.farm, layered())
    made = "manage = RayvisionManageTask(api.query)\nfound = manage.get_task_status([task])\n"
    folders = client.do(f"{made}manage.output_file_names(found)", task=shell)
    parts = [part["id"] for part in item(client, shell)["respRenderingTaskList"]]
    names = [folder["output_name"] if isinstance(folder, dict) else folder for folder in folders]
    assert names == [f"{part}_shot010" for part in parts]
    options = "is_test_stop=False" if version == NEWEST else ""
    ended = f"RayvisionManageTask(api.query).is_task_end(task, {options})"
    assert client.do(ended, task=shell) is False
    client.do("api.task.stop_task([task])", task=parts[0])
    assert client.do(ended, task=shell) is False
    client.do("api.task.stop_task([task])", task=shell)
    assert client.do(ended, task=shell) is True


def test_chunks_and_tiles_are_named_as_published(client: PublishedClient) -> None:
    chunks = submissions.task_document("1-7[1]", frames_per_task="3", pre_frames="000:2")
    task = submissions.submitted_task(client.farm, chunks)
    assert indexes(client, task) == ["1", "2", "3-5[1]", "6-7[1]"]
    tiles = submissions.task_document("1", tiles="2")
    frames = client.do(
        "api.query.task_frames(task, 1, 100)", task=submissions.submitted_task(client.farm, tiles)
    )["items"]
    told = [
        tuple(one[name] for name in ("frameIndex", "frameBlock", "frameType", "frameStatus"))
        for one in frames
    ]
    assert told == [
        ("1-1", "1", 5, 1),
        ("1-2", "2", 5, 1),
        ("1", "1", 7, 6),
    ]


def test_all_frames_of_a_task_are_gathered_by_their_index(clients: dict[str, PublishedClient]) -> None:
    client = clients[NEWEST]
    chunks = submissions.task_document("1-6[1]", frames_per_task="2")
    task = submissions.submitted_task(client.farm, chunks)
    found = client.do("api.query.get_all_frames(task)", task=task)
    assert sorted(found) == ["1-2[1]", "3-4[1]", "5-6[1]"]
    shell = submissions.submitted_task(client.farm, layered())
    parts = [part["id"] for part in item(client, shell)["respRenderingTaskList"]]
    small = client.do("api.query.get_small_task_id(task)", task=shell)
    assert [int(part) for part in small] == parts
