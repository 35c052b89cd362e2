from __future__ import annotations

import datetime
import ipaddress
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.unit.rayvision_sync.bytefarm import ByteFarm, entries

from rayvision_api.core import RayvisionAPI
from rayvision_sync import engine
from rayvision_sync.bulk import Bulk, LineLost


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "no_proxy",
        "requests_ca_bundle",
        "curl_ca_bundle",
        "ssl_cert_file",
    ):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_bytes_pass_through_the_proxy_of_the_environment(
    farm: ByteFarm, shot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", farm.url)
    farm.render("9_bus/1.png", b"1")
    with RayvisionAPI("an-id", "a-key", "http://farm.example", "2") as api:
        engine.upload(api, [(shot / "bus.blend", "/t/bus")], "input")
        engine.fetch_new(api, 9, tmp_path / "results", {})
    assert entries(farm, "input") == {"/t/bus"}
    assert set(farm.proxied) == {"farm.example"}


def test_a_farm_on_this_machine_is_not_looked_for_behind_a_proxy(
    farm: ByteFarm, shot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # nobody listens there
    monkeypatch.setenv("all_proxy", "http://127.0.0.1:9")
    with RayvisionAPI("an-id", "a-key", farm.url, "2") as api:
        engine.upload(api, [(shot / "bus.blend", "/t/bus")], "input")
    assert entries(farm, "input") == {"/t/bus"}


def test_a_password_in_netrc_is_not_sent_to_a_store(
    farm: ByteFarm, shot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login ann password secret\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with RayvisionAPI("an-id", "a-key", farm.url, "2") as api:
        engine.upload(api, [(shot / "bus.blend", "/t/bus")], "input")
    assert farm.passwords == []


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that nobody but itself vouches for, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a farm in a test")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[tuple[ByteFarm, Path]]:
    cert, key = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    farm = ByteFarm(tmp_path / "blobs", context)
    yield farm, cert
    farm.close()


def test_a_certificate_of_the_users_own_is_accepted_for_bytes_too(
    secure: tuple[ByteFarm, Path], shot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    farm, cert = secure
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(cert))
    with RayvisionAPI("an-id", "a-key", farm.url, "2") as api:
        engine.upload(api, [(shot / "bus.blend", "/t/bus")], "input")
    assert entries(farm, "input") == {"/t/bus"}


def test_a_certificate_that_is_not_trusted_is_told_with_the_remedy(
    secure: tuple[ByteFarm, Path],
) -> None:
    with (
        requests.Session() as session,
        Bulk(secure[0].url, 1, session) as bulk,
        pytest.raises(LineLost, match="let REQUESTS_CA_BUNDLE name"),
        bulk.get("/blobs/wood", 0),
    ):
        raise AssertionError("bytes came from a farm that is not trusted")


def test_settings_of_the_users_own_session_hold_for_bytes_too(
    secure: tuple[ByteFarm, Path], shot: Path
) -> None:
    farm, cert = secure
    with requests.Session() as session:
        session.verify = str(cert)
        session.auth = ("ann", "secret")
        with RayvisionAPI("an-id", "a-key", farm.url, "2", session=session) as api:
            engine.upload(api, [(shot / "bus.blend", "/t/bus")], "input")
    assert entries(farm, "input") == {"/t/bus"}
    assert farm.passwords == []


UPLOADS_AND_IS_INTERRUPTED = """
import signal
import sys
from rayvision_api.core import RayvisionAPI
from rayvision_sync import engine

# A shell's background job, as tests may be, ignores Ctrl-C and hands that on.
signal.signal(signal.SIGINT, signal.default_int_handler)
with RayvisionAPI("an-id", "a-key", sys.argv[1], "2") as api:
    try:
        engine.upload(api, [(sys.argv[2], "/t/bus")], "input")
    except KeyboardInterrupt:
        print("interrupted")
"""


def test_ctrl_c_ends_the_program_soon_even_while_the_farm_hangs(farm: ByteFarm, shot: Path) -> None:
    began, go_on = threading.Event(), threading.Event()

    def hang() -> None:
        began.set()
        go_on.wait(60)

    farm.on_put = hang
    command = [sys.executable, "-c", UPLOADS_AND_IS_INTERRUPTED, farm.url, str(shot / "bus.blend")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert began.wait(60)
        process.send_signal(signal.SIGINT)
        interrupted = time.monotonic()
        said, _ = process.communicate(timeout=30)
    go_on.set()
    assert said == "interrupted\n"
    assert process.returncode == 0
    assert time.monotonic() - interrupted < 10
    assert farm.commits == 0
