"""The large scenes that speed is measured with are scenes."""

from __future__ import annotations

from pathlib import Path

from benchmarks.enlarge_scenes import enlarge_hip, enlarge_project

from renderbus_model.clarisse_scene import ClarisseScene
from renderbus_model.houdini_scene import HoudiniScene
from renderbus_scenes.reader import read_as

DATA = Path(__file__).parents[2] / "data"


def test_a_houdini_scene_holds_what_its_sources_hold_several_times(tmp_path: Path) -> None:
    names = ("sphere.hip", "blind_spots.hip", "blind_spots.hiplc")
    enlarge_hip([DATA / "houdini" / name for name in names], tmp_path / "big.hip", 600_000)
    found = read_as(HoudiniScene, (tmp_path / "big.hip").read_bytes())
    once = [read_as(HoudiniScene, (DATA / "houdini" / name).read_bytes()) for name in names[:2]]
    assert len(found.drivers) == 3 * sum(len(each.drivers) for each in once)
    assert {"/out/0_0_mantra1", "/out/2_1_ris1"} <= {each.node for each in found.drivers}


def test_a_clarisse_project_holds_its_objects_several_times(tmp_path: Path) -> None:
    names = ("kubix_demo.project", "made_up.project")
    enlarge_project([DATA / "clarisse" / name for name in names], tmp_path / "big.project", 150_000)
    found = read_as(ClarisseScene, (tmp_path / "big.project").read_bytes())
    assert len(found.images) == 1
    assert len(found.references) > 20
    assert found.fps == 1.0
