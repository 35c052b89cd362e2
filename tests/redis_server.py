"""A real Redis server for tests: a process of its own that keeps nothing on disk."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from rayvision_sync.ledger_redis import RedisAddress

READY_WITHIN_S = 20.0


@contextmanager
def redis_server(folder: Path, password: str = "") -> Iterator[RedisAddress]:
    """A server on a free port of this machine, from ready to ended."""
    program = shutil.which("redis-server")
    assert program is not None, "redis-server is missing; run scripts/setup.sh test"
    folder.mkdir(parents=True, exist_ok=True)
    address = RedisAddress(port=_free_port(), password=password, timeout_ms=2000)
    settings = f"bind 127.0.0.1\nport {address.port}\nsave ''\nappendonly no\ndir {folder}\n"
    settings += f"requirepass {password}\n" if password else ""
    with subprocess.Popen(
        [program, "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as server:
        try:
            assert server.stdin is not None
            server.stdin.write(settings)
            server.stdin.close()
            _wait_until_ready(address, server)
            yield address
        finally:
            server.terminate()


@contextmanager
def client_of(address: RedisAddress) -> Iterator[redis.Redis]:
    """A client of the server."""
    with redis.Redis(
        address.host,
        address.port,
        db=address.table_index,
        password=address.password,
        retry=Retry(NoBackoff(), 0),
    ) as client:
        yield client


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def _wait_until_ready(address: RedisAddress, server: subprocess.Popen[str]) -> None:
    deadline, pause = time.monotonic() + READY_WITHIN_S, threading.Event()
    while not _answers(address):
        assert server.poll() is None, "the Redis server ended"
        assert time.monotonic() < deadline, "the Redis server is not ready"
        pause.wait(0.02)


def _answers(address: RedisAddress) -> bool:
    try:
        with client_of(address) as client:
            client.ping()
    except redis.ConnectionError:
        return False
    return True
