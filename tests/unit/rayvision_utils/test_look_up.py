"""Where files may lie that a scene names, and which of the places holds them."""

from __future__ import annotations

from pathlib import Path

import pytest

from rayvision_utils.look_up import LookUp
from rayvision_utils.variables import expanded
from rayvision_utils.whereabouts import Habits, places
from renderbus_model.scene import Kind, Reference, Spread


def reference(path: str, spread: Spread = Spread.ONE) -> Reference:
    return Reference("/obj/n", "file", "file", path, Kind.CACHE, spread=spread)


@pytest.mark.parametrize(
    ("path", "values", "found", "unknown"),
    [
        ("$HIP/a", {"HIP": "/s"}, "/s/a", ()),
        ("${HIP}a", {"HIP": "/s"}, "/sa", ()),
        ("$HIPNAME_v2/a", {"HIPNAME": "x"}, "$HIPNAME_v2/a", ("HIPNAME_v2",)),
        ("$A/x", {"A": "$B/y", "B": "/b"}, "/b/y/x", ()),
        ("$A/x", {"A": "$A/y"}, None, ("A",)),
        ("%SHOW%/a", {"SHOW": "D:/show"}, "D:/show/a", ()),
        ("~/a", {"HOME": "/home/ann"}, "/home/ann/a", ()),
        ("~/a", {}, "~/a", ("HOME",)),
        ("$F4.$SF.$WEDGE.${F}.$4F", {}, "$F4.$SF.$WEDGE.${F}.$4F", ()),
        ("a.$F4", {"F4": "no"}, "a.$F4", ()),
        ("100%/a$", {}, "100%/a$", ()),
        ("$A/x", {"A": "y" * 5000}, "$A/x", ("A",)),
        ("$A" * 1000, {"A": "$A" * 1000}, None, ()),
    ],
)
def test_variables_are_replaced_and_those_without_a_value_are_told(
    path: str, values: dict[str, str], found: str | None, unknown: tuple[str, ...]
) -> None:
    answer = expanded(path, values)
    assert found is None or answer.path == found
    assert found is None or answer.unknown == unknown


def test_a_path_of_windows_is_taken_apart_on_any_machine() -> None:
    habits = Habits(mapping={"D:": "/mnt/d", "//srv/share": "/mnt/share"})
    assert next(places("D:\\tex\\a.exr", "/show", habits)) == ("/mnt/d/tex/a.exr", "by the mapping of D:")
    assert next(places("//SRV/Share/a.exr", "/show", habits)).path == "/mnt/share/a.exr"
    windows = [each.path for each in places("D:/tex/a.exr", "C:/show", Habits(windows=True))]
    assert windows[:2] == ["D:\\tex\\a.exr", "C:\\show\\a.exr"]


@pytest.fixture
def show(tmp_path: Path) -> Path:
    for name in ("shots/geo/a.bgeo", "shots/Tex/Wood.1001.exr", "lib/tree.abc", "shots/near.exr"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    for frame in range(1, 6):
        (tmp_path / f"shots/geo/s.{frame:04d}.bgeo.sc").write_bytes(b"x")
    return tmp_path


def names(look: LookUp, show: Path, path: str, spread: Spread = Spread.ONE) -> tuple[list[str], str, str]:
    answer = look.find(
        reference(path, spread), str(show / "shots"), {"HIP": str(show / "shots")}, saved_in="D:/old"
    )
    return [Path(asset.local).name for asset in answer.assets], answer.why, answer.how


def test_a_file_is_found_where_its_path_leads(show: Path) -> None:
    look = LookUp(Habits())
    assert names(look, show, "$HIP/geo/a.bgeo") == (["a.bgeo"], "", "")
    assert names(look, show, "geo/a.bgeo") == (["a.bgeo"], "", "")
    assert names(look, show, f"file://{show}/shots/geo/a.bgeo") == (["a.bgeo"], "", "")


def test_backslashes_divide_folders_on_any_machine(show: Path) -> None:
    assert names(LookUp(Habits()), show, r"$HIP\geo\a.bgeo") == (["a.bgeo"], "", "")
    assert names(LookUp(Habits()), show, r"geo\a.bgeo") == (["a.bgeo"], "", "")


def test_a_file_that_has_gone_elsewhere_is_found_and_that_is_told(show: Path) -> None:
    look = LookUp(Habits(search=[str(show / "lib")]))
    assert names(look, show, "D:/old/geo/a.bgeo") == (
        ["a.bgeo"], "", "beside the scene, which was saved in D:/old",
    )  # fmt: skip
    assert names(look, show, "/gone/near.exr") == (["near.exr"], "", "by its name beside the scene")
    assert names(look, show, "/gone/tree.abc") == (["tree.abc"], "", f"by its name in {show / 'lib'}")
    found, why, how = names(look, show, "D:/old/TEX/wood.<UDIM>.exr", Spread.TILES)
    assert (found, why) == (["Wood.1001.exr"], "")
    assert how


def test_case_matters_in_paths_of_linux_and_not_in_those_of_windows(show: Path) -> None:
    mapped = LookUp(Habits(mapping={"D:": str(show)}))
    found, why, _ = names(mapped, show, "D:/SHOTS/GEO/A.BGEO")
    assert (found, why) == (["a.bgeo"], "")
    found, why, _ = names(mapped, show, "$HIP/geo/A.bgeo")
    assert found == []
    assert "'a.bgeo' is there, which differs in case" in why


def test_of_a_sequence_the_frames_that_matter_are_taken(show: Path) -> None:
    every = LookUp(Habits())
    some = LookUp(Habits(), frozenset({2, 3, 9}))
    path = "$HIP/geo/s.$F4.bgeo.sc"
    assert len(names(every, show, path, Spread.SEQUENCE)[0]) == 5
    found, why, _ = names(some, show, path, Spread.SEQUENCE)
    assert found == [f"s.{frame:04d}.bgeo.sc" for frame in (1, 2, 3, 4)]  # neighbours too, for motion blur
    assert "is not complete: frames 9" in why


def test_what_cannot_be_here_says_why(show: Path) -> None:
    look = LookUp(Habits())
    assert "is on drive Q: of a Windows machine" in names(look, show, "Q:/x/y.exr")[1]
    assert "is on a Windows file server" in names(look, show, "//srv/x/y.exr")[1]
    answer = look.find(reference("$STUDIO/y.exr"), str(show), {})
    assert answer.unknown == ("STUDIO",)


def test_a_folder_is_listed_once(show: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    listed: list[str] = []
    real = os.listdir

    def listing(path: str) -> list[str]:
        listed.append(path)
        return real(path)

    monkeypatch.setattr(os, "listdir", listing)
    look = LookUp(Habits())
    for number in range(50):
        names(look, show, f"$HIP/geo/missing{number}.bgeo")
    assert len(listed) == len(set(listed))
