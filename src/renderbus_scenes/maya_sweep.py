"""Paths in nodes of plug-ins that no table knows: a text with a folder and the suffix of a file."""

from __future__ import annotations

import re

_SUFFIX_NAMES = """
    png jpg jpeg exr tif tiff tga tx tex rat hdr pic bmp iff dpx cin psd psb gif sgi rgb dds ptx ptex
    webp rstexbin mov mp4 avi wav mp3 aif aiff abc vdb ass usd usda usdc usdz rs vrmesh vrscene vrimg
    rib fbx obj ma mb mc mcx mcj xml pdc nc bgeo bhclassic fur xgen yeti ies ocio cube lut 3dl csp osl
    oso glsl cgfx fx sbsar sbs otl hda json mtlx cache bif f3d aur fxd prt bin vrmap vrlmap gscb gsch
    skel
"""
_SUFFIX_NAMES = """
    png jpg jpeg exr tif tiff tga tx tex rat hdr pic bmp iff dpx cin psd psb gif sgi rgb dds ptx ptex webp
    rstexbin mov mp4 avi wav mp3 aif aiff abc vdb ass usd usda usdc usdz rs vrmesh vrscene vrimg rib fbx obj
    ma mb mc mcx mcj xml pdc nc bgeo bhclassic fur xgen yeti ies ocio cube lut 3dl csp osl oso glsl cgfx fx
    sbsar sbs otl hda json mtlx cache bif f3d aur fxd prt bin vrmap vrlmap gscb gsch skel
"""
_SUFFIXES = frozenset(_SUFFIX_NAMES.split())
_PACKED = ("gz", "sc")
_IN_NO_PATH = re.compile(r"[\x00-\x1f\"*?|;]")

LONGEST_PATH = 4096
"""Characters; what is longer is a script or data."""

_WRITTEN = re.compile(r"export|output|outpath|save|bake|write|log|stat|profil|render.?path", re.IGNORECASE)


def is_path(text: str) -> bool:
    """Whether a whole text is one path to a file.

    >>> is_path("D:/tex/wood.exr"), is_path("wood.exr"), is_path("ls -l /tmp; rm x.png y")
    (True, False, False)
    """
    if len(text) > LONGEST_PATH or _IN_NO_PATH.search(text):
        return False
    _, slash, name = text.replace("\\", "/").rpartition("/")
    stem, dot, suffix = name.lower().rpartition(".")
    if suffix in _PACKED:
        stem, dot, suffix = stem.rpartition(".")
    return bool(slash and dot and stem) and suffix in _SUFFIXES


def is_written(attribute: str) -> bool:
    """Whether an attribute's name says that the file is written, not read.

    >>> is_written("exportSceneFileName"), is_written("sceneFileName")
    (True, False)
    """
    return _WRITTEN.search(attribute) is not None
