"""Which attributes of a Clarisse project name files, and what sort of file each is.

Source: whatever is called, or ends in, ``filename`` or ``file_name`` names one, in objects and in attributes
that plug-ins and shaders bring along (``filename_open``); ``filename_save`` and what images and layers
save are outputs.
"""

from __future__ import annotations

import re

from renderbus_model.scene import Kind, Reference, Role, Spread
from renderbus_scenes.kinds import KIND_BY_SUFFIX

LONGEST_PATH = 4096

SAVED = frozenset({"save_as", "deep_output_path", "save_deep_data_as"})
"""Attributes of images and layers that name what they write."""

_FILE = re.compile(r"\w*file_?name|filename_(?:open|save)", re.IGNORECASE)
_OUTPUT = re.compile(r"filename_save\b.*|.*(?:output|save)\w*file_?name", re.IGNORECASE)
_SUFFIX = re.compile(r"\.([A-Za-z][A-Za-z0-9]{0,9})\Z")
_SHIPPED = re.compile(r"\$\{?(?:CLARISSE_BIN_DIR|CDIR|CTEMP|CLARISSE_\w+)\b")
_FRAMES = re.compile(
    r"#|\$[0-9]*S?F(?![A-Za-z_])|\$\{[0-9]*F\}|\{frame(?::[^}]*)?\}|%0?[0-9]*d", re.IGNORECASE
)
_TILES = re.compile(r"<u(?:dim|vtile)>|<U><V>|%\(udim\)d", re.IGNORECASE)
_SCENES = frozenset({"project", "render", "archive", "build"})
_BY_CLASS = (
    ("TextureOsl", Kind.SHADER),
    ("Texture", Kind.TEXTURE),
    ("GeometryBundleAlembic", Kind.ALEMBIC),
    ("GeometryBundleUsd", Kind.USD),
    ("GeometryVolume", Kind.VOLUME),
    ("Volume", Kind.VOLUME),
    ("CameraAlembic", Kind.ALEMBIC),
    ("Geometry", Kind.CACHE),
    ("Light", Kind.IES),
    ("Context", Kind.REFERENCE),
)


def names_file(attribute: str) -> bool:
    """Whether an attribute of that name names a file.

    >>> [names_file(name) for name in ("filename", "OSL_shader_filename", "save_as", "filename_mode")]
    [True, True, False, False]
    """
    return "ile" in attribute and _FILE.fullmatch(attribute) is not None


def reference_to(
    node: str, class_name: str, attribute: str, path: str, *, optional: bool
) -> Reference | None:
    """The place that names ``path``, None for an empty text or one that can be no path."""
    path = path.strip()
    plain = path.replace("\\", "/")
    if not path or len(path) > LONGEST_PATH or "\n" in path or path == "<empty>":
        return None
    return Reference(
        node,
        class_name,
        attribute,
        path,
        _kind(class_name, plain),
        _role(class_name, attribute, plain),
        _spread(plain),
        optional=optional,
    )


def _kind(class_name: str, path: str) -> Kind:
    found = _SUFFIX.search(path)
    suffix = found[1].lower() if found else ""
    if suffix in _SCENES:
        return Kind.REFERENCE
    if suffix in KIND_BY_SUFFIX:
        return KIND_BY_SUFFIX[suffix]
    return next((kind for start, kind in _BY_CLASS if class_name.startswith(start)), Kind.OTHER)


def _role(class_name: str, attribute: str, path: str) -> Role:
    if _SHIPPED.match(path):
        return Role.SHIPPED
    is_picture = class_name == "Image" or class_name.startswith("Layer") or class_name.endswith("Layer")
    return Role.OUTPUT if is_picture or attribute in SAVED or _OUTPUT.fullmatch(attribute) else Role.INPUT


def _spread(path: str) -> Spread:
    if _TILES.search(path):
        return Spread.TILES
    return Spread.SEQUENCE if _FRAMES.search(path) else Spread.ONE
