"""What is asked, brought into the form that travels: the path of an interface and the body."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from typing import Any

from rayvision_api.api.url import ApiUrl
from rayvision_api.exception import TYPE_ERROR, RayvisionError
from renderbus_model.wire.signing import normalised


def interface_path(api_url: object) -> str:
    """The path of an interface, by itself or by its published name.

    >>> interface_path(ApiUrl.stopTask), interface_path("api/render/task/stopTask")
    ('/api/render/task/stopTask', '/api/render/task/stopTask')

    Raises:
        RayvisionError: 1000003, it is no text.
    """
    path = api_url.value if isinstance(api_url, Enum) else api_url
    if not isinstance(path, str) or not path:
        raise RayvisionError(TYPE_ERROR, f"interface {path!r:.80}: expected a path such as {ApiUrl.stopTask}")
    # Without the slash the rest would lengthen the farm's name, and the signature go to another host.
    return path if path.startswith("/") else f"/{path}"


def plain(path: str, data: Mapping[Any, Any] | None) -> dict[str, Any]:
    """The body as the farm will see it; nothing is an empty object.

    >>> plain("/api/x", {"ids": (1, 2), 5: None})
    {'ids': [1, 2], '5': None}

    Raises:
        RayvisionError: 1000003, no object, or one that holds itself.
    """
    if not isinstance(data or {}, Mapping):
        raise RayvisionError(TYPE_ERROR, f"{path}: expected an object to send, got {type(data).__name__}")
    try:
        body: dict[str, Any] = normalised(data or {})
    except RecursionError as error:
        raise RayvisionError(TYPE_ERROR, f"{path}: the body nests too deep, or holds itself") from error
    return body


def encoded(path: str, body: dict[str, Any]) -> bytes:
    """The body as JSON, in ASCII as published.

    >>> encoded("/api/x", {"label": "片"})
    b'{"label": "\\\\u7247"}'

    Raises:
        RayvisionError: 1000003, something in it is no JSON.
    """
    try:
        return json.dumps(body, allow_nan=False).encode("ascii")
    except (TypeError, ValueError, RecursionError) as error:
        raise RayvisionError(TYPE_ERROR, f"{path}: the body cannot be sent as JSON: {error}") from error
