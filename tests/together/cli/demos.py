"""The published demo scripts, filled in as a user would."""

from __future__ import annotations

from pathlib import Path

from tests.together.farms import FarmProcess

from renderbus_model.wire.task import GET_TASK_LIST, TaskItem, TaskListQuery

EXAMPLES = Path(__file__).parents[3] / "examples"


def filled_in(script: str, values: dict[str, str]) -> str:
    """The script with a user's own values: each old one is there exactly once."""
    for old, new in values.items():
        assert script.count(old) == 1
        script = script.replace(old, new)
    return script


def only_task(farm: FarmProcess) -> TaskItem | None:
    """The user's one task, once it was submitted."""
    found = farm.ask(GET_TASK_LIST, TaskListQuery()).items
    return found[0] if found else None
