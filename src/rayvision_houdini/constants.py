"""Houdini's own words and defaults."""

from __future__ import annotations

PACKAGE_NAME = "rayvision_houdini"

OPTION_RENDER = "-1"
OPTION_SIMULATION = "0"
OPTION_DISTRIBUTED = "1"
"""``option`` of a node in task.json."""

FROM_A_STAGE = ("usd", "karma")
"""Types of ROPs that begin so render a USD stage, which has the cameras."""

PLUGINS = {
    "Redshift_ROP": ("redshift",),
    "arnold": ("htoa", "arnold"),
    "vray_renderer": ("vray", "v-ray"),
    "ris": ("renderman", "rfh", "prman"),
    "Octane_ROP": ("octane",),
}
"""What plug-ins that bring a ROP are called, by its type without version."""

SLICE_TYPES = frozenset({"volume", "particle", "cluster"})
MOST_SLICES = 16
"""What distributed simulations may ask for, by the published tips 50007 and 50008."""
