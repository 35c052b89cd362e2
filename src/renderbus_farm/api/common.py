"""Handlers of the operations on labels and on the texts of tip codes."""

from __future__ import annotations

from renderbus_farm.api.handlers import Farm, handles
from renderbus_farm.rules.people import User
from renderbus_farm.rules.refusals import BadValue, MissingValue
from renderbus_farm.rules.tips import ENGLISH, tip_text
from renderbus_model.wire.common import (
    ADD_LABEL,
    GET_LABEL_LIST,
    QUERY_ERROR_DETAIL,
    AddLabel,
    CodeInfo,
    ErrorDetailQuery,
    Labels,
)
from renderbus_model.wire.operation import Nothing

MOST_CODES = 1000
"""A question for more is a mistake: there are fewer codes."""


@handles(ADD_LABEL)
def add_label(farm: Farm, caller: User, ask: AddLabel) -> None:
    """A label that is there already is left as it is."""
    farm.accounts.add_label(ask, by=caller)


@handles(GET_LABEL_LIST)
def get_label_list(farm: Farm, caller: User, ask: Nothing) -> Labels:  # noqa: ARG001 - asks nothing
    """All labels of the caller."""
    return farm.accounts.labels(by=caller)


@handles(QUERY_ERROR_DETAIL)
def query_error_detail(farm: Farm, caller: User, ask: ErrorDetailQuery) -> list[CodeInfo]:  # noqa: ARG001 - the same for everybody
    """An entry for every asked code, never none: clients take the first without looking."""
    codes = ask.codes or ([ask.code] if ask.code else [])
    if not codes:
        raise MissingValue("member code: missing; name a tip code, e.g. 15002")
    if len(codes) > MOST_CODES:
        raise BadValue(f"member codes: {len(codes)} codes, at most {MOST_CODES} a question")
    return [_info(number, code, ask.language) for number, code in enumerate(codes, start=1)]


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
