"""What the analysers of all applications share: scene files on disk, tips, and the four documents."""

from __future__ import annotations


def __getattr__(name: str) -> str:
    if name == "__version__":
        from importlib.metadata import version

        return version("renderbus")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
