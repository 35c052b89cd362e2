"""The certificate that a farm shows to its clients, and the key to it: PEM files of the farm's owner."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from renderbus_farm.errors import BadSetting


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that fits its key.

    Attributes:
        file: the certificate, followed by those between it and its authority.
        key: its private key, without a passphrase.
        names: the names and addresses that it is for; ``*.farm.example`` stands for every one of them.
    """

    file: Path
    key: Path
    names: tuple[str, ...]

    @classmethod
    def read(cls, file: Path, key: Path) -> Certificate:
        """Both files, checked.

        Raises:
            BadSetting: one of them cannot be read or is none, or they do not belong together.
        """
        names = _names(_content("tls_cert", file, "CERTIFICATE"), file)
        _content("tls_key", key, "PRIVATE KEY")
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(file, key, _no_passphrase)
        except _Locked:
            raise _bad("tls_key", key, "is locked with a passphrase; give the key without one") from None
        except ssl.SSLError as error:
            if error.reason == "KEY_VALUES_MISMATCH":
                raise _bad("tls_key", key, f"is not the key of the certificate {str(file)!r}") from error
            why = f"cannot be used with the certificate {str(file)!r}: {error.reason or error}"
            raise _bad("tls_key", key, why) from error
        return cls(file, key, names)

    def name_for(self, host: str) -> str:
        """The name under which clients that trust the certificate reach a farm at ``host``.

        That is ``host`` where the certificate is for it, else the first name that the certificate is for.
        """
        if any(_covers(name, host) for name in self.names):
            return host
        if _is_loopback(host) and "localhost" in self.names:
            return "localhost"
        return next((name for name in self.names if "*" not in name), host)


class _Locked(Exception):
    """OpenSSL wants a passphrase."""


def _no_passphrase() -> str:
    raise _Locked  # without this, OpenSSL would ask for it on the terminal


def _bad(name: str, file: Path, why: str) -> BadSetting:
    return BadSetting("the farm's settings", name, f"the file {str(file)!r} {why}")


def _content(name: str, file: Path, kind: str) -> bytes:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise _bad(name, file, f"cannot be read: {error.strerror or error}") from error
    if f"{kind}-----".encode() not in content:
        raise _bad(name, file, f"holds no {kind.lower()} in PEM form (-----BEGIN {kind}-----)")
    return content


def _names(pem: bytes, file: Path) -> tuple[str, ...]:
    try:
        certificate = x509.load_pem_x509_certificate(pem)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    except ValueError as error:
        raise _bad("tls_cert", file, f"cannot be used: {error}") from error
    addresses = [str(address) for address in names.get_values_for_type(x509.IPAddress)]
    return (*names.get_values_for_type(x509.DNSName), *addresses)


def _covers(name: str, host: str) -> bool:
    if name.startswith("*."):
        return host.partition(".")[2].lower() == name[2:].lower()
    return name.lower() == host.lower()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def announced(host: str, port: int, certificate: Certificate | None) -> str:
    """Where clients on this machine reach a farm that listens at ``host``, a name or an address."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    if certificate:
        reachable = certificate.name_for(reachable)
    scheme = "https" if certificate else "http"
    return f"{scheme}://[{reachable}]:{port}" if ":" in reachable else f"{scheme}://{reachable}:{port}"
