"""Where on this machine a file lies that a scene names. Pure: whether it is there is the next question."""

from __future__ import annotations

import ntpath
import posixpath
import re

_DRIVE = re.compile(r"[A-Za-z]:[\\/]")


class NotOnThisMachine(ValueError):
    """A path can lead to no file on this machine; ``why`` tells, as the end of a sentence."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path!r} {why}")
        self.path = path
        self.why = why


def place_of(path: str, folder: str, *, windows: bool) -> str:
    """The absolute path that ``path`` means in a .blend that lies in ``folder``, without ``..``.

    Links in the file system are not followed: the farm gets the path as it is named.

    Args:
        windows: this machine runs Windows, where drives and servers can be opened.

    >>> place_of("//../tex/wood.png", "/show/shots", windows=False)
    '/show/tex/wood.png'

    Raises:
        NotOnThisMachine: it is on a drive or server that only Windows can open, or names nothing.
    """
    normal = ntpath.normpath if windows else posixpath.normpath
    if path.startswith("\\\\"):
        if not windows:
            raise NotOnThisMachine(path, "is on a Windows file server, which this machine cannot open")
        return normal(path)
    if path.startswith("//"):
        rest = path.lstrip("/")
    elif _DRIVE.match(path):
        if not windows:
            raise NotOnThisMachine(path, f"is on drive {path[:2]} of a Windows machine; this is not one")
        return normal(path)
    elif path.startswith("/"):
        return normal("/" + path.lstrip("/"))
    else:
        rest = path
    if not rest.strip("./"):
        raise NotOnThisMachine(path, "names a folder, not a file")
    return normal(f"{folder}/{rest}")
