"""Who the caller is, and the caller's settings and storages."""

from __future__ import annotations

import platform
from typing import Any

from rayvision_api.connect import Connect
from rayvision_api.exception import PYTHON_ERROR, RayvisionError
from rayvision_api.utils import hump2underline


class UserOperator:
    """Operations on the caller's account."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._info: dict[str, Any] = {
            "local_os": platform.system().lower(),
            "domain": connect.domain,
            "platform": connect.platform,
        }

    @property
    def info(self) -> dict[str, Any]:
        """What the log-in told, in snake case, with ``domain``, ``platform`` and ``local_os`` of here."""
        return self._info

    @property
    def user_id(self) -> int:
        """The caller's number, asked anew each time.

        Raises:
            RayvisionError: 1000000, the farm told none.
        """
        try:
            return int(self.query_user_profile()["userId"])
        except (KeyError, TypeError, ValueError) as error:
            raise RayvisionError(PYTHON_ERROR, "the farm told no user number") from error

    def query_user_profile(self) -> dict[str, Any]:
        """Name, contact, balances and rights of the caller."""
        return self._object(self._connect.url.queryUserProfile)

    def query_user_setting(self) -> dict[str, Any]:
        """What holds for all tasks of the caller."""
        return self._object(self._connect.url.queryUserSetting)

    def get_transfer_bid(self) -> dict[str, Any]:
        """Ids of the caller's storages: ``config_bid``, ``input_bid``, ``output_bid`` and so on."""
        return self._object(self._connect.url.getTransferBid)

    def log_in(self) -> None:
        """Ask profile, settings and storages, in this order, and keep them in ``info``; a later one wins.

        Raises:
            RayvisionAPIError: the farm does not know the access id, or refuses the signature.
        """
        told = {**self.query_user_profile(), **self.query_user_setting(), **self.get_transfer_bid()}
        for name, value in told.items():
            # The caller's platform says which farm area is meant; the account's own does not.
            if (key := hump2underline(name)) != "platform":
                self._info[key] = value

    def _object(self, path: str) -> dict[str, Any]:
        data = self._connect.post(path, validator=False)
        if not isinstance(data, dict):
            raise RayvisionError(
                PYTHON_ERROR, f"{self._connect.address}{path}: expected an object, got {data!r:.80}"
            )
        return data
