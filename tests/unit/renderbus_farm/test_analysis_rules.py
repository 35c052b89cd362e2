"""Which scenes the farm reads next, and what it makes of what was found."""

from __future__ import annotations

import doctest
import json
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from renderbus_farm.rules import analysis
from renderbus_farm.rules.analysis import Analysis, Wanted, errors_told, judged, planned
from renderbus_farm.rules.lifecycle import Counts, Wish, task_status
from renderbus_model.scene_analysis import AnalysisAnswer
from renderbus_model.statuses import TaskStatus

numbers = st.integers(1, 30)


def test_the_examples_hold() -> None:
    assert doctest.testmod(analysis).failed == 0


@given(wanted=st.lists(numbers, unique=True), running=st.sets(numbers), places=st.integers(1, 4))
def test_places_are_filled_in_order_and_never_overfilled(
    wanted: list[int], running: set[int], places: int
) -> None:
    plan = planned(wanted, running, places)
    stay = running - set(plan.give_up)
    assert stay == running & set(wanted)
    assert not set(plan.begin) & running
    assert len(plan.begin) == min(max(0, places - len(stay)), len(set(wanted) - stay))
    waiting = [task_id for task_id in wanted if task_id not in stay]
    assert list(plan.begin) == waiting[: len(plan.begin)]


@given(st.dictionaries(st.text(max_size=8), st.none() | st.integers() | st.text() | st.lists(st.text())))
def test_whatever_stands_in_task_json_can_be_asked_about(strange: dict[str, object]) -> None:
    for content in (
        strange,
        {"task_info": strange, "software_config": strange},
        {"software_config": {"plugins": strange}},
    ):
        wanted = Wanted.read(json.dumps(content).encode())
        assert all(isinstance(version, str) for version in wanted.plugins.values())


def test_what_task_json_says_of_the_scene_is_told_to_the_analyser() -> None:
    content: dict[str, Any] = {
        "task_info": {"input_project_path": "D:\\Film"},
        "software_config": {"cg_name": "Maya", "cg_version": "2022", "plugins": {"mtoa": "5.1"}},
    }
    assert Wanted.read(json.dumps(content).encode()) == Wanted("Maya", "2022", {"mtoa": "5.1"}, "/D/Film")
    content["task_info"]["input_project_path"] = "../elsewhere"
    assert Wanted.read(json.dumps(content).encode()).project == ""


def test_of_many_errors_a_few_are_told() -> None:
    told = errors_told(
        {"50002": [f"rop{number}: there is no camera" for number in range(5)], "15013": ["old"]}
    )
    assert told.startswith(
        "rop0: there is no camera; rop1: there is no camera; rop2: there is no camera; and 2 more (50002)"
    )
    assert "old" not in told
    assert errors_told({"15013": ["old"], "10012": []}) == ""


def test_a_reason_keeps_the_findings_and_leaves_the_documents_alone() -> None:
    answer = AnalysisAnswer(
        tips={"15013": ["old"]}, why="takes too long", scene_info=msgspec.Raw(b'{"a": 1}')
    )
    verdict = judged(answer, b'{"task_info": {}}')
    assert verdict.why == "takes too long"
    assert {name: json.loads(content) for name, content in verdict.documents.items()} == {
        "tips.json": {"15013": ["old"]}
    }


@given(wish=st.sampled_from(Wish))
def test_a_task_whose_scene_could_not_be_analysed_has_failed_unless_it_was_given_up(wish: Wish) -> None:
    expected = TaskStatus.ABANDON if wish is Wish.ABANDON else TaskStatus.FAILED
    assert task_status(wish, Counts(), Analysis.FAILED) is expected
