"""What holds for every input of the scene readers."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from renderbus_model.any_scene import AnyScene
from renderbus_model.scene import Reference, Spread
from renderbus_scenes.blender import repath
from renderbus_scenes.errors import BadScene
from renderbus_scenes.reader import read
from renderbus_scenes.sequences import Listing
from renderbus_scenes.unpack import unpacked

DATA = Path(__file__).parents[1] / "data" / "blender"


@cache
def contents() -> tuple[bytes, ...]:
    """Real scenes as they are and unpacked: old and new header, raw, gzip, zstd."""
    packed = [(DATA / name).read_bytes() for name in ("everything.blend", "logic_scenes.blend")]
    return (*packed, *(bytes(unpacked(each)) for each in packed))


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A real scene with bytes changed, left out or cut off."""
    content = bytearray(draw(st.sampled_from(contents())))
    for _ in range(draw(st.integers(1, 20))):
        where = draw(st.integers(0, max(0, len(content) - 1)))
        what = draw(st.sampled_from(["change", "change", "change", "leave out", "cut off"]))
        if what == "change" and content:
            content[where] = draw(st.integers(0, 255))
        elif what == "leave out":
            del content[where : where + draw(st.integers(1, 50))]
        elif draw(st.integers(0, 9)) == 0:
            del content[where:]
    return bytes(content)


@settings(
    max_examples=120, deadline=5000, suppress_health_check=[HealthCheck.data_too_large, HealthCheck.too_slow]
)
@given(damaged())
def test_a_damaged_scene_gives_facts_or_bad_scene_and_nothing_else(content: bytes) -> None:
    try:
        facts: AnyScene | None = read(content, "shot.blend")
    except BadScene as error:
        facts = error.partial
    assert facts is None or facts.application == "Blender"


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"BLENDER-v300", b"BLENDER17-01v0501", b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"]),
)
def test_noise_is_no_scene(content: bytes, head: bytes) -> None:
    with pytest.raises(BadScene):
        read(head + content)


paths = st.binary(min_size=1, max_size=250).filter(lambda path: b"\0" not in path and b"\\" not in path)


@settings(max_examples=40, deadline=None)
@given(st.lists(paths, min_size=1, max_size=30))
def test_paths_read_back_as_they_were_put_in(chosen: list[bytes]) -> None:
    def resolve(reference: Reference) -> bytes | None:
        number = reference.offset % len(chosen)
        return None if reference.names else chosen[number]

    content = contents()[2]
    changed = repath(content, resolve)
    before, after = read(content).references, read(changed).references
    assert len(before) == len(after)
    for old, new in zip(before, after, strict=True):
        expected = resolve(old)
        assert new.path.encode("utf-8", "surrogateescape") == (
            expected if expected is not None else old.path.encode()
        )


names = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=20)


@given(names, st.integers(1001, 9999), st.lists(names, max_size=5))
def test_a_tile_that_is_there_is_always_found(stem: str, tile: int, others: list[str]) -> None:
    listing = Listing([*others, f"{stem}.{tile}.png"])
    stem_has_token = any(sign in stem for sign in "#%<")
    found = [match.found for match in listing.matching(f"{stem}.<UDIM>.png", Spread.TILES)]
    assert stem_has_token or f"{stem}.{tile}.png" in found


@given(names, st.lists(names, max_size=8), st.sampled_from(list(Spread)), st.booleans())
def test_only_files_that_are_listed_are_found(
    name: str, there: list[str], spread: Spread, ignore_case: bool
) -> None:
    found = [match.found for match in Listing(there).matching(name, spread, ignore_case=ignore_case)]
    assert set(found) <= set(there)
    assert len(found) == len(set(found))
