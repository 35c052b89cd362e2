"""The command line of a transmitter, in its two published forms, and as text for a shell.

Source: rayvision_sync 1.x gives 13 positions, 2.0 and later flags; both go through a shell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

LATER_TYPES = {
    "upload_files": "upload_path",
    "upload_file_list": "upload_list",
    "upload_file_pairs": "upload_json",
    "download_files": "download_path",
    "download_file_list": "download_list",
}
"""What moves, by its earlier name: the name since version 2.0."""

NO_DATABASE = "None"
"""The text that published clients send where there is no database."""


def transmitter_arguments(
    line: Mapping[str, Any],
    storage: object,
    user: object,
    params: Sequence[str | Path],
    database: str | Path | None,
    network_mode: int,
) -> list[str]:
    """All arguments, in the form that the type belongs to.

    Args:
        line: ``engine_type, server_name, server_ip, server_port``.
        params: type, local path, farm path, KB/s, whether the path is kept.
    """
    kind, local, remote, speed, keep = (str(value) for value in params[:5])
    ini = str(database) if database else NO_DATABASE
    engine, host, port = str(line["engine_type"]), str(line["server_ip"]), str(line["server_port"])
    if kind in LATER_TYPES:
        front = [engine, str(line["server_name"]), host, port, str(storage), str(user)]
        return [*front, kind, local, remote, "1", keep, speed, ini]
    flags = {"E": engine, "H": host, "P": port, "S": str(storage), "U": str(user), "T": kind, "L": local}
    flags |= {"R": remote, "r": "2", "K": keep, "s": speed, "C": ini, "p": str(int(network_mode))}
    return [word for flag, value in flags.items() for word in (f"-{flag}", value)]


def as_shell_text(words: Sequence[str], *, windows: bool = False) -> str:
    r"""A command as published, ``echo y|"program" …``, that means the same whatever is in its words.

    >>> as_shell_text(["/t/transmitter", "-L", "/a/$HOME \"x\""])
    'echo y|"/t/transmitter" -L "/a/\\$HOME \\"x\\"" '
    """
    quoted = (word if _is_flag(word) else _quoted(word, windows) for word in words)
    return "echo y|" + "".join(f"{word} " for word in quoted)


def _is_flag(word: str) -> bool:
    return re.fullmatch(r"-[A-Za-z]", word) is not None


def _quoted(word: str, windows: bool) -> str:
    # Windows allows no quote in a file name, and its backslash is a separator.
    return f'"{word}"' if windows else '"' + re.sub(r'([\\"$`])', r"\\\1", word) + '"'
