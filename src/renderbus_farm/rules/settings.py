"""What an account may choose for all of its tasks, and how the API shows it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from renderbus_farm.rules.people import AccountSettings
from renderbus_farm.rules.refusals import BadValue
from renderbus_model.wire.user import UpdateUserSetting, UserSetting

LONGEST_OVER_TIME_S = 10 * 365 * 86400
MOST_FRAMES_A_NODE = 1000

_WAITS, _STARTS = 1, 2  # autoCommit


def changed(settings: AccountSettings, ask: UpdateUserSetting) -> AccountSettings:
    """The settings once what is given is changed; what is left out stays.

    >>> changed(AccountSettings(), UpdateUserSetting(task_over_time_sec=3600)).task_over_time_s
    3600

    Raises:
        BadValue: a value makes no sense; then nothing is changed.
    """
    found: dict[str, Any] = {
        "task_over_time_s": _number("taskOverTimeSec", ask.task_over_time_sec, 1, LONGEST_OVER_TIME_S),
        "auto_commit": _one_of("autoCommit", ask.auto_commit, {_WAITS: False, _STARTS: True}),
        "single_node_render_frames": _number(
            "singleNodeRenderFrames", ask.single_node_render_frames, 1, MOST_FRAMES_A_NODE
        ),
        "max_ignore_map_flag": _switch("maxIgnoreMapFlag", ask.max_ignore_map_flag),
        "manually_start_analysis": _switch("manuallyStartAnalysisFlag", ask.manually_start_analysis_flag),
        "download_disable": _switch("downloadDisable", ask.download_disable),
        "use_level_directory": _switch("useLevelDirectory", ask.use_level_directory),
        "sub_delete_task": _switch("subDeleteTask", ask.sub_delete_task),
    }
    return replace(settings, **{name: value for name, value in found.items() if value is not None})


def shown(settings: AccountSettings) -> UserSetting:
    """The settings as a client reads them when it logs in."""
    return UserSetting(
        sub_delete_task=int(settings.sub_delete_task),
        single_node_render_frames=str(settings.single_node_render_frames),
        max_ignore_map_flag=str(int(settings.max_ignore_map_flag)),
        auto_commit=str(auto_commit(settings)),
        manually_start_analysis_flag=int(settings.manually_start_analysis),
        download_disable=int(settings.download_disable),
        task_over_time=round(settings.task_over_time_s / 3600),
        task_over_time_sec=settings.task_over_time_s,
    )


def auto_commit(settings: AccountSettings) -> int:
    """``autoCommit``: 1 submitted tasks wait for a start, 2 they render at once."""
    return _STARTS if settings.auto_commit else _WAITS


def _number(name: str, value: int | str | None, least: int, most: int) -> int | None:
    if value is None:
        return None
    try:
        number = int(value)
    except ValueError:
        number = least - 1
    if not least <= number <= most:
        raise BadValue(f"{name} {str(value)[:40]!r}: expected a whole number from {least} to {most}")
    return number


def _one_of(name: str, value: int | str | None, meanings: dict[int, bool]) -> bool | None:
    if value is None:
        return None
    for number, meaning in meanings.items():
        if str(value).strip() == str(number):
            return meaning
    expected = " or ".join(str(number) for number in meanings)
    raise BadValue(f"{name} {str(value)[:40]!r}: expected {expected}")


def _switch(name: str, value: int | str | None) -> bool | None:
    return _one_of(name, value, {0: False, 1: True})
