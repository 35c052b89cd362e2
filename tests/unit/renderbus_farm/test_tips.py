"""Every tip code has a text in both languages."""

from __future__ import annotations

import pytest

from rayvision_utils.exception import tips_code
from renderbus_farm.rules.tips import CHINESE, ENGLISH, known_codes, tip_text
from renderbus_model.wire.codes import Code


@pytest.mark.parametrize("code", known_codes())
def test_a_code_says_what_is_wrong_and_what_to_do(code: str) -> None:
    english, chinese = tip_text(code, ENGLISH), tip_text(code, CHINESE)
    assert english.description
    assert english.solution
    assert english.description.isascii()
    assert not chinese.description.isascii()
    assert chinese.solution
    assert english.is_error == chinese.is_error


def test_errors_stop_a_check_and_warnings_do_not() -> None:
    assert tip_text("15002", ENGLISH).is_error
    assert not tip_text("10012", ENGLISH).is_error


def test_an_unknown_code_is_a_warning() -> None:
    tip = tip_text("4711", ENGLISH)
    assert (tip.code, tip.is_error) == ("4711", False)


def test_every_code_that_a_farm_refuses_with_has_a_text() -> None:
    assert {str(int(code)) for code in Code} <= set(known_codes())


def test_every_tip_that_the_client_can_give_has_a_text() -> None:
    named = {value for name, value in vars(tips_code).items() if name.isupper() and value.isdigit()}
    assert named <= set(known_codes())


def test_no_code_has_two_texts() -> None:
    assert len(set(known_codes())) == len(known_codes())


def test_any_other_language_is_chinese() -> None:
    assert tip_text("15002", "7") == tip_text("15002", CHINESE)
