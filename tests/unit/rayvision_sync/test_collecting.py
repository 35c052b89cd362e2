"""Some of a task's results, files that are in their place already, and whether all is right."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from tests.unit.rayvision_sync.bytefarm import ByteFarm

from rayvision_api.core import RayvisionAPI
from rayvision_sync.collecting import Choice, OnConflict, Way, chosen_results, fetch_chosen
from rayvision_sync.exception import DownloadFailed, TransferCancelled
from rayvision_sync.verifying import verify

NAMES = ("18_s/beauty/1.exr", "18_s/beauty/1.png", "18_s/depth/1.exr", "18_s/notes.txt")


@pytest.fixture
def results(farm: ByteFarm) -> ByteFarm:
    for name in NAMES:
        farm.render(name, name.encode())
    return farm


def below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def fetch(api: RayvisionAPI, folder: Path, on_conflict: OnConflict = OnConflict.OVERWRITE) -> list[str]:
    outputs = chosen_results(api, 18, "18_s", Choice())
    return [path.name for path in fetch_chosen(api, outputs, folder, {}, on_conflict)]


@pytest.mark.parametrize(
    ("choice", "chosen"),
    [
        (Choice(), NAMES),
        (Choice(below=("beauty",)), NAMES[:2]),
        (Choice(below=("/18_s/beauty/", "beauty/1.png", "notes.txt")), (*NAMES[:2], NAMES[3])),
        (Choice(below=("18_s",)), NAMES),
        (Choice(below=("none",)), ()),
        (Choice(include=("*.exr",)), (NAMES[0], NAMES[2])),
        (Choice(include=("depth/*", "*.txt")), NAMES[2:]),
        (Choice(below=("beauty",), include=("*.exr",)), NAMES[:1]),
        (Choice(include=("*.EXR",)), ()),
    ],
)
def test_results_are_chosen_by_place_and_name(
    results: ByteFarm, api: RayvisionAPI, choice: Choice, chosen: tuple[str, ...]
) -> None:
    assert tuple(output.path for output in chosen_results(api, 18, "18_s", choice)) == chosen


def test_files_of_others_are_overwritten_left_or_kept_beside(
    results: ByteFarm, api: RayvisionAPI, tmp_path: Path
) -> None:
    for folder in ("overwrite", "skip", "rename"):
        place = tmp_path / folder / "18_s"
        place.mkdir(parents=True)
        (place / "notes.txt").write_bytes(b"mine")
        fetch(api, tmp_path / folder, OnConflict(folder))
    everything = {name: name.encode() for name in NAMES}
    assert below(tmp_path / "overwrite") == everything
    assert below(tmp_path / "skip") == {**everything, "18_s/notes.txt": b"mine"}
    assert below(tmp_path / "rename") == {
        **everything,
        "18_s/notes.txt": b"mine",
        "18_s/notes-2.txt": NAMES[3].encode(),
    }


@pytest.mark.parametrize("on_conflict", list(OnConflict))
def test_what_is_here_already_comes_no_second_time(
    results: ByteFarm, api: RayvisionAPI, tmp_path: Path, on_conflict: OnConflict
) -> None:
    (tmp_path / "18_s").mkdir()
    (tmp_path / "18_s/notes.txt").write_bytes(b"mine")
    fetch(api, tmp_path, on_conflict)
    before, got = below(tmp_path), len(results.starts)
    assert fetch(api, tmp_path, on_conflict) == []
    assert (below(tmp_path), len(results.starts)) == (before, got)


def test_a_picture_that_was_rendered_anew_gets_the_next_number(
    results: ByteFarm, api: RayvisionAPI, tmp_path: Path
) -> None:
    told: list[Path] = []
    for content in (b"first", b"second", b"third"):
        results.render("18_s/notes.txt", content)
        outputs = chosen_results(api, 18, "18_s", Choice(include=("notes.txt",)))
        fetch_chosen(api, outputs, tmp_path, {}, OnConflict.RENAME, way=Way(on_file=told.append))
    assert [path.name for path in told] == ["notes.txt", "notes-2.txt", "notes-3.txt"]
    assert [path.read_bytes() for path in told] == [b"first", b"second", b"third"]


@pytest.mark.parametrize("on_conflict", list(OnConflict))
def test_what_does_not_come_is_named_and_comes_the_next_time(
    results: ByteFarm, api: RayvisionAPI, tmp_path: Path, on_conflict: OnConflict
) -> None:
    (tmp_path / "18_s").mkdir()
    (tmp_path / "18_s/notes.txt").write_bytes(b"mine")
    results.get_statuses.append(400)
    with pytest.raises(DownloadFailed) as caught:
        fetch(api, tmp_path, on_conflict)
    assert len(caught.value.failures) == 1
    assert len(fetch(api, tmp_path, on_conflict)) == 1
    assert not any(path.name.startswith(".renderbus") for path in tmp_path.iterdir())


def test_a_folder_is_compared_with_what_was_rendered(
    results: ByteFarm, api: RayvisionAPI, tmp_path: Path
) -> None:
    fetch(api, tmp_path)
    outputs = list(chosen_results(api, 18, "18_s", Choice()))
    assert {one.state for one in verify(outputs, tmp_path)} == {"right"}
    assert {one.state for one in verify(outputs, tmp_path / "18_s", strip="18_s")} == {"right"}
    (tmp_path / NAMES[0]).unlink()
    flipped = bytearray(NAMES[1].encode())
    flipped[0] ^= 1
    (tmp_path / NAMES[1]).write_bytes(flipped)
    (tmp_path / NAMES[2]).write_bytes(b"longer than it was, or shorter")
    assert [one.state for one in verify(outputs, tmp_path)] == ["missing", "different", "different", "right"]


def test_a_comparison_can_be_stopped(results: ByteFarm, api: RayvisionAPI, tmp_path: Path) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(TransferCancelled):
        verify(chosen_results(api, 18, "18_s", Choice()), tmp_path, cancel=cancel)
