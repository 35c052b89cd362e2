"""Paths are replaced in place; nothing else changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from renderbus_model.scene import Kind, Reference, Spread
from renderbus_scenes.blender import PathTooLong, repath
from renderbus_scenes.blender import read_blend as read
from renderbus_scenes.errors import BadScene
from renderbus_scenes.unpack import unpacked


def name_of(reference: Reference) -> str:
    return reference.path.rstrip("/").rpartition("/")[2] or "out"


def into_layout(reference: Reference) -> bytes:
    """A path that is longer than any in the scene."""
    return f"/var/lib/farm/nodes/n1/{'layout' * 12}/{name_of(reference)}".encode()


def test_no_answer_leaves_the_file_as_it_was(everything: bytes) -> None:
    assert repath(everything, lambda _: None) == bytes(unpacked(everything))


@pytest.mark.parametrize(
    "name",
    ["everything.blend", "33_udim.blend", "38_pointcloud_GN.blend", "game_bowling.blend", "shed.blend"],
)
def test_every_path_reads_back_as_it_was_put_in(scenes: Path, name: str) -> None:
    before = read((scenes / name).read_bytes())
    changed = read(repath((scenes / name).read_bytes(), into_layout))
    assert [each.path for each in changed.references] == [
        into_layout(each).decode() for each in before.references
    ]
    assert changed.scenes[0].view_layers == before.scenes[0].view_layers
    assert changed.python_drivers == before.python_drivers


def test_every_reference_is_asked_for_outputs_included(everything: bytes) -> None:
    asked: list[Reference] = []
    repath(everything, lambda reference: asked.append(reference))
    assert tuple(asked) == read(everything).references


def test_putting_the_same_paths_back_gives_the_same_bytes(everything: bytes) -> None:
    def same(reference: Reference) -> bytes:
        return reference.path.encode()

    once = repath(everything, same)
    assert repath(once, same) == once


def test_a_folder_in_a_block_of_its_own_may_become_longer(everything: bytes) -> None:
    longer = b"/" + b"x" * 900

    def resolve(reference: Reference) -> bytes | None:
        return longer if reference.attribute == "simulation_bake_directory" else None

    changed = repath(everything, resolve)
    bakes = [each.path for each in read(changed).references if each.spread is Spread.FOLDER]
    assert longer.decode() in bakes
    assert len(changed) == len(unpacked(everything)) + len(longer) - len(b"//caches/bake")


def test_a_path_that_does_not_fit_is_refused_by_its_place(everything: bytes) -> None:
    with pytest.raises(PathTooLong) as error:
        repath(everything, lambda reference: b"/" * (reference.capacity + 1))
    assert error.value.size_bytes == error.value.reference.capacity + 1


@pytest.mark.parametrize("path", [b"", b"/a\0b"])
def test_a_path_that_cannot_be_written_is_refused(everything: bytes, path: bytes) -> None:
    with pytest.raises(ValueError, match="cannot become"):
        repath(everything, lambda _: path)


def test_a_strip_keeps_the_names_of_its_pictures(everything: bytes) -> None:
    def elsewhere(reference: Reference) -> bytes | None:
        return b"/elsewhere/c.png" if reference.names else None

    with pytest.raises(ValueError, match="must stay"):
        repath(everything, elsewhere)


def test_a_damaged_file_is_not_changed_but_refused(everything: bytes) -> None:
    with pytest.raises(BadScene):
        repath(bytes(unpacked(everything))[:-1000], into_layout)


def test_a_reference_says_how_much_room_it_has(everything: bytes) -> None:
    content = unpacked(everything)
    for each in read(everything).references:
        assert each.capacity >= 255
        if each.kind is Kind.TEXTURE:
            written = bytes(content[each.offset : each.offset + each.capacity + 1]).rstrip(b"\0")
            assert written.replace(b"\\", b"/").endswith(each.path.lstrip("\\").encode())
