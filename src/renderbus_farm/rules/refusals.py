"""Why the farm says no: a code of the published table and a sentence for the user.

Raised where the fact is known; the edge turns it into an answer and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone

from renderbus_model.wire.codes import Code

MOST_NAMED = 5
"""How many ids or files a sentence names before it only counts the others."""


class Refusal(Exception):
    """The farm will not do what was asked; ``code`` and ``message`` travel in the answer."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class NotFound(Refusal):
    """There is no such thing, or it belongs to somebody else: the two are never told apart."""

    def __init__(self, what: str, ids: Iterable[object]) -> None:
        self.what = what
        self.ids = tuple(ids)
        super().__init__(
            Code.RESOURCE_NOT_FOUND, f"{what} {named(self.ids)}: no such {what} in this account; check the id"
        )


class BadValue(Refusal):
    """A value makes no sense, or not in this state; the message says which and what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(Code.PARAMETER_INVALID, message)


class ResultsRemoved(Refusal):
    """The results of a task are there no more: their time was over. ``at`` is in seconds since 1970."""

    def __init__(self, task_id: int, at: float) -> None:
        self.task_id = task_id
        self.at = at
        day = datetime.fromtimestamp(at, timezone.utc).date().isoformat()
        super().__init__(
            Code.RESOURCE_NOT_FOUND,
            f"the results of task {task_id} were removed on {day}, when their keeping time was over "
            "(results_kept_days); restart its frames to render them again",
        )


class DownloadsDisabled(Refusal):
    """The account has chosen that results are not fetched."""

    def __init__(self) -> None:
        super().__init__(
            Code.INSUFFICIENT_PERMISSIONS,
            "downloads are disabled for this account (downloadDisable 1); set it to 0 to fetch results",
        )


class MayNotDelete(Refusal):
    """A sub account may not delete tasks unless its main account allows it."""

    def __init__(self) -> None:
        super().__init__(
            Code.INSUFFICIENT_PERMISSIONS,
            "this sub account may not delete tasks; its main account can allow it (subDeleteTask 1)",
        )


class MissingValue(Refusal):
    """A header or a member of the body that has to be there is not."""

    def __init__(self, message: str) -> None:
        super().__init__(Code.PARAMETER_CANT_BE_EMPTY, message)


class UnknownCaller(Refusal):
    """No account has this access id."""

    def __init__(self, message: str) -> None:
        super().__init__(Code.NEED_USER_LOGIN, message)


class SignatureExpired(Refusal):
    """The request was signed too long ago, or by a clock that is wrong."""

    def __init__(self, message: str) -> None:
        super().__init__(Code.SIGNATURE_EXPIRED, message)


class SignatureInvalid(Refusal):
    """The signature does not fit the request, or was used before."""

    def __init__(self, message: str) -> None:
        super().__init__(Code.SIGNATURE_INVALID, message)


def named(things: Iterable[object]) -> str:
    """The first few of ``things``, and how many more there are.

    >>> named([1, 2]), named(range(8))
    ('1, 2', '0, 1, 2, 3, 4 and 3 more')
    """
    texts = [str(thing) for thing in things]
    shown = ", ".join(texts[:MOST_NAMED])
    return shown if len(texts) <= MOST_NAMED else f"{shown} and {len(texts) - MOST_NAMED} more"
