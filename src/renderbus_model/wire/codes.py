"""Result codes of the HTTP API, with the names of the published table."""

from __future__ import annotations

from enum import IntEnum


class Code(IntEnum):
    """What ``code`` of an answer says; the client takes anything but 200 for a failure."""

    FAIL = 100
    SUCCESS = 200
    API_ERROR = 400
    FORBIDDEN = 403
    RESOURCE_NOT_FOUND = 404
    INTERNAL_ERROR = 500
    PARAMETER_INVALID = 600
    PARAMETER_CANT_BE_EMPTY = 601
    NEED_USER_LOGIN = 602
    ILLEGAL_PROTOCOL = 603
    INSUFFICIENT_PERMISSIONS = 605
    SIGNATURE_EXPIRED = 610
    SIGNATURE_INVALID = 611
