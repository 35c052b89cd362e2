"""The published record of uploaded files in Redis, for those who watch an upload from elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

DEFAULT_FLAG = "upload_done"
DEFAULT_TABLE = 2


def note_uploaded(paths: Iterable[str], flag: str | None, server: Any) -> None:
    """Set each path in the hash ``flag`` to now, in seconds since 1970.

    Args:
        server: a ``redis.Redis``; without one that of this machine.

    Raises:
        redis.RedisError: the server does not take them. The files are uploaded by then.
    """
    noted = {path: int(time.time()) for path in paths}
    if not noted:
        return
    if server is not None:
        server.hset(flag or DEFAULT_FLAG, mapping=noted)
        return
    import redis

    with redis.Redis(db=DEFAULT_TABLE) as own:
        own.hset(flag or DEFAULT_FLAG, mapping=noted)
