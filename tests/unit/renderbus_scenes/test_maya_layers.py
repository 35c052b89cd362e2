"""Render setup of Maya scenes: layers in their order, with what each of them overrides."""

from __future__ import annotations

from renderbus_model.maya_scene import LayerKind, MayaLayer, MayaScene
from renderbus_scenes.maya_ascii import read_maya_ascii

HEAD = "//Maya ASCII 2023 scene\n//Codeset: UTF-8\n"

SETUP = """
createNode camera -n "shotShape" -p "shot";
createNode camera -n "wideShape" -p "wide";
	setAttr ".rnd" no;
createNode renderLayer -n "defaultRenderLayer";
	setAttr ".g" yes;
	setAttr ".rndr" no;
createNode renderSetup -n "renderSetup";
createNode renderSetupLayer -n "front";
createNode renderSetupLayer -n "back";
createNode renderLayer -n "rs_back";
createNode renderLayer -n "rs_front";
createNode renderSettingsCollection -n "settings";
createNode absUniqueOverride -n "end";
	addAttr -ci true -sn "atv" -ln "attrValue" -at "time";
	setAttr ".atr" -type "string" "endFrame";
	setAttr ".tgName" -type "string" "defaultRenderGlobals";
	setAttr ".atv" 30;
createNode relUniqueOverride -n "start";
	setAttr ".atr" -type "string" "startFrame";
	setAttr ".tgName" -type "string" "defaultRenderGlobals";
	setAttr ".mul" 2;
	setAttr ".ofs" 3;
createNode absUniqueOverride -n "width";
	addAttr -ci true -sn "atv" -ln "attrValue" -dv 2048 -at "long";
	setAttr ".atr" -type "string" "width";
	setAttr ".tgName" -type "string" "defaultResolution";
createNode absUniqueOverride -n "off";
	setAttr ".atr" -type "string" "height";
	setAttr ".tgName" -type "string" "defaultResolution";
	setAttr ".atv" 99;
	setAttr ".sen" no;
createNode collection -n "cameras";
createNode simpleSelector -n "camerasSelector";
	setAttr ".ssl" -type "string" "|shot|shotShape";
createNode absOverride -n "hidden";
	setAttr ".atr" -type "string" "renderable";
createNode collection -n "wides";
createNode simpleSelector -n "widesSelector";
	setAttr ".pat" -type "string" "wide*";
createNode absOverride -n "shown";
	setAttr ".atr" -type "string" "renderable";
	setAttr ".atv" yes;
select -ne :defaultRenderGlobals;
	setAttr ".fs" 10;
connectAttr "renderLayerManager.rlmi[0]" "defaultRenderLayer.rlid";
connectAttr "renderLayerManager.rlmi[1]" "rs_back.rlid";
connectAttr "renderLayerManager.rlmi[2]" "rs_front.rlid";
connectAttr "front.msg" "renderSetup.frl";
connectAttr "back.msg" "renderSetup.lrl";
connectAttr "rs_front.msg" "front.lrl";
connectAttr "rs_back.msg" "back.lrl";
connectAttr "front.nxt" "back.prv";
connectAttr "renderSetup.lit" "front.pls";
connectAttr "renderSetup.lit" "back.pls";
connectAttr "back.lit" "settings.pls";
connectAttr "settings.lit" "end.pls";
connectAttr "settings.lit" "start.pls";
connectAttr "settings.lit" "width.pls";
connectAttr "settings.lit" "off.pls";
connectAttr "back.lit" "cameras.pls";
connectAttr "camerasSelector.c" "cameras.sel";
connectAttr "cameras.lit" "hidden.pls";
connectAttr "back.lit" "wides.pls";
connectAttr "widesSelector.c" "wides.sel";
connectAttr "wides.lit" "shown.pls";
// End of shot.ma
"""


def layers(body: str = SETUP) -> dict[str, MayaLayer]:
    return {each.name: each for each in scene(body).layers}


def scene(body: str) -> MayaScene:
    return read_maya_ascii((HEAD + body).encode())


def test_layers_of_render_setup_come_in_its_own_order() -> None:
    assert [(each.name, each.setup_name, each.kind) for each in layers().values()] == [
        ("defaultRenderLayer", "", LayerKind.LEGACY),
        ("rs_front", "front", LayerKind.SETUP),
        ("rs_back", "back", LayerKind.SETUP),
    ]
    assert scene(SETUP).render_setup


def test_the_default_layer_may_be_off() -> None:
    assert [each.renderable for each in layers().values()] == [False, True, True]


def test_an_absolute_override_puts_its_value_in_place() -> None:
    assert (layers()["rs_front"].settings.end, layers()["rs_back"].settings.end) == (None, 30.0)


def test_a_relative_override_multiplies_and_adds() -> None:
    assert layers()["rs_back"].settings.start == 23.0


def test_an_override_without_a_value_has_the_default_of_its_attribute() -> None:
    assert layers()["rs_back"].settings.width == 2048


def test_an_override_that_is_switched_off_does_nothing() -> None:
    assert layers()["rs_back"].settings.height is None


def test_collections_switch_cameras_by_path_and_by_pattern() -> None:
    assert layers()["rs_front"].cameras == ("shotShape",)
    assert layers()["rs_back"].cameras == ("wideShape",)


def test_a_relative_override_starts_from_mayas_default_where_nothing_is_written() -> None:
    without = SETUP.replace('\tsetAttr ".fs" 10;\n', "")
    assert layers(without)["rs_back"].settings.start == 5.0  # 1 * 2 + 3


def test_a_circle_among_layers_ends() -> None:
    circle = SETUP.replace('"renderSetup.lit" "front.pls"', '"settings.lit" "front.pls"').replace(
        "// End", 'connectAttr "back.nxt" "front.prv";\nconnectAttr "front.lit" "back.pls";\n// End'
    )
    assert len(layers(circle)) == 3
