"""What a finished frame leaves: looked at, stored, and named as the task wants it."""

from __future__ import annotations

import io
import os
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from renderbus_farm.blobs.blobs import Blobs
from renderbus_farm.composing import crop
from renderbus_farm.pictures import BLACK, BadPicture, Picture, look
from renderbus_farm.renderers.session import Rendered
from renderbus_farm.rules.work import Output
from renderbus_model.pieces import Digest, digest_of

_UNREAD = re.compile(rb"Image file '(.+)' failed to load")
"""What Cycles logs of a texture that does not decode (``intern/cycles/scene/image.cpp``); it then renders on
with pink in its place."""


@dataclass(frozen=True, slots=True)
class Results:
    """The files of a frame, stored.

    Attributes:
        thumbnail: the small picture of the first one.
        flags: what is odd about its pictures: all of them are black, or one holds what is no number.
    """

    outputs: tuple[Output, ...]
    thumbnail: Digest | None
    flags: frozenset[str] = frozenset()


def stored_results(blobs: Blobs, folder: Path, rendered: Rendered, pattern: str, number: int) -> Results:
    """Check every picture, then store them and what the compositor wrote beside them.

    Raises:
        BadPicture: one is empty, cut off, damaged or of another size than was asked, or a file is not one of
            the frame's own; nothing is stored.
        OSError: the disk is full, or the storage gone.
    """
    for name in (*rendered.pictures, *rendered.extras):
        _check_own(folder, name)
    if rendered.box:
        for name in rendered.pictures:
            crop(folder / name, rendered.box)
    looked = [_checked(folder / name, rendered) for name in rendered.pictures]
    names = output_names(rendered, pattern, number)
    outputs = tuple(_stored(blobs, folder / name, target) for name, target in names.items())
    small = looked[0].small if looked else None  # a simulation makes no picture
    return Results(outputs, put_bytes(blobs, small) if small else None, _flags(looked))


def _flags(looked: Sequence[Picture]) -> frozenset[str]:
    some = frozenset[str]().union(*(picture.flags for picture in looked))
    # The right eye of a stereo pair, or a pass, may well be black alone.
    return some if all(BLACK in picture.flags for picture in looked) else some - {BLACK}


def put_bytes(blobs: Blobs, content: bytes) -> Digest:
    """Store bytes that are in memory."""
    digest = digest_of(content)
    blobs.put(digest, io.BytesIO(content))
    return digest


def output_names(rendered: Rendered, pattern: str, number: int) -> dict[str, str]:
    """Path below the task's output folder, by name in the frame's folder.

    A picture is called after the task's pattern, with what Blender put behind its name (``_L`` and ``_R`` of
    a stereo scene, the suffix); a File Output node's files lie in a folder of its name, numbered.

    >>> output_names(Rendered(("picture.png",), ("extras/Mist/m.exr",), 8, 8), "Day/shot_####", 7)
    {'picture.png': 'Day/shot_0007.png', 'extras/Mist/m.exr': 'Day/Mist/m_0007.exr'}
    """
    folder = f"{pattern.rpartition('/')[0]}/".lstrip("/")
    names = {name: numbered(pattern, number) + name.removeprefix("picture") for name in rendered.pictures}
    digits = numbered("####", number)
    for name in rendered.extras:
        path = PurePosixPath(name)
        below = path.relative_to("extras") if path.parts[0] == "extras" else path
        # Caches of a simulation are for all its frames, and go by the name that the scene knows.
        behind = f"_{digits}" if rendered.pictures and not path.stem.endswith(digits) else ""
        names[name] = f"{folder}{below.with_name(path.stem + behind + path.suffix)}"
    return names


def numbered(pattern: str, number: int) -> str:
    """The pattern with its last run of ``#`` replaced; the number has at least as many digits.

    >>> numbered("a#/shot_###", -7), numbered("shot_####", 12345)
    ('a#/shot_-007', 'shot_12345')
    """
    runs = list(re.finditer("#+", pattern))
    if not runs:
        return pattern
    run = runs[-1]
    sign = "-" if number < 0 else ""
    return f"{pattern[: run.start()]}{sign}{abs(number):0{len(run[0])}d}{pattern[run.end() :]}"


def unread_textures(log: bytes) -> list[str]:
    """Textures in whose place Cycles rendered pink, by what it logged of the frame; each once.

    >>> unread_textures(b"00:01.2  cycles | ERROR Image file '/node/tex/a.png' failed to load.")
    ['/node/tex/a.png']
    """
    return list(dict.fromkeys(path.decode("utf-8", "replace") for path in _UNREAD.findall(log)))


def _check_own(folder: Path, name: str) -> None:
    """Refuse what is no file in the frame's folder: its render process works on strangers' scenes.

    A link would let it read, by our hand, what it may not; a pipe would keep us waiting.
    """
    path, parts = folder / name, PurePosixPath(name).parts
    if ".." in parts or path.resolve() != folder.resolve().joinpath(*parts) or name.startswith("/"):
        raise BadPicture(name, "leads out of the folder of its frame")
    if os.path.lexists(path) and not stat.S_ISREG(path.lstat().st_mode):
        raise BadPicture(name, "is no plain file")


def _checked(path: Path, rendered: Rendered) -> Picture:
    picture = look(path)
    left, top, right, bottom = rendered.box or (0, 0, rendered.width, rendered.height)
    wanted = (right - left, bottom - top)
    if all(wanted) and (picture.width, picture.height) != wanted:
        measures = f"{picture.width}x{picture.height}"
        raise BadPicture(path.name, f"measures {measures} pixels, but {wanted[0]}x{wanted[1]} were asked for")
    return picture


def _stored(blobs: Blobs, path: Path, target: str) -> Output:
    digest, size_bytes = blobs.put_file(path)
    return Output(target, digest, size_bytes)
