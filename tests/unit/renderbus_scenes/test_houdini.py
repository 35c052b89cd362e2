"""Houdini scenes: what renders in them, in order of need, and what they name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.data.houdini.make import archive, limited, member, node, scene

from renderbus_model.houdini_scene import HoudiniScene, License, Purpose
from renderbus_model.scene import Kind, Reference, Role, Spread
from renderbus_scenes.errors import BadScene
from renderbus_scenes.houdini import read_expanded, read_hip
from renderbus_scenes.reader import read_as

DATA = Path(__file__).parents[2] / "data" / "houdini"
CORPUS = Path(__file__).resolve().parents[4] / "shared" / "scenes"
LICENSES = {"none": License.COMMERCIAL, "LC": License.LIMITED, "NC": License.NON_COMMERCIAL}
NORMAL = {"trange": '"normal"', "f": "1\t10\t1"}

NOT_AS_STORED = {"/obj/distribute_pyro/save_slices", "/out/Redshift_ROP1"}
"""Drivers whose output the table does not have: a driven one, and one of another parameter."""


def known() -> Iterator[tuple[Path, dict[str, Any]]]:
    """Each Houdini file of the corpus with what is known of it; nothing where the corpus is not there."""
    table = CORPUS / "EXPECTED.tsv"
    for line in table.read_text("utf-8").splitlines()[1:] if table.exists() else ():
        name, _, facts = line.partition("\t")
        if name.startswith("houdini/"):
            yield CORPUS / name, json.loads(facts)


def as_stored(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def facts_of(found: HoudiniScene, expected: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """What a fact is about, what the reader says, and what is known."""
    yield "save_version", found.version, expected["save_version"]
    yield "license", found.license, LICENSES[expected["license"]]
    yield "hip", found.hip, expected["hip"]
    yield "hipname", found.hip_name, expected["hipname"]
    yield "job", found.job, expected["job"]
    yield "fps", found.fps, expected["fps"]
    yield "frange", [found.start, found.end], expected["frange"]
    yield "members", found.member_count, expected["members"]
    yield "nodes_with_type", found.node_count, expected["nodes_with_type"]
    yield "top", set(found.networks), set(expected["top"])
    yield "hda_libraries", list(found.libraries), expected["hda_libraries"]
    cameras = {each.node: [str(each.width), str(each.height)] for each in found.cameras}
    for path, size in expected["cameras"]:
        yield f"camera {path}", cameras.get(path), size
    written = {as_stored(each.path) for each in found.references}
    written |= {each.path.replace("/", "\\\\") for each in found.references}
    for value in expected["file_values"]:
        yield f"file {value}", value in written, True
    for rop in expected["rops"]:
        yield from rop_facts(found, rop)


def rop_facts(found: HoudiniScene, rop: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    driver = found.driver(rop["node"])
    yield rop["node"], driver is not None, True
    if driver is None:
        return
    yield f"{driver.node} type", driver.type, rop["type"]
    yield f"{driver.node} camera", driver.camera or None, rop["camera"]
    if rop.get("trange"):
        yield f"{driver.node} trange", driver.range_mode, rop["trange"]
    if rop.get("f"):
        yield f"{driver.node} f", list(driver.stored_range), rop["f"]
    if driver.node not in NOT_AS_STORED:
        output = rop.get("output", rop.get("picture"))
        yield f"{driver.node} output", as_stored(driver.output) or None, output


def test_what_is_known_of_real_scenes_is_found() -> None:
    facts = [
        (path.name, *fact)
        for path, expected in known()
        for fact in facts_of(read(path.read_bytes()), expected)
    ]
    wrong = [(file, what, said, true) for file, what, said, true in facts if said != true]
    print("Houdini facts that hold:", len(facts) - len(wrong), "of", len(facts))
    assert wrong == []


def read(content: bytes) -> HoudiniScene:
    return read_as(HoudiniScene, content, "shot.hip")


def only(found: HoudiniScene, path: str) -> Reference:
    (reference,) = (each for each in found.references if each.node == path)
    return reference


def test_the_scene_of_the_published_example_is_read_although_a_size_in_it_is_wrong() -> None:
    found = read((DATA / "sphere.hip").read_bytes())
    (mantra,) = found.drivers
    assert (mantra.node, mantra.frames, mantra.bypassed) == ("/out/mantra1", "1-10[1]", False)
    assert (mantra.camera, mantra.width, mantra.height) == ("/obj/cam1", 1280, 720)
    assert (found.version, found.member_count, found.complete) == ("17.0.352", 125, True)


@pytest.mark.parametrize(
    ("suffix", "license_"),
    [("hip", License.COMMERCIAL), ("hiplc", License.LIMITED), ("hipnc", License.NON_COMMERCIAL)],
)
def test_the_three_containers_hold_the_same_and_tell_their_licence(suffix: str, license_: License) -> None:
    plain = read((DATA / "blind_spots.hip").read_bytes())
    found = read((DATA / f"blind_spots.{suffix}").read_bytes())
    assert found.license is license_
    assert (found.drivers, found.references) == (plain.drivers, plain.references)
    assert (found.member_count, found.node_count) == (plain.member_count, plain.node_count)


def test_an_expanded_scene_reads_like_its_archive() -> None:
    members = scene([node("/out/m", "ifd", {**NORMAL, "vm_picture": "$HIP/a.$F4.exr"})])
    folder = {name: content.encode() for name, content in members.items() if isinstance(content, str)}
    assert read_expanded(folder, folder.__getitem__, "shot") == read(archive(members))
    with pytest.raises(BadScene, match="no expanded Houdini scene"):
        read_expanded(["notes.txt"], lambda _: b"", "shot")


def test_what_no_public_scene_showed_is_read_as_the_documentation_says() -> None:
    found = read((DATA / "blind_spots.hip").read_bytes())
    assert [(each.node, each.output) for each in found.drivers] == [
        ("/out/arnold1", "$HIP/r/a.$F4.exr"),
        ("/out/vray1", "$HIP/r/v.$F4.exr"),
        ("/out/ris1", "$HIP/r/ris.$F4.exr"),
        ("/out/bake1", "$HIP/r/bake.%(UDIM)d.exr"),
    ]
    assert {each.camera for each in found.drivers} == {"/obj/cam1"}
    inputs = {(each.path, each.kind, each.spread) for each in found.inputs}
    assert inputs == {
        ("$HIP/tex/plate.$F4.exr", Kind.TEXTURE, Spread.SEQUENCE),
        ("$HIP/proxy/tree", Kind.PROXY, Spread.ONE),
        ("$HIP/vdb/smoke.$F4.vdb", Kind.VOLUME, Spread.SEQUENCE),
        ("$JOB/abc/hero.abc", Kind.ALEMBIC, Spread.ONE),
        ("$JOB/tex/wood.<UDIM>.exr", Kind.TEXTURE, Spread.TILES),
        ("$JOB/tex/stone.tx", Kind.TEXTURE, Spread.ONE),
        ("$JOB/tex/sky.hdr", Kind.TEXTURE, Spread.ONE),
        ("$JOB/ies/a.ies", Kind.IES, Spread.ONE),
        ("$JOB/usd/set.usda", Kind.USD, Spread.ONE),
    }


def test_drivers_come_in_order_of_need() -> None:
    found = read(
        archive(
            scene(
                [
                    node("/out/beauty", "ifd", NORMAL, inputs=["cache"]),
                    node("/out/cache", "geometry", NORMAL, inputs=["first"]),
                    node("/out/first", "geometry", NORMAL),
                    node("/out/slices", "geometry", NORMAL),
                    node(
                        "/out/pyro", "hq_sim", {**NORMAL, "hq_driver": "/out/slices", "slicediv": "2\t2\t1"}
                    ),
                    node("/out/circle", "merge", NORMAL, inputs=["circle", "beauty"]),
                ]
            )
        )
    )
    assert [each.node for each in found.drivers] == [
        "/out/first", "/out/cache", "/out/slices", "/out/pyro", "/out/beauty", "/out/circle",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("parameters", "channels", "frames"),
    [
        ({"trange": '"normal"', "f": "1\t10\t2"}, {}, "1-10[2]"),
        ({"trange": '"off"', "f": "1\t10\t2"}, {}, "13-13[1]"),
        ({"trange": "0", "f": "1\t10\t2"}, {}, "13-13[1]"),
        ({"trange": '"on"', "f": "[ f1\t7 ] \t[ f2\t8 ] \t1"}, {"f1": "$FSTART", "f2": "$FEND+2"}, "1-50[1]"),
        ({"trange": '"normal"', "f": "[ f1\t7 ] \t9\t1"}, {"f1": "$FF * 2"}, "7-9[1]"),
        ({"trange": '"normal"', "f": "[ f1\t7 ] \t9\t1"}, {"f1": 'ch(\\"../other/f1\\")'}, "5-9[1]"),
        ({"trange": '"normal"', "f": "[ f1\t7 ] \t9\t1"}, {"f1": 'ch(\\"./f1\\")'}, "7-9[1]"),
        (
            {"trange": '"normal"', "f": "[ f1\t7 ] \t9\t1"},
            {"f1": '"hou.frame()" language = python'},
            "7-9[1]",
        ),
        ({"trange": '"normal"', "f": "1.5\t1e99\t0"}, {}, "1-1[1]"),
        ({"trange": '"normal"', "f": "nonsense\t\t"}, {}, "0-0[1]"),
    ],
)
def test_frames_are_those_stored_or_what_the_file_itself_settles(
    parameters: dict[str, str], channels: dict[str, str], frames: str
) -> None:
    other = node("/out/other", "geometry", {"f": "5\t6\t1"})
    found = read(archive(scene([other, node("/out/m", "ifd", parameters, channels=channels)])))
    driver = found.driver("/out/m")
    assert driver is not None
    assert driver.frames == frames


def test_a_driver_is_one_by_its_place_or_by_its_type() -> None:
    nodes = [
        node("/out/deep/merge1", "merge", NORMAL),
        node("/obj/geo1", "geo"),
        node("/obj/geo1/merge1", "merge", NORMAL),
        node("/obj/geo1/rop1", "rop_geometry", NORMAL),
        node("/obj/geo1/cache1", "filecache", {**NORMAL, "loadfromdisk": '"off"', "file": "$HIP/a.bgeo"}),
        node("/obj/geo1/cache2", "filecache", {**NORMAL, "loadfromdisk": '"on"', "file": "$HIP/b.bgeo"}),
        node("/obj/render", "ropnet"),
        node("/obj/render/m", "ifd", NORMAL, bypass=True),
        node("/out/deep", "subnet", NORMAL),
        node("/stage/karma1", "karma", NORMAL),
        node("/stage/merge1", "merge", NORMAL),
        node("/tasks/topnet1", "topnet"),
        node("/tasks/topnet1/wedge1", "wedge", NORMAL),
        node("/out/studio", "studio::render::1.0", NORMAL),
    ]
    found = read(archive(scene(nodes)))
    purposes = {each.node: (each.purpose, each.bypassed) for each in found.drivers}
    assert purposes == {
        "/out/deep": (Purpose.FLOW, False),
        "/out/deep/merge1": (Purpose.FLOW, False),
        "/obj/geo1/rop1": (Purpose.CACHE, False),
        "/obj/geo1/cache1": (Purpose.CACHE, False),
        "/obj/render/m": (Purpose.RENDER, True),
        "/stage/karma1": (Purpose.RENDER, False),
        "/out/studio": (Purpose.UNKNOWN, False),
    }
    assert [each.path for each in found.inputs] == ["$HIP/b.bgeo"]


@pytest.mark.parametrize(
    ("override", "size"),
    [
        ({"override_camerares": '"off"'}, (1920, 1080)),
        ({"override_camerares": '"on"', "res_fraction": "0.5"}, (960, 540)),
        ({"override_camerares": '"on"', "res_fraction": "specific", "res_override": "640\t480"}, (640, 480)),
    ],
)
def test_the_size_is_the_cameras_or_the_drivers_own(override: dict[str, str], size: tuple[int, int]) -> None:
    camera = node("/obj/cam1", "cam", {"res": "1920\t1080"})
    mantra = node("/out/m", "ifd", {**NORMAL, "camera": "/obj/cam1", **override})
    (driver,) = read(archive(scene([camera, mantra]))).drivers
    assert (driver.width, driver.height) == size


@pytest.mark.parametrize(
    ("type_", "parameter", "stored", "path", "role"),
    [
        ("file", "file", "$HIP/a.bgeo.sc", "$HIP/a.bgeo.sc", Role.INPUT),
        ("file", "file", '"D:\\\\my tex\\\\a.bgeo"', r"D:\my tex\a.bgeo", Role.INPUT),
        ("file", "file", "defcam.bgeo", "defcam.bgeo", Role.SHIPPED),
        ("file", "file", "$HFS/houdini/geo/a.bgeo", "$HFS/houdini/geo/a.bgeo", Role.SHIPPED),
        ("studio::gizmo::2", "whatever", "tex/a.exr", "tex/a.exr", Role.INPUT),
        ("studio::gizmo::2", "export_path", "tex/a.exr", "tex/a.exr", Role.OUTPUT),
        ("ifd", "soho_program", "$SHOW/IFD.py", "$SHOW/IFD.py", Role.SHIPPED),
        ("hlight", "pc_file", "temp:$OS.pc", "temp:$OS.pc", Role.OUTPUT),
        ("file", "file", '"`chs(\\"../other/file\\")`"', '`chs("../other/file")`', Role.INPUT),
    ],
)
def test_a_value_that_looks_like_a_file_is_told_with_its_role(
    type_: str, parameter: str, stored: str, path: str, role: Role
) -> None:
    other = node("/obj/geo1/other", "null", {"file": "4"})
    place = "/out/n" if type_ == "ifd" else "/obj/geo1/n"
    found = read(archive(scene([other, node(place, type_, {parameter: stored})])))
    assert [(each.path, each.role) for each in found.references] == [(path, role)]


@pytest.mark.parametrize(
    "stored",
    ["1.5", '"op:/img/comp1/out.exr"', '"oplib:/Sop/a?b.exr"', "/obj/geo1", '""', '"https://a.b/c.exr"'],
)
def test_what_is_not_on_disk_is_no_file(stored: str) -> None:
    assert read(archive(scene([node("/obj/n", "hlight", {"env_map": stored})]))).references == ()


def test_formulas_are_followed_as_far_as_the_file_settles_them() -> None:
    nodes = [
        node("/obj/geo1/a", "file", {"file": '$HIP/`opname(\\"..\\")`/$OS.bgeo'}),
        node("/obj/geo1/b", "file", {"file": '"`chs(\\"../a/file\\")`"'}),
        node(
            "/obj/geo1/c",
            "file",
            {"file": "[ file\t/saved/c.12.bgeo ] "},
            channels={"file": 'chs(\\"../a/file\\")'},
        ),
        node(
            "/obj/geo1/d",
            "file",
            {"file": "[ file\t/saved/d.bgeo ] "},
            channels={"file": '"hou.x()" language = python'},
        ),
        node("/obj/geo1/e", "file", {"file": "$HIP/e.`@wedgeindex`.$F.bgeo"}),
        node("/obj/geo1/f", "file", {"file": '$HIP/`system(\\"rm\\")`.bgeo'}),
    ]
    found = read(archive(scene(nodes)))
    assert only(found, "/obj/geo1/a").expanded == "$HIP/geo1/a.bgeo"
    assert only(found, "/obj/geo1/b").expanded == "$HIP/geo1/a.bgeo"
    assert only(found, "/obj/geo1/c").expanded == "$HIP/geo1/a.bgeo"
    assert only(found, "/obj/geo1/e").spread is Spread.SEQUENCE
    assert [(each.node, each.expression) for each in found.unresolved] == [
        ("/obj/geo1/d", "hou.x()"),
        ("/obj/geo1/f", '$HIP/`system("rm")`.bgeo'),
    ]
    assert [each.node for each in found.references if each.optional] == ["/obj/geo1/d", "/obj/geo1/f"]


def test_assets_of_studios_are_needed_and_those_of_houdini_are_not() -> None:
    members = scene()
    members[".OPlibraries"] = "$JOB/otls/tree.hda\n"
    members[".OPfallbacks"] = (
        "Sop/color C:/PROGRA~1/houdini/otls/OPlibSop.hda\nSop/color otls/OPlibSop.hda\n"
        "Sop/tree $JOB/otls/tree.hda\nDriver/farm /studio/farm.otl\nDriver/farm otls/farm.otl\n"
    )
    found = read(archive(members))
    assert found.libraries == ("$JOB/otls/tree.hda",)
    assert [(each.path, each.kind, each.role) for each in found.references] == [
        ("$JOB/otls/tree.hda", Kind.HDA, Role.INPUT),
        ("/studio/farm.otl", Kind.HDA, Role.INPUT),
    ]


def test_scripts_are_listed_and_never_run() -> None:
    members = scene(
        [
            node("/out/m", "ifd", {**NORMAL, "tprerender": '"on"', "prerender": '"unix rm"'}),
            node("/out/n", "ifd", {**NORMAL, "tpreframe": '"off"', "preframe": '"unix ls"'}),
            node("/obj/geo1/p", "python", {"python": '"import os\nos.remove(\\"a/b.txt\\")"'}),
        ]
    )
    members[".hou.session"] = "\n\nimport os\n"
    assert [(each.node, each.attribute, each.text) for each in read(archive(members)).scripts] == [
        ("", "hou.session", "import os"),
        ("/out/m", "prerender", "unix rm"),
        ("/obj/geo1/p", "python", 'import os\nos.remove("a/b.txt")'),
    ]


def as_far_as_read(content: bytes) -> object:
    try:
        return read(content)
    except BadScene as error:
        return error.partial


def whole() -> bytes:
    return archive(scene([node("/out/m", "ifd", NORMAL), node("/obj/cam1", "cam", {"res": "640\t480"})]))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (whole()[:-100], "cut off"),
        (whole()[:-87], "without the closing TRAILER"),
        (whole()[:50], "cut off"),
        (whole(), ""),
        (member(".start", "fps 24", size=0o77777777777), "claims 8589934591 bytes of a file of"),
        (
            member(".start", "fps 24", size=10).replace(b"00000000012.start", b"-0000000012.start"),
            "claims -10 bytes",
        ),
        (b"070707" + b"x" * 200, "expected the header"),
        (b"070707000001000000000666000000000000000001000000133000000007777770000000000" * 2, "name"),
    ],
)
def test_a_damaged_archive_is_told_and_what_came_before_is_kept(content: bytes, said: str) -> None:
    if not said:
        assert read(content).complete
        return
    with pytest.raises(BadScene, match=said) as error:
        read(content)
    partial = error.value.partial
    assert isinstance(partial, HoudiniScene)
    assert not partial.complete


def test_what_was_read_before_the_cut_is_there() -> None:
    content = whole()
    with pytest.raises(BadScene) as error:
        read(content[: content.index(b"obj/cam1.init") + 20])
    partial = error.value.partial
    assert isinstance(partial, HoudiniScene)
    assert partial.version == "19.5.368"
    assert [each.node for each in partial.drivers] == ["/out/m"]


def test_line_endings_that_a_tool_converted_lose_no_member() -> None:
    content = whole()
    unix = read(content)
    windows = read(content.replace(b"\n", b"\r\n"))
    assert windows.member_count == unix.member_count
    assert [each.node for each in windows.drivers] == [each.node for each in unix.drivers]


def test_a_cut_limited_scene_gives_what_is_there() -> None:
    content = limited(scene([node("/out/m", "ifd", NORMAL)]))
    found = read(content[: content.index(b".cwd") - 10])
    assert [each.node for each in found.drivers] == ["/out/m"]


@pytest.mark.parametrize("name", ["sphere.hip", "blind_spots.hip", "blind_spots.hiplc"])
def test_a_scene_cut_anywhere_gives_facts_or_bad_scene(name: str) -> None:
    content = (DATA / name).read_bytes()
    for end in range(6, len(content), 1000):
        assert as_far_as_read(content[:end]) is not None


def test_nodes_and_formulas_that_lead_in_circles_or_far_down_end() -> None:
    deep = "/out" + "/n" * 1000
    nodes = [node("/out/m", "ifd", NORMAL), node(deep, "ifd", NORMAL)]
    nodes += [
        node(f"/obj/c{number}", "file", {"file": f'"`chs(\\"../c{number + 1}/file\\")`"'})
        for number in range(100)
    ]
    nodes.append(node("/obj/c100", "file", {"file": '"`chs(\\"../c0/file\\")`"'}))
    nodes += [node(f"/out/r{number}", "merge", NORMAL, inputs=[f"r{number + 1}"]) for number in range(3000)]
    found = read(archive(scene(nodes)))
    assert len(found.unresolved) == 101
    assert len(found.drivers) == 3002


def test_a_scene_larger_than_the_limit_is_refused() -> None:
    with pytest.raises(BadScene, match="where 100 is the limit"):
        read_hip(whole(), "shot.hip", limit=100)


def test_values_full_of_suffixes_take_time_in_proportion_to_their_length() -> None:
    flood = ".exr\t" * 20_000
    content = archive(scene([node("/obj/n", "x", {"a": flood}), {"obj/m.parm": "\n" + flood}]))
    assert read(content).inputs == ()


def test_many_formulas_take_time_in_proportion_to_their_number() -> None:
    count = 3000
    values = {f"f{number}": f"[ f{number}\t/a/{number}.exr ] " for number in range(count)}
    channels = {f"f{number}": f'chs(\\"../m/g{number}\\")' for number in range(count)}
    target = node("/obj/m", "null", {f"g{number}": f"/b/{number}.exr" for number in range(count)})
    found = read(archive(scene([target, node("/obj/n", "x", values, channels=channels)])))
    settled = [each.expanded for each in found.references if each.node == "/obj/n"]
    assert settled == [f"/b/{number}.exr" for number in range(count)]


def test_formulas_that_multiply_end_at_their_limit() -> None:
    nodes = [
        node(f"/obj/a{level}", "file", {"file": '"' + f'`chs(\\"../a{level + 1}/file\\")`' * 9 + '"'})
        for level in range(20)
    ]
    found = read(archive(scene([*nodes, node("/obj/a20", "file", {"file": "x.bgeo"})])))
    assert len(found.references) == 21
    assert len(found.unresolved) > 10


@pytest.mark.parametrize("flood", [' expr = "\\"', " expr = \n", " expr = "])
def test_a_channel_full_of_formulas_takes_time_in_proportion_to_its_length(flood: str) -> None:
    members = node("/obj/n", "x", {"a": "[ a\t/saved/a.exr ] "})
    members["obj/n.chn"] = "{\n    channel a {" + flood * 100_000
    assert [each.path for each in read(archive(scene([members]))).references] == ["/saved/a.exr"]
