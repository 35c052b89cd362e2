"""The examples in the documentation of the modules."""

from __future__ import annotations

import doctest
import importlib
from types import ModuleType

import pytest

from renderbus_model import document_values, documents, frames, paths, scene_layers

MODULES = [frames, paths, documents, document_values, scene_layers]


@pytest.mark.parametrize("module", MODULES, ids=[module.__name__ for module in MODULES])
def test_the_examples_of_a_module_run(module: ModuleType) -> None:
    found = doctest.testmod(importlib.import_module(module.__name__))
    assert (found.failed, found.attempted > 0) == (0, True)
