"""The published constants, under their old path."""

from __future__ import annotations

from rayvision_api.constants import CG_SETTING, TASK_INFO

__all__ = ["CG_SETTING", "PACKAGE_NAME", "TASK_INFO"]

PACKAGE_NAME = "rayvision_utils"
