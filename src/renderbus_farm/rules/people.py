"""Who asks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class User:
    """An account of the farm, as operations see it: everything but its key.

    Attributes:
        id: ``userId`` on the wire.
        access_id: the public half of its credentials.
        allow_scripts: Python inside its scenes may run on the farm's machines.
    """

    id: int
    name: str
    access_id: str
    allow_scripts: bool = False


CONFIG_BID, INPUT_BID, OUTPUT_BID = "30201", "10201", "20201"
"""Ids of the three storages. They are the same for everybody: whose files they are is told by the user id."""
