"""Stands in for an installed Blender: understands the part of its command line that a farm uses.

``blender --version`` and ``blender --background --factory-startup --python-exit-code N --python-expr CODE --
ARGUMENTS``. It greets on its standard output, as Blender does, and runs the code in the Python of the ``bpy``
wheel with Blender's own ``sys.argv``.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Do as Blender does with these arguments; refuse any others."""
    import bpy

    print(f"Blender {bpy.app.version_string}", flush=True)
    options = sys.argv[1:]
    if options == ["--version"]:
        return
    begin, behind = options[: options.index("--")], options[options.index("--") + 1 :]
    if begin[:5] != ["--background", "--factory-startup", "--python-exit-code", "3", "--python-expr"]:
        sys.exit(f"blender: unknown arguments {begin}")
    code = begin[5]
    sys.argv = ["blender", *begin, "--", *behind]
    # Where Blender's own Python has nothing of ours.
    sys.path[:] = [path for path in sys.path if not path.endswith("/src")]
    exec(compile(code, "<expression>", "exec"), {"__name__": "__main__"})
    print("\nBlender quit", flush=True)


if __name__ == "__main__":
    main()
