"""``Operation(path, ask, reply, second=…)``: one thing a client may ask.

The API was published twice: the first set of paths is what the documentation describes, the second what later
clients and farms speak. An operation knows both, and the names that the first set gives to members.

``ask`` and ``reply`` are msgspec structs with Python names; their JSON names are the published ones.
Clients of different ages send numbers as text and text as numbers, so ``read_ask`` takes both.
"""

from __future__ import annotations

import dataclasses
import functools
import types
from collections.abc import Mapping
from typing import Any, Final, Generic, Literal, TypeVar, Union, get_args, get_origin

import msgspec

ApiVersion = Literal["1", "2"]
"""Which of the two published path sets."""

FIRST: Final[ApiVersion] = "1"
SECOND: Final[ApiVersion] = "2"
HEADER_VERSIONS: Final[Mapping[ApiVersion, str]] = {FIRST: "1.0.0", SECOND: "2.0.0"}
"""The header ``version`` of requests to each."""

_MOST = 2**63 - 1

Ask = TypeVar("Ask", bound=msgspec.Struct)
Reply = TypeVar("Reply")


class Wire(msgspec.Struct, frozen=True, rename="camel"):
    """A question or an answer: ``task_ids`` here is ``taskIds`` in JSON."""


class Nothing(Wire, frozen=True):
    """No question to ask."""


class BadAsk(ValueError):
    """The body does not answer to the operation; ``absent`` tells a missing member from a wrong one."""

    def __init__(self, path: str, why: str, *, absent: bool) -> None:
        super().__init__(f"{path}: {why}")
        self.absent = absent


@dataclasses.dataclass(frozen=True)
class Operation(Generic[Ask, Reply]):
    """One interface of the HTTP API.

    Attributes:
        path: its place in the first path set, e.g. ``/api/render/task/stopTask``.
        ask: type of the body.
        reply: type of the answer's ``data``.
        second: its place in the second path set; "" where both sets have the same, or only one has it.
        also: other paths it is known by.
        first_names: what the first path set calls members of the body, by the name used here:
            ``{"taskId": "taskIds"}``. A farm reads both names under every path.
        repeatable: sending it twice does no more than sending it once, so a client may try again.
    """

    path: str
    ask: type[Ask]
    reply: type[Reply]
    second: str = ""
    also: tuple[str, ...] = ()
    first_names: Mapping[str, str] | None = dataclasses.field(default=None, hash=False)
    repeatable: bool = True

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path it is known by, that of the first set before the others."""
        return (self.path, *filter(None, (self.second,)), *self.also)

    def path_in(self, api_version: ApiVersion) -> str:
        """Where a client that speaks this path set sends it."""
        return self.second or self.path if api_version == SECOND else self.path

    def read_ask(self, body: Mapping[str, Any]) -> Ask:
        """The question in a body.

        Raises:
            BadAsk: a member is missing or of a wrong type; unknown members are ignored.
        """
        members = dict(body)
        for name, other in (self.first_names or {}).items():
            if name not in members and other in members:
                members[name] = members[other]
        try:
            ask = msgspec.convert(_forgiving(members, self.ask), self.ask, strict=False)
            _check_numbers(ask)
            return ask
        except (msgspec.ValidationError, OverflowError, UnicodeEncodeError) as error:
            raise BadAsk(self.path, str(error), absent="missing required field" in str(error)) from error

    def body(self, ask: Ask, api_version: ApiVersion = FIRST) -> dict[str, Any]:
        """A question as the JSON object that is signed and sent; members that are None stay out."""
        built = msgspec.to_builtins(ask)
        names = self.first_names or {} if api_version == FIRST else {}
        return {names.get(name, name): value for name, value in built.items() if value is not None}

    def read_reply(self, data: Any) -> Reply:
        """The answer's ``data`` as a value.

        Raises:
            msgspec.ValidationError: not of the operation's shape.
        """
        return msgspec.convert(data, self.reply, strict=False)


@dataclasses.dataclass(frozen=True)
class _Member:
    """What clients may send in place of what a member is asked for."""

    name: str
    is_text: bool
    is_list: bool
    is_list_of_text: bool

    def forgiven(self, value: Any) -> Any:
        if self.is_list and isinstance(value, (int, str)):
            value = [value]
        elif not self.is_list and isinstance(value, list) and len(value) == 1:
            value = value[0]
        if self.is_list_of_text and isinstance(value, list):
            value = [_as_text(entry) for entry in value]
        return _as_text(value) if self.is_text else value


@functools.cache
def _members(ask: type[msgspec.Struct]) -> tuple[_Member, ...]:
    members = []
    for field in msgspec.structs.fields(ask):
        kinds = _kinds(field.type)
        lists = [kind for kind in kinds if get_origin(kind) in (list, tuple)]
        of_text = any(str in get_args(kind) for kind in lists)
        members.append(_Member(field.encode_name, str in kinds, bool(lists), of_text))
    return tuple(members)


def _forgiving(members: dict[str, Any], ask: type[msgspec.Struct]) -> dict[str, Any]:
    """Numbers where text is asked become text; a single value and a list of one stand for each other.

    The other way round, text where numbers are asked, is msgspec's own lax mode.
    """
    changed = dict(members)
    for member in _members(ask):
        if (value := members.get(member.name)) is not None:
            changed[member.name] = member.forgiven(value)
    return changed


def _check_numbers(value: Any) -> None:
    """Raise OverflowError for a whole number that 64 bits cannot hold: no id, count or time is one."""
    if type(value) is int:
        if not -_MOST - 1 <= value <= _MOST:
            raise OverflowError(f"the number {str(value)[:20]}… does not fit into 64 bits")
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            _check_numbers(getattr(value, name))
    elif type(value) is list:
        for entry in value:
            _check_numbers(entry)


def _as_text(value: Any) -> Any:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return str(value) if number else value


def _kinds(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) in (Union, types.UnionType):
        return get_args(annotation)
    return (annotation,)
