"""Make large Houdini scenes and Clarisse projects out of small ones: their content again and again, renamed.

    python -m benchmarks.enlarge_scenes 500 big.hip a.hip b.hip …
    python -m benchmarks.enlarge_scenes 500 big.project a.project b.project …

A Houdini scene keeps the mixture of members that real ones have, definitions of digital assets included. Of
a Clarisse project the contexts are copied without their images: a large one has many objects, few images.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from renderbus_scenes.clarisse_blocks import PREFERENCES
from renderbus_scenes.houdini_archive import PLAIN, Archive, license_of

_HEADER = "070707000001000000000666000000000000000001000000" + "13300000000"
_CONTEXT = re.compile(rb'^Context "([^"]*)" \{\n', re.MULTILINE)
_IMAGE = re.compile(rb"^    Image \{\n.*?^    \}\n", re.MULTILINE | re.DOTALL)


def main(arguments: Sequence[str]) -> int:
    """Write the scene that the command line asks for."""
    if len(arguments) < 3:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    size, target, *sources = arguments
    enlarge = enlarge_project if target.endswith(".project") else enlarge_hip
    enlarge([Path(source) for source in sources], Path(target), int(size) * 1_000_000)
    return 0


def enlarge_hip(sources: Sequence[Path], target: Path, size: int) -> None:
    """Write one plain Houdini scene of at least ``size`` bytes; sources of limited licences are left out."""
    contents = [content for each in sources if (content := each.read_bytes()).startswith(PLAIN)]
    with target.open("wb") as file:
        copy = 0
        while file.tell() < size:
            for number, content in enumerate(contents):
                file.writelines(_members(content, b"%d_%d_" % (copy, number)))
            copy += 1
        file.write(_member(b"TRAILER!!!", b""))


def _members(content: bytes, prefix: bytes) -> Iterator[bytes]:
    license_ = license_of(content)
    for each in Archive(content, license_).members() if license_ else ():
        network, slash, rest = each.name.partition(b"/")
        name = each.name if each.name.startswith(b".") or not slash else network + slash + prefix + rest
        yield _member(name, each.content)


def _member(name: bytes, content: bytes) -> bytes:
    return f"{_HEADER}{len(name) + 1:06o}{len(content):011o}".encode() + name + b"\0" + content


def enlarge_project(sources: Sequence[Path], target: Path, size: int) -> None:
    """Write one Clarisse project of at least ``size`` bytes; head and preferences are the first source's."""
    projects = [each.read_bytes() for each in sources]
    first = projects[0]
    head, tail = first[: first.index(b"Context ")], first[first.index(PREFERENCES) :]
    bodies = [each[each.index(b"Context ") : each.index(PREFERENCES)] for each in projects]
    copied = [_IMAGE.sub(b"", body) for body in bodies]
    with target.open("wb") as file:
        file.write(head + bodies[0])
        copy = 0
        while file.tell() + len(tail) < size:
            for number, body in enumerate(copied):
                file.write(_CONTEXT.sub(rb'Context "\g<1>_%d_%d" {' % (number, copy) + b"\n", body))
            copy += 1
        file.write(tail)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
