"""Where a local file lives on the farm: ``D:\\a\\b`` is ``/D/a/b``, ``/home/x`` stays ``/home/x``.

A *farm path* is absolute, uses ``/``, and has no empty part, no ``.``, no ``..``, no drive letter and no
control character, so that it can be joined to a folder without leaving it. Clients of old leave out
the leading slash (``home/x/y``); both spellings name the same file.
"""

from __future__ import annotations

import re
from typing import NewType

FarmPath = NewType("FarmPath", str)

_DRIVE = re.compile(r"([A-Za-z]):[\\/]")
_DRIVE_PART = re.compile(r"[A-Za-z]:(\\|$)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

LONGEST_PART_BYTES = 255
LONGEST_PATH_BYTES = 4096
"""What Linux file systems take; a path beyond this can be stored by no node."""


class BadPath(ValueError):
    """A path cannot be used on the farm; ``path`` is how it was given."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"path {path!r}: {why}")
        self.path = path
        self.why = why


def is_absolute_anywhere(path: str) -> bool:
    """Absolute on any system: ``/x``, ``\\\\server\\share``, ``D:\\x``, ``D:/x``."""
    return path.startswith(("/", "\\\\")) or _DRIVE.match(path) is not None


def farm_path(local: str) -> FarmPath:
    """Where the farm keeps the file that is ``local`` on the user's machine.

    Source: ``convert_path`` of the published packages, without its defects (it drops the first
    character of relative paths, and the leading slash of Linux paths).

    >>> farm_path(r"D:\\shot 1\\a.blend"), farm_path("/home/x/y"), farm_path(r"\\\\srv\\share\\f")
    ('/D/shot 1/a.blend', '/home/x/y', '/srv/share/f')

    Raises:
        BadPath: relative, or it holds ``..`` or a control character.
    """
    if not is_absolute_anywhere(local):
        raise BadPath(local, "expected an absolute path, e.g. /home/x/a.blend or D:/x/a.blend")
    drive = _DRIVE.match(local)
    text = f"{drive[1]}/{local[drive.end() :]}" if drive else local
    # Only Windows paths use the backslash as separator; on Linux it is an ordinary character.
    if drive or local.startswith("\\\\"):
        text = text.replace("\\", "/")
    return checked_farm_path(text)


def checked_farm_path(text: str) -> FarmPath:
    """A farm path that came from outside, in its one spelling.

    Raises:
        BadPath: it is empty, too long, leaves its folder, or could mean something else on another system.
    """
    if _CONTROL.search(text):
        raise BadPath(text, "holds a control character")
    parts = [part for part in text.split("/") if part not in ("", ".")]
    if not parts:
        raise BadPath(text, "names no file")
    if ".." in parts:
        raise BadPath(text, "holds '..', which could lead out of the task's folder")
    if _DRIVE_PART.match(parts[0]):
        raise BadPath(text, "begins with a drive letter; the farm path of D:/x is /D/x")
    if "\\" in text and ".." in re.split(r"[\\/]", text):
        raise BadPath(text, "holds '..' between backslashes")
    encoded = [len(_utf8(part, text)) for part in parts]
    if max(encoded) > LONGEST_PART_BYTES:
        raise BadPath(text, f"has a name of more than {LONGEST_PART_BYTES} bytes")
    if sum(encoded) + len(parts) > LONGEST_PATH_BYTES:
        raise BadPath(text, f"is longer than {LONGEST_PATH_BYTES} bytes")
    return FarmPath("/" + "/".join(parts))


def _utf8(part: str, whole: str) -> bytes:
    try:
        return part.encode("utf-8")
    except UnicodeEncodeError:
        raise BadPath(whole.encode("utf-8", "backslashreplace").decode(), "is not valid Unicode") from None
