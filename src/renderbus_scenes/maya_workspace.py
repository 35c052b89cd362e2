"""Project folders of Maya: what ``workspace.mel`` says about where files of each kind lie.

Source: lines ``workspace -fr "sourceImages" "sourceimages";``; scenes of old write ``-rt`` and ``-ot``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

FILE_NAME = "workspace.mel"
"""Lies at the top of a project folder, and makes it one."""

LARGEST_BYTES = 1 << 20
"""Of such a file; real ones have a few kilobytes."""

_RULE = re.compile(
    r'workspace\s+-(?:fr|fileRule|rt|renderType|ot|objectType)\s+"([^"]*)"\s+"((?:[^"\\]|\\.)*)"'
)

DEFAULT_RULES: Mapping[str, str] = {
    "sourceimages": "sourceimages",
    "images": "images",
    "scene": "scenes",
    "mayaascii": "scenes",
    "mayabinary": "scenes",
    "sound": "sound",
    "audio": "sound",
    "alembiccache": "cache/alembic",
    "filecache": "cache/nCache",
    "diskcache": "data",
    "particles": "cache/particles",
    "fluidcache": "cache/nCache/fluid",
}
"""Folders of a new project by the rule's name, in small letters."""


def parse_rules(text: str) -> dict[str, str]:
    """Folder by rule, the rules' names in small letters; later lines win.

    >>> parse_rules('workspace -fr "sourceImages" "tex";')
    {'sourceimages': 'tex'}
    """
    return {rule.lower(): re.sub(r"\\(.)", r"\1", folder) for rule, folder in _RULE.findall(text) if folder}
