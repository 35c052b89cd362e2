"""Files of a scene are looked for below a root alone where both were uploaded."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rayvision_utils.disk import Disk
from rayvision_utils.look_up import LookUp
from rayvision_utils.whereabouts import Habits, why_nowhere
from renderbus_model.scene import Kind, Reference, Spread


def reference(path: str, spread: Spread = Spread.ONE) -> Reference:
    return Reference("wood", "file", "ftn", path, Kind.TEXTURE, spread=spread)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with a few files, and a file beside it."""
    files = tmp_path / "files"
    for path in (
        "D/Film/tex/wood.png",
        "srv/share/oak.1001.exr",
        "srv/share/oak.1002.exr",
        "home/ada/elm.png",
    ):
        (files / path).parent.mkdir(parents=True, exist_ok=True)
        (files / path).write_bytes(b"pixels")
    (tmp_path / "outside.png").write_bytes(b"pixels")
    return files


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("D:/film/TEX/Wood.png", ["D/Film/tex/wood.png"]),
        (r"d:\Film\tex\wood.png", ["D/Film/tex/wood.png"]),
        ("tex/wood.png", ["D/Film/tex/wood.png"]),
        ("//srv/share/oak.<UDIM>.exr", ["srv/share/oak.1001.exr", "srv/share/oak.1002.exr"]),
        (r"\\srv\share\oak.<UDIM>.exr", ["srv/share/oak.1001.exr", "srv/share/oak.1002.exr"]),
        ("/home/ada/elm.png", ["home/ada/elm.png"]),
        ("/etc/passwd", []),
        ("../../../outside.png", []),
        ("../../../../../../../../../../etc/passwd", []),
    ],
)
def test_paths_mean_what_they_mean_on_the_farm(root: Path, path: str, found: list[str]) -> None:
    spread = Spread.TILES if "<UDIM>" in path else Spread.ONE
    folder = str(root / "D" / "Film")
    answer = LookUp(Habits(root=str(root))).find(reference(path, spread), folder, {})
    assert [asset.local for asset in answer.assets] == [str(root / each) for each in found]


def test_the_farms_own_disk_is_not_seen_though_the_path_is_right(root: Path) -> None:
    outside = reference(str(root.parent / "outside.png"))
    assert LookUp(Habits()).find(outside, str(root), {}).assets
    assert not LookUp(Habits(root=str(root))).find(outside, str(root), {}).assets


def test_a_path_of_windows_leads_somewhere_below_a_root() -> None:
    assert why_nowhere("D:/tex/a.png", Habits())
    assert why_nowhere("D:/tex/a.png", Habits(root="/files")) == ""


@given(st.lists(st.sampled_from(["..", ".", "tex", "files", "", "D:", "\\\\srv"]), max_size=12))
def test_no_path_leads_out_of_the_root(parts: list[str]) -> None:
    root = "/farm/analyses/7/files"
    for begin in ("/", "", f"{root}/", "/farm/analyses/7/"):
        place = Disk(windows=False, root=root)._within(begin + "/".join(parts))
        assert PurePosixPath(place).is_relative_to(root)
        assert ".." not in PurePosixPath(place).parts
