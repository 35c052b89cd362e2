"""Where pictures go."""

from __future__ import annotations

from pathlib import Path

from renderbus_cli.fetching import free_folder


def test_a_new_task_takes_no_folder_that_holds_something(tmp_path: Path) -> None:
    wanted = tmp_path / "1_shot"
    assert free_folder(wanted) == wanted
    wanted.mkdir()
    assert free_folder(wanted) == wanted
    (wanted / "0001.png").write_bytes(b"of another farm")
    (tmp_path / "1_shot-2").write_bytes(b"a file")
    assert free_folder(wanted) == tmp_path / "1_shot-3"
