"""The examples in the docstrings are right."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import rayvision_log
import rayvision_utils

MODULES = [
    found.name
    for package in (rayvision_log, rayvision_utils)
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_are_right(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize("package", [rayvision_log, rayvision_utils], ids=lambda package: package.__name__)
def test_a_package_says_its_version_and_nothing_it_does_not_have(package: object) -> None:
    assert isinstance(getattr(package, "__version__"), str)  # noqa: B009  a type checker sees a text anyway
    assert not hasattr(package, "no_such_name")
