"""Every operation, for those who walk the list: the farm's routes, the tests, the documentation."""

from __future__ import annotations

from typing import Any

from renderbus_model.wire import (
    common,
    event,
    frame,
    hardware,
    label,
    plugin,
    record,
    task,
    transfer,
    transmitter,
    user,
)
from renderbus_model.wire.operation import Operation

OPERATIONS: tuple[Operation[Any, Any], ...] = tuple(
    value
    for module in (user, task, frame, label, common, plugin, hardware, record, transmitter, transfer, event)
    for value in vars(module).values()
    if isinstance(value, Operation)
)
