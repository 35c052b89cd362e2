"""Logging as the published packages set it up."""

from rayvision_log.core import init_logger, set_up_logger

__all__ = ["init_logger", "set_up_logger"]
