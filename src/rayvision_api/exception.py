"""The errors of the client: ``RayvisionError`` and what is narrower.

Names, arguments, attributes and texts are the published ones; ``FarmNotReachable`` is ours.
"""

from __future__ import annotations

from typing import Any

PYTHON_ERROR = 1000000
"""The published code of an error that the client itself raises."""

KEY_ERROR = 1000002
"""The published code of a key that task.json lacks, or has already."""

TYPE_ERROR = 1000003
"""The published code of an argument of a wrong type."""

NOT_FOUND = 1000004
"""The published code of a file that is not there."""

TASK_ID_ERROR = 2000
"""The published code of a task number that is missing or no number."""


class RayvisionError(Exception):
    """Something went wrong: ``error_code`` says what kind, ``error`` in words."""

    def __init__(self, error_code: int | str, error: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(error_code, error, *args)
        self.error_code = error_code
        self.error = error
        # Published callers may pass further facts by name; they become attributes and nothing else.
        self.__dict__.update(kwargs)

    def __str__(self) -> str:
        return f"RayvisionError: {self.error_code}: {self.error}"


class RayvisionAPIError(RayvisionError):
    """The farm said no: its code, its words, and ``request``, the address that was asked."""

    def __init__(self, error_code: int | str, error: str, request: str) -> None:
        super().__init__(error_code, error, request)
        self.request = request

    def __str__(self) -> str:
        return f"Error code: {self.error_code}, Error message: {self.error}, URL: {self.request}"


class RayvisonTaskIdError(RayvisionError):
    """A task number is missing or is no whole number; ``error_code`` is always 2000.

    Published with two argument lists, ``(error)`` and ``(error_code, error)``; both are understood, and
    whatever code is given has no effect.
    """

    def __init__(self, *code_and_error: Any) -> None:
        super().__init__(TASK_ID_ERROR, str(code_and_error[-1]) if code_and_error else "no task id")

    def __str__(self) -> str:
        return f"Error code: {self.error_code}, Error message: {self.error}"


class FarmNotReachable(RayvisionError):
    """No answer of a farm came from ``url``; ``reason`` says why, in the words of the network.

    The request was tried again where that is harmless; it may or may not have arrived.
    """

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(
            PYTHON_ERROR,
            f"no farm answers at {url}: {reason}; "
            "check the address and the network, and that the farm is running",
        )
        self.args = (url, reason)  # what a copy in another process is made from
        self.url = url
        self.reason = reason
