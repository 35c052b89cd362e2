"""Operations on labels (which are also the projects of task.json) and on the texts of tip codes."""

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


class ErrorDetailQuery(Wire, frozen=True, kw_only=True):
    """One tip code, or several; ``language`` "0" is Chinese, "1" English."""

    code: str | None = None
    codes: list[str] | None = None
    language: str = "0"


class CodeInfo(Wire, frozen=True, kw_only=True):
    """What a tip code means and what to do about it.

    ``type`` is 0 for a warning and 1 for an error that stops the check. The two ``…_cn`` members carry the
    text of the language that was asked for.
    """

    id: int
    code: str
    type: int
    language_flag: int
    des_description_cn: str
    des_solution_cn: str
    solution_path: str = ""
    is_repair: int = 0
    is_open: int = 1
    is_delete: int = 1
    update_time: int = 0
    last_modify_admin: str = ""


ADD_LABEL = Operation(
    "/api/render/common/addLabel", ask=AddLabel, reply=type(None), also=("/api/render/project/add",)
)
GET_LABEL_LIST = Operation(
    "/api/render/common/getLabelList", ask=Nothing, reply=Labels, also=("/api/render/project/getList",)
)
QUERY_ERROR_DETAIL = Operation(
    "/api/render/common/queryErrorDetail",
    ask=ErrorDetailQuery,
    reply=list[CodeInfo],
    also=("/api/render/submit/queryAnalyseErrorDetail",),
)
