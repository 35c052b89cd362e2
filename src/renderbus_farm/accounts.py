"""Users, their keys and settings."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from renderbus_farm.keys import KeyBox
from renderbus_farm.rules.checks import LONGEST_NAME
from renderbus_farm.rules.people import CONFIG_BID, INPUT_BID, OUTPUT_BID, User
from renderbus_farm.rules.refusals import BadValue
from renderbus_farm.rules.settings import changed, shown
from renderbus_farm.store import accounts
from renderbus_farm.store.database import Database
from renderbus_model.wire.transmitter import TransferUserKey
from renderbus_model.wire.user import TransferBid, UpdateUserSetting, UserProfile, UserSetting

TRANSFER_KEY_LENGTH = 40
"""Hexadecimal digits, as in the documentation's example."""


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account just made; this is the only time its key is shown."""

    user: User
    access_key: str


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who an access id belongs to, and the key it must sign with."""

    user: User
    access_key: str


class Accounts:
    """The farm's users. ``clock`` gives seconds since 1970."""

    def __init__(
        self, database: Database, key_box: KeyBox, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._key_box = key_box
        self._clock = clock

    def any(self) -> bool:
        """Somebody has an account."""
        with self._database.reading() as db:
            return accounts.any_account(db)

    def add(
        self, name: str, *, allow_scripts: bool = False, keep: Callable[[NewAccount], None] = lambda _: None
    ) -> NewAccount:
        """Make an account.

        Args:
            keep: keeps the key somewhere; when it fails there is no account.

        Raises:
            BadValue: the name is taken, empty or too long.
        """
        name = name.strip()
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise BadValue(f"user name {name[:40]!r}: expected 1 to {LONGEST_NAME} printable characters")
        access_id, access_key = secrets.token_hex(16), secrets.token_urlsafe(32)
        with self._database.writing() as db:
            account_id = accounts.add(
                db,
                name=name,
                access_id=access_id,
                key_sealed=self._key_box.seal(access_key),
                allow_scripts=allow_scripts,
                now=self._clock(),
            )
            if account_id is None:
                raise BadValue(f"user {name!r} exists already; choose another name")
            made = NewAccount(User(account_id, name, access_id, allow_scripts), access_key)
            keep(made)
        return made

    def everybody(self) -> list[User]:
        """All users, oldest first."""
        with self._database.reading() as db:
            return accounts.everybody(db)

    def find(self, access_id: str) -> Credentials | None:
        """Whose access id it is; None for nobody's.

        Raises:
            WrongKey: the farm's key file is not the one that the account was made with.
        """
        with self._database.reading() as db:
            found = accounts.find(db, access_id)
        return Credentials(found[0], self._key_box.open(found[1])) if found else None

    def profile(self, *, by: User) -> UserProfile:
        """Who the caller is."""
        with self._database.reading() as db:
            chosen = accounts.settings(db, by.id)
        return UserProfile(
            user_id=by.id,
            user_name=by.name,
            sub_delete_task=int(chosen.sub_delete_task),
            use_level_directory=int(chosen.use_level_directory),
            download_disable=int(chosen.download_disable),
        )

    def setting(self, *, by: User) -> UserSetting:
        """What holds for all tasks of the caller."""
        with self._database.reading() as db:
            return shown(accounts.settings(db, by.id))

    def change_setting(self, ask: UpdateUserSetting, *, by: User) -> None:
        """What is given holds from now on for all tasks of the caller.

        Raises:
            BadValue: a value makes no sense; then nothing is changed.
        """
        with self._database.writing() as db:
            accounts.keep_settings(db, by.id, changed(accounts.settings(db, by.id), ask))

    def transfer_bid(self, *, by: User) -> TransferBid:
        """The caller's three storages."""
        del by
        return TransferBid(config_bid=CONFIG_BID, input_bid=INPUT_BID, output_bid=OUTPUT_BID)

    def transfer_key(self, *, by: User) -> TransferUserKey:
        """What a transmitter would log in with: made from the account's id, and good for nothing else."""
        with self._database.reading() as db:
            chosen = accounts.settings(db, by.id)
        secret = self._key_box.derived("transfer keys")
        key = hmac.digest(secret, f"{by.id}:{by.access_id}".encode(), "sha256").hex()[:TRANSFER_KEY_LENGTH]
        return TransferUserKey(
            id=by.id,
            user_name=by.name,
            ray_sync_user_key=key,
            user_key=key,
            login_time=round(self._clock() * 1000),
            channel=by.visit.channel,
            platform=by.visit.platform,
            sub_delete_task=int(chosen.sub_delete_task),
            download_disable=int(chosen.download_disable),
        )
