"""What an account may choose for all of its tasks."""

from __future__ import annotations

from typing import Any

import pytest

from renderbus_farm.rules.people import AccountSettings
from renderbus_farm.rules.refusals import BadValue
from renderbus_farm.rules.settings import changed, shown
from renderbus_model.wire.user import UPDATE_USER_SETTING, UpdateUserSetting, UserSetting


def test_an_account_that_chose_nothing_has_the_published_defaults() -> None:
    assert shown(AccountSettings()) == UserSetting()


def test_what_is_left_out_stays() -> None:
    chosen = AccountSettings(7200, auto_commit=False, use_level_directory=True)
    assert changed(chosen, UpdateUserSetting()) == chosen


@pytest.mark.parametrize(
    ("body", "name", "value"),
    [
        ({"taskOverTimeSec": "3600"}, "task_over_time_s", 3600),
        ({"autoCommit": 1}, "auto_commit", False),
        ({"autoCommit": "2"}, "auto_commit", True),
        ({"singleNodeRenderFrames": 3}, "single_node_render_frames", 3),
        ({"downloadDisable": "1"}, "download_disable", True),
        ({"subDeleteTask": 1}, "sub_delete_task", True),
        ({"useLevelDirectory": 1}, "use_level_directory", True),
        ({"manuallyStartAnalysisFlag": 1}, "manually_start_analysis", True),
        ({"maxIgnoreMapFlag": "0"}, "max_ignore_map_flag", False),
    ],
)
def test_what_is_given_is_changed_as_text_or_number(body: dict[str, Any], name: str, value: object) -> None:
    settings = changed(AccountSettings(), UPDATE_USER_SETTING.read_ask(body))
    assert getattr(settings, name) == value


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (UpdateUserSetting(task_over_time_sec=0), "taskOverTimeSec '0': expected a whole number from 1"),
        (UpdateUserSetting(auto_commit="3"), "autoCommit '3': expected 1 or 2"),
        (UpdateUserSetting(single_node_render_frames="many"), "singleNodeRenderFrames 'many'"),
        (UpdateUserSetting(download_disable=2), "downloadDisable '2': expected 0 or 1"),
    ],
)
def test_a_value_without_sense_is_refused_by_name(wrong: UpdateUserSetting, why: str) -> None:
    with pytest.raises(BadValue, match=why):
        changed(AccountSettings(), wrong)
