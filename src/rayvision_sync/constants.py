"""Published constants of transfer: status words, ends, engines, and names of settings."""

from __future__ import annotations

from renderbus_model.statuses import TASK_ENDED, TASK_WORDS

PACKAGE_NAME = "rayvision_sync"

CHINESE, ENGLISH = "0", "1"

TASK_STATUS_DESCRIPTION: dict[str, dict[str, str]] = {
    str(int(status)): {CHINESE: chinese, ENGLISH: english}
    for status, (chinese, english) in TASK_WORDS.items()
}
"""``TASK_STATUS_DESCRIPTION["25"]["1"]`` is ``Done``. 50 (analysing) is ours."""

TASK_END_STATUS_CODE_LIST: list[str] = [str(int(status)) for status in sorted(TASK_ENDED)]
"""Texts. 40 (test frames done) is not among them: the farm waits for the user's word."""

TEST_DONE = "40"

DEFAULT_MAX_SPEED = "1048576"
"""KB/s, as published: 1 GiB/s."""

TRANSFER_LOG, RAYVISION_DB = "RAYVISION_LOG", "RAYVISION_DB"
WINDOWS_LOCAL_ENV, LINUX_LOCAL_ENV, RENDERFARM_SDK = "USERPROFILE", "HOME", "renderfarm_sdk"
"""Environment variables that name folders, and the folder in the user's home where they name none."""

ENGINE_TYPE = ["aspera", "raysyncproxy"]

PLATFORM_ALIAS_MAP = {"2": "www2", "3": "www3", "6": "www6", "20": "pic", "21": "gpu", "35": "gpu5"}
"""Second halves of the keys in transports.json, by platform."""
