"""Read a Clarisse project (.project, .render) of Clarisse 3 to 5.

Only blocks that can matter are looked into: images, layers, cameras, renderers, and those that name files.
The preferences are settings of a person; their paths are no assets.
"""

from __future__ import annotations

import re
from functools import lru_cache

from renderbus_model.clarisse_scene import ClarisseScene
from renderbus_scenes.clarisse_blocks import (
    MOST_DEPTH,
    PREFERENCES,
    NotInLines,
    TooDeep,
    attributes,
    attributes_with,
    pieces,
    unescaped,
)
from renderbus_scenes.clarisse_files import names_file
from renderbus_scenes.clarisse_found import Block, Found, Header
from renderbus_scenes.clarisse_objects import is_layer, is_renderer
from renderbus_scenes.errors import BadScene
from renderbus_scenes.unpack import MOST_BYTES, Content, Searchable, searchable

MAGIC = b"#Isotropix_Serial_Version"

_HEADER = re.compile(rb'([^\s"\[]+)[^"]*(?:"([^"\\]*(?:\\.[^"\\]*)*)")?', re.DOTALL)
_FILE_NAME = b"ile"  # in every attribute that names a file, whatever its spelling


def read_project(content: Content, name: str = "", *, limit: int = MOST_BYTES) -> ClarisseScene:
    """What a project holds; ``name`` is only for messages.

    Raises:
        BadScene: no Clarisse project, damaged, cut off, or of more than ``limit`` bytes.
    """
    if bytes(memoryview(content)[: len(MAGIC)]) != MAGIC:
        raise BadScene(name, "is no Clarisse project; one begins with #Isotropix_Serial_Version")
    if len(content) > limit:
        raise BadScene(name, f"has {len(content)} bytes, where {limit} is the limit for one scene")
    data = searchable(content)
    found = Found(data)
    try:
        try:
            _read(data, found, exact=False)
        except NotInLines:
            found = Found(data)
            _read(data, found, exact=True)
    except TooDeep as error:
        why = f"has more than {MOST_DEPTH} blocks in each other, the limit for one scene"
        raise BadScene(name, why, offset=error.offset, partial=found.scene()) from error
    if found.open:
        why = f"is cut off: {len(found.open)} blocks are open at its end"
        raise BadScene(name, why, offset=len(data), partial=found.scene())
    return found.scene()


def _read(data: Searchable, found: Found, *, exact: bool) -> None:
    """Go through the file once.

    Raises:
        NotInLines: not ``exact``, and it must be.
        TooDeep: see there.
    """
    stack, start = found.open, 0
    next_file = data.find(_FILE_NAME)
    for end, header, after in pieces(data, 0, exact=exact):
        if stack:
            block = stack[-1]
            if block.collected is not None:
                for name, values in attributes(data, start, end):
                    found.take(block, name, values)
            elif 0 <= next_file < end and not stack[0].header.is_preferences:
                for name, values in attributes_with(_FILE_NAME, data, start, end):
                    found.take(block, name, values)
            if 0 <= next_file < end:
                next_file = data.find(_FILE_NAME, end)
        if header is None:
            if stack:
                found.close(stack.pop())
            elif not exact:
                raise NotInLines
        else:
            if len(stack) >= MOST_DEPTH:
                raise TooDeep(end)
            stack.append(Block(_parsed(header), after))
        start = after
    if stack and not exact:  # cut off, or a brace in a text of several lines
        raise NotInLines


@lru_cache(maxsize=4096)
def _parsed(header: bytes) -> Header:
    found = _HEADER.match(header)
    word = found[1].decode("utf-8", "surrogateescape") if found else ""
    label = unescaped(found[2]) if found and found[2] else ""
    return Header(
        word,
        label,
        collects=word in ("Image", "animation") or is_layer(word) or names_file(word),
        is_object=word[:1].isupper() and word != "Context",
        is_named=word.startswith("Camera") or is_renderer(word),
        is_preferences=header == PREFERENCES,
    )
