"""The catalogue of software, and the kinds of nodes."""

from __future__ import annotations

import pytest
from tests.unit.renderbus_farm.heart.world import World, node

from renderbus_farm.rules.refusals import NotFound
from renderbus_farm.rules.work import Node
from renderbus_farm.store import catalogue
from renderbus_model.wire.hardware import HardwareQuery
from renderbus_model.wire.plugin import SoftwareDetail
from renderbus_model.wire.user import UpdateUserSetting

MAYA, BLENDER = 2000, 2007


def versions(detail: SoftwareDetail) -> list[str]:
    return [version.cg_version for version in detail.cg_version]


def big_node(name: str = "w-02") -> Node:
    return Node(name, 2, 63.6, {BLENDER: "5.0.1"}, frozenset({"CYCLES"}), "AMD EPYC 7B13")


def test_software_is_listed_with_what_the_account_chose(world: World) -> None:
    world.accounts.change_setting(UpdateUserSetting(auto_commit="1"), by=world.user)
    found = world.offers.software(by=world.user)
    assert (found.is_auto_commit, found.default_cg_id) == (1, BLENDER)
    assert {kind.cg_id: kind.cg_type for kind in found.render_info_list}[MAYA] == "ma;mb"


def test_versions_are_listed_as_users_write_them(world: World) -> None:
    blender = versions(world.offers.detail(BLENDER))
    assert {"4.2", "5.0", "5.0.1"} <= set(blender)
    assert {"2018", "2020"} <= set(versions(world.offers.detail(MAYA)))
    assert {"17.5", "17.5.293"} <= set(versions(world.offers.detail(2004)))
    assert "clarisse_ifx_4.0_sp3" in versions(world.offers.detail(2013))
    assert len(set(blender)) == len(blender)


def test_an_application_that_nobody_knows_has_no_versions(world: World) -> None:
    assert world.offers.detail(4711) == SoftwareDetail(cg_plugin=[], cg_version=[])


def test_a_plugin_names_the_version_that_it_is_for(world: World) -> None:
    detail = world.offers.detail(MAYA)
    wobble = next(plugin for plugin in detail.cg_plugin if plugin.plugin_name == "wobble")
    of = next(version for version in detail.cg_version if version.id == wobble.cv_id)
    assert (of.cg_name, of.cg_version) == ("Maya", "2020")
    assert wobble.plugin_versions[0].plugin_version == "wobble 0.9.5"
    assert wobble.plugin_versions[0].plugin_id == 1166  # as the document prints it


def test_a_new_nodes_version_is_listed_and_keeps_its_id_when_the_node_goes(world: World) -> None:
    before = world.offers.detail(BLENDER)
    world.executor.all_nodes.append(Node("w-02", 2, 64.0, {BLENDER: "6.1.2"}))
    grown = world.offers.detail(BLENDER)
    assert versions(grown) == [*versions(before), "6.1", "6.1.2"]
    world.executor.all_nodes.pop()
    world.restart()
    assert world.offers.detail(BLENDER) == grown


def test_nodes_that_are_alike_are_one_kind_of_hardware(world: World) -> None:
    world.executor.all_nodes[:] = [big_node("w-02"), big_node("w-03")]
    (kind,) = world.offers.hardware(HardwareQuery(), by=world.user)
    assert (kind.type, kind.model, kind.ram, kind.gpu_num) == (1, "AMD EPYC 7B13", "64GB", None)
    assert (kind.platform, kind.status, kind.current) == (2, 1, False)
    assert kind.id == world.offers.hardware(HardwareQuery(), by=world.user)[0].id


def test_hardware_says_what_it_does_not_render(world: World) -> None:
    (kind,) = world.offers.hardware(HardwareQuery(), by=world.user)
    assert MAYA in kind.not_support_cg_id
    assert BLENDER not in kind.not_support_cg_id
    newer = {each.cg_version_name for each in kind.not_support_cg_versions if each.cg_id == BLENDER}
    assert newer == {"5.1"}


def test_graphics_cards_are_counted(world: World) -> None:
    world.executor.all_nodes[:] = [Node("g-01", 2, 128.0, {BLENDER: "5.0.1"}, model="RTX 4090", gpus=2)]
    (kind,) = world.offers.hardware(HardwareQuery(), by=world.user)
    assert (kind.type, kind.gpu_num) == (2, "2")


def test_a_node_that_still_starts_says_nothing_about_itself(world: World) -> None:
    world.executor.all_nodes[:] = [Node("w-01", 0, 0.0, {})]
    assert world.offers.hardware(HardwareQuery(), by=world.user) == []


def test_hardware_of_nodes_that_are_gone_can_only_be_chosen_while_others_start(world: World) -> None:
    (there,) = world.offers.hardware(HardwareQuery(), by=world.user)
    statuses = []
    for nodes in ([], [Node("w-01", 0, 0.0, {})]):
        world.executor.all_nodes[:] = nodes
        (kind,) = world.offers.hardware(HardwareQuery(), by=world.user)
        assert (kind.id, kind.model, kind.ram) == (there.id, there.model, there.ram)
        assert (kind.not_support_cg_id, kind.not_support_cg_versions) == ((), ())
        statuses.append(kind.status)
    assert statuses == [0, 1]


def test_hardware_marks_what_a_task_chose(world: World) -> None:
    world.executor.all_nodes.append(big_node())
    task_id = world.new_task()
    chosen = world.offers.hardware(HardwareQuery(), by=world.user)[1].id
    with world.database.writing() as db:
        catalogue.choose_hardware(db, [task_id], [chosen])
    found = world.offers.hardware(HardwareQuery(task_ids=[task_id]), by=world.user)
    assert [kind.id for kind in found if kind.current] == [chosen]
    eve = world.accounts.add("eve").user
    with pytest.raises(NotFound):
        world.offers.hardware(HardwareQuery(task_ids=[task_id]), by=eve)


def test_a_farm_is_for_the_application_that_most_nodes_render(world: World) -> None:
    world.executor.all_nodes[:] = [node("a", cg_id=MAYA), node("b", cg_id=MAYA), node("c")]
    assert world.offers.software(by=world.user).default_cg_id == MAYA
