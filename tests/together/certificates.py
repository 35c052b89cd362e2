"""An authority for tests, and the certificates that it signs."""

from __future__ import annotations

import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)


@dataclass
class Signed:
    """The PEM files of a certificate and of its key."""

    cert: Path
    key: Path


class Authority:
    """Signs certificates; clients that have ``file`` among their authorities trust them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority of the tests")])
        self.file = folder / "authority.pem"
        itself = self._certificate(self._name, self._key.public_key(), DAY).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        self.file.write_bytes(itself.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM))

    def sign(self, *names: str, ends_in: datetime.timedelta = DAY, passphrase: bytes = b"") -> Signed:
        """A certificate for these names and addresses, and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        files = Signed(*(self._folder / f"{names[0].strip('*.')}{end}" for end in (".pem", ".key")))
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        meant = x509.SubjectAlternativeName([_general(name) for name in names])
        made = self._certificate(subject, key.public_key(), ends_in).add_extension(meant, critical=False)
        files.cert.write_bytes(made.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM))
        lock = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
        files.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock))
        return files

    def _certificate(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, ends_in: datetime.timedelta
    ) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.timezone.utc)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 30 * DAY)
            .not_valid_after(now + ends_in)
        )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
