"""The farm's own key: what it encrypts at rest, and what it signs URLs with.

An access key is an HMAC secret, so the farm must be able to read it; kept encrypted under a key of its own
file, a copy of the database alone gives nobody away.
"""

from __future__ import annotations

import hmac
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from renderbus_farm.data_folder import write_privately
from renderbus_farm.errors import FarmError


class BadKeyFile(FarmError):
    """The farm's key file cannot be used; ``path`` says which."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"key file {path}: {why}")
        self.path = path


class WrongKey(FarmError):
    """Something was encrypted under another key than this farm's."""

    def __init__(self) -> None:
        super().__init__(
            "an access key in the database was encrypted under another farm.key; put the right file back"
        )


class KeyBox:
    """Seals and opens short secrets; ``key`` is 32 bytes in URL-safe base64, as Fernet makes them."""

    def __init__(self, key: bytes) -> None:
        self._fernet = Fernet(key)
        self._key = key

    @classmethod
    def at(cls, path: Path) -> KeyBox:
        """The box of this key file, which is made when it is not there; by one process at a time.

        Raises:
            BadKeyFile: the file holds no key.
            DataFolderUnusable: it cannot be made.
        """
        if not path.exists():
            write_privately(path, Fernet.generate_key() + b"\n")
        try:
            return cls(path.read_bytes().strip())
        except ValueError as error:
            raise BadKeyFile(path, f"holds no farm key ({error}); put back a copy of the original") from error

    def seal(self, secret: str) -> bytes:
        """Encrypt and sign."""
        return self._fernet.encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        """What was sealed.

        Raises:
            WrongKey: sealed under another key, or changed since.
        """
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise WrongKey from None

    def derived(self, purpose: str) -> bytes:
        """A 32-byte key for one purpose, e.g. ``"blob urls"``; it tells nothing about the farm's own."""
        return hmac.digest(self._key, purpose.encode(), "sha256")
