"""Ask what a farm is and offers: platforms, software, plug-ins, where files go, and texts of tip codes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import cast

from rayvision_api.answers import (
    CodeInfo,
    PackNode,
    Platform,
    SoftwareDetail,
    SoftwareList,
    TransferServer,
    TransferUserKey,
)
from rayvision_api.applications import cg_id_of
from rayvision_api.exception import TYPE_ERROR, RayvisionError
from rayvision_api.operators.operator import Number, Operator
from renderbus_model.wire import common, hardware, plugin, transmitter

HOME_ZONE, ABROAD_ZONE = 1, 2
"""What published clients say of themselves, by the farm's domain; no farm answers differently."""


class FarmQueries(Operator):
    """Questions about the farm."""

    def platforms(self) -> list[Platform]:
        """The areas of the farm; one of these numbers is the ``platform`` of a client.

        >>> 2 in [area["platform"] for area in api.query.platforms()]
        True
        """
        zone = HOME_ZONE if "renderbus" in self._connect.domain.lower() else ABROAD_ZONE
        return cast("list[Platform]", self._ask(common.QUERY_PLATFORMS, zone=zone))

    def error_detail(
        self,
        code: str | int | None = None,
        language: str | int = "0",
        codes: Sequence[Number] | None = None,
    ) -> list[CodeInfo]:
        """What tip codes mean and what to do.

        Args:
            code: a tip code, e.g. ``15000``.
            language: "0" Chinese, "1" English.
            codes: several tip codes.

        Raises:
            RayvisionError: 1000003, no code was given.

        >>> api.query.error_detail(code="50001", language="1")[0]["code"]
        '50001'
        """
        if not code and not codes:
            raise RayvisionError(TYPE_ERROR, "expected a tip code, or several as codes")
        answer = self._ask(
            common.QUERY_ERROR_DETAIL, code=code or None, codes=codes or None, language=str(language)
        )
        return cast("list[CodeInfo]", answer)

    def supported_software(self) -> SoftwareList:
        """The applications that the farm knows.

        >>> names = [one["cgName"] for one in api.query.supported_software()["renderInfoList"]]
        >>> "Maya" in names
        True
        """
        return cast(SoftwareList, self._ask(plugin.QUERY_SUPPORTED_SOFTWARE))

    def supported_plugin(self, name: str | int, os_name: str = "default") -> SoftwareDetail:
        """The versions of an application, and the plug-ins for each.

        Args:
            name: the application, e.g. ``maya``, ``houdini``.
            os_name: ``windows`` or ``linux``; the caller's own without.

        Raises:
            RayvisionError: 1000000, no application has this name.

        >>> versions = api.query.supported_plugin(name="maya")["cgVersion"]
        >>> "2020" in [version["cgVersion"] for version in versions]
        True
        """
        if os_name == "default":
            os_name = "windows" if sys.platform.startswith("win") else "linux"
        answer = self._ask(plugin.QUERY_SUPPORTED_PLUGIN, cgId=cg_id_of(name), osName=os_name)
        return cast(SoftwareDetail, answer)

    def get_transfer_server_msg(self) -> TransferServer:
        """Where published clients connect to for moving files.

        >>> sorted(api.query.get_transfer_server_msg())
        ['clientVersion', 'protocolVersion', 'raysyncTransfer']
        """
        # The published packages have it this way round here, and the other way in ``platforms``.
        zone = ABROAD_ZONE if "renderbus" in self._connect.domain else HOME_ZONE
        return cast(TransferServer, self._ask(transmitter.GET_TRANSFER_SERVER_MSG, zone=zone))

    def get_raysync_user_key(self) -> TransferUserKey:
        """What published clients log in with for moving files.

        >>> api.query.get_raysync_user_key()["userName"] == api.user_info["user_name"]
        True
        """
        return cast(TransferUserKey, self._ask(transmitter.GET_RAYSYNC_USER_KEY))

    def get_pack_node_info(self) -> list[PackNode]:
        """The caller's nodes that are rented as a package.

        >>> api.query.get_pack_node_info()
        []
        """
        return cast("list[PackNode]", self._ask(hardware.GET_PACK_NODE_INFO))
