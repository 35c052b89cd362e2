"""The typed dictionaries of answers say what the operations answer: same names, same kinds."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Any, Union, get_args, get_origin, get_type_hints, is_typeddict

import msgspec
import pytest

from rayvision_api import answers
from renderbus_model.wire.catalogue import OPERATIONS
from renderbus_model.wire.page import Page

OURS = (
    *("frameLog", "explainTask", "missingBlobs", "commitFiles", "listOutputs"),
    *("missingPieces", "committed", "explainFrames", "openEvents"),
)
"""Answered as structs."""

PAGES = {
    "TaskItem": "TaskPage",
    "FrameItem": "FramePage",
    "RenderLog": "RenderLogPage",
    "TaskRecord": "TaskRecordPage",
    "LoginRecord": "LoginRecordPage",
}

REPLIES = [operation.reply for operation in OPERATIONS if not operation.path.endswith(OURS)]


def structs(kind: Any) -> Iterator[Any]:
    """Every struct within a type, each as often as it is named."""
    if get_origin(kind) is not None:
        for part in get_args(kind):
            yield from structs(part)
    elif isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield kind
        for field in msgspec.structs.fields(kind):
            if kind not in get_args(field.type) and get_args(field.type) != (list[kind], type(None)):
                yield from structs(field.type)


def told(kind: Any) -> Any:
    """A type as JSON has it: lists for tuples, the typed dictionary for a struct."""
    if get_origin(kind) in (Union, types.UnionType):
        return frozenset(told(part) for part in get_args(kind))
    if get_origin(kind) in (list, tuple):
        return (list, told(get_args(kind)[0]))
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return getattr(answers, kind.__name__)
    return kind


STRUCTS = sorted({struct for reply in REPLIES for struct in structs(reply)}, key=lambda one: one.__name__)


@pytest.mark.parametrize("struct", STRUCTS, ids=[one.__name__ for one in STRUCTS])
def test_an_answer_has_the_members_of_its_operation(struct: Any) -> None:
    answer = getattr(answers, struct.__name__)
    expected = {field.encode_name: told(field.type) for field in msgspec.structs.fields(struct)}
    assert {name: told(kind) for name, kind in get_type_hints(answer).items()} == expected


@pytest.mark.parametrize(("item", "page"), PAGES.items())
def test_a_page_holds_its_items(item: str, page: str) -> None:
    hints = get_type_hints(getattr(answers, page))
    assert get_origin(hints["items"]) is list
    assert get_args(hints["items"]) == (getattr(answers, item),)
    assert set(hints) == {field.encode_name for field in msgspec.structs.fields(Page)}


def test_every_answer_is_published_and_no_other() -> None:
    names = {struct.__name__ for struct in STRUCTS} | set(PAGES.values()) | {"PageNumbers"}
    assert names == set(answers.__all__)
    assert {get_args(reply)[0].__name__ for reply in REPLIES if get_origin(reply) is Page} == set(PAGES)
    assert all(is_typeddict(getattr(answers, name)) for name in answers.__all__)
