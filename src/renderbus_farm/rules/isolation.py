"""Where a task's own input files lie, when its owner keeps them apart from those of other tasks.

Source: the asset isolation models of the published interface "Submit task".
"""

from __future__ import annotations

from dataclasses import dataclass

from renderbus_farm.rules.refusals import BadValue, named

TASK_ID_MODEL, OUT_USER_MODEL = "TASK_ID_MODEL", "OUT_USER_MODEL"
MOST_DIGITS = 30


@dataclass(frozen=True, slots=True)
class Isolation:
    """``path`` is the folder below the input storage, empty when files are shared by all tasks."""

    path: str = ""
    out_user_id: str = ""

    @classmethod
    def of(cls, task_id: int, model: str | None, out_user_id: str | None) -> Isolation:
        """What a submission asks for.

        Raises:
            BadValue: no such model, or ids that do not fit it.
        """
        user = (out_user_id or "").strip()
        if len(user) > MOST_DIGITS:
            raise BadValue(f"outUserId has {len(user)} characters; expected at most {MOST_DIGITS}")
        if not model:
            return cls(out_user_id=user)
        if model == TASK_ID_MODEL:
            return cls(isolation_path(str(task_id)), user)
        if model != OUT_USER_MODEL:
            raise BadValue(
                f"assetIsolationModel {model[:40]!r}: expected {named((TASK_ID_MODEL, OUT_USER_MODEL))}"
            )
        if not user:
            raise BadValue("assetIsolationModel OUT_USER_MODEL needs outUserId")
        if not (user.isascii() and user.isdigit()):
            raise BadValue(f"outUserId {user!r}: expected digits, its groups become folders")
        return cls(isolation_path(user), user)


def isolation_path(digits: str) -> str:
    """An id in three groups; the last two have three digits, missing ones are zeros.

    >>> isolation_path("12345"), isolation_path("11223344556677")
    ('000/012/345', '11223344/556/677')
    """
    padded = digits.zfill(9)
    return f"{padded[:-6]}/{padded[-6:-3]}/{padded[-3:]}"
