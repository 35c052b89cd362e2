"""A farm spoken to over bare sockets: whatever comes, the answer is JSON with a code, and never a 500."""

from __future__ import annotations

import json
import socket
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.together.farms import FarmProcess, farm_process

from renderbus_model.wire.task import CREATE_TASK, QUERY_TASK_INFO, TASK_JSON_FILE
from renderbus_model.wire.user import QUERY_USER_PROFILE

PATH = QUERY_USER_PROFILE.path
Answer = tuple[int, dict[str, Any]]


@pytest.fixture(scope="module")
def ada(farm: FarmProcess) -> FarmProcess:
    """The farm as one account sees it."""
    return farm.as_user("ada of bare sockets")


def say(farm: FarmProcess, *parts: bytes) -> bytes:
    """Send these bytes; all that comes back until the farm closes the connection."""
    host, port = farm.domain.split(":")
    with closing(socket.create_connection((host, int(port)), timeout=30)) as client:
        answer = b""
        try:
            for part in parts:
                client.sendall(part)
            while part := client.recv(1 << 16):
                answer += part
        except ConnectionError:
            pass  # the farm did not want to hear it all
        return answer


def read(answer: bytes) -> Answer:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/json" in head, answer[:300]
    content = json.loads(body)
    assert "Traceback" not in content["message"]
    return int(head.split()[1]), content


def ask(farm: FarmProcess, body: bytes, path: str = PATH, method: str = "POST", **headers: str) -> Answer:
    """Send a request with these headers, signed as if its body were empty."""
    sent = {"Host": farm.domain, "Connection": "close", **farm.headers(path, {})}
    if "Transfer_Encoding" not in headers:
        sent["Content-Length"] = str(len(body))
    sent.update({name.replace("_", "-"): value for name, value in headers.items()})
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items()), "", ""]
    return read(say(farm, "\r\n".join(lines).encode("utf-8") + body))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{}", 200),
        (b"", 600),
        (b"[]", 600),
        (b"null", 600),
        (b"\xff\xfe", 600),
        (b'{"a": "\xc3\x28"}', 600),
        (b'{"a": 1', 600),
        (b"{}{}", 600),
        (b"[" * 200_000, 600),
        (b'{"a":' * 200_000 + b"1" + b"}" * 200_000, 600),
        (b'{"a": ' + b"9" * 5000 + b"}", 600),
        (b'{"a": NaN, "b": Infinity, "c": -0.0, "d": 1e999}', 611),
        (b'{"a": "\\ud800"}', 600),
        (b'{"a": 1, "a": 2}', 611),
        (b'{"nonce": "1"}', 600),
        (b'{"": {"": {"accessId": "x"}}}', 600),
        (b'{"UTCTimestamp": "1"}', 600),
        (b"\x00" * 1000, 600),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_body_that_makes_no_sense_is_refused_with_a_code(ada: FarmProcess, body: bytes, code: int) -> None:
    status, answer = ask(ada, body)
    assert (status, answer["code"]) == (200, code), answer


@pytest.mark.parametrize("depth", [10, 500, 900, 1100, 30_000])
def test_a_body_may_be_as_deep_as_it_likes_without_harm(ada: FarmProcess, depth: int) -> None:
    assert ask(ada, b'{"a":' * depth + b"1" + b"}" * depth)[1]["code"] in {600, 611}


def test_a_body_of_some_depth_is_read(ada: FarmProcess) -> None:
    assert ada.post(PATH, json.loads(b'{"a":' * 90 + b"1" + b"}" * 90)).code == 200


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=st.binary(max_size=400))
def test_no_bytes_in_a_body_make_a_farm_fail(ada: FarmProcess, body: bytes) -> None:
    status, answer = ask(ada, body)
    assert status == 200
    assert answer["code"] in {600, 611}


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    name=st.sampled_from(["accessId", "UTCTimestamp", "nonce", "signature", "version", "Idempotency-Key"]),
    value=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80),
)
def test_no_header_makes_a_farm_fail(ada: FarmProcess, name: str, value: str) -> None:
    status, answer = ask(ada, b"{}", path=CREATE_TASK.path, **{name.replace("-", "_"): value})
    assert status == 200
    assert answer["code"] in {600, 601, 602, 610, 611, 200}


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"])
def test_operations_are_asked_by_post_alone(ada: FarmProcess, method: str) -> None:
    answer = requests.request(method, ada.url + PATH, timeout=10)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert method == "HEAD" or answer.json()["code"] == 400


@pytest.mark.parametrize("length", ["-1", "five", "1e3", "99999999999999999999999", "5, 6"])
def test_an_announced_length_that_is_no_number_is_refused(ada: FarmProcess, length: str) -> None:
    status, answer = ask(ada, b"{}", Content_Length=length)
    assert (status, answer["code"]) in {(400, 400), (200, 600)}


def test_a_body_in_parts_is_read(ada: FarmProcess) -> None:
    assert ask(ada, b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", Transfer_Encoding="chunked")[1]["code"] == 200


@pytest.mark.parametrize("parts", [b"x\r\n{}\r\n", b"-1\r\n{}\r\n0\r\n\r\n", b"fffffffffffffffff\r\n"])
def test_parts_that_make_no_sense_are_refused(ada: FarmProcess, parts: bytes) -> None:
    answer = say_signed(ada, parts, "Transfer-Encoding: chunked")
    # The application may be waiting for the rest of the body already; then the connection ends.
    assert answer == b"" or read(answer)[0] == 400


def say_signed(farm: FarmProcess, rest: bytes, header: str) -> bytes:
    headers = {"Host": farm.domain, "Connection": "close", **farm.headers(PATH, {})}
    lines = [f"POST {PATH} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), header]
    return say(farm, "\r\n".join([*lines, "", ""]).encode() + rest)


@pytest.mark.parametrize(
    ("path", "mib", "told"),
    [
        (PATH, 11, "larger than 10 MiB"),
        (QUERY_TASK_INFO.path, 11, "larger than 10 MiB"),
        (TASK_JSON_FILE.path, 33, "larger than 32 MiB"),
    ],
)
def test_a_body_is_refused_by_its_announced_size(ada: FarmProcess, path: str, mib: int, told: str) -> None:
    status, answer = ask(ada, b"", path=path, Content_Length=str(mib << 20))
    assert (status, answer["code"]) == (200, 600)
    assert told in answer["message"]


def test_a_document_of_eleven_megabytes_is_taken(ada: FarmProcess) -> None:
    task_id = ada.post(CREATE_TASK.path, {}).data["taskIdList"][0]
    body = {"taskId": task_id, "fileName": "task.json", "content": "x" * (11 << 20)}
    assert ada.post(TASK_JSON_FILE.path, body).code == 200


@pytest.mark.parametrize("path", ["/", "/api/render/user/nothing", "/openapi.json/x", "/a" * 5000, "/%ff%fe"])
def test_an_unknown_interface_is_told(ada: FarmProcess, path: str) -> None:
    status, answer = ask(ada, b"{}", path=path)
    assert (status, answer["code"]) == (200, 404)


def test_a_question_is_asked_again_under_its_key_without_harm(ada: FarmProcess) -> None:
    def create(key: str, body: dict[str, Any]) -> Any:
        headers = {**ada.headers(CREATE_TASK.path, body), "Idempotency-Key": key}
        return requests.post(ada.url + CREATE_TASK.path, json=body, headers=headers, timeout=10).json()

    first = create("one", {"count": 2})
    assert create("one", {"count": 2})["data"] == first["data"]
    assert create("two", {"count": 2})["data"] != first["data"]
    assert create("one", {"count": 3})["code"] == 600
    assert create("x" * 201, {"count": 3})["code"] == 600


def test_a_key_is_one_accounts_own(farm: FarmProcess, ada: FarmProcess) -> None:
    answers = []
    for user in (ada, farm.as_user("eve of bare sockets")):
        headers = {**user.headers(CREATE_TASK.path, {}), "Idempotency-Key": "shared"}
        answers.append(
            requests.post(farm.url + CREATE_TASK.path, json={}, headers=headers, timeout=10).json()
        )
    assert answers[0]["data"]["taskIdList"] != answers[1]["data"]["taskIdList"]


def test_a_farm_that_was_killed_knows_the_requests_it_had_heard(tmp_path: Path) -> None:
    with farm_process(tmp_path / "data") as farm:
        headers = {**farm.headers(PATH, {}), "Host": farm.domain}
        early = {**farm.headers(PATH, {}, UTCTimestamp=str(int(time.time()) + 200)), "Host": farm.domain}
        for sent in (headers, early):
            assert requests.post(farm.url + PATH, data=b"{}", headers=sent, timeout=10).json()["code"] == 200
        farm.kill()
    with farm_process(tmp_path / "data") as again:
        for sent in (headers, early):
            answer = requests.post(again.url + PATH, data=b"{}", headers=sent, timeout=10).json()
            assert (answer["code"], "received before" in answer["message"]) == (611, True)
        assert again.post(PATH, {}).code == 200


def test_a_farm_below_a_path_answers_those_who_were_given_it(tmp_path: Path) -> None:
    settings_file = tmp_path / "data" / "farm.toml"
    settings_file.parent.mkdir()
    settings_file.write_text('path_prefix = "/farm"\ntrusted_proxies = ["127.0.0.1"]\n')
    with farm_process(tmp_path / "data") as farm:
        domain = farm.domain + "/farm"
        whole = requests.post(
            f"http://{domain}{PATH}", data=b"{}", headers=farm.headers(PATH, {}, domain=domain), timeout=10
        )
        assert whole.json()["code"] == 200
        proxied = {
            **farm.headers(PATH, {}, domain="studio.example/farm"),
            "X-Forwarded-Host": "studio.example",
        }
        assert requests.post(farm.url + PATH, data=b"{}", headers=proxied, timeout=10).json()["code"] == 200
        other = {**farm.headers(PATH, {}, domain="evil.example"), "X-Forwarded-Host": "studio.example"}
        assert requests.post(farm.url + PATH, data=b"{}", headers=other, timeout=10).json()["code"] == 611
        assert requests.get(f"http://{domain}/healthz", timeout=10).json()["status"] == "ok"
