"""The farm that a transmitter is sent to: host and port name it, the environment its account."""

from __future__ import annotations

import logging
import ssl
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rayvision_sync.transmitter.arguments import DOWNLOADS, BadArguments, Order

if TYPE_CHECKING:
    from rayvision_api.core import RayvisionAPI

ACCESS_ID, ACCESS_KEY, ADDRESS = "RAYVISION_API_ACCESS_ID", "RAYVISION_API_KEY", "RENDERBUS_URL"


def log_in(order: Order, environ: Mapping[str, str], cancel: threading.Event) -> RayvisionAPI:
    """The farm, in the name of the account that the environment names; ``cancel`` ends the pauses between
    tries.

    Raises:
        BadArguments: the environment names no account, or the storage or the user is not this account's.
        RayvisionError: the farm refuses, or does not answer.
    """
    from rayvision_api.core import RayvisionAPI

    lacking = [name for name in (ACCESS_ID, ACCESS_KEY) if not environ.get(name)]
    if lacking:
        raise BadArguments(f"{' and '.join(lacking)} not set: a farm needs an access id and its key")
    api = RayvisionAPI(
        environ[ACCESS_ID],
        environ[ACCESS_KEY],
        address(order, environ),
        logger=logging.getLogger("rayvision_transmitter"),
        wait=cancel.wait,
    )
    try:
        _check_account(api, order)
    except BaseException:
        api.close()
        raise
    return api


def storage_of(api: RayvisionAPI, order: Order) -> str:
    """What the engine calls the storage: ``input``, ``config`` or ``output``.

    Raises:
        BadArguments: it is none of this account's, or the wrong one for this direction.
    """
    ids = {str(api.user_info[f"{name}_bid"]): name for name in ("output", "config", "input")}
    name = ids.get(order.storage, "")
    if order.kind in DOWNLOADS:
        if name != "output":
            raise BadArguments(
                f"storage {order.storage}: only results are downloaded, from {_of(ids, 'output')}"
            )
    elif name not in ("input", "config"):
        raise BadArguments(
            f"storage {order.storage}: uploads go to {_of(ids, 'input')} or {_of(ids, 'config')}"
        )
    return name


def address(order: Order, environ: Mapping[str, str]) -> str:
    """The farm's URL.

    A host that begins with ``http://`` or ``https://`` says how it is asked, and so does ``RENDERBUS_URL``
    for the host and port that it names. Of any other farm the port is asked whether it speaks TLS.
    """
    if "://" in order.host:
        return f"{order.host.rstrip('/')}:{order.port}"
    host = f"[{order.host}]" if ":" in order.host and not order.host.startswith("[") else order.host
    known = urlsplit(environ.get(ADDRESS, ""))
    port = known.port or (443 if known.scheme == "https" else 80)
    if (known.hostname, port) == (order.host.strip("[]").lower(), order.port):
        return environ[ADDRESS]
    return f"{'https' if speaks_tls(f'{host}:{order.port}') else 'http'}://{host}:{order.port}"


def speaks_tls(domain: str) -> bool:
    """Whether what listens there speaks TLS; where nobody listens, the log-in tells it better."""
    import requests

    from rayvision_api.network import on_this_machine, trusted_authorities

    host = urlsplit(f"//{domain}").hostname
    with requests.Session() as session:
        session.verify = trusted_authorities()
        if on_this_machine(host):
            session.trust_env = False  # this machine is not behind the proxy that the environment names
        try:
            session.head(f"https://{domain}/healthz", timeout=ANSWER_WITHIN_S, allow_redirects=False)
        except requests.exceptions.SSLError as error:
            return not _is_plain(error)
        except requests.RequestException:
            return False
    return True


ANSWER_WITHIN_S = 10.0

_PLAIN_REASONS = (
    "WRONG_VERSION_NUMBER",
    "HTTP_REQUEST",
    "RECORD_LAYER_FAILURE",
    "UNEXPECTED_EOF_WHILE_READING",
)
"""What OpenSSL says of an answer that is no TLS: the farm's plain HTTP 400, or a hang-up."""


def _is_plain(error: BaseException) -> bool:
    seen: list[BaseException] = [error]
    for one in seen:
        inner = [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
        seen.extend(found for found in inner if isinstance(found, BaseException) and found not in seen)
    return any(isinstance(one, ssl.SSLError) and one.reason in _PLAIN_REASONS for one in seen)


def _check_account(api: RayvisionAPI, order: Order) -> None:
    if str(api.user_info["user_id"]) != order.user:
        raise BadArguments(
            f"user {order.user}: {ACCESS_ID} names another account, that of user {api.user_info['user_id']}"
        )


def _of(ids: Mapping[str, str], name: str) -> str:
    return ", ".join(f"{bid} ({found})" for bid, found in ids.items() if found == name)
