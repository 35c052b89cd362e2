"""Signed URLs allow what they say until they expire, and nothing else."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderbus_farm.blobs.links import BadLink, Links, MayGet, MayPut
from renderbus_model.pieces import digest_of

WOOD, IRON = digest_of(b"wood"), digest_of(b"iron")
LINKS = Links(b"k" * 32)


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(min_value=1000, max_value=2**40))
def test_any_name_survives_its_url(name: str, until: int) -> None:
    url = LINKS.get_url(WOOD, name, until)
    assert urlsplit(url).path == f"/blobs/{WOOD}"
    assert url.isascii()
    assert LINKS.may_get(WOOD, query_of(url), now=1000) == MayGet(WOOD, name)


def test_a_name_that_is_no_unicode_still_gives_a_url() -> None:
    url = LINKS.get_url(WOOD, "wood\udcff.exr", 1000)
    assert LINKS.may_get(WOOD, query_of(url), now=1000).name == "wood?.exr"


def test_a_put_url_names_digest_size_and_account() -> None:
    query = query_of(LINKS.put_url(WOOD, 4, 7, 1000))
    assert LINKS.may_put(WOOD, query, now=999.5) == MayPut(WOOD, 4, 7)


def test_a_url_ends_with_its_time() -> None:
    query = query_of(LINKS.put_url(WOOD, 4, 7, 1000))
    with pytest.raises(BadLink, match="expired"):
        LINKS.may_put(WOOD, query, now=1000.5)


@pytest.mark.parametrize("member", ["op", "size", "account", "until", "sig"])
def test_no_member_can_be_changed_or_left_out(member: str) -> None:
    query = query_of(LINKS.put_url(WOOD, 4, 7, 1000))
    for changed in ({**query, member: "99999"}, {k: v for k, v in query.items() if k != member}):
        with pytest.raises(BadLink, match="not made by this farm"):
            LINKS.may_put(WOOD, changed, now=1)


def test_a_url_is_for_one_blob_one_use_and_one_farm() -> None:
    put, get = query_of(LINKS.put_url(WOOD, 4, 7, 1000)), query_of(LINKS.get_url(WOOD, "wood", 1000))
    with pytest.raises(BadLink):
        LINKS.may_put(IRON, put, now=1)
    with pytest.raises(BadLink):
        LINKS.may_get(WOOD, put, now=1)
    with pytest.raises(BadLink):
        LINKS.may_put(WOOD, get, now=1)
    with pytest.raises(BadLink):
        Links(b"x" * 32).may_get(WOOD, get, now=1)


@given(st.dictionaries(st.sampled_from(["op", "size", "account", "until", "sig", "name"]), st.text()))
def test_garbage_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(BadLink):
        LINKS.may_put(WOOD, query, now=1)
    with pytest.raises(BadLink):
        LINKS.may_get(WOOD, query, now=1)


def test_a_short_key_is_no_key() -> None:
    with pytest.raises(ValueError, match="expected at least 32"):
        Links(b"short")
