from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from tests.unit.rayvision_sync.bytefarm import ByteFarm, task_item

from rayvision_api.core import RayvisionAPI
from rayvision_api.exception import RayvisionAPIError, RayvisionError
from rayvision_sync.constants import TASK_END_STATUS_CODE_LIST, TASK_STATUS_DESCRIPTION
from rayvision_sync.manage import RayvisionManageTask


@pytest.fixture
def manage(api: RayvisionAPI) -> RayvisionManageTask:
    return RayvisionManageTask(api.query)


def lists(farm: ByteFarm, *items: dict[str, Any]) -> None:
    farm.tasks.update({item["id"]: partial(dict, item) for item in items})


def test_a_task_is_told_in_the_published_shape(farm: ByteFarm, manage: RayvisionManageTask) -> None:
    lists(farm, task_item(111, 25, "111_test"))
    assert manage.get_task_status([111]) == [
        {
            "task_id": "111",
            "task_status_code": "25",
            "task_status_text": "render_task_status_25",
            "task_status_description": "Done",
            "is_opener": "0",
            "output_file_name": "111_test",
            "sub_task_status": [],
        }
    ]


def test_a_shell_stands_for_its_sub_tasks_in_order(farm: ByteFarm, manage: RayvisionManageTask) -> None:
    left, right = task_item(2, 25, "2_left"), task_item(3, 0, "3_right")
    lists(
        farm, task_item(1, 5, "1_shell", isOpen=1, respRenderingTaskList=[left, right]), task_item(4, 5, None)
    )
    statuses = manage.get_task_status([1, 4])
    assert manage.output_file_names(statuses) == ["2_left", "3_right"]
    assert manage.find_task_status_codes(statuses) == ["25", "0", "5"]


ENDS = {0: False, 5: False, 8: False, 40: False, 50: False} | dict.fromkeys(
    (10, 20, 23, 25, 30, 35, 45), True
)


@pytest.mark.parametrize(("status", "end"), ENDS.items())
def test_the_published_statuses_are_the_end(
    farm: ByteFarm, manage: RayvisionManageTask, status: int, end: bool
) -> None:
    lists(farm, task_item(1, status, "1_x"))
    assert manage.is_task_end(1) is end


def test_a_shell_ends_with_its_last_sub_task(farm: ByteFarm, manage: RayvisionManageTask) -> None:
    subs = [task_item(2, 25, "2"), task_item(3, 5, "3")]
    lists(farm, task_item(1, 25, "1", isOpen=1, respRenderingTaskList=subs))
    assert manage.is_task_end(1) is False
    lists(farm, task_item(1, 25, "1", isOpen=1, respRenderingTaskList=[subs[0], task_item(3, 45, "3")]))
    assert manage.is_task_end(1) is True


def test_of_a_shell_without_sub_tasks_nobody_can_say_whether_it_ends(
    farm: ByteFarm, manage: RayvisionManageTask
) -> None:
    lists(farm, task_item(1, 25, "1", isOpen=1, respRenderingTaskList=[]))
    assert manage.is_task_end(1) is None


def test_an_unknown_task_is_the_farms_own_error(manage: RayvisionManageTask) -> None:
    with pytest.raises(RayvisionAPIError):
        manage.is_task_end(404)


def test_a_status_that_was_never_published_is_an_error(manage: RayvisionManageTask) -> None:
    with pytest.raises(RayvisionError, match="task 1: status 77") as caught:
        manage.task_info_iterater([task_item(1, 77, "x")])
    assert caught.value.error_code == 1000000


def test_the_published_words_and_end_statuses_are_kept() -> None:
    assert TASK_END_STATUS_CODE_LIST == ["10", "20", "23", "25", "30", "35", "45"]
    assert TASK_STATUS_DESCRIPTION["30"] == {"0": "已完成(有失败帧)", "1": "Done(with failed frame)"}
    published = {"0", "5", "8", "10", "20", "23", "25", "30", "35", "40", "45"}
    assert published <= set(TASK_STATUS_DESCRIPTION)
