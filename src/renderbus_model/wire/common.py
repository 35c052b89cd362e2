"""Operations that tell what a farm is: its platforms, and the texts of tip codes."""

from __future__ import annotations

from renderbus_model.wire.operation import Operation, Wire


class PlatformQuery(Wire, frozen=True, kw_only=True):
    """``zone`` differs by the client's age; the answer does not depend on it."""

    zone: int = 2


class Platform(Wire, frozen=True, kw_only=True):
    """An area of a farm. A farm of ours is one area under each number that published clients may name."""

    platform: int
    name: str


class ErrorDetailQuery(Wire, frozen=True, kw_only=True):
    """One tip code, or several; ``language`` "0" is Chinese, "1" English."""

    code: str | None = None
    codes: list[str] | None = None
    language: str = "0"


class CodeInfo(Wire, frozen=True, kw_only=True):
    """What a tip code means and what to do about it.

    ``type`` is 0 for a warning and 1 for an error that stops the check. The two ``…_cn`` members carry the
    text of the language that was asked for.
    """

    id: int
    code: str
    type: int
    language_flag: int
    des_description_cn: str
    des_solution_cn: str
    solution_path: str = ""
    is_repair: int = 0
    is_open: int = 1
    is_delete: int = 1
    update_time: int = 0
    last_modify_admin: str = ""


QUERY_ERROR_DETAIL = Operation(
    "/api/render/common/queryErrorDetail",
    ask=ErrorDetailQuery,
    reply=list[CodeInfo],
    second="/api/render/submit/queryAnalyseErrorDetail",
)
QUERY_PLATFORMS = Operation("/api/render/common/queryPlatforms", ask=PlatformQuery, reply=list[Platform])
