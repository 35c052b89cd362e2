"""Who the caller is, what holds for all of the caller's tasks, and what the account did."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from typing import Any, cast

from rayvision_api.answers import (
    HardwareConfig,
    LoginRecordPage,
    TaskRecordPage,
    TransferBid,
    UserProfile,
    UserSetting,
)
from rayvision_api.connect import Connect
from rayvision_api.exception import PYTHON_ERROR, RayvisionError
from rayvision_api.operators.operator import Number, Operator
from rayvision_api.utils import hump2underline
from renderbus_model.wire import hardware, record, user
from renderbus_model.wire.operation import Operation


class UserOperator(Operator):
    """Operations on the caller's account."""

    def __init__(self, connect: Connect) -> None:
        """Know what is known before the log-in: system, domain and platform."""
        super().__init__(connect)
        self._info: dict[str, Any] = {
            "local_os": platform.system().lower(),
            "domain": connect.domain,
            "platform": connect.platform,
        }

    @property
    def info(self) -> dict[str, Any]:
        """What the log-in told, in snake case, with ``domain``, ``platform`` and ``local_os`` of here.

        >>> api.user.info["input_bid"] == api.user.get_transfer_bid()["input_bid"]
        True
        """
        return self._info

    @property
    def user_id(self) -> int:
        """The caller's number, asked anew each time.

        Raises:
            RayvisionError: 1000000, the farm told none.

        >>> api.user.user_id == api.user_info["user_id"]
        True
        """
        try:
            return int(self.query_user_profile()["userId"])
        except (KeyError, TypeError, ValueError) as error:
            raise RayvisionError(PYTHON_ERROR, "the farm told no user number") from error

    def query_user_profile(self) -> UserProfile:
        """Name, contact, balances and rights of the caller.

        >>> profile = api.user.query_user_profile()
        >>> profile["userName"] == api.user_info["user_name"]
        True
        """
        return cast(UserProfile, self._object(user.QUERY_USER_PROFILE))

    def query_user_setting(self) -> UserSetting:
        """What holds for all tasks of the caller; ``taskOverTimeSec`` in seconds.

        >>> api.user.query_user_setting()["autoCommit"]  # submitted tasks render at once
        '2'
        """
        return cast(UserSetting, self._object(user.QUERY_USER_SETTING))

    def update_user_settings(
        self,
        task_over_time: int | None = None,
        *,
        auto_commit: int | str | None = None,
        single_node_render_frames: int | str | None = None,
        max_ignore_map_flag: int | str | None = None,
        manually_start_analysis_flag: int | None = None,
        download_disable: int | None = None,
        use_level_directory: int | None = None,
        sub_delete_task: int | None = None,
    ) -> Any:
        """Change what holds for all tasks of the caller; what is not given stays.

        Only ``task_over_time`` is published; a farm of ours takes the others too.

        Args:
            task_over_time: seconds that a task may render before the caller is told.
            auto_commit: 1 submitted tasks wait for a start, 2 they render at once.
            single_node_render_frames: frames that one node renders in one go.
            max_ignore_map_flag: 1 renders without textures that are missing.
            manually_start_analysis_flag: 1 waits before a scene is analysed.
            download_disable: 1 refuses downloads.
            use_level_directory: 1 keeps results of each layer in a folder of its own.
            sub_delete_task: 1 lets sub accounts delete tasks.

        Returns:
            None.

        Raises:
            RayvisionAPIError: a value that the farm does not take.

        >>> api.user.update_user_settings(1800)
        >>> api.user.query_user_setting()["taskOverTimeSec"]
        1800
        """
        return self._ask(
            user.UPDATE_USER_SETTING,
            taskOverTimeSec=task_over_time,
            autoCommit=auto_commit,
            singleNodeRenderFrames=single_node_render_frames,
            maxIgnoreMapFlag=max_ignore_map_flag,
            manuallyStartAnalysisFlag=manually_start_analysis_flag,
            downloadDisable=download_disable,
            useLevelDirectory=use_level_directory,
            subDeleteTask=sub_delete_task,
        )

    def get_transfer_bid(self) -> TransferBid:
        """Ids of the caller's storages.

        >>> sorted(api.user.get_transfer_bid())
        ['config_bid', 'input_bid', 'output_bid', 'parent_input_bid']
        """
        return cast(TransferBid, self._object(user.GET_TRANSFER_BID))

    def get_hardware_config(self, task_ids: Sequence[Number] | None = None) -> list[HardwareConfig]:
        """The kinds of node that the farm has.

        Args:
            task_ids: marks as ``current`` what these tasks chose.

        >>> isinstance(api.user.get_hardware_config(), list)
        True
        """
        answer = self._ask(hardware.LIST_HARDWARE_CONFIG, cloneTask="false", taskIds=task_ids or None)
        return cast("list[HardwareConfig]", answer)

    def task_record(
        self, pageNum: int = 1, pageSize: int = 10, startDate: str = "", endDate: str = ""
    ) -> TaskRecordPage:
        """What was done with the caller's tasks, newest first.

        Args:
            pageNum: counts from 1.
            pageSize: records a page.
            startDate, endDate: between these, as ``yyyy-MM-dd`` or with a time behind, UTC.

        >>> api.task.stop_task([task_id])
        >>> api.user.task_record()["items"][0]["taskIds"] == f"[{task_id}]"
        True
        """
        answer = self._ask(
            record.TASK_RECORD,
            platform=self._info["platform"],
            pageNum=pageNum,
            pageSize=pageSize,
            startDate=startDate,
            endDate=endDate,
        )
        return cast(TaskRecordPage, answer)

    def login_record(
        self, pageNum: int = 1, pageSize: int = 10, startDate: str = "", endDate: str = ""
    ) -> LoginRecordPage:
        """The log-ins of the caller, newest first.

        Args:
            pageNum: counts from 1.
            pageSize: records a page.
            startDate, endDate: between these, as ``yyyy-MM-dd`` or with a time behind, UTC.

        >>> api.user.login_record()["items"][0]["userName"] == api.user_info["user_name"]
        True
        """
        answer = self._ask(
            record.LOGIN_RECORD, pageNum=pageNum, pageSize=pageSize, startDate=startDate, endDate=endDate
        )
        return cast(LoginRecordPage, answer)

    def log_in(self) -> None:
        """Ask profile, settings and storages, in this order, and keep them in ``info``; a later one wins.

        Raises:
            RayvisionAPIError: the farm does not know the access id, or refuses the signature.

        >>> api.user.update_user_settings(1800)
        >>> api.user.log_in()
        >>> api.user_info["task_over_time_sec"]
        1800
        """
        told = {**self.query_user_profile(), **self.query_user_setting(), **self.get_transfer_bid()}
        for name, value in told.items():
            # The caller's platform says which farm area is meant; the account's own does not.
            if (key := hump2underline(name)) != "platform":
                self._info[key] = value

    def _object(self, operation: Operation[Any, Any]) -> dict[str, Any]:
        data = self._ask(operation)
        if not isinstance(data, dict):
            path = operation.path_in(self._connect.api_version)
            raise RayvisionError(
                PYTHON_ERROR, f"{self._connect.address}{path}: expected an object, got {data!r:.80}"
            )
        return data


class User(UserOperator):
    """The name of the first packages."""
