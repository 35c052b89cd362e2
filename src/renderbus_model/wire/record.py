"""Operations on what an account did: its commands on tasks, and its log-ins."""

from __future__ import annotations

from renderbus_model.wire.operation import Operation, Wire
from renderbus_model.wire.page import Page


class RecordQuery(Wire, frozen=True, kw_only=True):
    """Pages count from 1, newest first; dates as ``yyyy-MM-dd`` or with a time behind, UTC, or empty."""

    page_num: int = 1
    page_size: int = 10
    start_date: str = ""
    end_date: str = ""
    platform: int | None = None


class TaskRecord(Wire, frozen=True, kw_only=True):
    """A command on tasks. ``task_ids`` is a JSON list as text; ``create_time`` milliseconds since 1970."""

    id: int
    user_id: int
    user_name: str
    button_name: str
    task_ids: str
    create_time: int
    channel: int
    task_type: str = ""
    details: str = ""
    operate_source: str = ""


class LoginRecord(Wire, frozen=True, kw_only=True):
    """A log-in, which is a question for the caller's profile. ``login_time`` milliseconds since 1970.

    ``login_status`` is 1; a request whose signature is refused is nobody's log-in. ``user_ua`` is the client.
    """

    id: int
    user_id: int
    user_name: str
    user_ua: str
    login_time: int
    trace_id: str = ""
    login_type: int = 4
    login_status: int = 1
    login_sta_desc: str = "success"


TASK_RECORD = Operation("/api/render/handle/operate/sdk/taskRecord", ask=RecordQuery, reply=Page[TaskRecord])
LOGIN_RECORD = Operation(
    "/api/render/handle/operate/sdk/loginRecord", ask=RecordQuery, reply=Page[LoginRecord]
)
