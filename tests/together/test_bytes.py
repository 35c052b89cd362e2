"""Bytes in and out of a farm: by signed URL, whole or in ranges, never half."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
import requests
from tests.together.farms import FarmProcess, wait_for

from renderbus_farm.blobs.links import Links
from renderbus_farm.blobs.local import LocalBlobs
from renderbus_farm.keys import KeyBox
from renderbus_model.paths import FarmPath
from renderbus_model.pieces import Digest, FileEntry, digest_of
from renderbus_model.wire.transfer import (
    COMMIT_FILES,
    MISSING_BLOBS,
    BlobToSend,
    CommitFiles,
    MissingBlobsQuery,
)


@pytest.fixture(scope="module")
def ada(farm: FarmProcess) -> FarmProcess:
    return farm.as_user("ada of bytes")


@pytest.fixture(scope="module")
def eve(farm: FarmProcess) -> FarmProcess:
    return farm.as_user("eve of bytes")


@pytest.fixture(scope="module")
def links(farm: FarmProcess) -> Links:
    """Signs as the farm does."""
    return Links(KeyBox.at(farm.data / "farm.key").derived("blob urls"))


@pytest.fixture(scope="module")
def stored(farm: FarmProcess) -> LocalBlobs:
    """The farm's storage."""
    return LocalBlobs(farm.data / "blobs")


def fresh(size_bytes: int = 1000) -> tuple[bytes, Digest]:
    content = os.urandom(size_bytes)
    return content, digest_of(content)


def grants(farm: FarmProcess, digest: Digest, size_bytes: int) -> list[str]:
    """URLs to send these bytes to; none when they are there."""
    asked = MissingBlobsQuery(blobs=[BlobToSend(digest=digest, size_bytes=size_bytes)])
    return [grant.url for grant in farm.ask(MISSING_BLOBS, asked).missing]


def put(farm: FarmProcess, url: str, content: bytes) -> requests.Response:
    return requests.put(farm.url + url, data=content, timeout=60)


def nothing_half_written(stored: LocalBlobs, farm: FarmProcess) -> None:
    incoming = farm.data / "blobs" / "incoming"
    wait_for(lambda: not list(incoming.iterdir()), "a file stays half-written", 10)


@pytest.mark.parametrize("size_bytes", [0, 1, 1000, (1 << 20), (5 << 20) + 3])
def test_what_was_sent_is_no_longer_missing(ada: FarmProcess, size_bytes: int) -> None:
    content, digest = fresh(size_bytes)
    (url,) = grants(ada, digest, size_bytes) or [""]
    if not url:
        assert size_bytes == 0  # no bytes may be stored from the start
        return
    answer = put(ada, url, content)
    assert (answer.status_code, answer.json()) == (201, {"digest": digest, "sizeBytes": size_bytes})
    assert grants(ada, digest, size_bytes) == []
    assert put(ada, url, content).status_code == 201, "sending twice is harmless"


def test_committed_files_need_bytes_that_are_there(ada: FarmProcess) -> None:
    content, digest = fresh()
    commit = CommitFiles(storage="input", files=[FileEntry(FarmPath("/tex/wood.exr"), digest, len(content))])
    refused = ada.post(COMMIT_FILES.path, COMMIT_FILES.body(commit))
    assert refused.code != 200
    put(ada, grants(ada, digest, len(content))[0], content)
    for _ in range(5):
        ada.ask(COMMIT_FILES, commit)


def test_another_accounts_bytes_count_as_missing_until_they_are_sent(
    ada: FarmProcess, eve: FarmProcess
) -> None:
    content, digest = fresh()
    put(ada, grants(ada, digest, len(content))[0], content)
    (url,) = grants(eve, digest, len(content))
    commit = CommitFiles(storage="input", files=[FileEntry(FarmPath("/x"), digest, len(content))])
    assert eve.post(COMMIT_FILES.path, COMMIT_FILES.body(commit)).code != 200
    assert put(eve, url, b"x" * len(content)).status_code == 409
    assert eve.post(COMMIT_FILES.path, COMMIT_FILES.body(commit)).code != 200
    assert put(eve, url, content).status_code == 201
    eve.ask(COMMIT_FILES, commit)


def test_wrong_bytes_are_refused_and_leave_nothing(ada: FarmProcess, stored: LocalBlobs) -> None:
    content, digest = fresh()
    (url,) = grants(ada, digest, len(content))
    answer = put(ada, url, b"x" * len(content))
    assert answer.status_code == 409
    assert "does not match its digest" in answer.json()["message"]
    assert stored.have({digest}) == set()
    assert grants(ada, digest, len(content)) != []
    nothing_half_written(stored, ada)


@pytest.mark.parametrize("sent_bytes", [999, 1001, 0, 20 << 20])
@pytest.mark.parametrize("announced", [True, False])
def test_another_number_of_bytes_than_was_granted_is_refused(
    ada: FarmProcess, stored: LocalBlobs, sent_bytes: int, announced: bool
) -> None:
    _, digest = fresh()
    (url,) = grants(ada, digest, 1000)
    content = b"x" * sent_bytes
    parts = (content[start : start + 65536] for start in range(0, len(content), 65536))
    answer = requests.put(ada.url + url, data=content if announced else parts, timeout=60)
    assert answer.status_code == (413 if sent_bytes > 1000 else 400)
    assert "this URL is for 1000" in answer.json()["message"]
    assert stored.have({digest}) == set()
    nothing_half_written(stored, ada)


def test_a_client_that_goes_away_leaves_nothing(ada: FarmProcess, stored: LocalBlobs) -> None:
    content, digest = fresh(4 << 20)
    (url,) = grants(ada, digest, len(content))
    host, port = ada.domain.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        head = f"PUT {url} HTTP/1.1\r\nHost: {ada.domain}\r\nContent-Length: {len(content)}\r\n\r\n"
        connection.sendall(head.encode() + content[: 3 << 20])
        incoming = ada.data / "blobs" / "incoming"
        wait_for(lambda: list(incoming.iterdir()), "nothing arrives", 10)
    nothing_half_written(stored, ada)
    assert stored.have({digest}) == set()
    assert put(ada, url, content).status_code == 201


def changed(url: str, name: str, value: str) -> str:
    path, query = url.split("?")
    members = dict(member.split("=") for member in query.split("&"))
    return f"{path}?" + "&".join(f"{key}={value if key == name else old}" for key, old in members.items())


@pytest.mark.parametrize(
    ("name", "value"),
    [("size", "5"), ("account", "1"), ("until", "99999999999"), ("sig", "x"), ("sig", ""), ("op", "get")],
)
def test_a_changed_url_stores_nothing(ada: FarmProcess, stored: LocalBlobs, name: str, value: str) -> None:
    content, digest = fresh(5 if name == "size" else 1000)
    (url,) = grants(ada, digest, 1000)
    answer = put(ada, changed(url, name, value), content)
    assert answer.status_code == 403
    assert "ask for a new one" in answer.json()["message"]
    assert stored.have({digest}) == set()


def test_a_url_for_one_blob_is_none_for_another(ada: FarmProcess, stored: LocalBlobs) -> None:
    (content, digest), (_, other) = fresh(), fresh()
    (url,) = grants(ada, other, 1000)
    assert put(ada, url.replace(other, digest), content).status_code == 403
    assert stored.have({digest}) == set()


def test_an_expired_url_is_refused_even_to_a_large_upload(ada: FarmProcess, links: Links) -> None:
    content, digest = fresh(8 << 20)
    answer = put(ada, links.put_url(digest, len(content), 1, int(time.time()) - 1), content)
    assert answer.status_code == 403
    assert "expired" in answer.json()["message"]


def test_a_url_does_not_serve_the_other_way(ada: FarmProcess, links: Links) -> None:
    content, digest = fresh()
    (url,) = grants(ada, digest, len(content))
    put(ada, url, content)
    assert requests.get(ada.url + url, timeout=10).status_code == 403
    get_url = links.get_url(digest, "wood", int(time.time()) + 60)
    assert put(ada, get_url, content).status_code == 403


@pytest.fixture
def url_of(ada: FarmProcess, links: Links, stored: LocalBlobs, tmp_path: Path) -> tuple[str, bytes]:
    """Where to get some bytes, and the bytes."""
    content, digest = fresh(100_000)
    (tmp_path / "file").write_bytes(content)
    stored.put_file(tmp_path / "file")
    return ada.url + links.get_url(digest, "wood.exr", int(time.time()) + 60), content


def test_stored_bytes_are_got_whole(url_of: tuple[str, bytes]) -> None:
    url, content = url_of
    answer = requests.get(url, timeout=10)
    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["content-length"] == "100000"
    assert answer.headers["content-disposition"] == 'attachment; filename="wood.exr"'
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["etag"] == f'"{digest_of(content)}"'


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-9", slice(0, 10)),
        ("bytes=99990-", slice(99990, None)),
        ("bytes=-7", slice(-7, None)),
        ("bytes=99990-200000", slice(99990, None)),
    ],
)
def test_a_range_of_the_bytes_is_got(url_of: tuple[str, bytes], asked: str, part: slice) -> None:
    url, content = url_of
    answer = requests.get(url, headers={"Range": asked}, timeout=10)
    assert (answer.status_code, answer.content) == (206, content[part])


def test_a_question_for_the_head_alone_tells_of_all_bytes(url_of: tuple[str, bytes]) -> None:
    url, content = url_of
    answer = requests.head(url, headers={"Range": "bytes=0-9"}, timeout=10)
    assert (answer.status_code, answer.headers["content-length"]) == (200, str(len(content)))


def test_a_range_of_other_bytes_is_not_mixed_in(url_of: tuple[str, bytes]) -> None:
    url, content = url_of
    headers = {"Range": "bytes=0-9", "If-Range": f'"{digest_of(b"other")}"'}
    assert requests.get(url, headers=headers, timeout=10).content == content
    headers["If-Range"] = f'"{digest_of(content)}"'
    assert requests.get(url, headers=headers, timeout=10).content == content[:10]


@pytest.mark.parametrize(
    "asked", ["bytes=200000-", "bytes=9-1", "bytes=x", "lines=1-2", "bytes=" + "0-0," * 500]
)
def test_a_range_that_makes_no_sense_breaks_nothing(url_of: tuple[str, bytes], asked: str) -> None:
    answer = requests.get(url_of[0], headers={"Range": asked}, timeout=10)
    assert answer.status_code in {200, 206, 400, 416}


@pytest.mark.parametrize(
    "name",
    ['a"; filename="b.exe', "a\r\nSet-Cookie: x=1", "../../etc/passwd", "木 & co.exr", "a/b\\c.png", ""],
)
def test_no_name_breaks_out_of_its_header(
    ada: FarmProcess, links: Links, url_of: tuple[str, bytes], name: str
) -> None:
    digest = digest_of(url_of[1])
    answer = requests.get(ada.url + links.get_url(digest, name, int(time.time()) + 60), timeout=10)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    disposition = answer.headers["content-disposition"]
    assert disposition.count('"') in {0, 2}
    assert unquote(disposition).endswith(f"{name}" if "''" in disposition else f'"{name or digest}"'), quote(
        name
    )


def test_what_is_not_stored_is_not_found(ada: FarmProcess, links: Links) -> None:
    _, digest = fresh()
    answer = requests.get(ada.url + links.get_url(digest, "wood", int(time.time()) + 60), timeout=10)
    assert answer.status_code == 404
    assert digest in answer.json()["message"]


@pytest.mark.parametrize("name", ["x", "..%2f..%2ffarm.key", "%00", "A" * 64])
def test_what_is_no_digest_is_not_found(ada: FarmProcess, name: str) -> None:
    for method in ("GET", "PUT"):
        answer = requests.request(method, f"{ada.url}/blobs/{name}?sig=x", timeout=10)
        assert answer.status_code in {403, 404} or answer.json()["code"] == 404


def test_blobs_know_no_other_methods(ada: FarmProcess) -> None:
    for method in ("POST", "DELETE", "PATCH"):
        answer = requests.request(method, f"{ada.url}/blobs/{digest_of(b'')}", timeout=10)
        assert answer.json()["code"] == 404


def test_no_signed_url_stands_in_the_log(ada: FarmProcess) -> None:
    content, digest = fresh()
    (url,) = grants(ada, digest, len(content))
    put(ada, url, b"wrong")
    put(ada, url, content)
    assert digest not in ada.log()
    assert "sig=" not in ada.log()
