"""Which farm a command speaks to, and the file that remembers it."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from renderbus_cli.options import FarmOptions
from renderbus_cli.problems import Exit, Problem
from renderbus_cli.session import Account, OwnFarm, choose, config_file, read_config, save_profile

STUDIO = Account("https://farm.studio.example", "studio-id", "studio-key")
LOCAL = Account("http://127.0.0.1:8800", "local-id", 'key with "quotes" and \\')


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Where the configuration file is in these tests; it does not exist yet."""
    return tmp_path / "config" / "config.toml"


def environment(config: Path, **more: str) -> dict[str, str]:
    """The environment of a user whose configuration file is ``config``."""
    return {"RENDERBUS_CONFIG": str(config), **more}


def test_without_any_configuration_this_machine_renders(config: Path) -> None:
    assert isinstance(choose(FarmOptions(), environment(config)), OwnFarm)


def test_the_only_profile_is_used(config: Path) -> None:
    save_profile(config, "studio", STUDIO)
    chosen = choose(FarmOptions(), environment(config))
    assert isinstance(chosen, Account)
    assert (chosen.url, chosen.access_id, chosen.access_key) == (
        STUDIO.url,
        STUDIO.access_id,
        STUDIO.access_key,
    )


def test_embedded_wins_over_every_configuration(config: Path, tmp_path: Path) -> None:
    save_profile(config, "studio", STUDIO)
    assert isinstance(choose(FarmOptions(embedded=True), environment(config)), OwnFarm)
    assert choose(FarmOptions(data=tmp_path / "d"), environment(config)) == OwnFarm(tmp_path / "d")


def test_of_several_profiles_one_has_to_be_chosen(config: Path) -> None:
    save_profile(config, "studio", STUDIO)
    save_profile(config, "local", LOCAL)
    with pytest.raises(Problem, match="studio, local"):
        choose(FarmOptions(), environment(config))
    by_option = choose(FarmOptions(profile="local"), environment(config))
    by_variable = choose(FarmOptions(), environment(config, RENDERBUS_PROFILE="local"))
    config.write_text('default = "local"\n' + config.read_text())
    by_default = choose(FarmOptions(), environment(config))
    assert [chosen.url for chosen in (by_option, by_variable, by_default) if isinstance(chosen, Account)] == [
        LOCAL.url
    ] * 3


def test_an_unknown_profile_is_told_with_the_known_ones(config: Path) -> None:
    save_profile(config, "studio", STUDIO)
    with pytest.raises(Problem, match=r"no profile 'home'.*studio") as caught:
        choose(FarmOptions(profile="home"), environment(config))
    assert caught.value.status is Exit.USAGE


def test_the_environment_names_a_farm_and_its_keys(config: Path) -> None:
    given = environment(
        config,
        RENDERBUS_URL="http://farm:8800/",
        RAYVISION_API_ACCESS_ID="id",
        RAYVISION_API_KEY="key",
    )
    chosen = choose(FarmOptions(), given)
    assert isinstance(chosen, Account)
    assert (chosen.url, chosen.access_id, chosen.access_key) == ("http://farm:8800", "id", "key")


def test_a_farm_in_the_environment_without_its_key_is_told(config: Path) -> None:
    given = environment(config, RENDERBUS_URL="http://farm:8800", RAYVISION_API_ACCESS_ID="id")
    with pytest.raises(Problem, match="RAYVISION_API_KEY is not set"):
        choose(FarmOptions(), given)


def test_an_address_that_is_none_is_told(config: Path) -> None:
    given = environment(
        config, RENDERBUS_URL="farm:8800", RAYVISION_API_ACCESS_ID="id", RAYVISION_API_KEY="key"
    )
    with pytest.raises(Problem, match="RENDERBUS_URL: 'farm:8800' is no address"):
        choose(FarmOptions(), given)


def test_a_profile_that_lacks_its_key_is_told(config: Path) -> None:
    config.parent.mkdir()
    config.write_text('[profiles.studio]\nurl = "http://farm:8800"\naccess_id = "id"\n')
    with pytest.raises(Problem, match="lacks access_key"):
        choose(FarmOptions(), environment(config))


def test_a_configuration_file_that_is_no_toml_is_told_and_never_overwritten(config: Path) -> None:
    config.parent.mkdir()
    config.write_text("profiles = [\n")
    with pytest.raises(Problem, match="cannot read the configuration file"):
        save_profile(config, "studio", STUDIO)
    assert config.read_text() == "profiles = [\n"


@pytest.mark.parametrize("name", ["studio", "Zoë's farm", 'with "quotes"', "a.b", "東京"])
def test_a_saved_profile_reads_back(config: Path, name: str) -> None:
    save_profile(config, name, LOCAL)
    assert read_config(config)["profiles"] == {
        name: {"url": LOCAL.url, "access_id": LOCAL.access_id, "access_key": LOCAL.access_key}
    }


def test_saving_a_profile_leaves_the_rest_of_the_file_as_it_was(config: Path) -> None:
    config.parent.mkdir()
    config.write_text(
        '# mine\ndefault = "studio"\n\n[profiles.local]\nurl = "http://old"\naccess_id = "old"\n'
        'access_key = "old"\n\n[profiles.studio] # the big one\nurl = "https://s"\naccess_id = "i"\n'
        'access_key = "k"\n'
    )
    save_profile(config, "local", LOCAL)
    found = read_config(config)
    assert found["default"] == "studio"
    assert found["profiles"]["studio"]["url"] == "https://s"
    assert found["profiles"]["local"]["url"] == LOCAL.url
    assert "# mine" in config.read_text()
    assert "# the big one" in config.read_text()
    assert "http://old" not in config.read_text()


def test_nobody_else_may_read_the_keys(config: Path) -> None:
    save_profile(config, "studio", STUDIO)
    assert config.stat().st_mode & 0o777 == 0o600
    config.chmod(0o644)
    save_profile(config, "local", LOCAL)
    assert config.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in config.parent.iterdir()] == ["config.toml"]


def test_a_configuration_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Problem) as caught:
        save_profile(tmp_path / "file" / "config.toml", "studio", STUDIO)
    assert str(tmp_path / "file" / "config.toml") in caught.value.message


def test_a_key_never_appears_in_the_text_of_an_account() -> None:
    assert "studio-key" not in repr(STUDIO)


def test_the_configuration_file_is_in_the_user_s_folder() -> None:
    assert config_file({}).parts[-2:] == ("renderbus", "config.toml")


@pytest.mark.parametrize(
    ("given", "typed"),
    [
        (FarmOptions(), ""),
        (FarmOptions(profile="studio"), " --profile studio"),
        (FarmOptions(embedded=True), " --embedded"),
        (FarmOptions(embedded=True, data=Path("/srv/my farm")), " --data '/srv/my farm'"),
        (FarmOptions(data=Path("farm")), f" --data {shlex.quote(str(Path.cwd() / 'farm'))}"),
    ],
)
def test_a_farm_can_be_named_again_in_the_next_command(given: FarmOptions, typed: str) -> None:
    assert given.again() == typed
