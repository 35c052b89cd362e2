"""Clarisse's own words and defaults."""

from __future__ import annotations

from typing import Any

PACKAGE_NAME = "rayvision_clarisse"

FORMATS = ("exr16", "exr32", "jpg", "bmp", "tga", "png8", "png16", "tif8", "tif16", "tif32")
"""Formats in the order of Clarisse's menu; a scene stores the place in it. Only ``jpg`` was seen rendered."""

DEFAULT_FORMAT = FORMATS[0]
DEFAULT_VIEW = "linear"
DEFAULT_FIRST, DEFAULT_LAST, DEFAULT_STEP = 0, 50, 1
"""Every image and layer that was seen writes its frames; these stand in for one that does not."""

TASK_INFO: dict[str, Any] = {
    "test_frames": "000",
    "clone_original_id": "",
    "graphics_cards_num": "2",
    "edit_name": "",
}
"""Members of ``task_info`` in the published example of a Clarisse task, beside those of every task."""
