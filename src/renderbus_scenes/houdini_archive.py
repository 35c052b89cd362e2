"""The container of a Houdini scene: named members one after another, as an archive or as files of a folder.

Source: a plain scene is an archive of old portable cpio, whose headers are octal text of 76 bytes. Scenes of
limited licences hold the same members under another header, which says the name's length but not the
content's; a member reaches to the next header there. Inside ``.OPdummydefs`` lie archives of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from renderbus_model.houdini_scene import License
from renderbus_scenes.unpack import Searchable

PLAIN, LIMITED, NON_COMMERCIAL = b"070707", b"HouLC\x1a", b"HouNC\x1a"

MOST_MEMBERS = 2_000_000
"""Real scenes have thousands; more than this is no scene."""

LONGEST_NAME_BYTES = 4096

_HEADER_BYTES = 76
_NAME_SIZE, _CONTENT_SIZE = slice(59, 65), slice(65, 76)
_PLAIN_HEADER = re.compile(rb"070707[0-7]{70}(?!TRAILER!!!\0)[^\0\n/ ][^\0\n]{0,4094}\0")
_TRAILER = b"TRAILER!!!"
NO_TRAILER = "is cut off: it ends without the closing TRAILER!!! of its archive"
_TRAILER_HEADER = re.compile(rb"070707[0-7]{70}TRAILER!!!\0")
_LIMITED_START = b"10336"
_LIMITED_HEADER = re.compile(rb"Hou[LN]C\x1a10336([0-9a-f]{5})0[0-9a-f]{8}0[0-9a-f]{8}([^\0\n]{1,4096})\0")
_SCRAMBLED = 0xBAD  # the length field of a limited header is the name's length + 1, XOR this
_MOST_PADDING = 4096  # cpio rounds a finished archive up to a block
_MARKERS = frozenset({b"LIMITED_COMMERCIAL_FILE!!!", b"NON_COMMERCIAL_FILE!!!"})


class Member(NamedTuple):
    """A member's name (``obj/geo1.parm``) and where its content lies: ``data[start:end]``."""

    name: bytes
    data: Searchable
    start: int
    end: int

    @property
    def content(self) -> bytes:
        """A copy of the content."""
        return bytes(self.data[self.start : self.end])


class Damaged(Exception):
    """The archive breaks at ``offset``; what came before it is sound. ``why`` ends a sentence."""

    def __init__(self, why: str, offset: int) -> None:
        super().__init__(why)
        self.why = why
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Archive:
    """The bytes of a scene that is one file."""

    data: Searchable
    license: License

    def members(self) -> Iterator[Member]:
        """Each member of the scene itself, in order; those of archives inside members are passed over.

        Raises:
            Damaged: it is cut off, or a member makes an absurd claim.
        """
        found = _plain(self.data) if self.license is License.COMMERCIAL else _limited(self.data)
        for count, member in enumerate(found, start=1):
            if count > MOST_MEMBERS:
                raise Damaged(f"has more than {MOST_MEMBERS} members, the limit for one scene", member.start)
            yield member


def license_of(head: bytes) -> License | None:
    """The licence that the first bytes tell, None for what is no Houdini scene."""
    if head.startswith(PLAIN):
        return License.COMMERCIAL
    if head.startswith(LIMITED):
        return License.LIMITED
    return License.NON_COMMERCIAL if head.startswith(NON_COMMERCIAL) else None


def _plain(data: Searchable) -> Iterator[Member]:
    position, whole = 0, len(data)
    while True:
        header = data[position : position + _HEADER_BYTES]
        if len(header) < _HEADER_BYTES:
            raise Damaged(NO_TRAILER, position)
        try:
            name_bytes, size = int(header[_NAME_SIZE], 8), int(header[_CONTENT_SIZE], 8)
        except ValueError:
            raise Damaged("is damaged: expected the header of an archive member", position) from None
        start = position + _HEADER_BYTES + name_bytes
        name = bytes(data[position + _HEADER_BYTES : start - 1])
        if name == _TRAILER:
            return
        _check_claims(name, name_bytes, size, whole, position)
        after = start + size
        if data[after : after + 6] != PLAIN:
            after = _next_header(data, name, start, after)
        yield Member(name, data, start, min(after, whole))
        position = after


def _check_claims(name: bytes, name_bytes: int, size: int, whole: int, position: int) -> None:
    if not 1 < name_bytes <= LONGEST_NAME_BYTES:
        why = f"is damaged: a member's name of {name_bytes} bytes, where up to {LONGEST_NAME_BYTES} are right"
        raise Damaged(why, position)
    if not 0 <= size <= whole:
        shown = name.decode("utf-8", "replace")
        raise Damaged(f"is damaged: member {shown!r} claims {size} bytes of a file of {whole}", position)


def _next_header(data: Searchable, name: bytes, start: int, claimed: int) -> int:
    """Where the next member begins although the size of this one is wrong.

    Line endings that some tool converted change the sizes of contents, not what is in them.
    """
    found = _PLAIN_HEADER.search(data, start)
    if found is None:
        # One at the end closes the archive, those before it archives inside members.
        found = _TRAILER_HEADER.search(data, max(start, len(data) - _MOST_PADDING))
    if found is None:
        shown = name.decode("utf-8", "replace")
        have, want = max(0, len(data) - start), claimed - start
        lack = f"is cut off: {have} of the {want} bytes of member {shown!r} are there"
        if claimed == len(data):
            lack = NO_TRAILER
        why = lack if claimed >= len(data) else f"is damaged: no member follows {shown!r}"
        raise Damaged(why, min(claimed, len(data)))
    return found.start()


def _limited(data: Searchable) -> Iterator[Member]:
    magic = bytes(data[:6]) + _LIMITED_START
    position, pending = 0, None
    while (position := data.find(magic, position)) >= 0:
        header = _LIMITED_HEADER.match(data, position)
        if header is None or len(header[2]) + 1 != int(header[1], 16) ^ _SCRAMBLED:
            position += len(magic)
            continue
        if pending:
            yield Member(*pending, position)
        pending = None if header[2] in _MARKERS else (header[2], data, header.end())
        position = header.end()
    if pending:
        yield Member(*pending, len(data))
