"""The certificate of a farm: what is taken, what is refused, and which name it is announced by."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.together.certificates import Authority, Signed

from renderbus_farm.errors import BadSetting
from renderbus_farm.settings import Settings, read_settings
from renderbus_farm.tls import Certificate, announced


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def signed(authority: Authority) -> Signed:
    return authority.sign("farm.example", "*.studio.example", "127.0.0.1", "::1")


def test_a_certificate_tells_the_names_it_is_for(signed: Signed) -> None:
    certificate = Certificate.read(signed.cert, signed.key)
    assert certificate.names == ("farm.example", "*.studio.example", "127.0.0.1", "::1")


def test_files_that_cannot_be_read_are_told_apart(signed: Signed, tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match=r"'tls_cert'.*none\.pem' cannot be read: No such file"):
        Certificate.read(tmp_path / "none.pem", signed.key)
    with pytest.raises(BadSetting, match=r"'tls_key'.*cannot be read: Is a directory"):
        Certificate.read(signed.cert, tmp_path)


def test_files_of_another_kind_are_refused(signed: Signed, tmp_path: Path) -> None:
    (tmp_path / "cert.der").write_bytes(b"\x30\x82\x01\x00")
    with pytest.raises(BadSetting, match=r"'tls_cert'.*no certificate in PEM form"):
        Certificate.read(tmp_path / "cert.der", signed.key)
    with pytest.raises(BadSetting, match=r"'tls_key'.*no private key in PEM form"):
        Certificate.read(signed.cert, signed.cert)


def test_a_damaged_certificate_is_refused(signed: Signed, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.pem"
    damaged.write_text(without_third_line(signed.cert))
    with pytest.raises(BadSetting, match=r"'tls_cert'.*damaged\.pem' cannot be used"):
        Certificate.read(damaged, signed.key)


def test_a_damaged_key_is_refused(signed: Signed, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.key"
    damaged.write_text(without_third_line(signed.key))
    with pytest.raises(BadSetting, match=r"'tls_key'.*damaged\.key' cannot be used"):
        Certificate.read(signed.cert, damaged)


def without_third_line(file: Path) -> str:
    lines = file.read_text().splitlines(keepends=True)
    return "".join(lines[:2] + lines[3:])


def test_the_key_of_another_certificate_is_refused(signed: Signed, authority: Authority) -> None:
    other = authority.sign("other.example")
    with pytest.raises(BadSetting, match=r"'tls_key'.*other\.example\.key' is not the key of"):
        Certificate.read(signed.cert, other.key)


def test_a_key_with_a_passphrase_is_refused_without_asking_for_it(authority: Authority) -> None:
    locked = authority.sign("locked.example", passphrase=b"secret")
    with pytest.raises(BadSetting, match="locked with a passphrase"):
        Certificate.read(locked.cert, locked.key)


@pytest.mark.parametrize(
    ("names", "host", "url"),
    [
        (("127.0.0.1",), "127.0.0.1", "https://127.0.0.1:8800"),
        (("127.0.0.1",), "0.0.0.0", "https://127.0.0.1:8800"),
        (("::1",), "::", "https://[::1]:8800"),
        (("farm.example", "localhost"), "127.0.0.1", "https://localhost:8800"),
        (("*.studio.example", "farm.example"), "0.0.0.0", "https://farm.example:8800"),
        (("*.studio.example",), "farm.studio.example", "https://farm.studio.example:8800"),
        (("*.studio.example",), "a.farm.studio.example", "https://a.farm.studio.example:8800"),
        ((), "farm", "https://farm:8800"),
    ],
)
def test_a_farm_is_announced_by_a_name_that_its_certificate_has(
    names: tuple[str, ...], host: str, url: str
) -> None:
    assert announced(host, 8800, Certificate(Path("c"), Path("k"), names)) == url


def test_a_farm_without_a_certificate_is_announced_by_its_address() -> None:
    assert announced("0.0.0.0", 8800, None) == "http://127.0.0.1:8800"
    assert announced("::1", 8800, None) == "http://[::1]:8800"


@pytest.mark.parametrize(("given", "lacking"), [("tls_cert", "tls_key"), ("tls_key", "tls_cert")])
def test_a_certificate_and_its_key_are_given_together(given: str, lacking: str, tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match=f"'{lacking}'.*together"):
        read_settings(tmp_path, environment={}, given={given: tmp_path / "file"})


def test_files_named_in_a_settings_file_lie_beside_it(tmp_path: Path) -> None:
    (tmp_path / "farm.toml").write_text('tls_cert = "farm.pem"\ntls_key = "/etc/farm.key"\n')
    settings = read_settings(tmp_path, environment={"RENDERBUS_FARM_TLS_KEY": "/run/farm.key"})
    assert settings == Settings(tmp_path, tls_cert=tmp_path / "farm.pem", tls_key=Path("/run/farm.key"))
