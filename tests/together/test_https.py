"""A farm with a certificate: clients that trust its authority use it, others are told what to do."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from tests.together.certificates import DAY, Authority, Signed
from tests.together.cli.runner import CommandLine
from tests.together.farms import FarmProcess, farm_process
from tests.together.test_farm_process import failing

from rayvision_api import RayvisionAPI
from rayvision_api.exception import FarmNotReachable
from rayvision_api.network import CA_VARIABLES
from rayvision_sync import engine
from renderbus_model.pieces import digest_of
from renderbus_model.wire.operation import Nothing
from renderbus_model.wire.transfer import MISSING_BLOBS, BlobToSend, MissingBlobsQuery
from renderbus_model.wire.user import QUERY_USER_PROFILE


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def signed(authority: Authority) -> Signed:
    return authority.sign("127.0.0.1")


@pytest.fixture(scope="module")
def farm(
    authority: Authority, signed: Signed, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FarmProcess]:
    """A farm over https that renders nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REQUESTS_CA_BUNDLE", str(authority.file))
        data = tmp_path_factory.mktemp("farm") / "data"
        with farm_process(data, "--tls-cert", str(signed.cert), "--tls-key", str(signed.key)) as running:
            patch.undo()
            yield running


@pytest.fixture(autouse=True)
def _no_other_authorities(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in CA_VARIABLES:
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def _trusting(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.file))


def log_in(farm: FarmProcess, url: str = "") -> RayvisionAPI:
    return RayvisionAPI(farm.access_id, farm.access_key, url or farm.url, "2")


def refused_log_in(farm: FarmProcess, url: str = "") -> str:
    with pytest.raises(FarmNotReachable) as caught:
        log_in(farm, url)
    return caught.value.error


@pytest.mark.usefixtures("_trusting")
def test_a_signed_question_is_answered_over_https(farm: FarmProcess) -> None:
    assert farm.url.startswith("https://127.0.0.1:")
    assert farm.ask(QUERY_USER_PROFILE, Nothing()).user_name == "owner"


def test_requests_finds_the_farm_s_certificate_good(farm: FarmProcess, authority: Authority) -> None:
    answer = requests.get(farm.url + "/healthz", verify=str(authority.file), timeout=10)
    assert answer.json()["status"] == "ok"


@pytest.mark.usefixtures("_trusting")
def test_a_signed_address_carries_bytes_over_https(farm: FarmProcess) -> None:
    asked = MissingBlobsQuery(blobs=[BlobToSend(digest=digest_of(b"wood"), size_bytes=4)])
    (grant,) = farm.ask(MISSING_BLOBS, asked).missing
    assert requests.put(farm.url + grant.url, data=b"wood", timeout=10).ok
    assert farm.ask(MISSING_BLOBS, asked).missing == []


@pytest.mark.parametrize("variable", CA_VARIABLES)
def test_the_sdk_trusts_the_authorities_that_the_environment_names(
    farm: FarmProcess, authority: Authority, variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, str(authority.file))
    scene = tmp_path / "shot.blend"
    scene.write_bytes(variable.encode() * 1000)
    with log_in(farm) as api:
        assert api.user_info["user_name"] == "owner"
        engine.upload(api, [(scene, str(scene))], "input")


def test_a_certificate_that_nobody_vouches_for_is_refused_with_the_remedy(farm: FarmProcess) -> None:
    said = refused_log_in(farm)
    assert "certificate is not trusted" in said
    assert "let REQUESTS_CA_BUNDLE name a file" in said
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(farm.url + "/healthz", timeout=10)


@pytest.mark.usefixtures("_trusting")
def test_a_name_that_the_certificate_does_not_have_is_refused(farm: FarmProcess) -> None:
    assert "certificate is for another name" in refused_log_in(
        farm, farm.url.replace("127.0.0.1", "localhost")
    )


def test_a_farm_with_a_certificate_does_not_answer_without(farm: FarmProcess) -> None:
    with pytest.raises(requests.ConnectionError):
        requests.get(farm.url.replace("https:", "http:") + "/healthz", timeout=10)


def test_a_list_of_authorities_that_is_not_there_is_named(
    farm: FarmProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such/authorities.pem")
    assert "/no/such/authorities.pem" in refused_log_in(farm)


@pytest.mark.usefixtures("_trusting")
def test_a_certificate_that_has_expired_is_told(authority: Authority, tmp_path: Path) -> None:
    signed = authority.sign("127.0.0.1", "old.example", ends_in=-DAY)
    options = ("--tls-cert", str(signed.cert), "--tls-key", str(signed.key))
    with pytest.raises(requests.exceptions.SSLError), farm_process(tmp_path / "data", *options):
        raise AssertionError("a farm whose certificate has expired was asked")


def test_a_farm_with_a_wrong_key_does_not_start(signed: Signed, authority: Authority, tmp_path: Path) -> None:
    other = authority.sign("other.example")
    said = failing("--data", str(tmp_path), "--tls-cert", str(signed.cert), "--tls-key", str(other.key))
    assert "is not the key of the certificate" in said
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_today_s_kinds_of_encryption_are_spoken(
    farm: FarmProcess, authority: Authority, version: ssl.TLSVersion
) -> None:
    host, port = farm.domain.split(":")
    context = ssl.create_default_context(cafile=str(authority.file))
    context.minimum_version = context.maximum_version = version
    with (
        socket.create_connection((host, int(port)), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=host) as connection,
    ):
        assert connection.version() == version.name.replace("_", ".")


def test_the_command_line_finds_the_farm_of_a_data_folder_over_https(
    farm: FarmProcess, authority: Authority, tmp_path: Path
) -> None:
    user = CommandLine(tmp_path)
    trusted = user.having(REQUESTS_CA_BUNDLE=str(authority.file)).run("task", "list", "--data", farm.data)
    assert (trusted.status, trusted.err) == (0, "")
    refused = user.run("task", "list", "--data", farm.data)
    assert refused.status == 69
    assert "let REQUESTS_CA_BUNDLE name a file" in refused.err


def test_the_command_line_serves_a_farm_over_https(authority: Authority, tmp_path: Path) -> None:
    signed = authority.sign("127.0.0.1")
    user = CommandLine(tmp_path).having(REQUESTS_CA_BUNDLE=str(authority.file))
    options = ("--port", "0", "--workers", "0", "--data", tmp_path / "data")
    with user.start("farm", "serve", *options, "--tls-cert", signed.cert, "--tls-key", signed.key) as farm:
        try:
            assert farm.stdout is not None
            assert '"url":"https://127.0.0.1:' in farm.stdout.readline().replace(" ", "")
            listed = user.run("task", "list", "--profile", "local")
        finally:
            farm.terminate()
            assert farm.wait(30) == 0
    assert (listed.status, listed.err) == (0, "")


def test_a_certificate_without_its_key_is_wrong_usage(signed: Signed, tmp_path: Path) -> None:
    ended = CommandLine(tmp_path).run("farm", "serve", "--data", tmp_path / "data", "--tls-cert", signed.cert)
    assert ended.status == 64
    assert "'tls_key'" in ended.err
    assert not (tmp_path / "data").exists()
