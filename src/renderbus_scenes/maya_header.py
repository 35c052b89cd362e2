"""The statements at the head of a Maya ASCII scene: references, plug-ins, units, facts about the file."""

from __future__ import annotations

from collections.abc import Sequence

from renderbus_model.maya_scene import SceneReference
from renderbus_scenes.maya_statements import Word
from renderbus_scenes.maya_values import RawScene

MOST_REFERENCES = 100_000
"""References of one scene, those inside others included; productions have hundreds."""

_SWITCHES = frozenset({"-r", "-reference"})
_UNIT_FLAGS = {"-l": "l", "-linear": "l", "-a": "a", "-angle": "a", "-t": "t", "-time": "t"}


def flags_and_rest(words: Sequence[Word]) -> tuple[list[tuple[str, str]], list[str]]:
    """Flags with their values, in order, and what stands without one.

    A flag takes the next word, unless that is a flag too.
    """
    flags: list[tuple[str, str]] = []
    rest: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word.quoted or not word.text.startswith("-"):
            rest.append(word.text)
        elif word.text in _SWITCHES or at == len(words) or _is_flag(words[at]):
            flags.append((word.text, ""))
        else:
            flags.append((word.text, words[at].text))
            at += 1
    return flags, rest


def _is_flag(word: Word) -> bool:
    return not word.quoted and word.text.startswith("-") and not word.text[1:2].isdigit()


def add_header(raw: RawScene, command: str, words: Sequence[Word]) -> None:
    """Put one statement of the header into ``raw``."""
    flags, rest = flags_and_rest(words)
    if command == "file":
        _add_reference(raw, dict(flags), rest)
    elif command == "requires" and len(rest) >= 1:
        types = tuple(value for flag, value in flags if flag in ("-nodeType", "-nt"))
        raw.plugins.append((rest[0], rest[1] if len(rest) > 1 else "", types))
    elif command == "fileInfo" and len(rest) >= 2:
        raw.file_info[rest[0]] = rest[1]
    elif command == "currentUnit":
        raw.units.update({_UNIT_FLAGS[flag]: value for flag, value in flags if flag in _UNIT_FLAGS})


def _add_reference(raw: RawScene, flags: dict[str, str], rest: Sequence[str]) -> None:
    """One ``file`` line. Each reference has one with ``-rdi``, and one with ``-r`` when it is loaded."""
    if not rest or not ({"-rdi", "-referenceDepthInfo", "-r", "-reference"} & flags.keys()):
        return
    node = flags.get("-rfn", flags.get("-referenceNode", ""))
    depth = flags.get("-rdi", flags.get("-referenceDepthInfo", ""))
    if not depth and any(each.node == node for each in raw.scenes if each.depth == 1):
        return
    if len(raw.scenes) >= MOST_REFERENCES:
        return
    space = flags.get("-ns", flags.get("-namespace", flags.get("-rpr", flags.get("-renamingPrefix", ""))))
    deferred = flags.get("-dr", flags.get("-deferReference", "0")) in ("1", "on", "yes", "true")
    raw.scenes.append(
        SceneReference(
            path=rest[-1],
            namespace=space,
            node=node,
            depth=int(depth) if depth.isdecimal() and len(depth) < 6 else 1,
            loaded=not (deferred and bool(depth)),
            file_type=flags.get("-typ", flags.get("-type", "")),
        )
    )
