"""Becomes an installed Blender: confines this process, moves the streams, runs the program in its place.

Started as ``python -I -m renderbus_farm.renderers.start_blender PARENT PROGRAM SCRATCH READABLE...``.
Confined here and not inside Blender, because only threads that start later are held by it. Blender greets on
its standard output, so the words travel on a descriptor of their own.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import renderbus_farm
from renderbus_farm.processes import die_with_parent
from renderbus_farm.renderers.confine import confine
from renderbus_farm.renderers.inside import WORDS_ON

_WORDS = 3

# Behind everything of Blender's own, which may hold other versions of what lies beside us.
_BEGIN = (
    "import sys; sys.path.append(sys.argv[sys.argv.index('--') + 1]); "
    "from renderbus_farm.renderers.inside_blender import serve_in_program; serve_in_program()"
)


def main(arguments: list[str]) -> None:
    """Never comes back."""
    program, scratch, *readable = arguments
    ours = str(Path(renderbus_farm.__file__).parents[1])
    confined = confine([*readable, ours, program, str(Path(program).resolve().parent)], [scratch])
    os.dup2(1, _WORDS)
    os.dup2(2, 1)
    os.environ[WORDS_ON] = str(_WORDS)
    options = ["--background", "--factory-startup", "--python-exit-code", "3", "--python-expr", _BEGIN]
    os.execv(program, [program, *options, "--", ours, str(int(confined))])  # noqa: S606  (no shell is wanted)


if __name__ == "__main__":
    die_with_parent(int(sys.argv[1]))
    main(sys.argv[2:])
