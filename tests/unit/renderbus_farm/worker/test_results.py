"""What a finished frame leaves, and what it is called."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from renderbus_farm.blobs.local import LocalBlobs
from renderbus_farm.pictures import BLACK, NOT_A_NUMBER, BadPicture
from renderbus_farm.renderers.session import Rendered
from renderbus_farm.rules.reports import FLAGS
from renderbus_farm.worker_results import numbered, output_names, stored_results


@given(st.integers(-99999, 99999), st.integers(1, 6))
def test_a_number_reads_back_from_its_name(number: int, digits: int) -> None:
    name = numbered(f"a#b/shot_{'#' * digits}_v1", number)
    assert int(name.removeprefix("a#b/shot_").removesuffix("_v1")) == number


def test_both_eyes_of_a_stereo_frame_keep_their_mark() -> None:
    names = output_names(Rendered(("picture_L.png", "picture_R.png"), (), 8, 8), "shot_####", 3)
    assert list(names.values()) == ["shot_0003_L.png", "shot_0003_R.png"]


def test_pictures_are_stored_with_a_small_one(tmp_path: Path) -> None:
    Image.new("RGB", (8, 4)).save(tmp_path / "picture.png")
    blobs = LocalBlobs(tmp_path / "blobs")
    results = stored_results(blobs, tmp_path, Rendered(("picture.png",), (), 8, 4), "a_##", 1)
    (output,) = results.outputs
    assert output.path == "a_01.png"
    assert output.size_bytes == (tmp_path / "picture.png").stat().st_size
    assert results.thumbnail is not None
    assert blobs.have({output.digest, results.thumbnail}) == {output.digest, results.thumbnail}


def test_a_picture_of_another_size_than_asked_is_refused(tmp_path: Path) -> None:
    Image.new("RGB", (8, 4)).save(tmp_path / "picture.png")
    blobs = LocalBlobs(tmp_path / "blobs")
    with pytest.raises(BadPicture, match="measures 8x4 pixels, but 16x8 were asked for"):
        stored_results(blobs, tmp_path, Rendered(("picture.png",), (), 16, 8), "a_##", 1)


def test_an_empty_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "picture.png").touch()
    with pytest.raises(BadPicture, match="empty"):
        stored_results(LocalBlobs(tmp_path / "blobs"), tmp_path, Rendered(("picture.png",), (), 0, 0), "a", 1)


def test_a_frame_is_odd_when_all_its_pictures_are_black_or_one_is_no_number(tmp_path: Path) -> None:
    Image.new("RGB", (8, 4)).save(tmp_path / "picture_L.png")
    Image.new("RGB", (8, 4), (9, 9, 9)).save(tmp_path / "picture_R.png")
    blobs = LocalBlobs(tmp_path / "blobs")

    def flags(*names: str) -> frozenset[str]:
        return stored_results(blobs, tmp_path, Rendered(names, (), 8, 4), "a_##", 1).flags

    assert flags("picture_L.png") == {BLACK}
    assert flags("picture_L.png", "picture_R.png") == frozenset()
    assert flags("picture_R.png") == frozenset()
    assert set(FLAGS) == {BLACK, NOT_A_NUMBER}


@pytest.mark.parametrize(
    "name", ["../key", "/etc/hostname", "link", "extras/../../key", "extras/out/key", "pipe"]
)
def test_nothing_but_the_frames_own_files_is_delivered(tmp_path: Path, name: str) -> None:
    folder, blobs = tmp_path / "1", LocalBlobs(tmp_path / "blobs")
    (folder / "extras").mkdir(parents=True)
    (tmp_path / "key").write_bytes(b"secret")
    (folder / "link").symlink_to(tmp_path / "key")
    (folder / "extras" / "out").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe")
    for rendered in (Rendered((), (name,), 0, 0), Rendered((name,), (), 8, 8, (0, 0, 4, 4))):
        with pytest.raises(BadPicture, match=r"leads out of the folder|is no plain file"):
            stored_results(blobs, folder, rendered, "a_##", 1)
    assert list(blobs.names()) == []
