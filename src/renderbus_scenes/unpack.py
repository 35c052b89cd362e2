"""A scene's bytes as the application wrote them: raw, after gzip, or after zstd.

Source: Blender compresses with gzip up to 2.93, with zstd since 3.0 (many frames and a seek table, which
is a frame to skip).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from mmap import mmap
from typing import TypeAlias

import zstandard

from renderbus_scenes.errors import BadScene

Content: TypeAlias = bytes | bytearray | memoryview | mmap
"""What readers take: bytes in memory, or a file that is mapped into it."""

Searchable: TypeAlias = bytes | bytearray | mmap
"""Content in which bytes can be looked for."""


def searchable(content: Content) -> Searchable:
    """The same content, copied only where nothing can be looked for in it."""
    return bytes(content) if isinstance(content, memoryview) else content


MOST_BYTES = 8 << 30
"""A scene that unpacks to more than this is refused."""

FREE_BYTES, MOST_TIMES = 256 << 20, 200
"""Beyond ``FREE_BYTES``, unpacking to more than ``MOST_TIMES`` the file's own size is refused too: real
scenes shrink to a third or a tenth, and a small file must not fill the memory."""

GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"

_STEP = 1 << 20
_GZIP_WINDOW = 31  # 15 bits of window, and 16 for "expect a gzip header"


def unpacked(content: Content, name: str = "", *, limit: int = MOST_BYTES) -> memoryview:
    """The bytes after unpacking, at most ``limit``; raw content is passed on without a copy.

    Raises:
        BadScene: it is no Blender file, the packing is damaged, or it unpacks to more than ``limit``.
    """
    view = memoryview(content)
    head = bytes(view[:4])
    most = min(limit, FREE_BYTES + MOST_TIMES * len(view))
    if head[:2] == GZIP:
        return _collected(_gunzipped(view, name), name, "gzip", most)
    if head == ZSTD:
        return _collected(_unzstd(view, name), name, "zstd", most)
    if len(view) > limit:
        raise _too_large(name, limit)
    return view


def _collected(parts: Iterator[bytes], name: str, packing: str, limit: int) -> memoryview:
    whole = bytearray()
    for part in parts:
        whole += part
        if len(whole) > limit:
            raise _too_large(name, limit)
        if not whole.startswith(b"BLENDER"[: len(whole)]):
            raise BadScene(name, f"is packed with {packing}, but what is inside is not a Blender file")
    return memoryview(whole)


def _too_large(name: str, limit: int) -> BadScene:
    return BadScene(
        name, f"unpacks to more than {limit} bytes, which is the limit for one scene", offset=limit
    )


def _gunzipped(view: memoryview, name: str) -> Iterator[bytes]:
    position = 0
    while bytes(view[position : position + 2]) == GZIP:
        unpacker = zlib.decompressobj(_GZIP_WINDOW)
        while not unpacker.eof:
            part = unpacker.unconsumed_tail or view[position : position + _STEP]
            if not len(part):
                raise BadScene(name, f"is cut off: its gzip packing ends at byte {position}", offset=position)
            if not unpacker.unconsumed_tail:
                position += len(part)
            try:
                yield unpacker.decompress(part, _STEP)
            except zlib.error as error:
                why = f"is damaged: its gzip packing breaks before byte {position} ({error})"
                raise BadScene(name, why, offset=position) from error
        position -= len(unpacker.unused_data)


def _unzstd(view: memoryview, name: str) -> Iterator[bytes]:
    # The window is bounded so that a header cannot ask for gigabytes.
    reader = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(view, read_across_frames=True)
    with reader:
        while True:
            try:
                part = reader.read(_STEP)
            except zstandard.ZstdError as error:
                raise BadScene(
                    name, f"is damaged: its zstd packing breaks ({error})", offset=reader.tell()
                ) from error
            if not part:
                return
            yield part
