"""Users, their keys, settings and signatures."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from tests.unit.renderbus_farm.heart.world import World

from renderbus_farm.accounts import Accounts
from renderbus_farm.keys import BadKeyFile, KeyBox, WrongKey
from renderbus_farm.rules.people import AccountSettings
from renderbus_farm.rules.refusals import BadValue
from renderbus_farm.store import accounts
from renderbus_model.wire.user import UpdateUserSetting


def test_an_account_is_found_by_its_access_id(world: World) -> None:
    made = world.accounts.add("bob", allow_scripts=True)
    found = world.accounts.find(made.user.access_id)
    assert found is not None
    assert (found.user, found.access_key) == (made.user, made.access_key)
    assert found.user.allow_scripts
    assert world.accounts.find("nobody") is None


def test_no_key_can_be_read_from_the_database_file(world: World) -> None:
    made = world.accounts.add("bob")
    world.close()
    for file in world.folder.glob("farm.sqlite3*"):
        assert made.access_key.encode() not in file.read_bytes()


def test_another_farms_key_opens_nothing(world: World, tmp_path: Path) -> None:
    stranger = Accounts(world.database, KeyBox.at(tmp_path / "other.key"))
    with pytest.raises(WrongKey, match="put the right file back"):
        stranger.find(world.user.access_id)


def test_the_key_file_is_its_owners_alone_and_stays_the_same(tmp_path: Path) -> None:
    path = tmp_path / "farm.key"
    sealed = KeyBox.at(path).seal("secret")
    assert path.stat().st_mode & 0o777 == 0o600
    again = KeyBox.at(path)
    assert again.open(sealed) == "secret"
    assert again.derived("a") != again.derived("b")
    assert len(again.derived("a")) == 32


def test_a_key_file_that_holds_no_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "farm.key"
    path.write_text("hello")
    with pytest.raises(BadKeyFile, match="holds no farm key"):
        KeyBox.at(path)


@pytest.mark.parametrize("name", ["", "  ", "ada", "x" * 300, "a\nb"])
def test_a_name_must_be_printable_and_new(world: World, name: str) -> None:
    with pytest.raises(BadValue):
        world.accounts.add(name)


def test_a_farm_knows_whether_it_has_users(world: World) -> None:
    assert world.accounts.any()


def test_the_three_answers_of_the_login_fit_together(world: World) -> None:
    profile = world.accounts.profile(by=world.user)
    assert (profile.user_id, profile.user_name) == (world.user.id, "ada")
    assert world.accounts.setting(by=world.user).task_over_time_sec == 43200
    bids = world.accounts.transfer_bid(by=world.user)
    assert len({bids.config_bid, bids.input_bid, bids.output_bid}) == 3


def test_what_an_account_chose_is_told_at_its_login(world: World) -> None:
    world.accounts.change_setting(
        UpdateUserSetting(task_over_time_sec=7200, auto_commit="1", download_disable=1), by=world.user
    )
    world.accounts.change_setting(UpdateUserSetting(single_node_render_frames="5"), by=world.user)
    setting = world.accounts.setting(by=world.user)
    assert (setting.task_over_time, setting.task_over_time_sec) == (2, 7200)
    assert (setting.auto_commit, setting.single_node_render_frames) == ("1", "5")
    assert setting.download_disable == world.accounts.profile(by=world.user).download_disable == 1
    with world.database.reading() as db:
        kept = accounts.settings(db, world.user.id)
    assert kept == AccountSettings(
        7200, auto_commit=False, single_node_render_frames=5, download_disable=True
    )


def test_settings_are_everybodys_own(world: World) -> None:
    world.accounts.change_setting(UpdateUserSetting(task_over_time_sec=60), by=world.user)
    assert world.accounts.setting(by=world.accounts.add("eve").user).task_over_time_sec == 43200


def test_a_transfer_key_is_the_accounts_own_and_tells_nothing_of_its_access_key(world: World) -> None:
    made = world.accounts.add("bob")
    key = world.accounts.transfer_key(by=made.user)
    assert key == world.accounts.transfer_key(by=made.user)
    assert len(key.ray_sync_user_key) == 40
    assert key.ray_sync_user_key != world.accounts.transfer_key(by=world.user).ray_sync_user_key
    assert made.access_key not in msgspec.json.encode(key).decode()
