"""Lines of a log that also tell the facts of an event: what was given to ``logging`` as ``extra``."""

from __future__ import annotations

import logging

_OF_EVERY_RECORD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
"""Attributes that ``logging`` itself gives a record; ``taskName`` is there from Python 3.12 on."""


class FactsFormatter(logging.Formatter):
    """Puts the facts of an event behind its words, as ``name=value``.

    >>> record = logging.makeLogRecord({"msg": "downloaded", "task": 19084, "file": "a b.png"})
    >>> FactsFormatter("%(message)s").format(record)
    "downloaded task=19084 file='a b.png'"
    """

    def formatMessage(self, record: logging.LogRecord) -> str:
        """The line of a record, without the traceback that may follow."""
        facts = (f" {name}={value!r}" for name, value in vars(record).items() if name not in _OF_EVERY_RECORD)
        return super().formatMessage(record) + "".join(facts)
