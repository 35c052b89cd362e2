"""Choose a reader by a file's first bytes; its name and suffix are never asked."""

from __future__ import annotations

from collections.abc import Collection

from renderbus_model.scene import SceneFacts
from renderbus_scenes.blender import read_blend
from renderbus_scenes.errors import BadScene
from renderbus_scenes.unpack import GZIP, MOST_BYTES, ZSTD, Content

_OTHERS = {
    b"//Maya": "a Maya ASCII scene",
    b"FOR4": "a Maya binary scene",
    b"FOR8": "a Maya binary scene",
    b"070707": "a Houdini scene",
    b"HouLC\x1a": "a Houdini scene (limited commercial)",
    b"HouNC\x1a": "a Houdini scene (non-commercial)",
    b"#Isotropix_Serial_Version": "a Clarisse project",
    b"PK\x03\x04": "a zip archive",
    b"\x89PNG": "a PNG picture",
    b"<?xml": "an XML file",
}
_LFS = b"version https://git-lfs"
_SHOWN = 40  # bytes of a stranger's file in a message: enough to recognise it


def read(
    content: Content, name: str = "", *, limit: int = MOST_BYTES, only: Collection[str] | None = None
) -> SceneFacts:
    """What a scene file holds; ``name`` is only for messages.

    Args:
        only: of a library: the data-blocks that are linked (``SceneFacts.links``); all count without it.

    Raises:
        BadScene: no scene that is read here, damaged, or more than ``limit`` bytes when unpacked.
    """
    head = bytes(memoryview(content)[:64])
    if head.startswith((b"BLENDER", GZIP, ZSTD)):
        return read_blend(content, name, limit=limit, only=only)
    raise BadScene(name, _what_it_is(head))


def _what_it_is(head: bytes) -> str:
    if not head:
        return "is empty (0 bytes)"
    if head.startswith(_LFS):
        return "is a Git LFS pointer, not the scene itself; fetch the real file with `git lfs pull`"
    for start, what in _OTHERS.items():
        if head.startswith(start):
            return f"is {what}, which is not read; Blender scenes are"
    try:
        text = head[:_SHOWN].decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if text and all(sign.isprintable() or sign.isspace() for sign in text):
        return f"is a text file, not a Blender scene; it begins with {text!r}"
    return f"is not a Blender scene; it begins with the bytes {head[:8].hex(' ')}"
