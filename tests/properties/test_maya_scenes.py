"""Whatever bytes a Maya scene is made of, its reader answers with values or BadScene, and soon."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from renderbus_model.maya_scene import MayaScene
from renderbus_scenes.errors import BadScene
from renderbus_scenes.maya_ascii import read_maya_ascii
from renderbus_scenes.maya_binary import read_maya_binary
from renderbus_scenes.maya_text import CodePage

DATA = Path(__file__).parents[1] / "data" / "maya"
ASCII = [path.read_bytes() for path in sorted(DATA.rglob("*.ma"))]
PIECES = [
    b'createNode camera -n "a";\n',
    b'\tsetAttr ".rnd" no;\n',
    b'\tsetAttr ".ftn" -type "string" "',
    b'( "',
    b"\\",
    b'"',
    b";\n",
    b"\n",
    b"\r",
    b"\x95\x5c",
    b"select -ne :defaultRenderGlobals;\n",
    b'connectAttr "renderLayerManager.rlmi[0]" "x.rlid";\n',
    b'file -rdi 1 -ns "a" -rfn "aRN" "b.ma',
    b"requires maya",
    b'createNode file -n "t";\n',
    b"1e999",
    b"// End of x",
]
CODESETS = st.sampled_from([b"932", b"936", b"UTF-8", b"1252", b"949", b"none", b"99999"])


def answers(content: bytes) -> None:
    """Read a scene: what is raised but BadScene is a crash."""
    reader = read_maya_binary if content.startswith(b"FOR") else read_maya_ascii
    offset = 0
    partial: object = None
    try:
        partial = reader(content)
    except BadScene as error:
        offset, partial = error.offset, error.partial
    assert 0 <= offset <= len(content)
    assert partial is None or isinstance(partial, MayaScene)


@settings(max_examples=150, deadline=None)
@given(CODESETS, st.lists(st.sampled_from(PIECES) | st.binary(max_size=12), max_size=30))
def test_any_pieces_of_a_scene_are_answered(codeset: bytes, pieces: list[bytes]) -> None:
    answers(b"//Maya ASCII 2023 scene\n//Codeset: " + codeset + b"\n" + b"".join(pieces))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(ASCII), st.data())
def test_a_scene_with_bytes_changed_is_answered(content: bytes, data: st.DataObject) -> None:
    changed = bytearray(content)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(30, len(changed) - 1))
        changed[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=6))
        if len(changed) <= 31:
            return
    answers(bytes(changed))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([b"FOR4", b"FOR8"]), st.binary(max_size=300))
def test_any_bytes_in_a_binary_scene_are_answered(form: bytes, rest: bytes) -> None:
    header = form + b"\0\0\0\x40Maya" if form == b"FOR4" else form + b"\0" * 11 + b"\x40Maya"
    answers(header + rest)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30))
def test_what_is_quoted_as_maya_does_reads_back(text: str) -> None:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    raw = escaped.replace("\r", "\\r").encode()
    page = CodePage("UTF-8")
    whole = b'"' + raw + b'" behind'
    assert page.closing_quote(whole, 1, len(whole)) == len(raw) + 1
    assert page.unquoted(raw) == text


@given(st.text(st.sampled_from("表ソ能十貼a/:.木"), max_size=20))
def test_a_path_in_shift_jis_reads_back_whether_second_bytes_are_doubled_or_not(path: str) -> None:
    page = CodePage("932")
    plain = path.encode("cp932")
    doubled = b"".join(
        sign.encode("cp932") + (b"\\" if sign.encode("cp932").endswith(b"\\") else b"") for sign in path
    )
    for raw in (plain, doubled):
        whole = raw + b'";'
        assert page.closing_quote(whole, 0, len(whole)) == len(raw)
        assert page.unquoted(raw) == path
