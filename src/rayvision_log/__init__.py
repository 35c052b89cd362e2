"""Logging as the published packages set it up."""

from rayvision_log.core import init_logger, set_up_logger

__all__ = ["init_logger", "set_up_logger"]


def __getattr__(name: str) -> str:
    if name == "__version__":
        from importlib.metadata import version

        return version("renderbus")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
