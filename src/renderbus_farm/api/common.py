"""Handlers of the operations that tell what a farm is: platforms, and the texts of tip codes."""

from __future__ import annotations

from renderbus_farm.api.handlers import Farm, handles
from renderbus_farm.rules.offers import platforms
from renderbus_farm.rules.people import User
from renderbus_farm.rules.refusals import BadValue, MissingValue
from renderbus_farm.rules.tips import ENGLISH, tip_text
from renderbus_model.wire.common import (
    QUERY_ERROR_DETAIL,
    QUERY_PLATFORMS,
    CodeInfo,
    ErrorDetailQuery,
    Platform,
    PlatformQuery,
)

MOST_CODES = 1000
"""A question for more is a mistake: there are fewer codes."""


@handles(QUERY_ERROR_DETAIL)
def query_error_detail(farm: Farm, caller: User, ask: ErrorDetailQuery) -> list[CodeInfo]:  # noqa: ARG001 - the same for everybody
    """An entry for every asked code, never none: clients take the first without looking."""
    codes = ask.codes or ([ask.code] if ask.code else [])
    if not codes:
        raise MissingValue("member code: missing; name a tip code, e.g. 15002")
    if len(codes) > MOST_CODES:
        raise BadValue(f"member codes: {len(codes)} codes, at most {MOST_CODES} a question")
    return [_info(number, code, ask.language) for number, code in enumerate(codes, start=1)]


@handles(QUERY_PLATFORMS)
def query_platforms(farm: Farm, caller: User, ask: PlatformQuery) -> list[Platform]:  # noqa: ARG001 - the same for everybody
    """The farm under each number that clients may name."""
    return platforms()


def _info(number: int, code: str, language: str) -> CodeInfo:
    text = tip_text(code, language)
    return CodeInfo(
        id=number,
        code=code,
        type=int(text.is_error),
        language_flag=int(language == ENGLISH),
        des_description_cn=text.description,
        des_solution_cn=text.solution,
    )
