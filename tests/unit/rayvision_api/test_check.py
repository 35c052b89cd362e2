"""The check step: what it asks, what it fills in, what it stops at, what it writes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from rayvision_api.core import RayvisionAPI
from rayvision_api.exception import RayvisionAPIError, RayvisionError
from rayvision_api.task.check import RayvisionCheck

from .conftest import Farm, refusal

CREATE = "/api/render/task/createTask"
PROFILE = "/api/render/user/queryUserProfile"
LABELS = "/api/render/common/getLabelList"
ADD = "/api/render/common/addLabel"
DETAIL = "/api/render/common/queryErrorDetail"


@dataclass
class Analysis:
    """What an analysis leaves behind, as far as the check reads it."""

    task_json: str
    upload_json: str
    asset_json: str
    tips_json: str
    tips_info: dict[str, Any] = field(default_factory=dict)


def task_document(**task_info: Any) -> dict[str, Any]:
    info = {
        "task_id": "",
        "user_id": "",
        "project_id": "",
        "project_name": "Project1",
        "ram": 64,
        "tiles": "1",
    }
    return {
        "task_info": {**info, **task_info},
        "software_config": {},
        "scene_info": {"s": {"frames": "1"}},
        "scene_info_render": {},
    }


def read(path: Path | str) -> Any:
    return json.loads(Path(path).read_text("utf-8"))


@pytest.fixture
def analysis(tmp_path: Path) -> Analysis:
    folder = tmp_path / "scene"
    folder.mkdir()
    contents: dict[str, Any] = {
        "task": task_document(),
        "upload": {"asset": [{"local": "/片", "server": "/片"}]},
        "asset": {"asset": []},
        "tips": {},
    }
    for name, content in contents.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    task, upload, asset, tips = (str(folder / f"{name}.json") for name in contents)
    return Analysis(task, upload, asset, tips)


@pytest.fixture
def task_farm(farm: Farm) -> Farm:
    """A farm that knows a project and two tip codes."""
    farm.answers |= {
        CREATE: {"taskIdList": [11], "aliasTaskIdList": ["2W11"], "userId": 7},
        LABELS: {"projectNameList": [{"projectId": 3, "projectName": "Project1"}]},
        DETAIL: lambda body: [
            {
                "code": body["code"],
                "type": int(body["code"] == "15000"),
                "desDescriptionCn": "the application does not start",
                "desSolutionCn": "install it",
            }
        ],
    }
    return farm


@pytest.fixture
def check(task_farm: Farm, api: RayvisionAPI, analysis: Analysis, tmp_path: Path) -> RayvisionCheck:
    return RayvisionCheck(api, analysis, str(tmp_path))


def test_ids_are_asked_in_the_published_order_and_written_as_text(
    task_farm: Farm, check: RayvisionCheck, analysis: Analysis
) -> None:
    assert check.execute(analysis.task_json, analysis.upload_json) == 11
    assert task_farm.paths == [CREATE, PROFILE, LABELS]
    assert task_farm.asked[0].body == {"count": 1, "taskUserLevel": 50}
    info = read(analysis.task_json)["task_info"]
    assert (info["task_id"], info["user_id"], info["project_id"]) == ("11", "7", "3")


def test_what_was_found_is_rendered_where_nothing_was_chosen(
    check: RayvisionCheck, analysis: Analysis
) -> None:
    check.execute(analysis.task_json)
    written = read(analysis.task_json)
    assert written["scene_info_render"] == written["scene_info"] == {"s": {"frames": "1"}}


def test_what_was_chosen_is_kept(check: RayvisionCheck, analysis: Analysis) -> None:
    check.execute({**task_document(), "scene_info_render": {"chosen": {}}})
    assert read(analysis.task_json)["scene_info_render"] == {"chosen": {}}


def test_numbers_that_a_user_may_set_become_text(check: RayvisionCheck, analysis: Analysis) -> None:
    check.execute(task_document(ram=128, job_stop_time=60.5, is_picture=0))
    info = read(analysis.task_json)["task_info"]
    assert (info["ram"], info["job_stop_time"], info["is_picture"]) == ("128", "60.5", 0)


def test_yes_and_no_are_written_as_task_json_writes_them(check: RayvisionCheck, analysis: Analysis) -> None:
    check.execute(task_document(stop_after_test=True, is_distribute_render=False))
    info = read(analysis.task_json)["task_info"]
    assert (info["stop_after_test"], info["is_distribute_render"]) == ("1", "0")


def test_documents_are_written_as_published(check: RayvisionCheck, analysis: Analysis) -> None:
    check.execute(analysis.task_json, analysis.upload_json)
    text = Path(analysis.upload_json).read_text("utf-8")
    assert '\n    "asset": [\n        {\n            "local": "/片"' in text
    assert {path.name for path in Path(analysis.task_json).parent.iterdir()} == {
        "task.json",
        "upload.json",
        "asset.json",
        "tips.json",
    }


@pytest.mark.parametrize(
    ("known", "asked"),
    [
        ({"task_id": "5"}, [PROFILE, LABELS]),
        ({"user_id": 7}, [CREATE, LABELS]),
        ({"project_id": "3"}, [CREATE, PROFILE]),
        ({"project_name": ""}, [CREATE, PROFILE]),
        ({"project_name": "  "}, [CREATE, PROFILE]),
        ({"project_name": None}, [CREATE, PROFILE]),
        ({"task_id": 5, "user_id": 7, "project_id": 3}, []),
    ],
)
def test_only_what_is_missing_is_asked(
    task_farm: Farm, check: RayvisionCheck, known: dict[str, Any], asked: list[str]
) -> None:
    task, task_id = check.execute(task_document(**known), only_id=False)
    assert task_farm.paths == asked
    assert task_id == int(known.get("task_id", 11))
    assert task["task_info"]["project_id"] in ("3", 3, "0")


def test_a_new_project_is_added(task_farm: Farm, check: RayvisionCheck) -> None:
    names: list[Any] = []
    task_farm.answers[LABELS] = lambda _: {"projectNameList": names}
    task_farm.answers[ADD] = lambda body: names.append({"projectId": 9, "projectName": body["newName"]})
    task, _ = check.execute(task_document(project_name="new"), only_id=False)
    assert task["task_info"]["project_id"] == "9"


def test_several_checks_share_a_task_number_until_it_is_submitted(
    task_farm: Farm, check: RayvisionCheck
) -> None:
    numbers = iter([11, 12])
    task_farm.answers[CREATE] = lambda _: {"taskIdList": [next(numbers)]}
    assert check.execute(task_document()) == check.execute(task_document()) == 11


def test_a_warning_is_told_and_passes(check: RayvisionCheck, analysis: Analysis) -> None:
    analysis.tips_info = {"10012": ["wood: /tex/a.png"]}
    assert check.execute(analysis.task_json) == 11
    (found,) = check.error_warn_info_list
    assert (found["code"], found["type"], found["details"]) == ("10012", 0, ["wood: /tex/a.png"])


def test_an_error_stops_with_its_text_and_remedy_and_nothing_is_written(
    task_farm: Farm, check: RayvisionCheck, analysis: Analysis
) -> None:
    analysis.tips_info = {"10012": ["a"], "15000": ["blender"]}
    before = Path(analysis.task_json).read_bytes()
    with pytest.raises(RayvisionError) as caught:
        check.execute(analysis.task_json)
    assert caught.value.error_code == 1000000
    assert caught.value.error.startswith(
        "There are 1 errors. 15000 the application does not start: blender. What to do: install it "
    )
    assert "error_warn_info_list:[" in caught.value.error
    assert vars(caught.value)["error_warn_info_list"] == check.error_warn_info_list
    assert Path(analysis.task_json).read_bytes() == before
    assert [asked.body["code"] for asked in task_farm.asked if asked.path == DETAIL] == ["10012", "15000"]


def test_a_code_without_details_passes(task_farm: Farm, check: RayvisionCheck, analysis: Analysis) -> None:
    task_farm.answers[DETAIL] = None
    analysis.tips_info = {"99": []}
    assert check.execute(analysis.task_json) == 11


def test_a_second_check_forgets_the_findings_of_the_first(check: RayvisionCheck, analysis: Analysis) -> None:
    analysis.tips_info = {"15000": []}
    with pytest.raises(RayvisionError, match="There are 1 errors"):
        check.execute(analysis.task_json)
    with pytest.raises(RayvisionError, match="There are 1 errors"):
        check.execute(analysis.task_json)
    analysis.tips_info = {}
    assert check.execute(analysis.task_json) == 11


def test_texts_are_asked_in_english_of_any_farm_that_is_not_the_chinese_one(
    task_farm: Farm, check: RayvisionCheck, analysis: Analysis
) -> None:
    analysis.tips_info = {"10012": []}
    check.execute(analysis.task_json)
    assert task_farm.asked[-1].body == {"code": "10012", "language": "1"}


def test_without_an_analysis_the_document_itself_is_written(
    task_farm: Farm, api: RayvisionAPI, tmp_path: Path
) -> None:
    path = tmp_path / "mine" / "shot.json"
    path.parent.mkdir()
    path.write_text(json.dumps(task_document()))
    assert RayvisionCheck(api, workspace=str(tmp_path)).execute(str(path)) == 11
    assert read(path)["task_info"]["task_id"] == "11"
    assert [one.name for one in path.parent.iterdir()] == ["shot.json"]


def test_a_document_given_as_it_is_stays_as_it_is_and_is_written_nowhere(
    task_farm: Farm, api: RayvisionAPI, tmp_path: Path
) -> None:
    (tmp_path / "task.json").write_text("{}")
    given = task_document()
    task, task_id = RayvisionCheck(api, workspace=str(tmp_path)).execute(given, only_id=False)
    assert (task["task_info"]["task_id"], task_id) == ("11", 11)
    assert given == task_document()
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("task.json", "{}")]


def test_documents_may_be_written_into_a_new_folder(
    task_farm: Farm, api: RayvisionAPI, analysis: Analysis, tmp_path: Path
) -> None:
    check = RayvisionCheck(api, workspace=str(tmp_path))
    check.execute(analysis.task_json, analysis.upload_json, is_cover=False)
    folder = Path(check.task_json).parent
    assert folder.parent == tmp_path
    assert {path.name for path in folder.iterdir()} == {"task.json", "upload.json"}
    assert read(analysis.task_json)["task_info"]["task_id"] == ""


def test_two_checks_in_one_second_write_into_two_new_folders(
    task_farm: Farm, api: RayvisionAPI, analysis: Analysis, tmp_path: Path
) -> None:
    written = set()
    for _ in range(3):
        check = RayvisionCheck(api, workspace=str(tmp_path))
        check.execute(analysis.task_json, analysis.upload_json, is_cover=False)
        written.add(check.task_json)
    assert len(written) == 3


def test_the_default_workspace_is_below_the_users_home(
    api: RayvisionAPI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert RayvisionCheck(api).workspace == str(tmp_path / "renderfarm_sdk")


def test_a_workspace_that_is_not_there_is_refused(api: RayvisionAPI) -> None:
    with pytest.raises(RayvisionError, match="/no/such/place is not found"):
        RayvisionCheck(api, workspace="/no/such/place")


@pytest.mark.parametrize(
    ("document", "code", "words"),
    [
        ({}, 2000, "task_info can't be empty"),
        ({"task_info": {}}, 2000, "task_info can't be empty"),
        (
            {"task_info": {"task_id": "5", "project_id": "1", "user_id": "7"}},
            1000000,
            "neither scene_info_render",
        ),
        ("/no/task.json", 1000004, "/no/task.json is not found"),
        ("", 2000, "task_info can't be empty"),
        (None, 1000003, "content or its path, got NoneType"),
        (b"/task.json", 1000003, "got bytes"),
        (7, 1000003, "got int"),
    ],
)
def test_a_document_that_cannot_be_used_is_named(
    check: RayvisionCheck, document: Any, code: int, words: str
) -> None:
    with pytest.raises(RayvisionError, match=words) as caught:
        check.execute(document)
    assert caught.value.error_code == code


def test_a_further_document_that_is_none_is_named(check: RayvisionCheck, analysis: Analysis) -> None:
    with pytest.raises(RayvisionError, match="got list") as caught:
        check.execute(analysis.task_json, ["upload.json"])  # type: ignore[arg-type] # what callers try
    assert caught.value.error_code == 1000003


def test_a_task_id_that_is_no_number_is_named(check: RayvisionCheck) -> None:
    with pytest.raises(RayvisionError, match="'five' is no number"):
        check.execute(task_document(task_id="five"))


def test_a_refusal_passes_through_and_nothing_is_written(
    task_farm: Farm, check: RayvisionCheck, analysis: Analysis
) -> None:
    task_farm.instead.append(refusal(605, "the account may create no tasks"))
    with pytest.raises(RayvisionAPIError, match="may create no tasks"):
        check.execute(analysis.task_json)
    assert read(analysis.task_json)["task_info"]["task_id"] == ""
