"""What accounts did: their commands on tasks, and their log-ins."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta

from renderbus_farm.rules.checks import check_page, seconds_of
from renderbus_farm.rules.items import page_of
from renderbus_farm.rules.people import User
from renderbus_farm.store import records
from renderbus_farm.store.database import Database, DatabaseFull
from renderbus_model.wire.page import Page
from renderbus_model.wire.record import LoginRecord, RecordQuery, TaskRecord

SAME_LOGIN_S = 60.0
"""A client asks for its profile several times while it starts: within this time that is one log-in."""

MOST_REMEMBERED = 1000
"""Log-ins that are remembered to tell whether another one is new."""

_DAY_S = timedelta(days=1).total_seconds()

log = logging.getLogger(__name__)


class Records:
    """Reads what was noted, and notes log-ins. ``clock`` gives seconds since 1970."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock
        self._looking = threading.Lock()
        self._logged_in: OrderedDict[tuple[int, str], float] = OrderedDict()

    def note_login(self, *, by: User) -> None:
        """The caller asked who it is, which every client does first.

        A full disk does not keep anybody out: what was rendered can still be fetched.
        """
        now, who = self._clock(), (by.id, by.visit.user_agent)
        with self._looking:
            # Either way, since the machine's clock may be set back.
            if abs(now - self._logged_in.get(who, -SAME_LOGIN_S)) < SAME_LOGIN_S:
                return
            self._logged_in[who] = now
            self._logged_in.move_to_end(who)
            if len(self._logged_in) > MOST_REMEMBERED:
                self._logged_in.popitem(last=False)
        try:
            with self._database.writing() as db:
                records.note_login(db, by.id, by.visit.user_agent, now)
        except DatabaseFull as error:
            log.warning("log-in not recorded", extra={"user": by.id, "why": str(error)})

    def commands(self, ask: RecordQuery, *, by: User) -> Page[TaskRecord]:
        """One page of the caller's commands on tasks, newest first.

        Raises:
            BadValue: a page or a date that makes no sense.
        """
        since, until = _asked(ask)
        with self._database.reading() as db:
            found, total = records.commands(
                db, by.id, number=ask.page_num, size=ask.page_size, since=since, until=until
            )
        items = [
            TaskRecord(
                id=row.id,
                user_id=by.id,
                user_name=by.name,
                button_name=row.button,
                task_ids=row.task_ids,
                create_time=round(row.at * 1000),
                channel=row.channel,
                details=row.details,
                operate_source="sdk",
            )
            for row in found
        ]
        return page_of(items, total=total, number=ask.page_num, size=ask.page_size)

    def logins(self, ask: RecordQuery, *, by: User) -> Page[LoginRecord]:
        """One page of the caller's log-ins, newest first.

        Raises:
            BadValue: a page or a date that makes no sense.
        """
        since, until = _asked(ask)
        with self._database.reading() as db:
            found, total = records.logins(
                db, by.id, number=ask.page_num, size=ask.page_size, since=since, until=until
            )
        items = [
            LoginRecord(
                id=row.id,
                user_id=by.id,
                user_name=by.name,
                user_ua=row.user_agent,
                login_time=round(row.at * 1000),
            )
            for row in found
        ]
        return page_of(items, total=total, number=ask.page_num, size=ask.page_size)


def _asked(ask: RecordQuery) -> tuple[float | None, float | None]:
    check_page(ask.page_num, ask.page_size)
    return _moment(ask.start_date, 0.0), _moment(ask.end_date, _DAY_S)


def _moment(text: str, later_s: float) -> float | None:
    """A date, or a date and time; of a date alone the end of the day is ``later_s`` behind its beginning."""
    if not (text := text.strip()):
        return None
    if " " in text:
        return seconds_of(text)
    return (seconds_of(f"{text} 00:00:00") or 0.0) + later_s
