"""The id of a project by its name: a project is a label."""

from __future__ import annotations

from rayvision_api.operators.tag import TagOperator

ADDED_AT_MOST = 2
"""How often a project is added before it counts as one that this farm does not keep; as published."""


def project_id_of(tag: TagOperator, name: str) -> str:
    """The id of a project, as text; it is added where it does not exist, "" when it never appears."""
    for tries_left in range(ADDED_AT_MOST, -1, -1):
        for label in tag.get_project_list():
            if label.get("projectName") == name:
                return str(label.get("projectId", ""))
        if tries_left:
            tag.add_label(name, 0)
    return ""
