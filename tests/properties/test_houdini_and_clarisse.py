"""What holds for every input of the Houdini and Clarisse readers."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.data.houdini.make import archive, limited, node, scene

from renderbus_model.any_scene import AnyScene
from renderbus_model.clarisse_scene import ClarisseScene
from renderbus_model.houdini_scene import HoudiniScene
from renderbus_scenes.clarisse import read_project
from renderbus_scenes.errors import BadScene
from renderbus_scenes.houdini import read_hip
from renderbus_scenes.houdini_archive import Member
from renderbus_scenes.houdini_values import parameter
from renderbus_scenes.reader import read

DATA = Path(__file__).parents[1] / "data"
SIGNS = (b"{\n", b"}\n", b'"', b"\\", b"\t", b"\n", b"`", b"$")
HEAD = "#Isotropix_Serial_Version 1.2\n"


@cache
def contents() -> tuple[bytes, ...]:
    names: tuple[str, ...] = (
        "houdini/blind_spots.hip",
        "houdini/blind_spots.hiplc",
        "clarisse/made_up.project",
    )
    names += ("houdini/sphere.hip",)
    return tuple((DATA / name).read_bytes() for name in names)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A scene with bytes changed, left out, doubled or cut off; the first ones stay, or it is no scene."""
    content = bytearray(draw(st.sampled_from(contents())))
    for _ in range(draw(st.integers(1, 20))):
        where = draw(st.integers(25, max(25, len(content) - 1)))
        what = draw(st.sampled_from(["change", "change", "leave out", "double", "brace", "cut off"]))
        if what == "change":
            content[where : where + 1] = bytes([draw(st.integers(0, 255))])
        elif what == "leave out":
            del content[where : where + draw(st.integers(1, 200))]
        elif what == "double":
            content[where:where] = content[where : where + draw(st.integers(1, 500))]
        elif what == "brace":
            content[where:where] = draw(
                st.sampled_from([b"{\n", b"}\n", b'"', b"\\", b"\t", b"\n", b"`", b"$"])
            )
        elif draw(st.integers(0, 9)) == 0:
            del content[where:]
    return bytes(content)


def as_far_as_read(content: bytes) -> AnyScene | None:
    try:
        return read(content, "shot")
    except BadScene as error:
        return error.partial


@settings(max_examples=150, deadline=5000, suppress_health_check=list(HealthCheck))
@given(damaged())
def test_a_damaged_scene_gives_facts_or_bad_scene_and_nothing_else(content: bytes) -> None:
    found = as_far_as_read(content)
    assert isinstance(found, (HoudiniScene, ClarisseScene))
    assert all(each.path for each in found.references)


plain = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=30)


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@given(st.lists(plain, min_size=1, max_size=5))
def test_values_of_a_parameter_read_back_as_they_were_written(texts: list[str]) -> None:
    members = node("/obj/n", "x", {"before": "1", "wanted": "\t".join(map(quoted, texts)), "after": "2"})
    content = str(members["obj/n.parm"]).encode()
    member = Member(b"obj/n.parm", content, 0, len(content))
    assert [value.text for value in parameter(member, "wanted")] == texts
    assert [value.text for value in parameter(member, "after")] == ["2"]


names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
bodies = st.binary(max_size=60).filter(lambda body: b"Hou" not in body and b"070707" not in body)


@given(st.dictionaries(names, bodies, max_size=6))
def test_both_containers_give_the_members_that_were_put_in(nodes: dict[str, bytes]) -> None:
    members = scene([{f"obj/{name}.userdata": body} for name, body in nodes.items()])
    assert read_hip(archive(members)).member_count == len(members)
    assert read_hip(limited(members)).member_count == len(members)


words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=20)
objects = st.lists(st.tuples(names, words), max_size=6)


@given(objects, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_texts_of_a_project_read_back_whatever_braces_they_hold(
    written: list[tuple[str, str]], ending: str, in_one_line: bool
) -> None:
    inside = " " if in_one_line else ending
    blocks = []
    for name, text in written:
        file_name = f"filename {{{inside}value {quoted(text)}{ending}}}"
        blocks.append(f"TextureMapFile {{{ending}name {quoted(name)}{ending}{file_name}{ending}}}")
    project = (HEAD + ending.join([*blocks, ""])).encode()
    found = [(each.node, each.path) for each in read_project(project).references]
    told = [(f"project://{name}", text.strip()) for name, text in written]
    assert found == [(node_, path) for node_, path in told if path and path != "<empty>"]


@given(st.text('{}"\\\n aA=#[]', max_size=200))
def test_any_heap_of_braces_ends(text: str) -> None:
    found = as_far_as_read((HEAD + text).encode())
    assert isinstance(found, ClarisseScene)


def test_a_flood_of_headers_that_lead_nowhere_takes_time_in_proportion() -> None:
    header = re.sub(rb"\d{11}$", b"00000000001", archive({})[:76])
    flood = (header[:59] + b"000002" + b"00000000001" + b"x\0") * 20_000
    assert isinstance(as_far_as_read(flood), HoudiniScene)
