"""What both Maya formats say before it is understood: nodes with values, connections, header lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from renderbus_model.maya_scene import SceneReference

Value: TypeAlias = "str | float | tuple[str, ...]"
"""A text, a number (also for booleans: 1 and 0), or a list of texts."""

_TRUE, _FALSE = frozenset({"on", "yes", "true"}), frozenset({"off", "no", "false"})


def word_value(word: str) -> Value:
    """A word outside quotes as a value: a number, a boolean as 1 or 0, or else itself.

    >>> word_value("yes"), word_value("1.5"), word_value("exr")
    (1.0, 1.5, 'exr')
    """
    if word in _TRUE:
        return 1.0
    if word in _FALSE:
        return 0.0
    try:
        return float(word)
    except ValueError:
        return word


def as_text(value: Value | None) -> str | None:
    """A text, None for anything else."""
    return value if isinstance(value, str) else None


def as_number(value: Value | None) -> float | None:
    """A finite number, None for anything else."""
    if isinstance(value, float) and abs(value) <= _LARGEST:
        return value
    return None


_LARGEST = 1e15  # beyond it a double no longer holds every whole number, and no frame or picture needs it


def as_whole(value: Value | None) -> int | None:
    """A number without its fraction."""
    number = as_number(value)
    return None if number is None else int(number)


def as_flag(value: Value | None) -> bool | None:
    """Whether a number is not 0."""
    return bool(value) if isinstance(value, float) else None


@dataclass(slots=True)
class Node:
    """A node, and those of its values that somebody wants, by attribute as written (no leading dot).

    Attributes:
        offset: where it begins in the file.
    """

    type: str
    name: str
    offset: int = 0
    values: dict[str, Value] = field(default_factory=dict)

    def get(self, *names: str) -> Value | None:
        """The value of the first of these spellings that is written."""
        for name in names:
            if name in self.values:
                return self.values[name]
        return None


@dataclass(slots=True)
class RawScene:
    """A scene's statements, before they are understood.

    Attributes:
        nodes: those of wanted types, in file order; ``types`` are all types that occur.
        defaults: nodes that are only selected (``:defaultRenderGlobals``), by name without the colon.
        connections: source and destination, for destinations that matter.
        plugins: name, version, node types.
        file_info: key to value.
        edits: node, attribute, value of the edits to references.
    """

    version: str = ""
    container: str = "ma"
    codeset: str | None = None
    units: dict[str, str] = field(default_factory=dict)
    file_info: dict[str, str] = field(default_factory=dict)
    plugins: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)
    scenes: list[SceneReference] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    types: set[str] = field(default_factory=set)
    defaults: dict[str, Node] = field(default_factory=dict)
    connections: list[tuple[str, str]] = field(default_factory=list)
    edits: list[tuple[str, str, str]] = field(default_factory=list)
    node_count: int = 0
