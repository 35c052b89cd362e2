"""Blender's own words and defaults."""

from __future__ import annotations

PACKAGE_NAME = "rayvision_blender"

ENGINES = frozenset({"CYCLES", "BLENDER_EEVEE", "BLENDER_EEVEE_NEXT", "BLENDER_WORKBENCH"})
"""Engines that come with today's Blender; it renamed EEVEE_NEXT back to EEVEE in 5.0."""

RETIRED_ENGINES = frozenset({"BLENDER_RENDER", "BLENDER_GAME"})
"""Engines that were part of Blender up to 2.79."""

SUFFIXES = {
    "PNG": "png",
    "JPEG": "jpg",
    "JPEG2000": "jp2",
    "OPEN_EXR": "exr",
    "OPEN_EXR_MULTILAYER": "exr",
    "TIFF": "tif",
    "TARGA": "tga",
    "TARGA_RAW": "tga",
    "BMP": "bmp",
    "HDR": "hdr",
    "IRIS": "rgb",
    "CINEON": "cin",
    "DPX": "dpx",
    "WEBP": "webp",
}
"""Suffix by picture format, in Blender's words."""

MOVIES = frozenset({"FFMPEG", "AVI_RAW", "AVI_JPEG"})
"""Formats that hold many frames in one file; a farm renders frames one by one."""

FALLBACK_FORMAT = "PNG"
"""What is written in place of a movie, or of a format that is not known."""
