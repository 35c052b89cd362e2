"""What published clients change is what they are told afterwards."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.together.published import submissions
from tests.together.published.clients import DOCUMENT, NEWEST, SEED, VERSIONS, PublishedClient

LATER = (DOCUMENT, NEWEST)


@pytest.fixture
def task(client: PublishedClient) -> int:
    """A submitted task of three frames that wait."""
    return submissions.submitted_task(client.farm)


def item(client: PublishedClient, task: int) -> dict[str, Any]:
    (found,) = client.do("api.query.task_info([task])", task=task)["items"]
    assert isinstance(found, dict)
    return found


def frame_states(client: PublishedClient, task: int) -> list[int]:
    frames = client.do("api.query.task_frames(task, 1, 10)", task=task)["items"]
    return [frame["frameStatus"] for frame in frames]


def environments(client: PublishedClient) -> dict[str, dict[str, Any]]:
    # The newest client cannot ask by name: that is a defect of its own.
    code = (
        "api.env.get_render_env(os_name=0)" if client.version == NEWEST else "api.env.get_render_env('maya')"
    )
    return {found["editName"]: found for found in client.do(code)}


def test_a_new_time_limit_is_in_the_settings_in_seconds_and_in_hours(client: PublishedClient) -> None:
    client.do("api.user.update_user_settings(7200)")
    setting = client.do("api.user.query_user_setting()")
    assert (setting["taskOverTimeSec"], setting["taskOverTime"]) == (7200, 2)


def test_a_label_comes_and_goes(client: PublishedClient) -> None:
    def names() -> list[str]:
        return [label["projectName"] for label in client.do("api.tag.get_project_list()")]

    client.do("api.tag.add_label('Comes and goes')")
    client.do("api.tag.add_label('Comes and goes')")
    assert names().count("Comes and goes") == 1
    client.do("api.tag.delete_label('Comes and goes')")
    assert "Comes and goes" not in names()


@pytest.mark.parametrize("version", LATER)
def test_labels_of_a_task_are_shown_with_it(clients: dict[str, PublishedClient], version: str) -> None:
    client = clients[version]
    task = submissions.submitted_task(client.farm)
    client.do("api.tag.add_task_tag('Look dev', [task])", task=task)
    assert "Look dev" in json.loads(item(client, task)["labels"]).values()
    number = int(client.do("api.check_and_add_project_name('Look dev')"))
    wanted = "[task], ['Look dev']" if version == NEWEST else "[number]"
    client.do(f"api.tag.delete_task_tag({wanted})", task=task, number=number)
    assert item(client, task)["labels"] == "{}"


def test_the_2_2_0_client_labels_a_task_in_its_other_way(clients: dict[str, PublishedClient]) -> None:
    client = clients[DOCUMENT]
    task = submissions.submitted_task(client.farm)
    client.do("api.query.opera_user_label(task, 1, 'Comp', 1)", task=task)
    assert "Comp" in json.loads(item(client, task)["labels"]).values()
    client.do("api.query.opera_user_label(task, 1, 'Comp', 2)", task=task)
    assert item(client, task)["labels"] == "{}"


def test_a_render_environment_is_kept_as_it_was_sent(client: PublishedClient) -> None:
    versions = client.do("api.query.supported_plugin('maya')")
    plugin = versions["cgPlugin"][0]
    (of,) = [one for one in versions["cgVersion"] if one["id"] == plugin["cvId"]]
    sent = {
        "cgId": 2000,
        "cgName": "Maya",
        "cgVersion": of["cgVersion"],
        "renderLayerType": 1,
        "editName": "kept",
        "renderSystem": 0,
        "pluginIds": [plugin["pluginVersions"][0]["pluginId"]],
    }
    assert client.do("api.env.add_render_env(sent)", sent=sent) == {"editName": "kept"}
    found = environments(client)["kept"]
    assert (found["cgId"], found["cgName"], found["cgVersion"]) == (2000, "Maya", of["cgVersion"])
    assert (found["renderLayerType"], found["osName"]) == (1, 0)
    assert found["respUserPluginInfoVos"] == plugin["pluginVersions"][:1]
    client.do("api.env.update_render_env(sent)", sent={**sent, "renderLayerType": 0, "pluginIds": []})
    found = environments(client)["kept"]
    assert (found["renderLayerType"], found["respUserPluginInfoVos"]) == (0, [])
    if client.version != SEED:  # the first client knows no such member
        client.do("api.env.update_render_env(sent)", sent={**sent, "projectPath": "D:/film"})
        assert environments(client)["kept"]["projectPath"] == "D:/film"
    client.do("api.env.delete_render_env('kept')")
    assert "kept" not in environments(client)


def test_one_render_environment_of_an_application_is_the_default(client: PublishedClient) -> None:
    sent = {"cgId": 2000, "cgName": "Maya", "cgVersion": "2018", "renderLayerType": 0, "renderSystem": 0}
    for name in ("first", "second"):
        client.do("api.env.add_render_env(sent)", sent={**sent, "editName": name, "pluginIds": []})
    for name in ("first", "second"):
        client.do("api.env.set_default_render_env(name)", name=name)
        assert [one for one, found in environments(client).items() if found["isDefault"]] == [name]


def test_priority_and_time_limit_of_a_task_are_shown_with_it(client: PublishedClient, task: int) -> None:
    change = "update_task_level" if client.version == SEED else "update_priority"
    client.do(f"api.task.{change}(task, 60)", task=task)
    client.do("api.task.set_task_overtime_top([task], 1800)", task=task)
    found = item(client, task)
    assert (found["taskUserLevel"], found["overTimeStop"]) == (60, 1800)


def test_the_newest_client_sets_how_many_nodes_a_task_may_have(clients: dict[str, PublishedClient]) -> None:
    client = clients[NEWEST]
    task = submissions.submitted_task(client.farm)
    client.do("api.task.update_task_limit(task, 5)", task=task)
    assert item(client, task)["taskLimit"] == 5


def test_the_newest_client_chooses_hardware_for_a_task(clients: dict[str, PublishedClient]) -> None:
    client = clients[NEWEST]
    task = submissions.submitted_task(client.farm)
    one = client.do("api.user.get_hardware_config()")[0]
    assert one["current"] is False
    chosen = [[str(one["id"])], one["model"], one["gpuNum"] or "", one["ram"]]
    client.do("api.task.edit_task_hardware_config([task], *chosen)", task=task, chosen=chosen)
    assert client.do("api.user.get_hardware_config([str(task)])", task=task)[0]["current"] is True


def test_the_newest_client_stops_and_restarts_single_frames(clients: dict[str, PublishedClient]) -> None:
    client = clients[NEWEST]
    task = submissions.submitted_task(client.farm)
    client.do("api.query.frame_number_to_stop(task, ['2'])", task=task)
    assert frame_states(client, task) == [1, 3, 1]
    client.do("api.query.get_custome_frames(task, ['2'])", task=task)
    assert frame_states(client, task) == [1, 1, 1]
    client.do("api.query.stop_frame(task)", task=task)
    assert frame_states(client, task) == [3, 3, 3]
    client.do("api.query.restart_frame(task, status=[3])", task=task)
    assert frame_states(client, task) == [1, 1, 1]


@pytest.mark.parametrize("version", [SEED, NEWEST])
def test_frames_of_a_stopped_task_wait_again_after_a_restart(
    clients: dict[str, PublishedClient], version: str
) -> None:
    client = clients[version]
    task = submissions.submitted_task(client.farm)
    client.do("api.task.stop_task([task])", task=task)
    frame = client.do("api.query.task_frames(task, 1, 1)", task=task)["items"][0]["id"]
    client.do("api.query.restart_frame(task, 0, [frame])", task=task, frame=frame)
    assert frame_states(client, task) == [1, 3, 3]
    client.do("api.query.restart_frame(task, 1)", task=task)
    assert frame_states(client, task) == [1, 1, 1]


def test_lists_are_searched_by_status_name_and_time(client: PublishedClient, task: int) -> None:
    client.do("api.task.stop_task([task])", task=task)
    now = "'2020-01-01 00:00:00', '2099-01-01 00:00:00'"
    for wanted, found in (
        (f"[10], str(task), {now}", True),
        (f"[0, 25], str(task), {now}", False),
        ("None, 'shot010'", True),
        ("None, 'no such scene'", False),
        ("None, None, '2099-01-01 00:00:00'", False),
        ("None, None, None, '2020-01-01 00:00:00'", False),
    ):
        page = client.do(f"api.query.get_task_list(1, 1000, {wanted})", task=task)
        assert (task in [one["id"] for one in page["items"]]) is found, wanted


def test_the_newest_client_finds_deleted_tasks_where_it_asks_for_them(
    clients: dict[str, PublishedClient],
) -> None:
    client = clients[NEWEST]
    task = submissions.submitted_task(client.farm)
    client.do("api.task.delete_task([task])", task=task)
    deleted = client.do("api.query.get_task_list(1, 1000, recycle_flag=1)")["items"]
    assert [(one["id"], one["isDelete"]) for one in deleted if one["id"] == task] == [(task, 0)]
    kept = client.do("api.query.get_task_list(1, 1000)")["items"]
    assert task not in [one["id"] for one in kept]


def test_codes_are_explained_in_both_languages(client: PublishedClient) -> None:
    texts = {}
    for language in ("0", "1"):
        (detail,) = client.do("api.query.error_detail('15000', language=language)", language=language)
        assert (detail["code"], detail["languageFlag"]) == ("15000", int(language))
        texts[language] = detail["desDescriptionCn"]
    assert not texts["0"].isascii()
    assert texts["1"].isascii()


def test_accounts_of_different_clients_do_not_see_each_other(clients: dict[str, PublishedClient]) -> None:
    tasks = {version: submissions.submitted_task(clients[version].farm) for version in VERSIONS}
    for version, client in clients.items():
        listed = {one["id"] for one in client.do("api.query.get_task_list(1, 1000)")["items"]}
        assert listed & set(tasks.values()) == {tasks[version]}
