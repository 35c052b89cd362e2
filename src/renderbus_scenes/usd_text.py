"""The files that a USD layer in text names: ``@path@``, or ``@@@path@@@`` where the path holds an ``@``.

Source: OpenUSD's text format (``#usda 1.0``). Binary layers (``PXR-USDC``) need OpenUSD's own library.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from renderbus_scenes.unpack import Content, searchable

TEXT, BINARY, PACKAGE = b"#usda", b"PXR-USDC", b"PK\x03\x04"
"""How layers begin: in text, binary, and packed together with their files (``.usdz``)."""

MOST_PATHS = 1_000_000
LONGEST_PATH = 4096

# Comments and texts first, so that an @ in them names nothing.
_TOKEN = re.compile(
    rb"@@@(?P<long>(?:(?!@@@).){1,4096}?)@@@|@(?P<short>[^@\n]{1,4096})@|\#[^\n]*"
    rb'|"""(?:[^"\\]|\\.|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"|\\.',
    re.DOTALL,
)


def asset_paths(content: Content) -> Iterator[str]:
    """Each path as written, in order; one may come again.

    >>> list(asset_paths(b'#usda 1.0\\nsubLayers = [@a.usda@] # @no@\\ndoc = "@no@"\\nfile = @@@b@2.png@@@'))
    ['a.usda', 'b@2.png']
    """
    count = 0
    for found in _TOKEN.finditer(searchable(content)):
        path = found["long"] or found["short"]
        if path and count < MOST_PATHS:
            count += 1
            yield path.decode("utf-8", "surrogateescape")
