"""The nodes of a Houdini scene by path, and their parameters with the formulas that the file itself settles.

Source: node ``/obj/geo1`` is kept in members ``obj/geo1.init`` (its type), ``.parm``, ``.chn``, ``.def``
(flags and inputs). A formula is followed where it is a number, a variable of the playback range, or leads to
another parameter; every other one keeps the result it was saved with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from renderbus_scenes.houdini_archive import Member
from renderbus_scenes.houdini_values import Formula, Value, channels, decoded, parameter

MOST_DEPTH = 24
"""Formulas that lead to formulas are followed this far; real ones take two or three steps."""

LONGEST_FORMULA = 10_000
"""Characters; a longer one is a program, and is not looked into."""

MOST_SEARCHED_BYTES = 4 << 30
"""Of nodes that formulas lead to, all together: real scenes need some megabytes."""

MOST_FOLLOWED = 300_000
"""Steps from formula to formula in one scene; beyond them, formulas count as not settled."""

_PARTS = (b"init", b"parm", b"chn", b"def")
_TYPE = re.compile(rb"type = ([^\n]*)")
_FLAGS = b"\nflags ="
_INPUTS = b"\ninputs\n{\n"
_INPUT_LINE = re.compile(rb"^[0-9]+ *\t?\"?([^\s\"]+)", re.MULTILINE)
_TERM = (
    r"\$(?P<variable{0}>\w+)|(?P<number{0}>-?[0-9]+(?:\.[0-9]+)?)"
    r"|chs?\(\s*[\"'](?P<path{0}>[^\"']+)[\"']\s*\)"
)
_SUM = re.compile(r"\s*(?:" + _TERM.format(1) + r")(?:\s*(?P<sign>[+-])\s*(?:" + _TERM.format(2) + r"))?\s*")
_TEXT_CALL = re.compile(r"\s*(?P<name>chs|ch|chsop|opname)\(\s*[\"'](?P<path>[^\"']*)[\"']\s*\)\s*")
_WORK_ITEM = re.compile(r"@(?:wedge\w+|pdg_index|pdg_name|pdg_id)")
_OWN_NAME = re.compile(r"\$OS\b|\$\{OS\}")
_COMPONENTS = {name: index for names in ("xyzw", "rgba", "uvw") for index, name in enumerate(names)}


@dataclass(slots=True)
class Node:
    """A node and the members it is kept in; ``type`` is "" inside a locked HDA."""

    path: str
    type: str = ""
    parm: Member | None = None
    chn: Member | None = None
    definition: Member | None = None
    _formulas: dict[str, Formula | None] | None = None

    @property
    def name(self) -> str:
        """``geo1`` of ``/obj/geo1``."""
        return self.path.rpartition("/")[2]

    @property
    def parent(self) -> str:
        """``/obj`` of ``/obj/geo1``."""
        return self.path.rpartition("/")[0]

    def values(self, name: str) -> tuple[Value, ...]:
        """The components of a parameter as stored, none when it has none of that name."""
        return parameter(self.parm, name) if self.parm else ()

    def text(self, name: str) -> str:
        """The first component as stored, "" when there is none."""
        values = self.values(name)
        return values[0].text if values else ""

    def formula(self, channel: str) -> Formula | None:
        """What drives a channel, see ``houdini_values.channels``."""
        if not channel or self.chn is None:
            return None
        if self._formulas is None:
            self._formulas = channels(self.chn)
        return self._formulas.get(channel)

    @property
    def bypassed(self) -> bool:
        """Switched off by its bypass flag."""
        if self.definition is None:
            return False
        data, end = self.definition.data, self.definition.end
        begin = data.find(_FLAGS, self.definition.start, end)
        line_end = data.find(b"\n", begin + 1, end)
        return begin >= 0 and data.find(b" bypass on", begin, line_end if line_end >= 0 else end) >= 0

    @property
    def input_names(self) -> list[str]:
        """Names of the nodes wired into this one, in order; they have the same parent."""
        if self.definition is None:
            return []
        data, limit = self.definition.data, self.definition.end
        begin = data.find(_INPUTS, self.definition.start, limit)
        end = data.find(b"}", begin, limit) if begin >= 0 else -1
        block = bytes(data[begin + len(_INPUTS) : end]) if end >= 0 else b""
        return [decoded(found[1]) for found in _INPUT_LINE.finditer(block)]


class Network:
    """All nodes, in file order.

    Attributes:
        nodes: by full path.
        variables: of the playback range and the frame rate, by name: what formulas may use.
    """

    def __init__(self, variables: dict[str, float]) -> None:
        self.nodes: dict[str, Node] = {}
        self.variables = variables
        self._by_stem: dict[bytes, Node] = {}
        self._searched = 0
        self._followed = 0

    def add(self, member: Member) -> None:
        """Take in a member; one that belongs to no node is passed over."""
        stem, dot, part = member.name.rpartition(b".")
        if not dot or not stem or part not in _PARTS:
            return
        node = self._by_stem.get(stem)
        if node is None:
            path = "/" + decoded(stem)
            node = self._by_stem[stem] = self.nodes[path] = Node(path)
        if part == b"parm":
            node.parm = member
        elif part == b"chn":
            node.chn = member
        elif part == b"def":
            node.definition = member
        else:
            found = _TYPE.search(member.data, member.start, member.end)
            node.type = decoded(found[1].strip()) if found else ""

    def find(self, origin: str, path: str) -> Node | None:
        """The node that ``path`` means when written in node ``origin``."""
        return self.nodes.get(_joined(origin, path))

    def number(self, node: Node, value: Value, depth: int = 0) -> float | None:
        """A component as a number: its formula's result where that is settled here, else as stored."""
        driven = self._settled(node, value, depth)
        return _number(value.text) if driven is None else driven

    def text(self, node: Node, value: Value, depth: int = 0) -> str | None:
        """A component as text with its formulas replaced, None where only Houdini knows one of them.

        ``$OS`` becomes the node's name; other variables stay, and so does what differs from work item to
        work item (`` `@wedgeindex` ``).
        """
        if depth > MOST_DEPTH:
            return None
        text = value.text
        if value.channel:
            found = node.formula(value.channel)
            if found is None or found.python:
                return None
            return self._call(node, found.text, depth)
        parts = text.split("`")
        if len(parts) % 2 == 0 or len(text) > LONGEST_FORMULA:
            return None
        for index in range(1, len(parts), 2):
            of_work_item = _WORK_ITEM.fullmatch(parts[index])
            result = f"`{parts[index]}`" if of_work_item else self._call(node, parts[index], depth)
            if result is None:
                return None
            parts[index] = result
        whole = "".join(parts)
        if len(whole) > LONGEST_FORMULA:
            return None
        return _OWN_NAME.sub(lambda _: node.name, whole)

    def _settled(self, node: Node, value: Value, depth: int) -> float | None:
        found = node.formula(value.channel) if depth <= MOST_DEPTH else None
        terms = None if found is None or found.python else _SUM.fullmatch(found.text[:LONGEST_FORMULA])
        if terms is None:
            return None
        first = self._term(node, terms, "1", depth)
        if terms["sign"] is None or first is None:
            return first
        second = self._term(node, terms, "2", depth)
        if second is None:
            return None
        return first + second if terms["sign"] == "+" else first - second

    def _term(self, node: Node, terms: re.Match[str], which: str, depth: int) -> float | None:
        if terms["number" + which]:
            return _number(terms["number" + which])
        if terms["variable" + which]:
            return self.variables.get(terms["variable" + which])
        leads_to = self._parameter(node, terms["path" + which])
        return self.number(*leads_to, depth + 1) if leads_to else None

    def _call(self, node: Node, text: str, depth: int) -> str | None:
        call = _TEXT_CALL.fullmatch(text[:LONGEST_FORMULA])
        if call is None:
            return None
        if call["name"] == "opname":
            return _joined(node.path, call["path"]).rpartition("/")[2]
        leads_to = self._parameter(node, call["path"])
        if leads_to is None:
            return None
        if leads_to == (node, Value("`" + text + "`")):  # a parameter that reads itself
            return None
        return self.text(*leads_to, depth + 1)

    def _parameter(self, node: Node, path: str) -> tuple[Node, Value] | None:
        """The component that ``ch`` with this path reads, and whose it is."""
        where, slash, name = path.rpartition("/")
        owner = self.find(node.path, where or ("/" if slash else "."))
        if owner is None:
            return None
        self._searched += owner.parm.end - owner.parm.start if owner.parm else 0
        self._followed += 1
        if self._searched > MOST_SEARCHED_BYTES or self._followed > MOST_FOLLOWED:
            return None
        values = owner.values(name)
        if len(values) == 1:
            return owner, values[0]
        index = int(name[-1]) - 1 if name[-1:].isdecimal() else _COMPONENTS.get(name[-1:], -1)
        values = owner.values(name[:-1])
        return (owner, values[index]) if 0 <= index < len(values) else None


def _joined(origin: str, path: str) -> str:
    if path.startswith("/"):
        origin = ""
    parts = [part for part in origin.split("/") if part]
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return {"on": 1.0, "off": 0.0}.get(text)
    return number if abs(number) < 1e15 else None
