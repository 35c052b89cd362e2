"""A farm path can be joined to a folder without leaving it, and has one spelling."""

from __future__ import annotations

import posixpath
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from renderbus_model.document_values import safe_name
from renderbus_model.paths import BadPath, checked_farm_path, farm_path

parts = st.text(st.sampled_from("ab./\\: 片\x00\n~"), max_size=12) | st.text(max_size=6)
paths = st.lists(parts, max_size=6).map("/".join) | st.text()


@given(paths)
def test_a_path_from_outside_stays_in_its_folder_or_is_refused(path: str) -> None:
    try:
        farm = checked_farm_path(path)
    except BadPath:
        return
    joined = posixpath.normpath(f"/node/layout{farm}")
    assert joined == f"/node/layout{farm}"
    assert "\x00" not in farm


@given(paths)
def test_a_farm_path_is_its_own_spelling(path: str) -> None:
    try:
        farm = checked_farm_path(path)
    except BadPath:
        return
    assert checked_farm_path(farm) == farm
    assert checked_farm_path(farm.lstrip("/")) == farm
    assert farm_path(farm) == farm


@given(paths)
def test_a_local_path_has_a_place_or_is_refused(path: str) -> None:
    with suppress(BadPath):
        assert farm_path(path).startswith("/")


@given(st.text())
def test_a_safe_name_is_one_name_on_every_system(name: str) -> None:
    safe = safe_name(name)
    assert safe not in ("", ".", "..")
    assert not set(safe) & set('/\\:*?"<>|\x00\n')
    assert not safe.endswith((".", " "))
    assert len(safe.encode()) <= 180
    assert safe_name(safe) == safe
