"""The published client of a render farm."""

from rayvision_api.core import RayvisionAPI

__all__ = ["RayvisionAPI"]
