"""What the farm learns from how a request came: the program, the channel, the address."""

from __future__ import annotations

from tests.together.farms import FarmProcess

from renderbus_model.wire.operation import Nothing
from renderbus_model.wire.record import LOGIN_RECORD, TASK_RECORD, RecordQuery
from renderbus_model.wire.task import CREATE_TASK, STOP_TASK, CreateTask, TaskIds
from renderbus_model.wire.transmitter import GET_TRANSFER_CONFIG
from renderbus_model.wire.user import QUERY_USER_PROFILE


def test_a_log_in_is_recorded_with_the_program_that_asked(farm: FarmProcess) -> None:
    user = farm.as_user("ada")
    user.ask(QUERY_USER_PROFILE, Nothing())
    (login,) = user.ask(LOGIN_RECORD, RecordQuery()).items
    assert login.user_ua.startswith("python-requests/")
    assert login.user_name.startswith("ada")


def test_commands_are_recorded_with_their_channel(farm: FarmProcess) -> None:
    user = farm.as_user("ada")
    (task_id,) = user.ask(CREATE_TASK, CreateTask()).task_id_list
    body = STOP_TASK.body(TaskIds(task_ids=[task_id]))
    assert user.post(STOP_TASK.path, body, channel="3").code == 200
    stopped, created = user.ask(TASK_RECORD, RecordQuery()).items
    assert (stopped.channel, created.channel) == (3, 4)
    assert stopped.task_ids == created.task_ids == f"[{task_id}]"


def test_transmitters_are_sent_to_where_the_client_reached_the_farm(farm: FarmProcess) -> None:
    user = farm.as_user("ada")
    (engine,) = user.ask(GET_TRANSFER_CONFIG, Nothing()).resq_engines
    (line,) = engine.resp_task_engine_lines
    assert engine.engine_name == "Aspera"
    assert f"{line.server}:{line.port}" == farm.domain
