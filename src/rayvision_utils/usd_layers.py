"""Follow USD layers: what a layer names is needed too, and what those name.

Layers in text are read as they are; binary ones need OpenUSD's library (``usd-core``), and are told where
that is not installed. A package (``.usdz``) holds its files itself.
"""

from __future__ import annotations

import importlib
from collections import deque
from collections.abc import Collection, Mapping
from pathlib import Path, PurePath
from typing import Any

from rayvision_utils.look_up import LookUp
from rayvision_utils.scene_files import LookedUp, MissingFile, SceneFiles, content_of
from renderbus_model.scene import Kind, Reference
from renderbus_scenes.errors import BadScene
from renderbus_scenes.houdini_files import kind_of_suffix, spread_of
from renderbus_scenes.usd_text import BINARY, TEXT, asset_paths

MOST_LAYERS = 100_000

SUFFIXES = (".usd", ".usda", ".usdc")


class NeedsLibrary(Exception):
    """A binary layer, and OpenUSD's library is not installed."""


def follow_layers(files: SceneFiles, looking: LookUp, variables: Mapping[str, str]) -> None:
    """Add what the USD layers among ``files`` name, and so on; each layer is read once."""
    waiting = deque(
        (place, each.reference)
        for each in files.looked_up
        if each.reference.kind is Kind.USD
        for place in each.found
        if place.lower().endswith(SUFFIXES)
    )
    seen = {place for place, _ in waiting}
    told = files.not_followed
    while waiting:
        layer, owner = waiting.popleft()
        try:
            paths = names_of(layer)
        except NeedsLibrary:
            told.append(
                f"{owner}: {PurePath(layer).name} is binary, and is looked into where usd-core is installed"
            )
            continue
        except (OSError, BadScene) as error:
            why = error.why if isinstance(error, BadScene) else error.strerror or str(error)
            told.append(f"{owner}: {PurePath(layer).name} cannot be read: {why}")
            continue
        for path in dict.fromkeys(paths):
            found = _look(files, looking, variables, layer, path)
            for place in found:
                if place.lower().endswith(SUFFIXES) and place not in seen and len(seen) < MOST_LAYERS:
                    seen.add(place)
                    waiting.append((place, files.looked_up[-1].reference))


def names_of(layer: str) -> Collection[str]:
    """The paths that the layer at a place names, as written.

    Raises:
        NeedsLibrary: see there.
        BadScene: it is no USD layer.
        OSError: it cannot be read.
    """
    content = content_of(layer)
    head = bytes(memoryview(content)[:8])
    if head.startswith(TEXT):
        return list(asset_paths(content))
    if head.startswith(BINARY):
        return _asked_of_library(layer)
    raise BadScene(Path(layer).name, "is no USD layer")


def _asked_of_library(layer: str) -> list[str]:
    try:
        sdf: Any = importlib.import_module("pxr.Sdf")
        utils: Any = importlib.import_module("pxr.UsdUtils")
    except ImportError:
        raise NeedsLibrary(layer) from None
    opened = sdf.Layer.FindOrOpen(layer)
    if not opened:
        raise BadScene(Path(layer).name, "is a damaged USD layer")
    sublayers, references, payloads = utils.ExtractExternalReferences(layer)
    return [str(path) for path in (*sublayers, *references, *payloads)]


def _look(
    files: SceneFiles, looking: LookUp, variables: Mapping[str, str], layer: str, path: str
) -> tuple[str, ...]:
    """Look for what a layer names beside it, and keep what was found or is missing."""
    kind = kind_of_suffix(path)
    plain = path.replace("\\", "/")
    reference = Reference(PurePath(layer).name, "layer", "asset", plain, kind, spread=spread_of(path))
    answer = looking.find(reference, str(PurePath(layer).parent), variables)
    for asset in answer.assets:
        files.assets.setdefault(asset.server, asset)
    # Without a folder a path may be one of the renderer's own shaders, which it finds by itself.
    by_search = "/" not in plain and kind is not Kind.USD and not answer.assets
    why = "" if answer.unknown or by_search else answer.why
    if why:
        files.missing.append(MissingFile(reference, layer, why))
    found = tuple(asset.local for asset in answer.assets)
    files.looked_up.append(LookedUp(reference, layer, found, why, answer.how))
    return found
