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
    TagOperator,
    TaskOperator,
    TransmitOperator,
    UserOperator,
)
from rayvision_api.task.check import RayvisionCheck

LABEL_TRIES = 2
"""How often a project is added before it counts as one that this farm does not keep; as published."""


class RayvisionAPI:
    """A farm, in the name of one account.

    Attributes:
        user, task, query, tag, transmit: the operations by subject.
        logger: where this object writes; the SDK never sets up logging by itself.
    """

    def __init__(
        self,
        access_id: str | None = None,
        access_key: str | None = None,
        domain: str = "task.renderbus.com",
        platform: str = "4",
        protocol: str = "https",
        logger: logging.Logger | None = None,
        *,
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
            session, wait: as in ``Connect``.

        Raises:
            TypeError: an id or key is missing, as published.
            RayvisionAPIError: the farm refuses the log-in.
            FarmNotReachable: no farm answers there.
        """
        self.logger = logger or logging.getLogger(PACKAGE_NAME)
        self._connect = Connect(
            _given_or_set("access_id", access_id, "RAYVISION_API_ACCESS_ID"),
            _given_or_set("access_key", access_key, "RAYVISION_API_KEY"),
            protocol,
            domain,
            platform,
            session=session,
            logger=logger,
            wait=wait,
        )
        self.user = UserOperator(self._connect)
        self.task = TaskOperator(self._connect)
        self.query = QueryOperator(self._connect)
        self.tag = TagOperator(self._connect)
        self.transmit = TransmitOperator(self._connect)
        try:
            self.user.log_in()
        except BaseException:
            self.close()
            raise

    @property
    def user_info(self) -> dict[str, Any]:
        """What the log-in told, by snake case names: ``user_id``, ``input_bid``, ``task_over_time_sec`` …"""
        return self.user.info

    @property
    def connect(self) -> Connect:
        """How the farm is asked."""
        return self._connect

    def close(self) -> None:
        """Close the connections, and give up pauses between tries."""
        self._connect.close()

    def __enter__(self) -> RayvisionAPI:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def get_user_id(self) -> int:
        """The caller's number, asked anew."""
        return self.user.user_id

    def check_and_add_project_name(self, project_name: str) -> str:
        """The id of a project, as text; it is added where it does not exist, "" when it never appears."""
        for tries_left in range(LABEL_TRIES, -1, -1):
            for label in self.tag.get_project_list():
                if label.get("projectName") == project_name:
                    return str(label.get("projectId", ""))
            if tries_left:
                self.tag.add_label(project_name, 0)
        return ""

    def submit(self, task_id: int) -> bool:
        """Hand a task over for rendering.

        Raises:
            RayvisonTaskIdError: the number is no int; nothing was sent.
        """
        if not isinstance(task_id, int) or isinstance(task_id, bool):
            raise RayvisonTaskIdError(f"task id {task_id!r} must be an int")
        self.task.submit_task(task_id)
        return True

    def submit_by_data(
        self,
        task_info: dict[str, Any] | str,
        file_name: str | None = None,
        upload_info: dict[str, Any] | str = "",
        asset_info: dict[str, Any] | str = "",
    ) -> bool:
        """Check, send the documents as JSON and submit; the files themselves are uploaded by now.

        Args:
            task_info: what task.json says, or its path; so for the other two.
            file_name: what the task's document is called, ``task.json`` unless given.
        """
        check = RayvisionCheck(self)
        task_document, task_id = check.execute(task_info, upload_info, asset_info, only_id=False)
        documents = {
            file_name or "task.json": task_document,
            "upload.json": check.upload_info,
            "asset.json": check.asset_info,
        }
        for name, document in documents.items():
            if document:
                self.transmit.upload_json_content(task_id, name, json.dumps(document))
        return self.submit(task_id)


def _given_or_set(argument: str, value: str | None, variable: str) -> str:
    found = value or os.environ.get(variable)
    if not found:
        raise TypeError(
            f'Required "{argument}" not specified. '
            f"Pass as argument or set in environment variable {variable}."
        )
    return found
