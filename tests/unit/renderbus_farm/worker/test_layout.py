"""A task's files laid out on a node."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from renderbus_farm.blobs.contents import Contents
from renderbus_farm.blobs.local import LocalBlobs
from renderbus_farm.blobs.local_packs import LocalPacks
from renderbus_farm.worker_cache import FileCache
from renderbus_farm.worker_layout import LAYOUTS_KEPT, CannotLayOut, Layouts
from renderbus_model.paths import FarmPath
from renderbus_model.pieces import Digest, FileEntry, Manifest, digest_of


def layouts_in(folder: Path, blobs: LocalBlobs) -> Layouts:
    contents = Contents(blobs, LocalPacks(folder / "packs"))
    return Layouts(folder / "scenes", blobs, FileCache(folder / "files", contents))


@pytest.fixture
def blobs(tmp_path: Path) -> LocalBlobs:
    return LocalBlobs(tmp_path / "blobs")


@pytest.fixture
def layouts(tmp_path: Path, blobs: LocalBlobs) -> Layouts:
    return layouts_in(tmp_path, blobs)


def stored(blobs: LocalBlobs, files: dict[str, bytes]) -> Digest:
    """Store files and their manifest."""
    entries = []
    for path, content in files.items():
        blobs.put(digest_of(content), io.BytesIO(content))
        entries.append(FileEntry(FarmPath(path), digest_of(content), len(content)))
    manifest = Manifest.of(entries).encode()
    blobs.put(digest_of(manifest), io.BytesIO(manifest))
    return digest_of(manifest)


def test_each_file_lies_at_its_farm_path(layouts: Layouts, blobs: LocalBlobs) -> None:
    layout = layouts.of(stored(blobs, {"/D/tex/wood.png": b"wood", "/srv/share/oak.png": b"oak"}))
    assert layout.path(FarmPath("/D/tex/wood.png")).read_bytes() == b"wood"
    assert (layout.files / "srv" / "share" / "oak.png").read_bytes() == b"oak"


def test_a_layout_is_made_once(layouts: Layouts, blobs: LocalBlobs) -> None:
    inputs = stored(blobs, {"/D/wood.png": b"wood"})
    path = layouts.of(inputs).path(FarmPath("/D/wood.png"))
    before = path.stat().st_ino
    blobs.delete({digest_of(b"wood")})
    assert layouts.of(inputs).path(FarmPath("/D/wood.png")).stat().st_ino == before


def test_layouts_used_last_are_kept(layouts: Layouts, blobs: LocalBlobs) -> None:
    made = [layouts.of(stored(blobs, {"/a": b"%d" % number})) for number in range(LAYOUTS_KEPT)]
    for age, layout in enumerate(made):
        os.utime(layout.files.parent, (1000 + age, 1000 + age))
    layouts.of(stored(blobs, {"/a": b"0"}))  # the oldest is used again
    layouts.of(stored(blobs, {"/a": b"one more"}))
    assert [layout.files.exists() for layout in made] == [True, False, True]


def test_a_half_made_layout_is_made_anew(tmp_path: Path, blobs: LocalBlobs) -> None:
    inputs = stored(blobs, {"/a": b"whole"})
    half = tmp_path / "scenes" / inputs / "files"
    half.mkdir(parents=True)
    (tmp_path / "scenes" / "x.new").mkdir()
    layouts = layouts_in(tmp_path, blobs)
    assert layouts.of(inputs).path(FarmPath("/a")).read_bytes() == b"whole"
    assert not (tmp_path / "scenes" / "x.new").exists()


def test_a_damaged_blob_is_told_and_leaves_no_layout(
    tmp_path: Path, layouts: Layouts, blobs: LocalBlobs
) -> None:
    inputs = stored(blobs, {"/a": b"whole"})
    damaged = blobs.file_of(digest_of(b"whole"))
    damaged.chmod(0o644)
    damaged.write_bytes(b"h0le!")
    with pytest.raises(CannotLayOut, match="content does not match"):
        layouts.of(inputs)
    assert list((tmp_path / "scenes").iterdir()) == []


def test_a_missing_blob_is_told(layouts: Layouts, blobs: LocalBlobs) -> None:
    inputs = stored(blobs, {"/a": b"whole"})
    blobs.delete({digest_of(b"whole")})
    with pytest.raises(CannotLayOut, match="not all on the farm"):
        layouts.of(inputs)


def test_paths_that_contradict_each_other_are_told(layouts: Layouts, blobs: LocalBlobs) -> None:
    with pytest.raises(CannotLayOut, match="cannot be laid out"):
        layouts.of(stored(blobs, {"/a": b"file", "/a/b": b"below it"}))


def test_a_file_that_only_looks_like_a_scene_is_left_out_with_the_reason(
    layouts: Layouts, blobs: LocalBlobs
) -> None:
    layout = layouts.of(stored(blobs, {"/a.blend": b"not one", "/b.png": b"b"}))
    assert "/a.blend" in layout.unreadable
    assert not layout.path(FarmPath("/a.blend")).exists()


def test_logs_name_farm_paths_only(layouts: Layouts, blobs: LocalBlobs) -> None:
    layout = layouts.of(stored(blobs, {"/D/wood.png": b"wood"}))
    printed = f"reads {layout.path(FarmPath('/D/wood.png'))}".encode()
    assert layout.plain(printed) == b"reads /D/wood.png"
