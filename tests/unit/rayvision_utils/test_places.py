"""Where a path of a scene leads on this machine."""

from __future__ import annotations

import pytest

from rayvision_utils.places import NotOnThisMachine, place_of


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("//tex/a.png", "/show/shots/tex/a.png"),
        ("//../tex/a.png", "/show/tex/a.png"),
        ("//./a.png", "/show/shots/a.png"),
        ("tex/a.png", "/show/shots/tex/a.png"),
        ("/mnt/a.png", "/mnt/a.png"),
        ("/mnt/../a.png", "/a.png"),
        ("//../../../../a.png", "/a.png"),
        ("//na\nme.png", "/show/shots/na\nme.png"),
    ],
)
def test_on_linux_a_path_leads_there(path: str, place: str) -> None:
    assert place_of(path, "/show/shots", windows=False) == place


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("//tex/a.png", r"D:\show\tex\a.png"),
        ("D:/other/a.png", r"D:\other\a.png"),
        ("\\\\files/show/a.png", r"\\files\show\a.png"),
    ],
)
def test_on_windows_drives_and_servers_can_be_opened(path: str, place: str) -> None:
    assert place_of(path, "D:/show", windows=True) == place


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("D:/show/a.png", "is on drive D: of a Windows machine"),
        ("\\\\files/show/a.png", "is on a Windows file server"),
        ("//", "names a folder, not a file"),
        ("//..", "names a folder, not a file"),
    ],
)
def test_a_path_that_leads_nowhere_on_linux_says_why(path: str, why: str) -> None:
    with pytest.raises(NotOnThisMachine) as error:
        place_of(path, "/show", windows=False)
    assert error.value.why.startswith(why)
    assert error.value.path == path
