"""Users, their keys, settings and labels."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from renderbus_farm.keys import KeyBox
from renderbus_farm.rules.checks import LONGEST_NAME, checked_names
from renderbus_farm.rules.people import CONFIG_BID, INPUT_BID, OUTPUT_BID, User
from renderbus_farm.rules.refusals import BadValue
from renderbus_farm.store import accounts, labels
from renderbus_farm.store.database import Database
from renderbus_model.wire.label import AddLabel, Label, Labels
from renderbus_model.wire.user import TransferBid, UserProfile, UserSetting


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

    def first_use(self, access_id: str, signature: str, *, until: float) -> bool:
        """Remember a signature until then: false when it was used before, so that the request is a replay.

        Of two requests with one signature at once exactly one is the first.
        """
        with self._database.writing() as db:
            return accounts.first_use(db, access_id, signature, until=until, now=self._clock())

    def profile(self, *, by: User) -> UserProfile:
        """Who the caller is."""
        return UserProfile(user_id=by.id, user_name=by.name)

    def setting(self, *, by: User) -> UserSetting:
        """What holds for all tasks of the caller: the same for everybody so far."""
        del by
        return UserSetting()

    def transfer_bid(self, *, by: User) -> TransferBid:
        """The caller's three storages."""
        del by
        return TransferBid(config_bid=CONFIG_BID, input_bid=INPUT_BID, output_bid=OUTPUT_BID)

    def add_label(self, ask: AddLabel, *, by: User) -> None:
        """The label exists from now on. No name and an empty one are the label without a name, and no error.

        Raises:
            BadValue: the name is too long.
        """
        names = checked_names("label", [ask.new_name])
        with self._database.writing() as db:
            labels.add(db, by.id, names)

    def labels(self, *, by: User) -> Labels:
        """All labels of the caller, oldest first."""
        with self._database.reading() as db:
            found = labels.every(db, [by.id])
        return Labels(
            project_name_list=[Label(project_id=number, project_name=name) for number, name in found]
        )
