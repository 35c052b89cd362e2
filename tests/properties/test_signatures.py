"""What a client signs from a Python body is what a server rebuilds from the JSON it receives."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from renderbus_model.wire.signing import canonical_string, normalised, sign

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
keys = texts | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(keys, inner, max_size=4)
    ),
    max_leaves=20,
)
bodies = st.dictionaries(keys, values, max_size=6)
HEADERS = {
    "accessId": "id",
    "channel": "4",
    "platform": "2",
    "UTCTimestamp": "1",
    "nonce": "2",
    "version": "1",
}


def signed(body: dict[str, Any]) -> str:
    return sign("key", canonical_string("farm.example:8080", "/api/x", HEADERS, body))


@given(bodies)
def test_a_server_rebuilds_what_a_client_signed(body: dict[Any, Any]) -> None:
    ours = normalised(body)
    assert signed(json.loads(json.dumps(ours))) == signed(ours)


@given(bodies)
def test_what_is_sent_says_the_same_as_what_was_given(body: dict[Any, Any]) -> None:
    keys_as_sent = [json.loads(json.dumps({key: 0})) for key in body]
    if len({next(iter(entry)) for entry in keys_as_sent}) == len(body):  # no two keys become one text
        assert json.loads(json.dumps(normalised(body))).keys() == {
            next(iter(entry)) for entry in keys_as_sent
        }
    assert normalised(normalised(body)) == normalised(body)


@given(st.dictionaries(texts, values, max_size=6), texts, st.sampled_from(["", "x", "X", " "]))
def test_another_text_has_another_signature(body: dict[str, Any], name: str, more: str) -> None:
    # Under a name of its own: a flattened name may hide another of the same spelling.
    own = f"zz-{name}"
    ours = {key: value for key, value in normalised(body).items() if not key.startswith("zz-") and key != ""}
    one, other = {**ours, own: "text"}, {**ours, own: f"text{more}"}
    assert (signed(one) == signed(other)) is (more == "")
