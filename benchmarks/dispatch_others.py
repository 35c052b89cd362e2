"""What Dask distributed and Celery need for tasks that do nothing, on this machine.

Celery's tasks go through a real Redis, with results kept there, on as many workers as the machine has
processors; Dask's through its scheduler in a process of its own.
"""

from __future__ import annotations

import importlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

READY_WITHIN_S = 60.0
BROKER = "RENDERBUS_BENCHMARK_BROKER"


def nothing(number: int) -> int:
    """A task that does nothing."""
    return number


def dask(count: int) -> float:
    """Tasks per second, from the first submitted to the last result."""
    # Without types of its own, and not installed where the linters run.
    distributed: Any = importlib.import_module("distributed")
    with (
        distributed.LocalCluster(
            n_workers=os.cpu_count() or 1,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        client.gather(client.map(nothing, range(100), pure=False))
        began = time.perf_counter()
        client.gather(client.map(nothing, range(count), pure=False))
        return count / (time.perf_counter() - began)


def celery(count: int, folder: Path) -> float:
    """Tasks per second, from the first submitted to the last result."""
    with _redis(folder) as url:
        os.environ[BROKER] = url
        command = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "benchmarks.dispatch_celery",
            "worker",
            "--loglevel=ERROR",
        ]
        command += [f"--concurrency={os.cpu_count() or 1}", "--without-gossip", "--without-mingle"]
        here = Path(__file__).parent
        with subprocess.Popen(
            command, cwd=here, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as worker:
            try:
                return _celery_rate(count)
            finally:
                worker.terminate()


def _celery_rate(count: int) -> float:
    from benchmarks.dispatch_celery import app, nothing_at_all
    from celery import group

    app.conf.broker_url = app.conf.result_backend = os.environ[BROKER]
    nothing_at_all.delay(0).get(timeout=READY_WITHIN_S)
    began = time.perf_counter()
    group(nothing_at_all.s(number) for number in range(count)).apply_async().get(timeout=600)
    return count / (time.perf_counter() - began)


@contextmanager
def _redis(folder: Path) -> Iterator[str]:
    program = shutil.which("redis-server")
    if program is None:
        raise SystemExit("redis-server is missing; run scripts/setup.sh test")
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
    settings = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with subprocess.Popen([program, *settings], stdout=subprocess.DEVNULL) as server:
        try:
            _wait_for(port)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    until, pause = time.monotonic() + READY_WITHIN_S, Event()
    while time.monotonic() < until and not _answers(port):
        pause.wait(0.05)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
