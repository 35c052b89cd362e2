"""Which codes of tips.json are errors: they stop the check step, every other one is a warning.

Source: of the published codes only the type of 15000 and those of 50001 to 50008 are published; the others
and those above 60000 are ours.
"""

from __future__ import annotations

ERROR_CODES = frozenset(
    {
        "999", "15000", "15002", "15004", "15005", "15006", "15009", "15019", "15020", "15021", "15024",
        "50002", "50007", "50008", "60007",
    }
)  # fmt: skip
