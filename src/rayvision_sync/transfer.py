"""``RayvisionTransfer``: whose files move, and between which storages.

The published class also builds the command of an external program. Here nothing external runs: the engine
moves the files, over the farm's own address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rayvision_api.exception import PYTHON_ERROR, RayvisionError

if TYPE_CHECKING:
    from rayvision_api.core import RayvisionAPI
    from rayvision_sync.manage import RayvisionManageTask

STORAGES = {"config_bid": "config", "input_bid": "input"}
"""What the engine calls the storages that a client writes to."""


class RayvisionTransfer:
    """The account's numbers that transfer needs; ``user_info`` has them by their published names."""

    def __init__(
        self,
        config_bid: str,
        input_bid: str,
        domain: str,
        platform: str,
        local_os: str,
        user_id: int | str,
        output_bid: str | None = None,
        manage_task: RayvisionManageTask | None = None,
    ) -> None:
        self.user_info: dict[str, Any] = {
            "config_bid": config_bid,
            "input_bid": input_bid,
            "output_bid": output_bid,
            "domain": domain,
            "platform": platform,
            "local_os": local_os,
            "user_id": user_id,
        }
        self.manage_task = manage_task

    @classmethod
    def of(cls, api: RayvisionAPI, manage_task: RayvisionManageTask | None = None) -> RayvisionTransfer:
        """The numbers that the log-in told.

        Raises:
            RayvisionError: one is missing, so this is no farm that moves files.
        """
        names = ("config_bid", "input_bid", "domain", "platform", "local_os", "user_id", "output_bid")
        if absent := [name for name in names if api.user_info.get(name) is None]:
            raise RayvisionError(PYTHON_ERROR, f"the farm's log-in did not tell {', '.join(absent)}")
        return cls(**{name: api.user_info[name] for name in names}, manage_task=manage_task)
