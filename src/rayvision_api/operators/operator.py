"""What the operators share: asking an operation in the words of the path set that is spoken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from rayvision_api.connect import Connect
from rayvision_api.exception import TYPE_ERROR, RayvisionError
from renderbus_model.wire.operation import FIRST, BadAsk, Operation

Number = int | str
"""A number, which published callers also write as text."""


class Operator:
    """Operations of one subject."""

    def __init__(self, connect: Connect) -> None:
        """Ask through ``connect``; many operators may share one."""
        self._connect = connect

    def _ask(self, operation: Operation[Any, Any], **members: Any) -> Any:
        """The ``data`` of the answer; members that are None are not sent.

        Text where the interface takes numbers is sent as numbers, and the other way round, since published
        farms insist.

        Raises:
            RayvisionError: 1000003, a member of the wrong kind; nothing is sent.
            RayvisionAPIError, FarmNotReachable: as ``Connect.post``.
        """
        version = self._connect.api_version
        first_names = operation.first_names or {} if version == FIRST else {}
        given = {name: _listed(value) for name, value in members.items() if value is not None}
        body = {first_names.get(name, name): value for name, value in typed(operation, given).items()}
        return self._connect.post(operation.path_in(version), body)


def typed(operation: Operation[Any, Any], given: dict[str, Any]) -> dict[str, Any]:
    """The same members, each of the kind that the operation asks for.

    >>> from renderbus_model.wire.task import UPDATE_TASK_USER_LEVEL
    >>> typed(UPDATE_TASK_USER_LEVEL, {"taskId": "7", "taskUserLevel": 60})
    {'taskId': 7, 'taskUserLevel': 60}

    Raises:
        RayvisionError: 1000003, one is missing or cannot be of its kind.
    """
    try:
        built = msgspec.to_builtins(operation.read_ask(given))
    except BadAsk as error:
        raise RayvisionError(TYPE_ERROR, str(error)) from error
    return {name: built[name] for name in given if name in built}


def whole_number(name: str, value: Any) -> int:
    """A number that published callers also write as text.

    >>> whole_number("task_id", "7")
    7

    Raises:
        RayvisionError: 1000003, it is none.
    """
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise RayvisionError(TYPE_ERROR, f"{name} {value!r:.80}: expected a whole number") from error


def several(value: Any) -> list[Any]:
    """What was given, as a list: a text or a number alone is a list of one.

    >>> several("10"), several(range(2))
    (['10'], [0, 1])
    """
    given = _listed(value)
    return given if isinstance(given, list) else [given]


def _listed(value: Any) -> Any:
    """A tuple, a range or a generator as the list that travels."""
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        return value
    return list(value)
