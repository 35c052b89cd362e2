"""Operations on labels, which are also the projects of task.json."""

from __future__ import annotations

from renderbus_model.wire.operation import Nothing, Operation, Wire


class AddLabel(Wire, frozen=True, kw_only=True):
    """``status`` says 0 or 1 depending on the client's age; a label is visible whatever it says."""

    new_name: str | None = None
    status: int = 1


class Label(Wire, frozen=True, kw_only=True):
    """A label; its id is the ``project_id`` of task.json."""

    project_id: int
    project_name: str


class Labels(Wire, frozen=True, kw_only=True):
    """All labels of the caller."""

    project_name_list: list[Label]


class DeleteLabel(Wire, frozen=True, kw_only=True):
    """The name of the label."""

    del_name: str


class ProjectListQuery(Wire, frozen=True, kw_only=True):
    """``flag``: 0 the caller's own, 1 with those of the main account, 2 all under the main account."""

    flag: int = 0


class AddTaskLabel(Wire, frozen=True, kw_only=True):
    """``label`` is a name; it is made where the caller has none of that name."""

    label: str
    task_ids: list[int]


class DeleteTaskLabel(Wire, frozen=True, kw_only=True):
    """Take labels off tasks: by id, off all tasks where none are named; or by name."""

    label_ids: list[int] | None = None
    task_ids: list[int] | None = None
    label_names: list[str] | None = None


class OperateUserLabel(Wire, frozen=True, kw_only=True):
    """``type``: 1 puts label ``new_name`` on the task, 2 takes label ``del_name`` off it, 0 does nothing."""

    task_id: int
    status: int = 1
    type: int = 0
    new_name: str | None = None
    del_name: str | None = None


ADD_LABEL = Operation(
    "/api/render/common/addLabel", ask=AddLabel, reply=type(None), second="/api/render/project/add"
)
GET_LABEL_LIST = Operation(
    "/api/render/common/getLabelList", ask=Nothing, reply=Labels, second="/api/render/project/getList"
)
DELETE_LABEL = Operation(
    "/api/render/common/deleteLabel",
    ask=DeleteLabel,
    reply=type(None),
    second="/api/render/project/delete",
)
LIST_PROJECTS = Operation("/api/render/project/list", ask=ProjectListQuery, reply=Labels)
ADD_TASK_LABEL = Operation(
    "/api/render/task/addTaskLabel",
    ask=AddTaskLabel,
    reply=type(None),
    second="/api/render/handle/addTaskLabel",
)
DELETE_TASK_LABEL = Operation(
    "/api/render/task/deleteTaskLabel",
    ask=DeleteTaskLabel,
    reply=type(None),
    second="/api/render/handle/deleteTaskLabel",
)
OPERATE_USER_LABEL = Operation(
    "/api/rendering/task/common/operateUserLabel", ask=OperateUserLabel, reply=type(None)
)
