"""Blender scenes of 2.79 and before: other machines, render layers, objects without collections.

The scenes are made up here, byte by byte, since no Blender of today writes such files.
"""

from __future__ import annotations

import struct

import pytest

from renderbus_model.scene import SceneFacts, ViewLayer
from renderbus_scenes.blender import read_blend as read
from renderbus_scenes.blender import repath
from renderbus_scenes.dna import Machine
from renderbus_scenes.errors import BadScene

TYPES = {"char": 1, "short": 2, "int": 4, "float": 4, "void": 0}
MACHINES = [Machine(order, size) for order in "<>" for size in (4, 8)]
WORDS = {Machine("<", 4): b"_v", Machine("<", 8): b"-v", Machine(">", 4): b"_V", Machine(">", 8): b"-V"}

STRUCTS: dict[str, list[tuple[str, str]]] = {
    "Link": [("Link", "*next"), ("Link", "*prev")],
    "ListBase": [("void", "*first"), ("void", "*last")],
    "ID": [("void", "*next"), ("void", "*prev"), ("Library", "*lib"), ("char", "name[24]")],
    "Library": [("ID", "id"), ("char", "name[240]")],
    "Object": [("ID", "id"), ("short", "type"), ("short", "pad[3]")],
    "Base": [("Base", "*next"), ("Base", "*prev"), ("Object", "*object")],
    "SceneRenderLayer": [
        ("SceneRenderLayer", "*next"),
        ("SceneRenderLayer", "*prev"),
        ("char", "name[32]"),
        ("int", "lay"),
        ("int", "layflag"),
    ],
    "RenderData": [
        ("int", "sfra"),
        ("int", "efra"),
        ("short", "xsch"),
        ("short", "ysch"),
        ("short", "size"),
        ("short", "imtype"),
        ("short", "frs_sec"),
        ("short", "renderer"),
        ("float", "frs_sec_base"),
        ("ListBase", "layers"),
        ("char", "pic[160]"),
    ],
    "Scene": [("ID", "id"), ("Object", "*camera"), ("ListBase", "base"), ("RenderData", "r")],
    "Image": [("ID", "id"), ("char", "name[240]"), ("void", "*packedfile")],
    "FileGlobal": [("Scene", "*curscene")],
}
LAYER_IS_OFF = 0x20000


class OldBlend:
    """A file as a machine of that time wrote it; every block lies at the address it is given."""

    def __init__(self, machine: Machine, version: int = 248) -> None:
        self.machine = machine
        self.parts = [b"BLENDER", WORDS[machine], b"%03d" % version]
        self.names = sorted({name for members in STRUCTS.values() for _, name in members})
        self.types = [*TYPES, *STRUCTS]
        self.sizes = dict(TYPES)
        for name, members in STRUCTS.items():
            self.sizes[name] = sum(self.size(kind, member) for kind, member in members)

    def size(self, kind: str, member: str) -> int:
        count = int(member.partition("[")[2].rstrip("]") or 1)
        return count * (self.machine.pointer_bytes if member.startswith("*") else self.sizes[kind])

    def pack(self, name: str, values: dict[str, object]) -> bytes:
        out = b""
        for kind, member in STRUCTS[name]:
            value = values.get(member.strip("*").partition("[")[0], 0)
            size = self.size(kind, member)
            if isinstance(value, dict):
                out += self.pack(kind, value)
            elif isinstance(value, bytes):
                out += value.ljust(size, b"\0")
            elif kind in STRUCTS and not member.startswith("*"):
                out += bytes(size)
            else:
                code = "f" if kind == "float" else {2: "h", 4: "i", 8: "q"}.get(size, f"{size}x")
                out += struct.pack(self.machine.order + code, *([] if "x" in code else [value]))
        return out

    def block(self, code: bytes, address: int, struct_name: str, /, **values: object) -> None:
        self.raw(code, address, self.pack(struct_name, values), list(STRUCTS).index(struct_name))

    def raw(self, code: bytes, address: int, data: bytes, number: int = 0) -> None:
        # Two letters stand behind two zeros where the high byte comes first.
        word = code.ljust(4, b"\0") if self.machine.order == "<" else code.rjust(4, b"\0")
        pointer = "I" if self.machine.pointer_bytes == 4 else "Q"
        self.parts += [
            struct.pack(f"{self.machine.order}4si{pointer}ii", word, len(data), address, number, 1),
            data,
        ]

    def finished(self) -> bytes:
        order = self.machine.order

        def texts(word: bytes, entries: list[str]) -> bytes:
            body = (
                word + struct.pack(f"{order}i", len(entries)) + b"".join(e.encode() + b"\0" for e in entries)
            )
            return body + bytes(-len(body) % 4)

        table = b"SDNA" + texts(b"NAME", self.names) + texts(b"TYPE", self.types)
        table += b"TLEN" + struct.pack(
            f"{order}{len(self.types)}H", *(self.sizes[each] for each in self.types)
        )
        table += bytes(-len(table) % 4) + b"STRC" + struct.pack(f"{order}i", len(STRUCTS))
        for name, members in STRUCTS.items():
            pairs = [
                n for kind, member in members for n in (self.types.index(kind), self.names.index(member))
            ]
            table += struct.pack(f"{order}{2 + len(pairs)}H", self.types.index(name), len(members), *pairs)
        self.raw(b"DNA1", 1, table)
        self.raw(b"ENDB", 0, b"")
        return b"".join(self.parts)


def scene(machine: Machine, version: int = 248) -> bytes:
    made = OldBlend(machine, version)
    made.block(b"GLOB", 16, "FileGlobal", curscene=100)
    render = {
        "sfra": 3,
        "efra": 90,
        "xsch": 800,
        "ysch": 600,
        "size": 50,
        "imtype": 17,
        "frs_sec": 25,
        "frs_sec_base": 1.0,
        "layers": {"first": 300, "last": 400},
        "pic": b"//render\\shot_",
    }
    made.block(
        b"SC", 100, "Scene", id={"name": b"SCShot"}, camera=200, base={"first": 500, "last": 600}, r=render
    )
    made.block(b"DATA", 500, "Base", next=600, object=200)
    made.block(b"DATA", 600, "Base", object=700)
    made.block(b"DATA", 300, "SceneRenderLayer", next=400, name=b"1 RenderLayer")
    made.block(b"DATA", 400, "SceneRenderLayer", name=b"matte", layflag=LAYER_IS_OFF)
    made.block(b"OB", 200, "Object", id={"name": b"OBCamera"}, type=11)
    made.block(b"OB", 700, "Object", id={"name": b"OBCube"}, type=1)
    made.block(b"IM", 800, "Image", id={"name": b"IMwood"}, name=b"//tex\\wood.png")
    made.block(b"LI", 900, "Library", id={"name": b"LIshed"}, name=b"//shed.blend")
    return made.finished()


def facts_of(machine: Machine) -> SceneFacts:
    return read(scene(machine), "old.blend")


@pytest.mark.parametrize("machine", MACHINES, ids=str)
def test_a_scene_of_2_48_reads_the_same_from_every_machine(machine: Machine) -> None:
    facts = facts_of(machine)
    (shot,) = facts.scenes
    assert (facts.version, facts.active_scene, facts.cameras) == ("2.48", "Shot", ("Camera",))
    assert (shot.engine, shot.camera, shot.cameras) == ("BLENDER_RENDER", "Camera", ("Camera",))
    assert shot.view_layers == (ViewLayer("1 RenderLayer"), ViewLayer("matte", enabled=False))
    assert (shot.start, shot.end, shot.step, shot.fps) == (3, 90, 1, 25.0)
    assert (shot.rendered_size, shot.format, shot.output) == ((400, 300), "PNG", "//render/shot_")
    assert {each.path for each in facts.inputs} == {"//tex/wood.png", "//shed.blend"}
    assert facts.big_endian is (machine.order == ">")


@pytest.mark.parametrize("machine", MACHINES, ids=str)
def test_paths_in_old_scenes_can_be_replaced(machine: Machine) -> None:
    changed = repath(scene(machine), lambda each: b"/node/wood.png" if "wood" in each.path else None)
    assert len(changed) == len(scene(machine))
    facts = read(changed, "old.blend")
    assert {each.path for each in facts.inputs} == {"/node/wood.png", "//shed.blend"}


@pytest.mark.parametrize("machine", MACHINES, ids=str)
def test_an_old_scene_that_is_cut_off_is_refused(machine: Machine) -> None:
    whole = scene(machine)
    for end in range(0, len(whole) - 1, 97):
        with pytest.raises(BadScene):
            read(whole[:end], "old.blend")
