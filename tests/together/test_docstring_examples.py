"""The examples in the client's docstrings, run as they stand against a real farm that renders nothing.

An example may use ``api``, logged in by an account of its own, with ``access_id``, ``access_key`` and
``domain``; ``task_id``, a submitted task of three frames, and ``frame_id``, its first; ``folder``,
``task_json`` and ``upload_json``, the documents of a task that is not submitted.
"""

from __future__ import annotations

import ast
import copy
import doctest
import importlib
import inspect
import pkgutil
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.together.farms import FarmProcess
from tests.together.small_task import prepare, submitted

import rayvision_api
from rayvision_api import RayvisionAPI, signature, utils
from rayvision_api.connect import Connect
from rayvision_api.operators import (
    QueryOperator,
    RenderEnvOperator,
    TagOperator,
    TaskOperator,
    TransmitOperator,
    UserOperator,
)
from rayvision_api.task.check import RayvisionCheck
from renderbus_model.wire.operation import HEADER_VERSIONS

FARM = {"api", "access_id", "access_key", "domain"}
DOCUMENTS = {"folder", "task_json", "upload_json"}
SUBMITTED = {"task_id", "frame_id"}


def docstrings() -> Iterator[doctest.DocTest]:
    """Every docstring of the client that has examples, each once."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    for found in pkgutil.walk_packages(rayvision_api.__path__, "rayvision_api."):
        module = importlib.import_module(found.name)
        yield from (one for one in finder.find(module, found.name) if one.examples)


def names_in(example: doctest.DocTest) -> set[str]:
    """The names that the examples of a docstring read."""
    trees = [ast.parse(line.source) for line in example.examples]
    return {node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)}


EXAMPLES = sorted(docstrings(), key=lambda one: one.name)
ASKING = [one for one in EXAMPLES if names_in(one) & (FARM | DOCUMENTS | SUBMITTED)]
PURE = [one for one in EXAMPLES if one not in ASKING]
SHOWN = {one.name.rpartition(".")[2] for one in EXAMPLES}


@pytest.mark.parametrize("example", PURE, ids=[one.name for one in PURE])
def test_an_example_runs_as_it_stands(example: doctest.DocTest) -> None:
    run(example)


@pytest.mark.parametrize("version", HEADER_VERSIONS)
@pytest.mark.parametrize("example", ASKING, ids=[one.name for one in ASKING])
def test_an_example_runs_on_a_farm_in_both_path_sets(
    farm: FarmProcess,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    example: doctest.DocTest,
    version: str,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("RAYVISION_API_VERSION", version)
    account = farm.as_user("examples")
    keys = {"access_id": account.access_id, "access_key": account.access_key, "domain": account.domain}
    with RayvisionAPI(account.access_id, account.access_key, account.url, "2") as api:
        assert api.connect.api_version == version
        given = {**example.globs, "api": api, **keys}
        if names_in(example) & (DOCUMENTS | SUBMITTED):
            given |= prepare(api, tmp_path)
            if names_in(example) & SUBMITTED:
                given |= submitted(api, given)
        run(example, given)


def run(example: doctest.DocTest, given: dict[str, Any] | None = None) -> None:
    said: list[str] = []
    once = copy.copy(example)  # running empties the names that an example has
    once.globs = dict(given or example.globs)
    doctest.DocTestRunner(verbose=False).run(once, out=said.append)
    assert not said, "".join(said)


@pytest.mark.parametrize(
    "owner",
    [
        RayvisionAPI,
        Connect,
        QueryOperator,
        RenderEnvOperator,
        TagOperator,
        TaskOperator,
        TransmitOperator,
        UserOperator,
        RayvisionCheck,
    ],
)
def test_every_public_method_shows_how_it_is_used(owner: type) -> None:
    public = {
        name
        for name, member in inspect.getmembers(owner)
        if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, property))
    }
    assert public - SHOWN == set()


@pytest.mark.parametrize("module", [utils, signature])
def test_every_public_function_shows_how_it_is_used(module: types.ModuleType) -> None:
    public = {
        name for name, one in inspect.getmembers(module, inspect.isfunction) if not name.startswith("_")
    }
    assert public - SHOWN == set()
