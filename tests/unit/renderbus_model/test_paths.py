"""Where a local file lives on the farm, and which paths from outside are refused."""

from __future__ import annotations

import pytest

from renderbus_model.paths import (
    BadPath,
    checked_farm_path,
    farm_path,
    is_absolute_anywhere,
)


@pytest.mark.parametrize(
    ("local", "farm"),
    [
        (r"D:\shot 1\a.blend", "/D/shot 1/a.blend"),
        ("d:/a/b.c", "/d/a/b.c"),
        ("/home/x/y", "/home/x/y"),
        ("/home//x/./y/", "/home/x/y"),
        (r"\\srv\share\f", "/srv/share/f"),
        ("//srv/share/f", "/srv/share/f"),
        ("/home/x/a\\b", "/home/x/a\\b"),
        ("/home/x/shot:1.blend", "/home/x/shot:1.blend"),
        ("/片段/场景.blend", "/片段/场景.blend"),
    ],
)
def test_a_local_path_has_one_place_on_the_farm(local: str, farm: str) -> None:
    assert farm_path(local) == farm


@pytest.mark.parametrize("local", ["", "a.blend", "tex/a.png", "./a", "../a", "D:a.blend", "~/a"])
def test_a_relative_path_is_refused_with_what_is_expected(local: str) -> None:
    with pytest.raises(BadPath, match="expected an absolute path") as caught:
        farm_path(local)
    assert caught.value.path == local


@pytest.mark.parametrize(
    ("hostile", "why"),
    [
        ("/a/../b", "holds '..'"),
        ("..", "holds '..'"),
        ("a/..", "holds '..'"),
        ("/a/..\\..\\b", "between backslashes"),
        ("\\..\\b", "between backslashes"),
        ("C:/windows", "drive letter"),
        ("/c:/windows", "drive letter"),
        ("c:", "drive letter"),
        ("/a\x00b", "control character"),
        ("/a\nb", "control character"),
        ("/a\x7f", "control character"),
        ("", "names no file"),
        ("/", "names no file"),
        ("/./.", "names no file"),
        ("/" + "n" * 256, "more than 255 bytes"),
        ("/" + "片" * 86, "more than 255 bytes"),
        ("/" + "/".join(["n" * 100] * 50), "longer than 4096 bytes"),
        ("/a\udc80", "not valid Unicode"),
    ],
)
def test_a_path_that_could_leave_its_folder_is_refused(hostile: str, why: str) -> None:
    with pytest.raises(BadPath, match=why):
        checked_farm_path(hostile)


def test_the_old_clients_spelling_names_the_same_file() -> None:
    assert checked_farm_path("home/x/y") == checked_farm_path("/home/x/y")


@pytest.mark.parametrize(
    ("path", "absolute"),
    [("/x", True), (r"\\srv\x", True), ("D:\\x", True), ("D:/x", True), ("D:x", False), ("x", False)],
)
def test_absolute_means_absolute_on_any_system(path: str, absolute: bool) -> None:
    assert is_absolute_anywhere(path) is absolute
