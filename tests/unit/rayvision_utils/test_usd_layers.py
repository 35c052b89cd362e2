"""What USD layers name is needed too."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from pxr import Sdf

from rayvision_utils.look_up import LookUp
from rayvision_utils.scene_files import LookedUp, SceneFiles
from rayvision_utils.usd_layers import follow_layers
from rayvision_utils.whereabouts import Habits
from renderbus_model.scene import Kind, Reference
from renderbus_scenes.usd_text import asset_paths


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("#usda 1.0\nsubLayers = [\n @./a.usda@,\n @b.usdc@ (offset = 1)\n]", ["./a.usda", "b.usdc"]),
        ('def "x" (references = @@@a@1.usda@@@</x>) {}', ["a@1.usda"]),
        ('string s = "mail me @ home @ noon"\nasset a = @t.<UDIM>.png@', ["t.<UDIM>.png"]),
        ('doc = """a\n@no@\n"""\n# @no@\nasset a = @@', []),
        ('string s = "never ends\nasset a = @t.png@', ["t.png"]),
        ("@" * 50_000, []),
        ('"' + '\\"' * 200_000 + "\n@t.png@", ["t.png"]),
    ],
)
def test_paths_of_a_layer_in_text_are_found(text: str, paths: list[str]) -> None:
    assert list(asset_paths(text.encode())) == paths


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    """Layers that name each other, with a texture, a missing file and a circle."""
    files = {
        "usd/set.usda": "#usda 1.0\n(subLayers = [@./parts/tree.usda@])\nasset a = @tex/wood.png@\n",
        "usd/parts/tree.usda": "#usda 1.0\nreferences = @../set.usda@\npayload = @./gone.usda@\nx = @mtlx@\n",
        "usd/tex/wood.png": "x",
        "usd/binary.usd": "PXR-USDC",
        "usd/broken.usda": "hello",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path / "usd"


def followed(stage: Path, name: str) -> SceneFiles:
    reference = Reference("/stage/ref", "reference", "filepath1", name, Kind.USD)
    files = SceneFiles(looked_up=[LookedUp(reference, "", (str(stage / name),), "")])
    follow_layers(files, LookUp(Habits()), {})
    return files


def test_layers_are_followed_once_each(stage: Path) -> None:
    files = followed(stage, "set.usda")
    assert {Path(each.local).name for each in files.assets.values()} == {"tree.usda", "wood.png", "set.usda"}
    (missing,) = files.missing
    assert (missing.reference.path, Path(missing.library).name) == ("./gone.usda", "tree.usda")
    assert files.not_followed == []


def test_a_layer_that_cannot_be_looked_into_is_told(stage: Path) -> None:
    assert "is no USD layer" in followed(stage, "broken.usda").not_followed[0]


@pytest.fixture
def binary(stage: Path) -> Path:
    """A layer as OpenUSD itself writes it: a sublayer, a payload, a texture."""
    layer = Sdf.Layer.CreateNew(str(stage / "binary.usdc"))
    layer.subLayerPaths.append("./parts/tree.usda")
    prim = Sdf.CreatePrimInLayer(layer, "/tree")
    prim.payloadList.Prepend(Sdf.Payload("./gone.usdc"))
    texture = Sdf.AttributeSpec(prim, "file", Sdf.ValueTypeNames.Asset)
    texture.default = Sdf.AssetPath("./tex/wood.png")
    layer.Save()
    assert Path(layer.realPath).read_bytes().startswith(b"PXR-USDC")
    return stage


def test_a_binary_layer_is_looked_into_by_openusd(binary: Path) -> None:
    files = followed(binary, "binary.usdc")
    found = {Path(each.local).name for each in files.assets.values()}
    assert found == {"tree.usda", "wood.png", "set.usda"}
    assert {each.reference.path for each in files.missing} == {"./gone.usda", "./gone.usdc"}
    assert files.not_followed == []


def test_a_damaged_binary_layer_is_told(stage: Path) -> None:
    assert "is a damaged USD layer" in followed(stage, "binary.usd").not_followed[0]


def test_without_openusd_a_binary_layer_is_told(binary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pxr.Sdf", None)
    assert "usd-core" in followed(binary, "binary.usdc").not_followed[0]
