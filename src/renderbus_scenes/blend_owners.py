"""Which data-block a piece of a .blend file belongs to: everything behind it up to the next one."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass

from renderbus_scenes.blend_file import Block
from renderbus_scenes.blend_records import Record, Structs

TYPES = {
    "AC": "Action",
    "AR": "Armature",
    "BR": "Brush",
    "CA": "Camera",
    "CF": "Cache file",
    "CU": "Curve",
    "CV": "Hair curves",
    "GD": "Grease pencil",
    "GP": "Grease pencil",
    "GR": "Collection",
    "IM": "Image",
    "KE": "Shape key",
    "LA": "Light",
    "LI": "Library",
    "LP": "Light probe",
    "LS": "Line style",
    "LT": "Lattice",
    "MA": "Material",
    "MB": "Metaball",
    "MC": "Movie clip",
    "ME": "Mesh",
    "MS": "Mask",
    "NT": "Node group",
    "OB": "Object",
    "PA": "Particle settings",
    "PT": "Point cloud",
    "SC": "Scene",
    "SK": "Speaker",
    "SO": "Sound",
    "SP": "Speaker",
    "TE": "Texture",
    "TX": "Text",
    "VF": "Font",
    "VO": "Volume",
    "WO": "World",
}
"""What people call a data-block, by the code of its block."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A data-block: its name, what it is, and the path of its library ("" for the file's own)."""

    node: str = ""
    node_type: str = ""
    library: str = ""


def owned_records(
    structs: Structs, wanted: Container[int], kept: Container[int] | None = None
) -> Iterator[tuple[Record, Owner]]:
    """Each struct whose number is ``wanted``, in file order, with the data-block that it belongs to.

    Args:
        kept: where the data-blocks begin that count; all of them without it.
    """
    data_block: Block | None = None
    for block in structs.file.blocks:
        if block.code != "DATA":
            data_block = block if len(block.code) == 2 else None
        if kept is not None and (data_block is None or data_block.offset not in kept):
            continue
        if block.struct in wanted and (first := structs.record(block)):
            owner = _owner(structs, data_block)
            for record in first.array(max(1, block.amount)):
                yield record, owner


def _owner(structs: Structs, block: Block | None) -> Owner:
    record = structs.record(block) if block else None
    if record is None or block is None:
        return Owner()
    library = record.follow("id.lib")
    return Owner(
        record.text("id.name")[2:],
        TYPES.get(block.code, block.code),
        library.path("name") if library else "",
    )
