"""What a transmitter is asked to do, read from its command line: 13 positions or flags.

Source: the published clients, and the help text of the published transmitter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rayvision_sync.commands import LATER_TYPES, NO_DATABASE
from rayvision_sync.constants import DEFAULT_MAX_SPEED
from rayvision_sync.exception import BadSpeed
from rayvision_sync.utils import speed_kb

UPLOADS = ("upload_json", "upload_list", "upload_path")
DOWNLOADS = ("download_list", "download_path")

POSITIONS = (
    "engine",
    "server_name",
    "host",
    "port",
    "storage",
    "user",
    "type",
    "local",
    "remote",
    "retry",
    "keep",
    "speed-limit",
    "config",
)
NEEDED_POSITIONS = 9
"""The last four may be left out."""

FLAGS = {
    "E": "engine",
    "H": "host",
    "P": "port",
    "S": "storage",
    "U": "user",
    "T": "type",
    "L": "local",
    "R": "remote",
    "r": "retry",
    "K": "keep",
    "s": "speed-limit",
    "C": "config",
    "p": "protocol",
    "c": "count-ranges",
}
_LONG = {name: name for name in FLAGS.values()} | {"uid": "user"}
_NEEDED = ("host", "port", "storage", "user", "type", "local")
_SWITCHES = {"true": True, "1": True, "false": False, "0": False}

HELP = f"""\
rayvision_transmitter -E ENGINE -H HOST -P PORT -S STORAGE -U USER -T TYPE -L LOCAL [-R REMOTE] ...
rayvision_transmitter ENGINE NAME HOST PORT STORAGE USER TYPE LOCAL REMOTE [RETRIES [KEEP [SPEED [DATABASE]]]]

Moves files between this machine and a farm of RenderBus.

  -E, --engine        taken and not used: files travel over the farm's own address
  -H, --host          the farm: a host, or https://host
  -P, --port          its port
  -S, --storage       id of the storage
  -U, --uid           id of the user
  -T, --type          {", ".join(UPLOADS)}, {", ".join(DOWNLOADS)}
  -L, --local         what to upload, the list that names it, or the folder that results go to
  -R, --remote        where to, or what to download; / without it
  -r, --retry         how often a file is tried again, at least
  -K, --keep          true keeps the folders that a path has; false without it
  -s, --speed-limit   KB/s for all files together; {DEFAULT_MAX_SPEED} without it
  -C, --config        ini file that says where files are remembered, or None
  -p, --protocol      taken and not used
  -c, --count-ranges  of a list: 0 100 is its first hundred entries
  -h, --help; -v, --version

RAYVISION_API_ACCESS_ID and RAYVISION_API_KEY must hold the account's id and key.

Exit status: 0 done; 9 wrong arguments or settings, or the farm refuses; 10 some files failed, try again;
11 there are files that cannot be uploaded.
"""


class BadArguments(ValueError):
    """The command line is none of a transmitter."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to move, and where.

    Attributes:
        kind: one of ``UPLOADS`` or ``DOWNLOADS``.
        retries: how often a file is tried again, at least.
        keep: keep the folders that a path has.
        speed_kb: KB/s for all files together.
        config: the database's ini, "" without one.
        entries: those of a list that are meant, from the first to before the second; None is all.
    """

    host: str
    port: int
    storage: str
    user: str
    kind: str
    local: str
    remote: str = "/"
    retries: int = 2
    keep: bool = False
    speed_kb: float = field(default_factory=lambda: speed_kb(None))
    config: str = ""
    entries: tuple[int, int] | None = None


def parse(words: Sequence[str]) -> Order:
    """Read a command line of either form.

    Raises:
        BadArguments: a word is missing, unknown, or makes no sense.
    """
    found = _flags(words) if words and words[0].startswith("-") else _positions(words)
    if lacking := [name for name in _NEEDED if not found.get(name)]:
        raise BadArguments(f"{lacking[0]} is missing")
    kind = LATER_TYPES.get(found["type"], found["type"])
    if kind not in UPLOADS + DOWNLOADS:
        raise BadArguments(f"type {found['type']!r}: expected one of {', '.join(UPLOADS + DOWNLOADS)}")
    config = found.get("config", "")
    return Order(
        host=found["host"],
        port=_number("port", found["port"], 1, 65535),
        storage=found["storage"],
        user=found["user"],
        kind=kind,
        local=found["local"],
        remote=found.get("remote") or "/",
        retries=_number("retry", found.get("retry") or "2", 0, 1000),
        keep=_switch(found.get("keep") or "false"),
        speed_kb=_speed(found.get("speed-limit")),
        config="" if config == NO_DATABASE else config,
        entries=_entries(found.get("count-ranges")),
    )


def _positions(words: Sequence[str]) -> dict[str, str]:
    if not NEEDED_POSITIONS <= len(words) <= len(POSITIONS):
        raise BadArguments(
            f"{len(words)} arguments: expected {NEEDED_POSITIONS} to {len(POSITIONS)}, or flags"
        )
    # The form without flags keeps a path unless it is told otherwise.
    return {"keep": "true", **dict(zip(POSITIONS, words, strict=False))}


def _flags(words: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    left = list(words)
    while left:
        word = left.pop(0)
        name, has_value, value = _flag(word)
        if not has_value:
            if not left:
                raise BadArguments(f"{word} needs a value")
            value = left.pop(0)
        if name == "count-ranges" and left and left[0].isdigit():
            value = f"{value} {left.pop(0)}"
        found[name] = value
    return found


def _flag(word: str) -> tuple[str, bool, str]:
    """The argument that a word names, and the value where it stands in the same word."""
    if word.startswith("--"):
        long, has_value, value = word[2:].partition("=")
        if long in _LONG:
            return _LONG[long], bool(has_value), value
    elif word[:1] == "-" and word[1:2] in FLAGS:
        return FLAGS[word[1]], len(word) > 2, word[2:]
    raise BadArguments(f"{word!r} is no argument of a transmitter; --help lists them")


def _number(name: str, text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise BadArguments(f"{name} {text!r}: expected a number from {least} to {most}")
    return int(text)


def _switch(text: str) -> bool:
    try:
        return _SWITCHES[text.lower()]
    except KeyError:
        raise BadArguments(f"keep {text!r}: expected true or false") from None


def _speed(text: str | None) -> float:
    try:
        return speed_kb(text or None)
    except BadSpeed as error:
        raise BadArguments(f"speed-limit {text!r}: expected KB/s above 0") from error


def _entries(text: str | None) -> tuple[int, int] | None:
    if not text:
        return None
    words = text.split()
    if len(words) != 2:
        raise BadArguments(f"count-ranges {text!r}: expected two numbers, e.g. 0 100")
    first, end = (_number("count-ranges", word, 0, 2**31) for word in words)
    return first, end
