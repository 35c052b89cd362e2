"""Who sent a request: against real accounts, with the clock and the domain that the test wants."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderbus_farm.accounts import Accounts, NewAccount
from renderbus_farm.api.domains import Names
from renderbus_farm.api.headers import callers_headers
from renderbus_farm.api.signed import Claim, Signatures
from renderbus_farm.keys import KeyBox
from renderbus_farm.rules.people import User
from renderbus_farm.rules.refusals import (
    BadValue,
    MissingValue,
    SignatureExpired,
    SignatureInvalid,
    UnknownCaller,
)
from renderbus_farm.seen import SeenSignatures
from renderbus_farm.store import accounts as stored
from renderbus_farm.store.database import Database
from renderbus_model.wire.signing import SIGNED_HEADERS, canonical_string, sign

NOW = 1593561600.0  # when the examples were signed
PATH = "/api/render/task/stopTask"
BODY: dict[str, Any] = {"taskIds": [1, 2]}
VECTORS = [
    vector
    for vector in json.loads(
        (Path(__file__).parents[3] / "data" / "signature-vectors.json").read_text("utf-8")
    )["vectors"]
    if vector["server_can_rebuild_from_json"]
]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database.open(tmp_path / "farm.sqlite3")) as opened:
        yield opened


@pytest.fixture
def key_box(tmp_path: Path) -> KeyBox:
    return KeyBox.at(tmp_path / "farm.key")


@pytest.fixture
def accounts(database: Database, key_box: KeyBox) -> Accounts:
    return Accounts(database, key_box, clock=lambda: NOW)


@pytest.fixture
def ada(accounts: Accounts) -> NewAccount:
    return accounts.add("ada")


@pytest.fixture
def seen(tmp_path: Path) -> Iterator[SeenSignatures]:
    with closing(SeenSignatures(tmp_path / "seen", window_s=300, now=NOW)) as opened:
        yield opened


@pytest.fixture
def signatures(accounts: Accounts, seen: SeenSignatures) -> Signatures:
    return Signatures(accounts.find, seen, window_s=300)


def headers(
    account: NewAccount, *, domain: str = "farm.example:8800", host: str = "farm.example:8800", **changed: str
) -> dict[str, str]:
    """Signed headers as they travel; ``changed`` ones are changed after signing."""
    signed = {
        "accessId": account.user.access_id,
        "channel": "4",
        "platform": "2",
        "UTCTimestamp": str(int(NOW)),
        "nonce": "314159",
        "version": "1.0.0",
    }
    signature = sign(account.access_key, canonical_string(domain, PATH, signed, BODY))
    return {**signed, "signature": signature, "host": host, "Content-Type": "application/json", **changed}


def caller(signatures: Signatures, sent: dict[str, str], body: dict[str, Any] = BODY) -> User:
    return signatures.caller(signatures.sender(Claim.read(sent), NOW), PATH, body, NOW)


def test_who_signed_with_the_right_key_is_known(signatures: Signatures, ada: NewAccount) -> None:
    assert caller(signatures, headers(ada)) == ada.user


@pytest.mark.parametrize("spelling", ["X-Studio", "x-studio"])
def test_headers_that_a_published_client_was_given_are_signed_in_the_usual_spellings(
    signatures: Signatures, ada: NewAccount, spelling: str
) -> None:
    sent = headers(ada)
    signed = {name: sent[name] for name in SIGNED_HEADERS}
    text = canonical_string("farm.example:8800", PATH, {**signed, spelling: "Film"}, BODY)
    claim = Claim.read({**sent, "signature": sign(ada.access_key, text)}, added={"x-studio": "Film"})
    assert signatures.caller(signatures.sender(claim, NOW), PATH, BODY, NOW) == ada.user
    other = Claim.read({**sent, "signature": sign(ada.access_key, text)}, added={"x-studio": "Other film"})
    with pytest.raises(SignatureInvalid, match="check the access key"):
        signatures.caller(signatures.sender(other, NOW), PATH, BODY, NOW)


def test_headers_that_are_added_on_the_way_need_not_be_signed(
    signatures: Signatures, ada: NewAccount
) -> None:
    claim = Claim.read(headers(ada), added={"x-studio": "Film"})
    assert signatures.caller(signatures.sender(claim, NOW), PATH, BODY, NOW) == ada.user


def test_what_libraries_and_proxies_add_is_not_taken_for_the_callers() -> None:
    sent = {b"host": b"farm", b"accept": b"*/*", b"x-forwarded-for": b"10.0.0.1", b"accessid": b"x"}
    assert callers_headers({"headers": [*sent.items(), (b"x-studio", b"Film")]}) == {"x-studio": "Film"}


@pytest.mark.parametrize("name", ["accessId", "UTCTimestamp", "nonce", "signature"])
@pytest.mark.parametrize("left", [None, ""])
def test_a_header_that_is_missing_is_named(ada: NewAccount, name: str, left: str | None) -> None:
    sent = {key: value for key, value in headers(ada).items() if key != name}
    with pytest.raises(MissingValue, match=f"header {name}: missing") as refused:
        Claim.read(sent if left is None else {**sent, name: left})
    assert refused.value.code == 601


@pytest.mark.parametrize("text", ["now", "1593561600.5", "0x10", "１５９３", "9" * 4000, " 1", "1e9"])
def test_a_timestamp_is_whole_seconds(ada: NewAccount, text: str) -> None:
    with pytest.raises(BadValue, match=r"UTCTimestamp.*whole seconds"):
        Claim.read(headers(ada, UTCTimestamp=text))


@pytest.mark.parametrize(
    ("off_s", "said"),
    [
        (301, "301 s|5 min"),
        (14 * 60, "14 min behind the farm's"),
        (-14 * 60, "14 min ahead of the farm's"),
        (3 * 3600, "3 h behind"),
        (30 * 86400, "30 days behind"),
    ],
)
def test_a_wrong_clock_is_told_how_far_it_is_off(
    signatures: Signatures, ada: NewAccount, off_s: int, said: str
) -> None:
    claim = Claim.read(headers(ada))
    with pytest.raises(SignatureExpired, match=said) as refused:
        signatures.sender(claim, NOW + off_s)
    assert refused.value.code == 610
    assert "set it and try again" in refused.value.message


@pytest.mark.parametrize("off_s", [-300, 0, 299.5, 300])
def test_a_clock_within_the_window_is_fine(signatures: Signatures, ada: NewAccount, off_s: float) -> None:
    signatures.sender(Claim.read(headers(ada)), NOW + off_s)


def test_an_unknown_access_id_is_told_apart(signatures: Signatures, ada: NewAccount) -> None:
    with pytest.raises(UnknownCaller, match="'nobody'") as refused:
        caller(signatures, headers(ada, accessId="nobody"))
    assert refused.value.code == 602


@pytest.mark.parametrize(
    "changed",
    [
        {"signature": "x"},
        {"signature": "木"},
        {"nonce": "271828"},
        {"UTCTimestamp": str(int(NOW) + 1)},
        {"platform": "3"},
        {"version": "2.0.0"},
        {"host": "evil.example:8800"},
    ],
)
def test_what_was_changed_on_the_way_is_refused(
    signatures: Signatures, ada: NewAccount, changed: dict[str, str]
) -> None:
    with pytest.raises(SignatureInvalid) as refused:
        caller(signatures, headers(ada, **changed))
    assert refused.value.code == 611


def test_a_changed_body_is_refused(signatures: Signatures, ada: NewAccount) -> None:
    with pytest.raises(SignatureInvalid):
        caller(signatures, headers(ada), {"taskIds": [1, 3]})


def test_nobody_signs_for_another_account(
    signatures: Signatures, accounts: Accounts, ada: NewAccount
) -> None:
    eve = accounts.add("eve")
    with pytest.raises(SignatureInvalid):
        caller(signatures, headers(eve, accessId=ada.user.access_id))


@pytest.mark.parametrize("name", ["accessId", "UTCTimestamp", "nonce"])
def test_a_body_cannot_replace_what_the_headers_say(
    signatures: Signatures, ada: NewAccount, name: str
) -> None:
    with pytest.raises(BadValue, match=f"member {name}.*not allowed") as refused:
        caller(signatures, headers(ada), {**BODY, name: "1"})
    assert refused.value.code == 600


@pytest.mark.parametrize("member", [{"nonce": "1"}, {"": {"UTCTimestamp": 1}}])
def test_a_member_without_a_name_cannot_hide_one_that_replaces_a_header(
    signatures: Signatures, ada: NewAccount, member: object
) -> None:
    with pytest.raises(BadValue, match="would replace"):
        caller(signatures, headers(ada), {**BODY, "": member})


def test_a_body_may_hold_a_platform(signatures: Signatures, ada: NewAccount) -> None:
    body = {"platform": 21, "pageNum": 1}
    sent = headers(ada)
    sent["signature"] = sign(
        ada.access_key, canonical_string("farm.example:8800", PATH, sent_only(sent), body)
    )
    assert caller(signatures, sent, body) == ada.user


def sent_only(sent: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in sent.items() if name not in ("host", "signature", "Content-Type")}


def test_the_same_request_is_accepted_once(signatures: Signatures, ada: NewAccount) -> None:
    sent = headers(ada)
    assert caller(signatures, sent) == ada.user
    with pytest.raises(SignatureInvalid, match="received before") as refused:
        caller(signatures, sent)
    assert refused.value.code == 611


def test_a_refused_request_is_not_remembered(signatures: Signatures, ada: NewAccount) -> None:
    sent = headers(ada)
    with pytest.raises(SignatureInvalid):
        caller(signatures, sent, {})
    assert caller(signatures, sent) == ada.user


def test_the_domain_may_be_any_spelling_that_leads_here(
    accounts: Accounts, seen: SeenSignatures, ada: NewAccount
) -> None:
    signatures = Signatures(accounts.find, seen, window_s=300, names=Names(("render.studio",)))
    sent = headers(ada, domain="render.studio:443", host="10.0.0.7:8800")
    assert caller(signatures, sent) == ada.user


def test_a_request_that_was_signed_for_another_farm_is_refused(
    accounts: Accounts, seen: SeenSignatures, ada: NewAccount
) -> None:
    signatures = Signatures(accounts.find, seen, window_s=300, names=Names(("render.studio",)))
    with pytest.raises(SignatureInvalid):
        caller(signatures, headers(ada, domain="other.example"))


def test_a_refused_signature_is_logged_with_the_domains_and_without_secrets(
    signatures: Signatures, ada: NewAccount, caplog: pytest.LogCaptureFixture
) -> None:
    sent = headers(ada, nonce="271828")
    with caplog.at_level(logging.DEBUG), pytest.raises(SignatureInvalid):
        caller(signatures, sent)
    (record,) = [record for record in caplog.records if record.name.startswith("renderbus_farm")]
    assert vars(record)["domains"] == ["farm.example:8800"]
    for secret in (sent["signature"], ada.access_key):
        assert secret not in str(vars(record))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["name"]))
def test_what_the_published_packages_signed_is_accepted(
    database: Database, key_box: KeyBox, signatures: Signatures, vector: dict[str, Any]
) -> None:
    with database.writing() as db:
        stored.add(
            db,
            name="interop",
            access_id=vector["headers"]["accessId"],
            key_sealed=key_box.seal(vector["access_key"]),
            allow_scripts=False,
            now=NOW,
        )
    sent = {**vector["headers"], "signature": vector["signature"], "host": vector["domain"]}
    sender, body = signatures.sender(Claim.read(sent), NOW), json.loads(vector["json_body"])
    if {"accessId", "nonce", "UTCTimestamp"} & body.keys():
        with pytest.raises(BadValue):
            signatures.caller(sender, vector["path"], body, NOW)
    else:
        assert signatures.caller(sender, vector["path"], body, NOW).name == "interop"


@given(st.dictionaries(st.sampled_from(["accessId", "UTCTimestamp", "nonce", "signature"]), st.text()))
def test_garbage_headers_are_refused_by_name(sent: dict[str, str]) -> None:
    if (
        all(sent.get(name) for name in ("accessId", "nonce", "signature"))
        and sent.get("UTCTimestamp", "").isdecimal()
    ):
        return  # by chance no garbage
    with pytest.raises((MissingValue, BadValue), match="header"):
        Claim.read(sent)
