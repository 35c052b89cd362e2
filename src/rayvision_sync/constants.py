"""Published constants of transfer: status words by number and language, and which statuses are an end."""

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

DEFAULT_MAX_SPEED = "1048576"
"""KB/s, as published: 1 GiB/s."""
