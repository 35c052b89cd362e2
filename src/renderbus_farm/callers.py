"""Who an access id belongs to, remembered for as long as nothing in the database changes.

Opening a sealed key costs more than all the rest of a small question. What changes an account is a commit,
whichever process makes it, so that a number from the database tells when to look again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from renderbus_farm.accounts import Credentials

LOOK_AGAIN_AFTER_S = 0.02
"""How long an account that was changed may still count as before: less than a request is under way."""


class Callers:
    """``find`` with a memory. Safe for threads.

    Args:
        find: asks the database; None for nobody's access id. That answer is never remembered, so that made-up
            ids take no room.
        version: another number whenever the database may answer otherwise; asked for at most every
            ``LOOK_AGAIN_AFTER_S``.
    """

    def __init__(
        self,
        find: Callable[[str], Credentials | None],
        version: Callable[[], int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._find = find
        self._version = version
        self._clock = clock
        self._look_again_at = clock()
        self._lock = threading.Lock()
        self._known: dict[str, Credentials] = {}
        self._as_of: int | None = None

    def find(self, access_id: str) -> Credentials | None:
        """Whose access id it is.

        Raises:
            WrongKey: the farm's key file is not the one that the account was made with.
        """
        with self._lock:
            now = self._clock()
            if now >= self._look_again_at:
                self._look_again_at = now + LOOK_AGAIN_AFTER_S
                version = self._version()
                if version != self._as_of:
                    self._known, self._as_of = {}, version
            known, as_of = self._known.get(access_id), self._as_of
        if known is not None:
            return known
        found = self._find(access_id)
        if found is not None:
            with self._lock:
                # What was read may already be older than what another thread knows by now.
                if self._as_of == as_of:
                    self._known[access_id] = found
        return found
