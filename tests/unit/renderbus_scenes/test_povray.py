"""POV-Ray's scene language, as far as it names files, and its .ini files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderbus_model.povray_scene import PovrayScene, PovraySettings
from renderbus_model.scene import Kind, Reference, Role
from renderbus_scenes.errors import BadScene
from renderbus_scenes.povray import read_ini, read_pov, repath

BALLS = Path(__file__).parents[2] / "data" / "povray" / "balls.pov"


def named(text: str) -> list[tuple[str, Kind, Role]]:
    return [(each.path, each.kind, each.role) for each in read_pov(text.encode()).references]


def test_a_scene_tells_its_version_its_files_and_that_it_moves() -> None:
    scene = read_pov(BALLS.read_bytes(), BALLS.name)
    assert scene.version == "3.7"
    assert scene.animated
    assert scene.has_camera
    assert [each.path for each in scene.inputs] == ["colors.inc", "parts/floor.inc"]
    assert [each.optional for each in scene.inputs] == [True, False]
    assert [each.node for each in scene.inputs] == ["line 3", "line 4"]


def test_every_statement_that_reads_a_file_is_found() -> None:
    text = """
    #include "a.inc"
    image_map { png "wood.png" }  bump_map { jpeg "b.jpg" }  height_field { sys "c" }
    text { ttf "font.ttf" "hello" 0.1, 0 }
    density_file df3 "smoke.df3"
    #fopen In "points.txt" read
    #fopen Out "log.txt" write
    """
    assert named(text) == [
        ("a.inc", Kind.REFERENCE, Role.INPUT),
        ("wood.png", Kind.TEXTURE, Role.INPUT),
        ("b.jpg", Kind.TEXTURE, Role.INPUT),
        ("c", Kind.TEXTURE, Role.INPUT),
        ("font.ttf", Kind.FONT, Role.INPUT),
        ("smoke.df3", Kind.VOLUME, Role.INPUT),
        ("points.txt", Kind.TEXT, Role.INPUT),
        ("log.txt", Kind.TEXT, Role.OUTPUT),
    ]


def test_what_stands_in_comments_and_texts_names_no_file() -> None:
    text = """
    // #include "never.inc"
    /* image_map { png "never.png" }
    */ #debug "say \\" #include" #declare camera_x = 1;
    """
    scene = read_pov(text.encode())
    assert scene.references == ()
    assert not scene.has_camera


def test_a_name_that_the_scene_puts_together_is_told() -> None:
    scene = read_pov(b'image_map { png concat("tex", str(frame_number, 0, 0), ".png") }')
    assert scene.references == ()
    assert scene.unresolved[0].expression.startswith('concat("tex"')


@pytest.mark.parametrize(("content", "why"), [(b"  \n", "is empty"), (b"ab\0c", "not a text")])
def test_what_is_no_scene_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(BadScene, match=why):
        read_pov(content, "x.pov")


def test_paths_are_replaced_where_they_stand_and_nothing_else_changes() -> None:
    content = (
        b'// "a.png" \xff\n#include "D:\\\\lib\\\\a.inc" '
        b'image_map { png "/x/a.png" } text { ttf "f.ttf" "a" }'
    )

    def resolve(reference: Reference) -> bytes | None:
        return {"D:\\lib\\a.inc": b"/node/a.inc", "/x/a.png": b"/node/a.png"}.get(reference.path)

    made = repath(content, resolve)
    assert made == (
        b'// "a.png" \xff\n#include "/node/a.inc" image_map { png "/node/a.png" } text { ttf "f.ttf" "a" }'
    )


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        scene = read_pov(content)
    except BadScene:
        return
    assert isinstance(scene, PovrayScene)
    assert repath(content, lambda _: None) == content


def test_an_ini_file_tells_frames_clock_and_size_in_both_notations() -> None:
    text = "Width=640 ; wide\nHeight = 480\n+KFI1 +KFF48\nFinal_Clock=2.5\nInput_File_Name=x.pov\n"
    assert read_ini(text) == PovraySettings(640, 480, 1, 48, None, 2.5)
    assert read_ini("Width=wide\n[section]\n") == PovraySettings()
