"""Write a large Maya ASCII scene, the same with one object moved, and the same with a mesh added.

    python benchmarks/maya_edits.py FOLDER [MEGABYTES]

The three are ``first.ma``, ``moved.ma`` and ``added.ma``: what Maya would save after small edits. Nodes stand
in the order in which they were made, connections at the end, as Maya writes them.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path

SIDE = 110
"""Points along each side of a mesh: some 1.2 MB of text."""

HEAD = b"""//Maya ASCII 2024 scene
//Name: shot.ma
requires maya "2024";
currentUnit -l centimeter -a degree -t film;
fileInfo "application" "maya";
"""


def main(arguments: list[str]) -> None:
    """Write the three scenes."""
    folder = Path(arguments[0])
    size_bytes = int(arguments[1] if len(arguments) > 1 else 210) * 1_000_000
    count = 1 + size_bytes // len(mesh(0, 0.0))
    for name, moved, more in (("first", None, 0), ("moved", count // 2, 0), ("added", count // 2, 1)):
        with (folder / f"{name}.ma").open("wb") as file:
            file.writelines(scene(count + more, moved))


def scene(count: int, moved: int | None) -> Iterator[bytes]:
    """A scene of so many meshes, one of which was moved."""
    yield HEAD
    for number in range(count):
        yield mesh(number, 1.5 if number == moved else 0.0)
    yield b'createNode lightLinker -s -n "lightLinker1";\n'
    for number in range(count):
        yield b'connectAttr "gridShape%d.iog" ":initialShadingGroup.dsm" -na;\n' % number
    yield b"// End of shot.ma\n"


def mesh(number: int, offset: float) -> bytes:
    """A mesh and its transform; the same for the same number."""
    chance = random.Random(number)
    lines = [
        f'createNode transform -n "grid{number}";',
        f'\tsetAttr ".t" -type "double3" {number + offset:.6g} 0 0 ;',
        f'createNode mesh -n "gridShape{number}" -p "grid{number}";',
        '\tsetAttr -k off ".v";',
        f'\tsetAttr -s {SIDE * SIDE} ".vt";',
    ]
    points = (
        f"{x / SIDE:.6g} {chance.random():.8f} {y / SIDE:.6g}" for y in range(SIDE) for x in range(SIDE)
    )
    lines += _chunks(".vt", points, SIDE * SIDE)
    corners = (
        f"{y * SIDE + x} {y * SIDE + x + 1} {(y + 1) * SIDE + x + 1} {(y + 1) * SIDE + x}"
        for y in range(SIDE - 1)
        for x in range(SIDE - 1)
    )
    lines += _chunks(".fc", (f"f 4 {corner}" for corner in corners), (SIDE - 1) ** 2)
    return ("\n".join(lines) + "\n").encode()


def _chunks(attribute: str, values: Iterator[str], count: int) -> Iterator[str]:
    """Values as Maya writes them: 166 to a statement."""
    for start in range(0, count, 166):
        end = min(count, start + 166) - 1
        some = " ".join(next(values) for _ in range(start, end + 1))
        yield f'\tsetAttr "{attribute}[{start}:{end}]" {some};'


if __name__ == "__main__":
    main(sys.argv[1:])
