"""A ledger in Redis, which the machines of a studio share: one hash per farm and account.

Values stand as ``stamp``, ``content`` and ``proof`` with zero bytes in between. Paths are shared too, so this
is for machines that see the same files under the same paths; the stamp tells all others apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rayvision_sync.ledger import SETTLED_AFTER_S, Entry, Ledger, Unusable

if TYPE_CHECKING:
    import redis

AT_ONCE = 1000
"""Entries a command: each is some 200 bytes, and Redis answers nobody else meanwhile."""

_SEPARATOR = b"\0"


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """Where a Redis server is, as db_config.ini says it; ``timeout_ms`` for each answer."""

    host: str = "127.0.0.1"
    port: int = 6379
    password: str = field(default="", repr=False)
    table_index: int = 0
    timeout_ms: int = 5000

    def __str__(self) -> str:
        return f"redis at {self.host}:{self.port}, table {self.table_index}"


class RedisLedger(Ledger):
    """Kept in the hash ``name`` of a Redis server; nothing is asked before the first file."""

    def __init__(self, address: RedisAddress, name: str, *, settled_after_s: float = SETTLED_AFTER_S) -> None:
        super().__init__(f"{name} in {address}", settled_after_s)
        self._name = name
        self._client: redis.Redis | None = None
        try:
            self._client = _client(address)
        except ImportError as error:
            self._give_up(
                Unusable(f"{error.name or 'redis'} is not installed: pip install 'renderbus[redis]'")
            )

    def close(self) -> None:
        """Close the connection."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _kept(self, paths: Sequence[bytes]) -> Iterator[Entry]:
        for start in range(0, len(paths), AT_ONCE):
            asked = paths[start : start + AT_ONCE]
            values = self._do("hmget", self._name, list(asked))
            yield from _entries(asked, values)

    def _keep(self, entries: Sequence[Entry]) -> None:
        for start in range(0, len(entries), AT_ONCE):
            rows = {
                entry.path: _SEPARATOR.join(text.encode() for text in entry[1:])
                for entry in entries[start : start + AT_ONCE]
            }
            self._do("hset", self._name, mapping=rows)

    def _drop(self, paths: Sequence[bytes]) -> None:
        for start in range(0, len(paths), AT_ONCE):
            self._do("hdel", self._name, *paths[start : start + AT_ONCE])

    def _do(self, command: str, *arguments: Any, **named: Any) -> Any:
        import redis

        if self._client is None:
            raise Unusable("it was closed")
        try:
            return getattr(self._client, command)(*arguments, **named)
        except (redis.RedisError, OSError) as error:
            raise Unusable(str(error)) from error


def _entries(paths: Sequence[bytes], values: Sequence[bytes | None]) -> Iterator[Entry]:
    for path, value in zip(paths, values, strict=True):
        texts = value.split(_SEPARATOR) if value is not None else []
        if len(texts) == len(Entry._fields) - 1:
            stamp, content, proof = (text.decode("ascii", "replace") for text in texts)
            yield Entry(path, stamp, content, proof)


def _client(address: RedisAddress) -> redis.Redis:
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    limit_s = address.timeout_ms / 1000
    return redis.Redis(
        host=address.host,
        port=address.port,
        db=address.table_index,
        password=address.password or None,
        socket_timeout=limit_s,
        socket_connect_timeout=limit_s,
        # Reading the files is quicker than waiting for a server that is away.
        retry=Retry(NoBackoff(), 0),
    )
