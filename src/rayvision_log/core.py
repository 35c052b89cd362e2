"""Logging as the published packages set it up: one file for the application, and the console.

The file is ``<log folder>/<user>/<host>.log``: the log folder is that of the system (``~/.cache/<app>/log``
on Linux), or the environment's ``RAYVISION_LOG_ROOT``. Settings go to the root logger, so that
``logging.info`` anywhere in the program lands in the file.
"""

from __future__ import annotations

import copy
import getpass
import logging
import logging.config
import os
import socket
import sys
from pathlib import Path
from typing import Any

import platformdirs

AUTHOR = "RayVision"
"""The folder above the application's, on Windows."""

LOG_ROOT = "RAYVISION_LOG_ROOT"

BACKUPS = 7
LARGEST_FILE_BYTES = 5 * 1024 * 1024

_DEFAULT: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "file": {"format": "%(asctime)s [%(levelname)s] %(name)s: %(message)s"},
        "console": {"format": "%(levelname)-8s: %(name)s: %(message)s"},
    },
    "handlers": {
        "file": {
            "class": "concurrent_log_handler.ConcurrentRotatingFileHandler",
            "formatter": "file",
            "level": "DEBUG",
            "encoding": "utf-8",
            "backupCount": BACKUPS,
            "maxBytes": LARGEST_FILE_BYTES,
        },
        "console": {"class": "logging.StreamHandler", "formatter": "console", "level": "DEBUG"},
    },
    # At DEBUG it writes each address that is asked, and some of them carry a signature.
    "loggers": {"urllib3": {"level": "INFO"}},
    "root": {"handlers": ["file", "console"], "level": "DEBUG"},
}


def get_default_log_config() -> dict[str, Any]:
    """The default settings in the form of ``logging.config``, free to change."""
    return copy.deepcopy(_DEFAULT)


def init_logger(app_name: str, log_folder: str | None = None, log_name: str | None = None) -> None:
    """Set up logging for an application with the default settings.

    Where that fails (a folder that cannot be written, say) the console tells why, and the program goes on
    with the console alone.

    Args:
        app_name: names the folder of the log.
        log_folder: goes before the system's folder and ``RAYVISION_LOG_ROOT``.
        log_name: name of the file in ``log_folder``; the host's without one.

    >>> init_logger("mylog")  # doctest: +SKIP
    """
    settings = get_default_log_config()
    try:
        try:
            set_up_logger(app_name, settings, log_folder=log_folder, log_name=log_name)
        except ValueError:  # the handler for several processes cannot be made
            set_up_logger(app_name, settings, use_orginal=True, log_folder=log_folder, log_name=log_name)
    except Exception as error:  # whatever is wrong with a log is no reason to stop rendering
        _console_only()
        logging.getLogger(__name__).warning("no log file for %s, logging to the console: %s", app_name, error)


def set_up_logger(
    app_name: str,
    log_config: dict[str, Any],
    use_orginal: bool = False,
    log_folder: str | None = None,
    log_name: str | None = None,
) -> None:
    """Set up logging with settings of your own; they are not changed.

    Where they have a handler ``file``, it gets the file's path, and the folder is made; without one nothing
    is made on disk.

    Args:
        use_orginal: write with the standard library's rotating handler, for one process only.

    Raises:
        OSError: the folder cannot be made or the file not be written.
        ValueError: the settings make no sense.
    """
    settings = copy.deepcopy(log_config)
    settings.setdefault("version", 1)
    settings.setdefault("disable_existing_loggers", False)
    if to_file := settings.get("handlers", {}).get("file"):
        path = log_path(app_name, log_folder, log_name)
        path.parent.mkdir(parents=True, exist_ok=True)
        to_file["filename"] = str(path)
        if use_orginal:
            to_file["class"] = "logging.handlers.RotatingFileHandler"
    logging.config.dictConfig(settings)


def log_path(app_name: str, log_folder: str | None = None, log_name: str | None = None) -> Path:
    """The file that an application's log is written to."""
    file_name = f"{socket.getfqdn()}.log"
    if log_folder:
        return Path(log_folder, app_name, log_name or file_name)
    if root := os.environ.get(LOG_ROOT):
        return Path(root, getpass.getuser(), file_name)
    return _system_folder(app_name) / getpass.getuser() / file_name


def _system_folder(app_name: str) -> Path:
    if sys.platform.startswith(("win32", "darwin")):
        return platformdirs.user_log_path(app_name, AUTHOR)
    # The published place; what the system's rules call the log folder today is ~/.local/state.
    return platformdirs.user_cache_path(app_name) / "log"


def _console_only() -> None:
    settings = get_default_log_config()
    del settings["handlers"]["file"], settings["formatters"]["file"]
    settings["root"]["handlers"] = ["console"]
    logging.config.dictConfig(settings)
