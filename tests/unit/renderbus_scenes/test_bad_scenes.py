"""Whatever is wrong with a file, BadScene says it, soon and in little memory."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import pytest
import zstandard

from renderbus_model.scene import SceneFacts
from renderbus_scenes.blend_file import BlendFile
from renderbus_scenes.blend_records import Structs
from renderbus_scenes.blender import read_blend
from renderbus_scenes.dna import BadDna, parse_dna
from renderbus_scenes.errors import BadScene
from renderbus_scenes.reader import read
from renderbus_scenes.unpack import unpacked


def refusal(content: bytes, *, limit: int = 1 << 30) -> BadScene:
    with pytest.raises(BadScene) as error:
        read(content, "shot.blend", limit=limit)
    assert str(error.value).startswith("shot.blend: ")
    return error.value


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"a note to myself\n", "is a text file, not a scene; it begins with 'a note"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
        (b"PK\x03\x04rest", "is a zip archive"),
        (b"\x00\x01\x02\x03\xff", "begins with the bytes 00 01 02 03 ff"),
        (b"BLENDER", "cut off or damaged within its first 12 bytes"),
        (b"BLENDER-v279", "cut off"),
        (b"BLENDER?v279", "has a Blender header that is damaged"),
        (b"BLENDER17-01v05", "damaged or newer than we know"),
        (b"BLENDER19-02v0700", "damaged or newer than we know"),
        (b"BLENDER17-01v0501", "cut off"),
        (b"BLENDER-v300REND", "cut off"),
        (
            gzip.compress(b"not a scene", mtime=0),
            "packed with gzip, but what is inside is not a Blender file",
        ),
        (zstandard.compress(b"not a scene"), "packed with zstd, but what is inside is not a Blender file"),
        (b"\x1f\x8b", "cut off"),
        (b"\x28\xb5\x2f\xfd", "is not a Blender"),
    ],
)
def test_what_is_no_scene_is_told_in_words_a_stranger_understands(content: bytes, said: str) -> None:
    assert said in str(refusal(content))


@pytest.mark.parametrize("name", ["everything.blend", "38_pointcloud_GN.blend", "logic_scenes.blend"])
@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9, 0.999])
def test_a_scene_that_is_cut_off_is_refused(scenes: Path, name: str, share: float) -> None:
    packed = (scenes / name).read_bytes()
    refusal(packed[: int(len(packed) * share)])
    raw = bytes(unpacked(packed))
    error = refusal(raw[: int(len(raw) * share)])
    assert "cut off" in str(error)
    assert error.offset > 0


def test_what_was_read_before_the_damage_is_kept(everything: bytes) -> None:
    raw = bytes(unpacked(everything))
    partial = refusal(raw[: raw.rindex(b"ENDB")]).partial
    whole = read_blend(raw)
    assert isinstance(partial, SceneFacts)
    assert not partial.complete
    assert whole.complete
    assert partial.scenes == whole.scenes
    assert partial.references == whole.references


def test_gzip_with_a_broken_checksum_is_refused(scenes: Path) -> None:
    packed = bytearray((scenes / "logic_scenes.blend").read_bytes())
    packed[-6] ^= 0xFF
    assert "gzip packing breaks" in str(refusal(bytes(packed)))


def test_zstd_with_a_hole_is_refused(everything: bytes) -> None:
    middle = len(everything) // 2
    assert "damaged" in str(refusal(everything[:middle] + b"\xff" * 2000 + everything[middle + 2000 :]))


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_a_scene_that_unpacks_to_too_much_is_refused(pack: object) -> None:
    assert callable(pack)
    bomb: bytes = pack(b"BLENDER-v300" + bytes(8_000_000))
    error = refusal(bomb, limit=1_000_000)
    assert "more than 1000000 bytes" in str(error)


def test_a_small_file_may_not_unpack_to_very_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("renderbus_scenes.unpack.FREE_BYTES", 1 << 20)
    assert "unpacks to more than" in str(refusal(zstandard.compress(b"BLENDER-v300" + bytes(8_000_000))))


def test_a_raw_scene_above_the_limit_is_refused(everything: bytes) -> None:
    with pytest.raises(BadScene, match="limit"):
        read_blend(unpacked(everything), "shot.blend", limit=1000)


def test_a_list_that_runs_in_a_circle_ends(everything: bytes) -> None:
    raw = bytearray(unpacked(everything))
    structs = Structs(BlendFile(memoryview(bytes(raw))))
    for block in structs.file.blocks:
        record = structs.record(block)
        if record and record.layout.name == "ViewLayer":
            found = record.field("next")
            scene = next(each for each in structs.file.blocks if each.code == "SC")
            first = Structs(structs.file).record(scene)
            assert found
            assert first
            struct.pack_into("<Q", raw, found[1], first.address("view_layers.first"))
    assert len(read_blend(bytes(raw)).scenes) == 2


def test_lists_that_lead_into_each_other_do_not_keep_the_reader_busy(
    everything: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("renderbus_scenes.blend_records.MOST_STEPS", 20)
    assert "never end" in str(refusal(everything))


def test_a_file_of_countless_blocks_is_refused(everything: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("renderbus_scenes.blend_file.MOST_BLOCKS", 20)
    assert "more than 20 blocks" in str(refusal(everything))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"SDNA",
        b"SDNANAME\xff\xff\xff\x7f",
        b"SDNANAME\xff\xff\xff\xff",
        b"SDNANAME\x01\x00\x00\x00a\x00\x00\x00TYPE\x01\x00\x00\x00i\x00\x00\x00TLEN\x04\x00\x00\x00STRC",
        b"SDNANAME\x01\x00\x00\x00a\x00\x00\x00TYPE\x01\x00\x00\x00i\x00\x00\x00TLEN\x04\x00\x00\x00STRC"
        b"\x01\x00\x00\x00\x00\x00\x01\x00\x07\x00\x07\x00",
        b"SDNANAME\x01\x00\x00\x00a[99]\x00\x00\x00TYPE\x01\x00\x00\x00i\x00\x00\x00TLEN\x04\x00\x00\x00STRC"
        b"\x01\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00",
    ],
)
def test_a_table_of_structs_that_makes_no_sense_is_refused(content: bytes) -> None:
    with pytest.raises(BadDna):
        [layout.fields for layout in parse_dna(content).structs]
