"""A client whose connection loses answers, against a real farm: what is asked again is done once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from tests.together.farms import FarmProcess

from rayvision_api import RayvisionAPI
from rayvision_api.exception import FarmNotReachable

CREATE = "createTask"


class LosesAnswers(HTTPAdapter):
    """A connection on which the farm gets every request, but some of its answers do not arrive.

    Attributes:
        lose: paths whose next answers are lost, each as often as it stands here.
        lost: the data of those answers.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lose: list[str] = []
        self.lost: list[Any] = []

    def send(self, request: requests.PreparedRequest, *given: Any, **named: Any) -> requests.Response:
        answer = super().send(request, *given, **named)
        path = str(request.url).rpartition("/")[2]
        if path in self.lose:
            self.lose.remove(path)
            self.lost.append(json.loads(answer.content)["data"])
            raise requests.ConnectionError("the connection was reset")
        return answer


@pytest.fixture
def line() -> LosesAnswers:
    return LosesAnswers()


@pytest.fixture
def api(farm: FarmProcess, line: LosesAnswers) -> Iterator[RayvisionAPI]:
    user = farm.as_user("behind a bad line")
    with requests.Session() as session:
        session.mount("http://", line)
        with RayvisionAPI(
            user.access_id, user.access_key, user.url, "2", session=session, wait=lambda _: False
        ) as api:
            yield api


def test_a_task_whose_number_was_lost_twice_is_created_once(api: RayvisionAPI, line: LosesAnswers) -> None:
    line.lose = [CREATE, CREATE]
    created = api.task.create_task(count=3)
    assert line.lost == [created, created]
    assert len(created["taskIdList"]) == 3


def test_two_tasks_that_are_wanted_are_two(api: RayvisionAPI, line: LosesAnswers) -> None:
    line.lose = [CREATE]
    first, second = api.get_task_id(), api.get_task_id()
    assert first != second
    assert line.lost[0]["taskIdList"] == [int(first)]


def test_tasks_that_threads_create_at_once_are_all_different(api: RayvisionAPI, line: LosesAnswers) -> None:
    line.lose = [CREATE] * 4
    with ThreadPoolExecutor(4) as threads:
        numbers = list(threads.map(lambda _: api.get_task_id(), range(12)))
    assert len(set(numbers)) == 12
    assert {str(one["taskIdList"][0]) for one in line.lost} <= set(numbers)


def test_a_line_that_loses_every_answer_is_given_up(api: RayvisionAPI, line: LosesAnswers) -> None:
    line.lose = [CREATE] * 9
    with pytest.raises(FarmNotReachable, match="the request may have arrived"):
        api.task.create_task()
    assert len(line.lost) == 5
    assert len({str(one) for one in line.lost}) == 1


def test_what_may_be_repeated_is_repeated(api: RayvisionAPI, line: LosesAnswers) -> None:
    line.lose = ["addLabel", "getLabelList"]
    api.tag.add_label("film")
    assert [one["projectName"] for one in api.tag.get_project_list()] == ["film"]
