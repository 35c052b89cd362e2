"""Render environments of accounts."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.renderbus_farm.heart.world import World

from renderbus_farm.rules.people import User
from renderbus_farm.rules.refusals import BadValue, MissingValue, NotFound
from renderbus_model.wire.plugin import ADD_RENDER_ENV, RenderEnv, RenderEnvItem, RenderEnvQuery

MAYA, BLENDER = 2000, 2007


def maya(name: str, *plugin_ids: int, version: str = "2020", **others: Any) -> RenderEnv:
    return RenderEnv(
        cg_id=MAYA, cg_name="maya", cg_version=version, edit_name=name, plugin_ids=plugin_ids, **others
    )


def every(world: World, by: User | None = None, **ask: Any) -> list[RenderEnvItem]:
    return world.environments.every(RenderEnvQuery(**ask), by=by or world.user)


def wobble(world: World) -> int:
    """The id of a plug-in for Maya 2020."""
    plugins = world.offers.detail(MAYA).cg_plugin
    return next(each for each in plugins if each.plugin_name == "wobble").plugin_versions[0].plugin_id


def test_an_environment_is_listed_as_it_was_added(world: World) -> None:
    assert world.environments.add(maya("tests", wobble(world), render_system=1), by=world.user).edit_name
    (item,) = every(world)
    assert (item.edit_name, item.cg_name, item.cg_version, item.os_name) == ("tests", "Maya", "2020", 1)
    assert [each.plugin_version for each in item.resp_user_plugin_info_vos] == ["wobble 0.9.5"]
    assert item.is_default == 0


def test_numbers_may_come_as_text(world: World) -> None:
    body = {
        "cgId": "2000",
        "cgName": "Maya",
        "cgVersion": 2018,
        "renderLayerType": "0",
        "editName": "tests",
        "renderSystem": "0",
        "pluginIds": [],
    }
    world.environments.add(ADD_RENDER_ENV.read_ask(body), by=world.user)
    assert every(world)[0].cg_version == "2018"


def test_adding_the_same_twice_is_harmless_and_another_of_that_name_is_refused(world: World) -> None:
    for _ in range(2):
        world.environments.add(maya("tests", wobble(world)), by=world.user)
    with pytest.raises(BadValue, match="'tests': another render environment has this name"):
        world.environments.add(maya("tests"), by=world.user)
    assert len(every(world)) == 1


def test_names_are_everybodys_own(world: World) -> None:
    eve = world.accounts.add("eve").user
    world.environments.add(maya("tests"), by=world.user)
    world.environments.add(maya("tests", version="2018"), by=eve)
    world.environments.remove("tests", by=eve)
    assert [item.cg_version for item in every(world)] == ["2020"]
    with pytest.raises(NotFound):
        world.environments.set_default("tests", by=eve)
    with pytest.raises(NotFound):
        world.environments.update(maya("tests"), by=eve)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (
            maya("tests", 4711, 4712),
            r"pluginIds 4711, 4712: no such .* Maya 2020; known are .*wobble",
        ),
        (maya("tests", version="1998"), r"cgVersion '1998': no such version of Maya; known are .*2020"),
        (maya("tests", render_system=2), "renderSystem 2"),
        (maya("tests", render_layer_type=2), "renderLayerType 2"),
        (maya("x" * 201), "editName"),
        (RenderEnv(cg_id=4711, cg_name="x", cg_version="1", edit_name="tests"), "cgId 4711"),
    ],
)
def test_what_the_farm_does_not_have_is_refused_by_name(world: World, wrong: RenderEnv, why: str) -> None:
    with pytest.raises(BadValue, match=why):
        world.environments.add(wrong, by=world.user)
    assert every(world) == []


def test_an_environment_needs_a_name(world: World) -> None:
    with pytest.raises(MissingValue, match="editName"):
        world.environments.add(maya("  "), by=world.user)


def test_a_plugin_of_another_version_is_refused(world: World) -> None:
    with pytest.raises(BadValue, match="for Maya 2018; known are 2703"):
        world.environments.add(maya("tests", wobble(world), version="2018"), by=world.user)


def test_an_update_replaces_what_was_there(world: World) -> None:
    world.environments.add(maya("tests", wobble(world)), by=world.user)
    world.environments.update(maya("tests", version="2018"), by=world.user)
    (item,) = every(world)
    assert (item.cg_version, item.resp_user_plugin_info_vos) == ("2018", [])
    with pytest.raises(NotFound, match="nobody"):
        world.environments.update(maya("nobody"), by=world.user)


def test_one_environment_of_each_application_is_the_default(world: World) -> None:
    world.environments.add(maya("a"), by=world.user)
    world.environments.add(maya("b"), by=world.user)
    blender = RenderEnv(cg_id=BLENDER, cg_name="Blender", cg_version="5.0.1", edit_name="c")
    world.environments.add(blender, by=world.user)
    for name in ("a", "c", "b", "b"):
        world.environments.set_default(name, by=world.user)
    assert {item.edit_name: item.is_default for item in every(world)} == {"a": 0, "b": 1, "c": 1}
    with pytest.raises(NotFound, match="render environment d"):
        world.environments.set_default("d", by=world.user)


def test_a_default_that_moves_to_another_application_is_none_there(world: World) -> None:
    world.environments.add(maya("a"), by=world.user)
    world.environments.set_default("a", by=world.user)
    world.environments.update(maya("a", version="2018"), by=world.user)
    assert every(world)[0].is_default == 1
    moved = RenderEnv(cg_id=BLENDER, cg_name="Blender", cg_version="5.0", edit_name="a")
    world.environments.update(moved, by=world.user)
    assert every(world)[0].is_default == 0


def test_environments_are_found_by_application_and_system(world: World) -> None:
    world.environments.add(maya("a", render_system=1), by=world.user)
    blender = RenderEnv(cg_id=BLENDER, cg_name="Blender", cg_version="5.0", edit_name="b")
    world.environments.add(blender, by=world.user)
    found = [
        [item.edit_name for item in every(world, **ask)]
        for ask in ({}, {"cg_id": MAYA}, {"cg_ids": [BLENDER, 4711]}, {"os_name": 1}, {"cg_id": 4711})
    ]
    assert found == [["a", "b"], ["a"], ["b"], ["a"], []]
    # An empty list is not signed, so whoever is in between could put one in or take it out.
    assert every(world, cg_ids=[]) == every(world)


def test_more_applications_than_there_are_is_a_mistake(world: World) -> None:
    with pytest.raises(BadValue, match="300000 applications; expected at most 1000"):
        every(world, cg_ids=list(range(300_000)))


def test_deleting_twice_is_harmless(world: World) -> None:
    world.environments.add(maya("a", wobble(world)), by=world.user)
    for _ in range(2):
        world.environments.remove("a", by=world.user)
    assert every(world) == []
