"""Fixtures that contracts share with the tests of single rooms."""

from tests.unit.renderbus_farm.render.conftest import store

__all__ = ["store"]
