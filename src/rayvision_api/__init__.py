"""The published client of a render farm."""

from rayvision_api.core import RayvisionAPI

__all__ = ["RayvisionAPI", "__version__"]


def __getattr__(name: str) -> str:
    """``__version__``, looked up when it is asked for."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import version

    return version("renderbus")
