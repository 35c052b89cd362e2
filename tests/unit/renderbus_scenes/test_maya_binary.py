"""Maya binary scenes of 32 and 64 bit, whole and damaged."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import pytest

from renderbus_model.maya_scene import MayaScene, SceneReference
from renderbus_model.scene import Kind, Spread
from renderbus_scenes.errors import BadScene
from renderbus_scenes.reader import read, read_as


class Builder:
    """Writes chunks as Maya does; ``bits`` is 4 or 8, the size of their sizes."""

    def __init__(self, bits: int) -> None:
        self.bits = bits

    def leaf(self, tag: str, data: bytes) -> bytes:
        return self._head(tag, len(data)) + data + b"\0" * (-len(data) % self.bits)

    def group(self, kind: str | bytes, *chunks: bytes, tag: str = "FOR") -> bytes:
        name = kind if isinstance(kind, bytes) else kind.encode()
        body = name + b"".join(chunks)
        return self._head(f"{tag}{self.bits}", len(body)) + body

    def _head(self, tag: str, size: int) -> bytes:
        # Four bytes of leftover memory stand before a 64-bit size.
        return tag.encode() + (
            b"T\1\0\0" + struct.pack(">Q", size) if self.bits == 8 else struct.pack(">I", size)
        )

    def node(self, kind: str | bytes, name: str, *values: bytes) -> bytes:
        return self.group(kind, self.leaf("CREA", b"\0" + name.encode() + b"\0" + b"\x9a" * 16), *values)

    def text(self, attribute: str, value: bytes) -> bytes:
        return self.leaf("STR ", attribute.encode() + b"\0 " + value + b"\0")

    def number(self, attribute: str, value: float) -> bytes:
        return self.leaf("DBLE", attribute.encode() + b"\0 " + struct.pack(">d", value))

    def ticks(self, attribute: str, value: int) -> bytes:
        packed = struct.pack(">q" if self.bits == 8 else ">i", value)
        return self.leaf("DBLE", attribute.encode() + b"\0 " + packed)

    def selected(self, name: str, *values: bytes) -> bytes:
        return self.group("SLCT", self.leaf("SLCT", name.encode()), *values)

    def connections(self, *pairs: tuple[str, str]) -> bytes:
        leaves = [
            self.leaf("CWFL", b"\0" + source.encode() + b"\0" + target.encode() + b"\0")
            for source, target in pairs
        ]
        return self.group("CONS", self.group("CONN", *leaves), tag="LIS")

    def head(self, *plugins: bytes) -> bytes:
        facts = [
            self.leaf("VERS", b"2022"),
            self.leaf("LUNI", b"cm"),
            self.leaf("TUNI", b"pal"),
            self.leaf("AUNI", b"deg"),
            self.leaf("FINF", b"product\0Maya 2022\0"),
        ]
        return self.group("HEAD", *facts, *[self.leaf("PLUG", plugin) for plugin in plugins])

    def scene(self, *chunks: bytes, plugins: Sequence[bytes] = ()) -> bytes:
        return self.group("Maya", self.head(*plugins), *chunks)


@pytest.fixture(params=[4, 8], ids=["32 bit", "64 bit"])
def make(request: pytest.FixtureRequest) -> Builder:
    return Builder(request.param)


def shot(make: Builder) -> bytes:
    rate = 141_120_000 if make.bits == 8 else 6000
    yeti = b'pgYetiMaya\x002.0\x00 -nodeType "pgYetiMaya" \x00pgYetiMaya\x00\x00\x11\x5c\x01'
    return make.scene(
        make.leaf("FRDI", struct.pack(">I", 1) + b"D:/film//set.mb\0set\0setRN\0v=0;\0mayaBinary\0"),
        make.node("XFRM", "cam"),
        make.node("DCAM", "camShape", make.number("rnd", 0.0)),
        make.node("DMSH", "meshShape", make.leaf("MESH", b"\xff" * 5000)),
        make.node("RTFT", "wood", make.text("ftn", b"tex/wood.1001.png"), make.number("uvt", 3.0)),
        make.node(b"\x00\x11\x5c\x01", "hair", make.text("cacheFileName", b"fur/hair.%04d.fur")),
        make.node("RNDL", "defaultRenderLayer", make.number("g", 1.0)),
        make.node("RNDL", "beauty", make.number("rndr", 0.0)),
        make.node("RNDL", "stale"),
        make.selected(
            ":defaultRenderGlobals",
            make.text("ren", b"arnold"),
            make.ticks("fs", 2 * rate // 25),
            make.ticks("ef", 50 * rate // 25),
            make.number("outf", 51.0),
            make.text("imfkey", b"exr"),
        ),
        make.connections(
            ("renderLayerManager.rlmi[0]", "defaultRenderLayer.rlid"),
            ("renderLayerManager.rlmi[1]", "beauty.rlid"),
            ("ns:renderLayerManager.rlmi[0]", "stale.rlid"),
        ),
        plugins=[yeti],
    )


def test_a_binary_scene_says_the_same_as_an_ascii_one(make: Builder) -> None:
    scene = read_as(MayaScene, shot(make))
    assert (scene.version, scene.container, scene.product) == ("2022", f"FOR{make.bits}", "Maya 2022")
    assert (scene.units.linear, scene.units.time, scene.units.fps) == ("centimeter", "pal", 25.0)
    assert scene.scenes == (SceneReference("D:/film//set.mb", "set", "setRN", file_type="mayaBinary"),)
    assert [(each.name, each.renderable) for each in scene.cameras] == [("camShape", False)]
    assert [(each.node, each.path, each.kind, each.spread) for each in scene.inputs] == [
        ("wood", "tex/wood.1001.png", Kind.TEXTURE, Spread.TILES),
        ("hair", "fur/hair.%04d.fur", Kind.HAIR, Spread.SEQUENCE),
    ]
    assert [(each.name, each.renderable) for each in scene.layers] == [
        ("defaultRenderLayer", True),
        ("beauty", False),
    ]
    assert scene.stale_layers == ("stale",)
    assert scene.node_count == 8


def test_times_are_whole_ticks_of_the_unit_of_time(make: Builder) -> None:
    settings = read_as(MayaScene, shot(make)).settings
    assert (settings.start, settings.end) == (2.0, 50.0)
    assert (settings.renderer, settings.format_number, settings.format_key) == ("arnold", 51, "exr")


def test_node_types_of_plug_ins_are_found_by_their_numbers(make: Builder) -> None:
    (plugin,) = read_as(MayaScene, shot(make)).plugins
    assert (plugin.name, plugin.version, plugin.used) == ("pgYetiMaya", "2.0", True)


def test_texts_that_are_not_utf_8_keep_their_bytes(make: Builder) -> None:
    content = make.scene(make.node("RTFT", "wood", make.text("ftn", b"w\xf6od.png")))
    (texture,) = read_as(MayaScene, content).inputs
    assert texture.path.encode("utf-8", "surrogateescape") == b"w\xf6od.png"


def test_a_scene_that_was_cut_off_says_so_and_keeps_what_was_read(make: Builder) -> None:
    whole = shot(make)
    complete = read_as(MayaScene, whole)
    for size in range(60, len(whole), 37):
        with pytest.raises(BadScene) as error:
            read(whole[:size], "shot.mb")
        assert error.value.offset <= size
        partial = error.value.partial
        assert isinstance(partial, MayaScene)
        assert not partial.complete
        assert set(partial.inputs) <= set(complete.inputs)


@pytest.mark.parametrize("size", [10**12, 2**63, 2**64 - 1])
def test_a_chunk_that_claims_more_than_there_is_is_refused(size: int) -> None:
    content = bytearray(shot(Builder(8)))
    at = content.index(b"DCAM") - 8
    content[at : at + 8] = struct.pack(">Q", size)
    with pytest.raises(BadScene, match=f"has a chunk of {size} bytes"):
        read(bytes(content), "shot.mb")


def test_references_of_old_scenes_are_found_without_their_depth(make: Builder) -> None:
    content = make.scene(make.group("FREF", make.leaf("FREF", b"D:/film/set.mb\0set\0")))
    assert [each.path for each in read_as(MayaScene, content).scenes] == ["D:/film/set.mb"]


def test_a_reference_that_says_little_is_left_out(make: Builder) -> None:
    for data in (b"", b"\0\0\0\1", b"\0\0\0\1D:/set.mb\0", b"\0\0\0\1\0\0\0\0\0"):
        assert read_as(MayaScene, make.scene(make.leaf("FRDI", data))).scenes == ()


def test_zeros_behind_the_last_chunk_are_no_damage() -> None:
    content = shot(Builder(8)) + b"\0" * 64
    assert read_as(MayaScene, content).complete
