"""What a scene renders, in one form for every application: the layers of task.json's ``scene_info``.

Maya and Blender write layers, each with ``renderable`` and ``common``. Houdini writes lists of nodes,
Clarisse a list of images with their layers; here these become entries like Maya's, by the name of node, image
or layer.
Source: the examples of task.json in the published documentation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

HOUDINI_NODES = ("distributedsim_node", "geo_node", "rop_node")
"""Distributed simulations, what else writes caches, and ROPs: in this order each may need those before."""

CLARISSE_IMAGES = "image_node"

Entries = dict[str, Any]


def layer_entries(scene_info: Mapping[str, Any]) -> Entries:
    """Everything in ``scene_info`` or ``scene_info_render`` that may render, in the order written.

    >>> rop = {"node": "/out/mantra1", "frames": "1-10[1]", "render": "1", "camera": "/obj/cam1"}
    >>> layer_entries({"rop_node": [rop]})["/out/mantra1"]["common"]["render_camera"]
    ['/obj/cam1']
    """
    # A layer of Maya may bear any name, but what it is called by is an object and no list.
    if is_houdini(scene_info):
        return dict(_houdini(scene_info))
    if isinstance(scene_info.get(CLARISSE_IMAGES), list):
        return dict(_clarisse(scene_info[CLARISSE_IMAGES]))
    return dict(scene_info)


def is_houdini(scene_info: Mapping[str, Any]) -> bool:
    """It lists nodes, of which some simulate."""
    return any(isinstance(scene_info.get(kind), list) for kind in HOUDINI_NODES)


def _houdini(scene_info: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for kind in HOUDINI_NODES:
        for node in _objects(scene_info.get(kind)):
            camera = node.get("camera")
            common = {**node, "render_camera": [camera] if camera else []}
            entry = {"renderable": node.get("render", "1"), "common": common, "simulates": kind != "rop_node"}
            yield str(node.get("node", "")), entry


def _clarisse(images: list[Any]) -> Iterator[tuple[str, Any]]:
    for image in _objects(images):
        for found in (image, *_objects(image.get("layers"))):
            common = {**found, "image_file_prefix": found.get("output", "")}
            yield str(found.get("name", "")), {"renderable": found.get("renderable", "1"), "common": common}


def _objects(value: object) -> Iterator[Mapping[str, Any]]:
    yield from (entry for entry in value if isinstance(entry, dict)) if isinstance(value, list) else ()
