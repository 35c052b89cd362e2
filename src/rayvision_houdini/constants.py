"""Houdini's own words and defaults."""

from __future__ import annotations

PACKAGE_NAME = "rayvision_houdini"

OPTION_RENDER = "-1"
OPTION_SIMULATION = "0"
OPTION_DISTRIBUTED = "1"
"""``option`` of a node in task.json."""

SLICE_TYPES = frozenset({"volume", "particle", "cluster"})
MOST_SLICES = 16
"""What distributed simulations may ask for, by the published tips 50007 and 50008."""
