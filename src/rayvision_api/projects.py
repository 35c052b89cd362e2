"""The id of a project by its name: a project is a label."""

from __future__ import annotations

from rayvision_api.exception import TYPE_ERROR, RayvisionError
from rayvision_api.operators.tag import TagOperator

ADDED_AT_MOST = 2
"""How often a project is added before it counts as one that this farm does not keep; as published."""


def project_id_of(tag: TagOperator, name: str | int) -> str:
    """The id of a project, as text; it is added where it does not exist, "" when it never appears.

    Blanks around a name do not count: farms keep it without them.

    Raises:
        RayvisionError: 1000003, the name is neither a text nor a number; nothing is sent.
    """
    if not isinstance(name, (str, int)):
        raise RayvisionError(TYPE_ERROR, f"project name {name!r:.80}: expected a text")
    wanted = str(name).strip()
    for tries_left in range(ADDED_AT_MOST, -1, -1):
        for label in tag.get_project_list():
            if str(label.get("projectName")).strip() == wanted:
                return str(label.get("projectId", ""))
        if tries_left:
            tag.add_label(wanted, 0)
    return ""
