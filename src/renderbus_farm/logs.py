"""The farm's log: one JSON object a line, the event in words that never vary and the facts as members."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from logging.handlers import RotatingFileHandler
from pathlib import Path

from renderbus_farm.rules.work import ChunkId

LARGEST_BYTES = 10 << 20
KEPT_FILES = 5

_ORDINARY = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}


class JsonLines(logging.Formatter):
    """``{"time", "level", "event", …facts, "logger"}`` and, for an exception, ``"traceback"``."""

    def format(self, record: logging.LogRecord) -> str:
        """A record as one line."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        line.update({name: value for name, value in vars(record).items() if name not in _ORDINARY})
        line["logger"] = record.name
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def frame_story(task_id: int, chunk: ChunkId, node: str) -> dict[str, object]:
    """The facts of whatever is said about an attempt."""
    return {"task": task_id, "frame": chunk.frame_id, "attempt": chunk.attempt, "node": node}


@contextmanager
def logged_to(path: Path, level: int = logging.INFO) -> Iterator[None]:
    """What the farm and its web server say goes to this file."""
    handler = RotatingFileHandler(
        path, maxBytes=LARGEST_BYTES, backupCount=KEPT_FILES, encoding="utf-8", errors="backslashreplace"
    )
    handler.setFormatter(JsonLines())
    farm, server = logging.getLogger("renderbus_farm"), logging.getLogger("uvicorn")
    before = farm.level, server.level
    farm.setLevel(level)
    server.setLevel(logging.WARNING)
    for logger in (farm, server):
        logger.addHandler(handler)
    try:
        yield
    finally:
        for logger in (farm, server):
            logger.removeHandler(handler)
        farm.setLevel(before[0])
        server.setLevel(before[1])
        handler.close()
