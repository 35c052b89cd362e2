"""Labels, which are also the projects of task.json."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from rayvision_api.answers import Label, Labels
from rayvision_api.operators.operator import Number, Operator
from renderbus_model.wire import label


class TagOperator(Operator):
    """Operations on labels. The id of a label is the ``project_id`` of task.json."""

    def add_label(self, new_name: str, status: int | str = 1) -> Any:
        """Add a label; one that exists stays as it is.

        Args:
            new_name: its name.
            status: sent as published, 0 or 1, and has no effect.

        Returns:
            None.

        >>> api.tag.add_label("film")
        >>> [one["projectName"] for one in api.tag.get_project_list()]
        ['film']
        """
        return self._ask(label.ADD_LABEL, newName=new_name, status=status)

    def delete_label(self, del_name: str) -> Any:
        """Delete a label; its tasks stay.

        Args:
            del_name: its name.

        Returns:
            None.

        Raises:
            RayvisionAPIError: there is no such label.

        >>> api.tag.add_label("film")
        >>> api.tag.delete_label("film")
        >>> api.tag.get_project_list()
        []
        """
        return self._ask(label.DELETE_LABEL, delName=del_name)

    def get_label_list(self) -> Labels:
        """All labels of the caller, in ``projectNameList``.

        >>> api.tag.get_label_list()
        {'projectNameList': []}
        """
        return cast(Labels, self._ask(label.GET_LABEL_LIST))

    def get_project_list(self) -> list[Label]:
        """The list of ``get_label_list`` alone.

        >>> api.tag.add_label("film")
        >>> api.tag.get_project_list()[0]["projectName"]
        'film'
        """
        labels = self.get_label_list()
        return list(labels.get("projectNameList") or []) if isinstance(labels, dict) else []

    def get_list(self, flag: int = 0) -> Labels:
        """Labels, also of the accounts around the caller's.

        Args:
            flag: 0 the caller's own, 1 with those of the main account, 2 all under the main account.

        >>> api.tag.get_list(flag=2)
        {'projectNameList': []}
        """
        return cast(Labels, self._ask(label.LIST_PROJECTS, flag=flag))

    def add_task_tag(self, tag: str, task_ids: Sequence[Number]) -> Any:
        """Put a label on tasks.

        Args:
            tag: its name; it is made where the caller has none of that name.
            task_ids: the tasks.

        Returns:
            None.

        Raises:
            RayvisionAPIError: one of them is no task of the caller.

        >>> api.tag.add_task_tag("for the client", [task_id])
        """
        return self._ask(label.ADD_TASK_LABEL, label=tag, taskIds=task_ids)

    def delete_task_tag(
        self,
        tag_ids: Sequence[Number] | None = None,
        labelNames: Sequence[str] | None = None,
        *,
        taskIds: Sequence[Number] | None = None,
    ) -> Any:
        """Take labels off tasks.

        Documented as ``delete_task_tag(tag_ids)``; later packages call it as
        ``delete_task_tag(taskIds, labelNames, tag_ids=None)``, and both are understood.

        Args:
            tag_ids: ids of labels, as ``get_label_list`` tells them.
            labelNames: names of labels.
            taskIds: only off these tasks, which names of labels need.

        Returns:
            None.

        Raises:
            RayvisionAPIError: a label or task of these is not the caller's.

        >>> api.tag.add_task_tag("for the client", [task_id])
        >>> api.tag.delete_task_tag([task_id], ["for the client"])
        """
        if labelNames is not None and taskIds is None:
            tag_ids, taskIds = None, tag_ids
        return self._ask(label.DELETE_TASK_LABEL, labelIds=tag_ids, taskIds=taskIds, labelNames=labelNames)


class Tag(TagOperator):
    """The name of the first packages."""
