"""What published clients ask before they start their own transmitter.

The farm moves files by its own operations; these answers name the farm itself, so that a client that insists
on a transmitter finds an address, and a key that opens nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from renderbus_farm.rules.people import CONFIG_BID, INPUT_BID, OUTPUT_BID
from renderbus_model.wire.transmitter import (
    EngineLine,
    TransferAddress,
    TransferConfig,
    TransferEngine,
    TransferServer,
)

TRANSMITTER_VERSION = "3.2.8.2"
"""What the documentation's example expects of client and protocol."""

DEFAULT_ENGINE = "Aspera"
"""Clients ask for this engine where nothing else is named."""

_HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?")
_HTTPS_PORT = 443


def address(public_names: Sequence[str], host: str) -> tuple[str, int]:
    """Name and port under which a client reaches the farm.

    Args:
        public_names: as the farm's owner names it; the first one counts.
        host: the request's ``Host`` header, which anybody may have written.

    >>> address([], "farm.example:8800"), address(["render.example"], "10.0.0.7")
    (('farm.example', 8800), ('render.example', 443))
    """
    found = _HOST.fullmatch(public_names[0] if public_names else host)
    if not found or int(found["port"] or 1) not in range(1, 1 << 16):
        return "localhost", _HTTPS_PORT
    return found["name"].strip("[]"), int(found["port"] or _HTTPS_PORT)


def config(name: str, port: int) -> TransferConfig:
    """Storages and the one engine, whose default line is the farm itself."""
    line = EngineLine(name="default", server=name, port=port)
    engine = TransferEngine(
        engine_name=DEFAULT_ENGINE, check_server=name, check_port=port, resp_task_engine_lines=[line]
    )
    return TransferConfig(
        input_bid=INPUT_BID, output_bid=OUTPUT_BID, config_bid=CONFIG_BID, resq_engines=[engine]
    )


def server(name: str, port: int) -> TransferServer:
    """The address, in all the places where clients look for one."""
    return TransferServer(
        client_version=TRANSMITTER_VERSION,
        protocol_version=TRANSMITTER_VERSION,
        raysync_transfer=TransferAddress(
            server_ip=name, server_port=port, proxy_ip=name, proxy_port=port, ssl_port=port, port=port
        ),
    )
