"""What owners change of tasks that are there: level, time limit, nodes at once, hardware."""

from __future__ import annotations

from renderbus_farm.rules import checks, limits
from renderbus_farm.rules.people import User
from renderbus_farm.rules.refusals import NotFound
from renderbus_farm.store import catalogue, tasks
from renderbus_farm.tasks.desk import Desk, check_may_run
from renderbus_model.wire.task import TaskHardware, TaskLevel, TaskNodeLimit, TaskTimeLimit


class TaskChanges:
    """Changes of tasks, by their owners; each holds from the dispatcher's next look on."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def level(self, ask: TaskLevel, *, by: User) -> None:
        """Of frames that wait, those of a higher level are rendered first.

        Raises:
            BadValue: no such level.
        """
        level = limits.checked_level(ask.task_user_level)
        with self._desk.command(
            [ask.task_id], by, "level", details=f"taskUserLevel {level}", moves=False
        ) as command:
            tasks.change(command.db, command.ids, level=level)

    def time_limit(self, ask: TaskTimeLimit, *, by: User) -> str:
        """The tasks stop (23) once they have rendered longer. Answers a word that clients expect.

        Raises:
            BadValue: no such time; or a task was aborted, or never submitted: its documents will say.
        """
        seconds = limits.checked_time_limit(ask.over_time)
        with self._desk.command(
            ask.task_ids, by, "time limit", details=f"overTime {ask.over_time}", moves=False
        ) as command:
            check_may_run(command.tasks)
            tasks.change(command.db, command.ids, task_stop_time_s=seconds)
        return "SUCCESS"

    def node_limit(self, ask: TaskNodeLimit, *, by: User) -> None:
        """The task is on no more nodes at once; what renders already is not taken away.

        Raises:
            BadValue: no such number of nodes.
        """
        limit = limits.checked_node_limit(ask.task_limit)
        with self._desk.command(
            [ask.task_id], by, "node limit", details=f"taskLimit {limit}", moves=False
        ) as command:
            tasks.change(command.db, command.ids, node_limit=limit)

    def hardware(self, ask: TaskHardware, *, by: User) -> None:
        """The tasks take nodes that have as much memory and as many graphics cards, or any (nothing named).

        Of several kinds the most modest decides: each of them will do then.

        Raises:
            BadValue: a size or number that makes no sense.
            NotFound: the farm has no such kind of nodes.
        """
        wanted = checks.checked_ids("hardware", ask.hardware_config_ids) if ask.hardware_config_ids else []
        ram_gb, gpus = limits.ram_gb_of(ask.ram), limits.gpu_count_of(ask.gpu_num)
        details = f"{ask.model or ''} {ask.ram or ''} {ask.gpu_num or ''}".strip()
        with self._desk.command(ask.task_ids, by, "hardware", details=details, moves=False) as command:
            kinds = {number: kind for kind, number in catalogue.hardware_ids(command.db).items()}
            if absent := [number for number in wanted if number not in kinds]:
                raise NotFound("hardware", absent)
            chosen = [kinds[number] for number in wanted]
            catalogue.choose_hardware(command.db, command.ids, wanted)
            tasks.change(
                command.db,
                command.ids,
                needs_ram_gb=ram_gb or limits.least([kind.ram_gb for kind in chosen]),
                needs_gpus=gpus or limits.least([kind.gpu_count for kind in chosen]),
            )
