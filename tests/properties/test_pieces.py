"""A manifest says the same whatever the order its files were found in."""

from __future__ import annotations

import io
import random

from hypothesis import given
from hypothesis import strategies as st

from renderbus_model.paths import checked_farm_path
from renderbus_model.pieces import FileEntry, Manifest, digest_of, digest_of_stream

digests = st.binary(max_size=2).map(digest_of)
names = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/\\:."), min_size=1, max_size=5
)
files = st.builds(
    FileEntry,
    st.lists(names, min_size=1, max_size=3).map(lambda parts: checked_farm_path("/".join(parts))),
    digests,
    st.integers(0, 2**40),
)


@given(st.lists(files, max_size=20, unique_by=lambda file: file.path), st.randoms())
def test_equal_sets_have_equal_bytes(entries: list[FileEntry], order: random.Random) -> None:
    mixed = entries.copy()
    order.shuffle(mixed)
    assert Manifest.of(mixed).encode() == Manifest.of(entries).encode()
    assert Manifest.decode(Manifest.of(entries).encode()) == Manifest.of(mixed)


@given(st.binary(max_size=5000))
def test_a_stream_has_the_digest_of_its_bytes(content: bytes) -> None:
    assert digest_of_stream(io.BytesIO(content)) == (digest_of(content), len(content))
