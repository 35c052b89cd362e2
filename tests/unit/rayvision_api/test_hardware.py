"""The kind of node that a task shall render on, as later packages ask for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rayvision_api.answers import HardwareConfig
from rayvision_api.core import RayvisionAPI
from rayvision_api.exception import (
    HardwareConfigIdError,
    NotSupportCGSoftwareError,
    NotSupportHardwareCodeError,
    NotSupportPluginError,
    RayvisionError,
)
from rayvision_api.task.check import RayvisionCheck
from rayvision_api.task.hardware import Needs, check_version, chosen_hardware

from .conftest import Farm

NEEDS = Needs(2000, "2020", {"mtoa": "4.0.1"}, ("25009",))
WANTED = {"model": "1080Ti", "ram": "64GB", "gpuNum": "2*GPU"}


def kind(number: int, **changed: Any) -> HardwareConfig:
    usual: Any = {
        "id": number,
        "type": 2,
        "model": "1080Ti",
        "ram": "64GB",
        "gpuNum": "2*GPU",
        "platform": 2,
        "current": False,
        "status": 1,
        "notSupportCgId": [],
        "notSupportCode": [],
        "notSupportCgVersions": [],
        "notSupportPluginList": [],
    }
    return {**usual, **changed}  # type: ignore[typeddict-item] # any member may differ


def test_the_wanted_hardware_is_named_in_the_words_of_task_json() -> None:
    offered = [kind(1, model="2080Ti"), kind(2), kind(3, ram="128GB"), kind(4, gpuNum=None)]
    assert chosen_hardware(WANTED, offered, "2", NEEDS) == {
        "hardwareConfigIds": ["2"],
        "ram": "64",
        "graphics_cards_num": "2",
    }


@pytest.mark.parametrize(("cards", "number"), [("1*GPU", "1"), ("10*GPU", "10"), (None, "2")])
def test_the_number_of_cards_may_have_two_digits(cards: str | None, number: str) -> None:
    chosen = chosen_hardware({**WANTED, "gpuNum": cards}, [kind(1, gpuNum=cards)], "2", NEEDS)
    assert chosen["graphics_cards_num"] == number


def test_only_the_word_itself_stands_for_any_model() -> None:
    with pytest.raises(HardwareConfigIdError):
        chosen_hardware({**WANTED, "model": "Default2"}, [kind(1)], "2", NEEDS)


@pytest.mark.parametrize("wanted", ["1080Ti", ["1080Ti"], 7])
def test_hardware_that_is_no_object_is_named(wanted: Any) -> None:
    with pytest.raises(RayvisionError, match="expected model, ram and gpuNum") as caught:
        chosen_hardware(wanted, [kind(1)], "2", NEEDS)
    assert caught.value.error_code == 1000003


@pytest.mark.parametrize(
    ("model", "ids"),
    [
        ("Default", ["1", "2"]),
        (["2080Ti", "1080Ti"], ["1", "2"]),
        (["Default"], ["1", "2"]),
        ("2080Ti", ["1"]),
    ],
)
def test_several_models_or_any_may_be_wanted(model: Any, ids: list[str]) -> None:
    offered = [kind(1, model="2080Ti"), kind(2)]
    assert chosen_hardware({**WANTED, "model": model}, offered, "2", NEEDS)["hardwareConfigIds"] == ids


@pytest.mark.parametrize("offered", [[], [kind(1, status=0)], [kind(1, platform=3)], [kind(1, ram="128GB")]])
def test_hardware_that_the_farm_does_not_have_here_is_named(offered: list[HardwareConfig]) -> None:
    with pytest.raises(HardwareConfigIdError, match=r"the farm has no hardware .*1080Ti"):
        chosen_hardware(WANTED, offered, "2", NEEDS)


REFUSALS = [
    ({"notSupportCgId": [2000]}, NotSupportCGSoftwareError, "application 2000"),
    ({"notSupportCgId": ["2000"]}, NotSupportCGSoftwareError, "application 2000"),
    ({"notSupportCode": ["25009"]}, NotSupportHardwareCodeError, "25009"),
    (
        {"notSupportCgVersions": [{"cgId": 2000, "cgVersionName": "2020"}]},
        HardwareConfigIdError,
        "version 2020",
    ),
    ({"notSupportPluginList": ["MtoA 4.*"]}, NotSupportPluginError, "mtoa 4.0.1"),
    ({"notSupportPluginList": ["mtoa (4"]}, None, ""),
    ({"notSupportCgVersions": [{"cgId": 2004, "cgVersionName": "2020"}]}, None, ""),
]


@pytest.mark.parametrize(("changed", "error", "words"), REFUSALS)
def test_hardware_that_does_not_render_the_scene_is_refused(
    changed: dict[str, Any], error: type[RayvisionError] | None, words: str
) -> None:
    if error is None:
        assert chosen_hardware(WANTED, [kind(1, **changed)], "2", NEEDS)["hardwareConfigIds"] == ["1"]
        return
    with pytest.raises(error, match=words):
        chosen_hardware(WANTED, [kind(1, **changed)], "2", NEEDS)
    any_model = {**WANTED, "model": "Default"}
    chosen = chosen_hardware(any_model, [kind(1, **changed), kind(2, model="2080Ti")], "2", NEEDS)
    assert chosen["hardwareConfigIds"] == ["2"]


def test_a_version_must_be_one_that_the_farm_has_as_written() -> None:
    check_version(NEEDS, ["2019", "2020"])
    with pytest.raises(RayvisionError, match=r"version 2020 .* the farm has 2018, 2019"):
        check_version(NEEDS, ["2019", "2018"])


@pytest.mark.parametrize("document", [{}, {"task_info": {"cg_id": ""}}, {"task_info": {"cg_id": "2000"}}])
def test_a_document_without_an_application_is_named(document: dict[str, Any]) -> None:
    with pytest.raises(RayvisionError, match="no application"):
        Needs.of(document)


@pytest.fixture
def task_json(farm: Farm, tmp_path: Path) -> str:
    """A task of Maya 2020 on disk, and a farm that has it on one kind of node."""
    farm.answers |= {
        "/api/render/task/createTask": {"taskIdList": [11]},
        "/api/render/hardwareConfig/list": [kind(223)],
        "/api/render/common/querySupportedPlugin": {
            "cgPlugin": [],
            "cgVersion": [{"id": 1, "cgId": 2000, "cgName": "Maya", "cgVersion": "2020"}],
        },
    }
    path = tmp_path / "task.json"
    task = {
        "task_info": {"cg_id": "2000", "platform": "", "ram": "128"},
        "software_config": {"cg_name": "Maya", "cg_version": "2020", "plugins": {}},
        "scene_info": {"layer": {}},
    }
    path.write_text(json.dumps(task))
    return str(path)


def test_later_packages_put_the_hardware_before_the_documents(
    api: RayvisionAPI, task_json: str, tmp_path: Path
) -> None:
    check = RayvisionCheck(api, workspace=str(tmp_path))
    execute: Any = check.execute  # its type has the documented order alone
    ways: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
        ((WANTED, task_json), {}),
        ((WANTED,), {"task_json": task_json}),
        ((), {"hardware_config": WANTED, "task_json": task_json}),
        ((task_json,), {"hardware_config": WANTED}),
    ]
    for given, named in ways:
        assert execute(*given, **named) == 11
        info = json.loads(Path(task_json).read_text())["task_info"]
        assert (info["hardwareConfigIds"], info["ram"], info["graphics_cards_num"]) == (["223"], "64", "2")


def test_without_hardware_none_is_asked_for(
    farm: Farm, api: RayvisionAPI, task_json: str, tmp_path: Path
) -> None:
    RayvisionCheck(api, workspace=str(tmp_path)).execute(task_json)
    assert not [path for path in farm.paths if "hardware" in path or "Plugin" in path]


def test_hardware_that_is_not_there_uses_up_no_task_number(
    farm: Farm, api: RayvisionAPI, task_json: str, tmp_path: Path
) -> None:
    before = Path(task_json).read_text()
    with pytest.raises(HardwareConfigIdError, match="it has 1080Ti 64GB"):
        RayvisionCheck(api, workspace=str(tmp_path)).execute({**WANTED, "model": "A100"}, task_json)
    assert "/api/render/task/createTask" not in farm.paths
    assert Path(task_json).read_text() == before


def test_the_chosen_hardware_may_be_written_by_itself(
    api: RayvisionAPI, task_json: str, tmp_path: Path
) -> None:
    check = RayvisionCheck(api, workspace=str(tmp_path))
    check.set_custom_hardware(WANTED, check.get_json_info(task_json), task_json)
    assert json.loads(Path(task_json).read_text())["task_info"]["hardwareConfigIds"] == ["223"]
