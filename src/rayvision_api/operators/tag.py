"""Labels, which are also the projects of task.json."""

from __future__ import annotations

from typing import Any

from rayvision_api.connect import Connect


class TagOperator:
    """Operations on labels."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect

    def add_label(self, new_name: str, status: int = 1) -> Any:
        """Add a label; ``status`` is sent as published and has no effect."""
        return self._connect.post(self._connect.url.addLabel, {"newName": new_name, "status": int(status)})

    def get_label_list(self) -> Any:
        """``{"projectNameList": [{"projectId": .., "projectName": ..}]}``."""
        return self._connect.post(self._connect.url.getLabelList, validator=False)

    def get_project_list(self) -> list[dict[str, Any]]:
        """The list of ``get_label_list`` alone."""
        labels = self.get_label_list()
        return list(labels.get("projectNameList") or []) if isinstance(labels, dict) else []
