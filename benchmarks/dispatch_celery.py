"""The application that ``dispatch_others`` has Celery's workers run."""

from __future__ import annotations

import os

from celery import Celery

_BROKER = os.environ.get("RENDERBUS_BENCHMARK_BROKER", "redis://127.0.0.1:6379/0")

app = Celery("renderbus_benchmark", broker=_BROKER, backend=_BROKER)
app.conf.worker_prefetch_multiplier = 64
app.conf.broker_connection_retry_on_startup = True


@app.task(name="nothing_at_all")  # type: ignore[untyped-decorator]  # the library says no types
def nothing_at_all(number: int) -> int:
    """A task that does nothing."""
    return number
