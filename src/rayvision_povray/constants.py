"""POV-Ray's own defaults."""

from __future__ import annotations

PACKAGE_NAME = "rayvision_povray"

WIDTH, HEIGHT = 800, 600
"""Pixels where no .ini says any: a scene has no size of its own."""

LAYER = "picture"
"""A scene has no layers; task.json needs a name for what renders."""
