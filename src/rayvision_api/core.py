"""``RayvisionAPI``: logs in, and holds what may be asked of a farm, by subject."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from typing import Any

import requests

from rayvision_api.connect import Connect
from rayvision_api.constants import PACKAGE_NAME
from rayvision_api.exception import RayvisonTaskIdError
from rayvision_api.operators import (
    QueryOperator,
    RenderEnvOperator,
    TagOperator,
    TaskOperator,
    TransmitOperator,
    UserOperator,
)
from rayvision_api.projects import project_id_of
from rayvision_api.task.check import RayvisionCheck
from rayvision_api.utils import check_file_name
from rayvision_log.core import LOG_EVERYTHING, logger_of


class RayvisionAPI:
    """A farm, in the name of one account. One process may hold many of them.

    Attributes:
        user, task, query, tag, env, transmit: the operations by subject.
        platform: number of the farm's area, as text.
        logger: where this object writes; logging is set up only where the caller names a place for it.

    >>> with RayvisionAPI(access_id=access_id, access_key=access_key, domain=domain, platform="2",
    ...                   protocol="http") as farm:
    ...     farm.user_info["user_id"] == farm.get_user_id()
    True
    """

    def __init__(
        self,
        access_id: str | None = None,
        access_key: str | None = None,
        domain: str = "task.renderbus.com",
        platform: str = "4",
        protocol: str = "https",
        logger: logging.Logger | None = None,
        log_folder: str | None = None,
        log_name: str | None = None,
        log_level: str | int = LOG_EVERYTHING,
        timeout: float | tuple[float, float] | None = 60,
        *,
        api_version: str | int | None = None,
        local_os: str | None = None,
        session: requests.Session | None = None,
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        """Log in: profile, settings and storages are asked and kept in ``user_info``.

        Args:
            access_id: else the environment's ``RAYVISION_API_ACCESS_ID``.
            access_key: else ``RAYVISION_API_KEY``.
            domain: host, maybe with port and path; one that begins with ``http://`` or ``https://``
                says the protocol too.
            platform: number of the farm's area.
            protocol: ``https`` or ``http``.
            logger: where to write; then the three that follow have no effect.
            log_folder: writes a log file below this folder.
            log_name: name of the log file; the host's without one.
            log_level: what is written at least, ``DEBUG`` is everything; a number of ``logging`` too.
            timeout: seconds for an answer, or a pair for connecting and for the answer.
            api_version: the path set, ``1`` as documented or ``2`` as later packages; else the environment's
                ``RAYVISION_API_VERSION``.
            local_os: what ``user_info`` says of this machine; as of the first packages.
            session, wait: as in ``Connect``.

        Raises:
            TypeError: an id or key is missing, as published.
            ValueError: ``logging`` knows no such level.
            RayvisionError: no address of a farm, or a value that cannot be used.
            RayvisionAPIError: the farm refuses the log-in.
            FarmNotReachable: no farm answers there.
        """
        self.logger = logger_of(PACKAGE_NAME, logger, log_folder, log_name, log_level)
        self._connect = Connect(
            _given_or_set("access_id", access_id, "RAYVISION_API_ACCESS_ID"),
            _given_or_set("access_key", access_key, "RAYVISION_API_KEY"),
            protocol,
            domain,
            platform,
            session=session,
            logger=logger,
            timeout=timeout,
            api_version=api_version,
            wait=wait,
        )
        self.platform = self._connect.platform
        self._log_in(local_os)

    def _log_in(self, local_os: str | None) -> None:
        self.user = UserOperator(self._connect)
        self.task = TaskOperator(self._connect)
        self.query = QueryOperator(self._connect)
        self.tag = TagOperator(self._connect)
        self.env = RenderEnvOperator(self._connect)
        self.transmit = TransmitOperator(self._connect)
        if local_os:
            self.user.info["local_os"] = local_os
        try:
            self.user.log_in()
        except BaseException:
            self.close()
            raise

    @property
    def user_info(self) -> dict[str, Any]:
        """What the log-in told, by snake case names: ``user_id``, ``input_bid``, ``task_over_time_sec`` …

        >>> api.user_info["platform"]
        '2'
        """
        return self.user.info

    @property
    def connect(self) -> Connect:
        """How the farm is asked.

        >>> api.connect.domain == api.user_info["domain"]
        True
        """
        return self._connect

    def close(self) -> None:
        """Close the connections, and give up pauses between tries.

        >>> api.close()
        """
        self._connect.close()

    def __enter__(self) -> RayvisionAPI:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def get_user_id(self) -> int:
        """The caller's number, asked anew.

        Raises:
            RayvisionError: 1000000, the farm told none.

        >>> api.get_user_id() == api.user_info["user_id"]
        True
        """
        return self.user.user_id

    def get_task_id(self) -> str:
        """The number of a new task, as text; as of the first packages.

        Raises:
            RayvisionError: 1000000, the farm created none.

        >>> api.get_task_id().isdigit()
        True
        """
        return str(self.task.new_task_id())

    def check_and_add_project_name(self, project_name: str) -> str:
        """The id of a project, as text; it is added where it does not exist, "" when it never appears.

        Args:
            project_name: also the name of a label.

        >>> api.check_and_add_project_name("film") == str(api.tag.get_project_list()[0]["projectId"])
        True
        """
        return project_id_of(self.tag, project_name)

    def submit(self, task_id: int, producer: str | None = None) -> bool:
        """Hand a task over for rendering; its documents and files are uploaded by now.

        Args:
            task_id: the task.
            producer: the artist's name, as lists show it.

        Returns:
            True.

        Raises:
            RayvisonTaskIdError: the number is no int; nothing was sent.
            RayvisionAPIError: the task's documents are missing or make no sense.

        >>> api.submit(task_id)  # once more does nothing
        True
        """
        if not isinstance(task_id, int) or isinstance(task_id, bool):
            raise RayvisonTaskIdError(f"task id {task_id!r} must be an int")
        self.task.submit_task(task_id, producer=producer)
        return True

    def submit_by_data(
        self,
        task_info: dict[str, Any] | str,
        file_name: str | None = None,
        upload_info: dict[str, Any] | str = "",
        asset_info: dict[str, Any] | str = "",
        producer: str | None = None,
    ) -> bool:
        """Check, send the documents as JSON and submit; the files themselves are uploaded by now.

        Args:
            task_info: what task.json says, or its path; so for the other two.
            file_name: what the task's document is called, ``task.json`` unless given.
            producer: the artist's name, as lists show it.

        Returns:
            True.

        Raises:
            UploadFileNotSupportError: a task has no document of this name; nothing was sent.
            RayvisionError, RayvisionAPIError: as ``RayvisionCheck.execute`` and ``submit``.

        >>> api.submit_by_data(task_json, upload_info=upload_json)
        True
        """
        name_of_task = check_file_name(file_name)
        check = RayvisionCheck(self)
        task_document, task_id = check.execute(task_info, upload_info, asset_info, only_id=False)
        documents = {
            "upload.json": check.upload_info,
            "asset.json": check.asset_info,
            name_of_task: task_document,
        }
        for name, document in documents.items():
            if document:
                self.transmit.upload_json_content(task_id, name, json.dumps(document))
        return self.submit(task_id, producer)


def _given_or_set(argument: str, value: str | None, variable: str) -> str:
    found = value or os.environ.get(variable)
    if not found:
        raise TypeError(
            f'Required "{argument}" not specified. '
            f"Pass as argument or set in environment variable {variable}."
        )
    return found
