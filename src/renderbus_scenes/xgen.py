"""XGen collections (.xgen): where the maps and grooms of a palette lie. Pure: text in, paths out.

Source: the file is text, a word and a value each line; ``xgDataPath`` names the collection's folder, in which
``${PROJECT}`` is the project folder with its slash. (No public scene with XGen could be read when this was
written: this rests on documentation.)
"""

from __future__ import annotations

import re

PROJECT = "${PROJECT}"

LARGEST_BYTES = 64 << 20
"""Of a collection's file; a large one has a few megabytes."""

_DATA_PATH = re.compile(rb"^[ \t]*xgDataPath[ \t]+([^\r\n]+)", re.MULTILINE)


def data_paths(content: bytes) -> tuple[str, ...]:
    """The folders that a collection reads from, as written, each once.

    >>> data_paths(b"Palette\\n\\txgDataPath\\t\\t${PROJECT}xgen/collections/hair\\n")
    ('${PROJECT}xgen/collections/hair',)
    """
    lines = [found.decode("utf-8", "surrogateescape").strip() for found in _DATA_PATH.findall(content)]
    return tuple(dict.fromkeys(path for line in lines for path in line.split(";") if path))
