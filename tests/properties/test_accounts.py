"""Laws of accounts' settings, and of the address that transmitters are sent to."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from renderbus_farm.rules.people import AccountSettings
from renderbus_farm.rules.settings import changed, shown
from renderbus_farm.rules.transmitters import address
from renderbus_model.wire.user import UpdateUserSetting

settings = st.builds(
    AccountSettings,
    task_over_time_s=st.integers(1, 10**8),
    auto_commit=st.booleans(),
    single_node_render_frames=st.integers(1, 1000),
    max_ignore_map_flag=st.booleans(),
    manually_start_analysis=st.booleans(),
    download_disable=st.booleans(),
    use_level_directory=st.booleans(),
    sub_delete_task=st.booleans(),
)


@given(settings, settings)
def test_settings_that_are_sent_back_as_they_were_shown_hold(
    chosen: AccountSettings, before: AccountSettings
) -> None:
    told = shown(chosen)
    ask = UpdateUserSetting(
        task_over_time_sec=told.task_over_time_sec,
        auto_commit=told.auto_commit,
        single_node_render_frames=told.single_node_render_frames,
        max_ignore_map_flag=told.max_ignore_map_flag,
        manually_start_analysis_flag=told.manually_start_analysis_flag,
        download_disable=told.download_disable,
        use_level_directory=int(chosen.use_level_directory),  # the profile shows it
        sub_delete_task=told.sub_delete_task,
    )
    assert changed(before, ask) == chosen


@given(st.one_of(st.text(), st.from_regex(r"[a-z.]{1,20}(:[0-9]{1,6})?", fullmatch=True)))
def test_whatever_the_host_header_says_transmitters_get_an_address(host: str) -> None:
    name, port = address((), host)
    assert name
    assert not set(name) & set(" /@?#\r\n")
    assert 0 < port < 1 << 16
