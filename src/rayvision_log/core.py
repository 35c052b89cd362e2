"""Logging as the published packages set it up: one file for the application, and the console.

The file is ``<log folder>/<user>/<host>.log``. The log folder is what ``RAYVISION_LOG_ROOT`` names, or that
of the system, see ``system_folder``. Settings go to the root logger, so that ``logging.info`` anywhere in the
program lands in the file. Several processes may write to one file.
"""

from __future__ import annotations

import copy
import getpass
import logging
import logging.config
import math
import os
import re
import socket
import sys
from collections.abc import Mapping
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Any

AUTHOR = "RayVision"
"""The folder above the application's, on Windows."""

LOG_ROOT = "RAYVISION_LOG_ROOT"

BACKUPS = 7
LARGEST_FILE_BYTES = 5 * 1024 * 1024

_FORMATTER = "rayvision_log.facts.FactsFormatter"

_DEFAULT: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "file": {"class": _FORMATTER, "format": "%(asctime)s [%(levelname)s] %(name)s: %(message)s"},
        "console": {"class": _FORMATTER, "format": "%(levelname)-8s: %(name)s: %(message)s"},
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

LOG_EVERYTHING = "DEBUG"
"""The published default of ``log_level``, for which nothing is set up."""


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
    is made on disk. Settings may name handlers alone, as the published example does: a handler without a
    formatter then has the one of its own name, and where no logger is named, all of them write to all
    handlers.

    Args:
        use_orginal: write with the standard library's rotating handler, for one process only.

    Raises:
        OSError: the folder cannot be made or the file not be written.
        ValueError: the settings make no sense, or have no handlers, so that nothing would be written.

    >>> set_up_logger("mylog", {"handlers": {"nowhere": {"class": "logging.NullHandler"}}})
    """
    settings = copy.deepcopy(log_config)
    if not isinstance(settings, dict) or not settings.get("handlers"):
        raise ValueError(f"the log settings of {app_name} have no handlers: nothing would be written")
    settings.setdefault("version", 1)
    settings.setdefault("disable_existing_loggers", False)
    _connect_handlers(settings)
    if to_file := settings["handlers"].get("file"):
        path = log_path(app_name, log_folder, log_name)
        path.parent.mkdir(parents=True, exist_ok=True)
        to_file["filename"] = str(path)
        if "maxBytes" in to_file:
            to_file["maxBytes"] = _size_bytes(to_file["maxBytes"])
        if use_orginal:
            to_file["class"] = "logging.handlers.RotatingFileHandler"
    logging.config.dictConfig(settings)


def logger_of(
    package: str,
    logger: logging.Logger | None,
    log_folder: str | None,
    log_name: str | None,
    log_level: str | int = LOG_EVERYTHING,
) -> logging.Logger:
    """Where a class of a package writes: the caller's logger, or the package's own.

    The package's own gets a file where a folder or name is given, and a level where one is.

    Raises:
        ValueError: ``logging`` knows no such level.
    """
    if logger is not None:
        return logger
    own = logging.getLogger(package)
    if log_folder or log_name:
        init_logger(package, log_folder, log_name)
    level = log_level.upper() if isinstance(log_level, str) else log_level
    if log_folder or log_name or level != LOG_EVERYTHING:
        own.setLevel(level)
    return own


def _connect_handlers(settings: dict[str, Any]) -> None:
    for name, handler in settings["handlers"].items():
        if isinstance(handler, dict) and name in settings.get("formatters", ()):
            handler.setdefault("formatter", name)
    if "root" not in settings and "loggers" not in settings:
        settings["root"] = {"handlers": list(settings["handlers"]), "level": "DEBUG"}
        settings["loggers"] = copy.deepcopy(_DEFAULT["loggers"])


def log_path(app_name: str, log_folder: str | None = None, log_name: str | None = None) -> Path:
    """The file that an application's log is written to."""
    file_name = f"{socket.getfqdn()}.log"
    if log_folder:
        return Path(log_folder, app_name, log_name or file_name)
    root = os.environ.get(LOG_ROOT) or system_folder(app_name)
    return Path(root, getpass.getuser(), file_name)


def system_folder(
    app_name: str, system: str = sys.platform, environ: Mapping[str, str] = os.environ
) -> PurePath:
    """The folder of an application's logs on a system, as documented.

    It is ``~/.cache/<app>/log/Logs`` on Linux, ``~/Library/Logs/<app>/Logs`` on a Mac, and
    ``AppData/Local/RayVision/<app>/Logs`` in the user's folder on Windows.

    Args:
        system: as ``sys.platform`` names it: ``win32``, ``darwin``, anything else counts as Linux.
        environ: where ``HOME``, ``XDG_CACHE_HOME``, ``LOCALAPPDATA`` and ``USERPROFILE`` are looked up.

    >>> system_folder("mylog", "darwin", {"HOME": "/Users/ann"})
    PurePosixPath('/Users/ann/Library/Logs/mylog/Logs')
    """
    if system == "win32":
        home = PureWindowsPath(environ.get("USERPROFILE") or Path.home())
        local = environ.get("LOCALAPPDATA")
        return PureWindowsPath(local or home / "AppData" / "Local", AUTHOR, app_name, "Logs")
    home_folder = PurePosixPath(environ.get("HOME") or Path.home())
    if system == "darwin":
        return home_folder / "Library" / "Logs" / app_name / "Logs"
    return PurePosixPath(environ.get("XDG_CACHE_HOME") or home_folder / ".cache", app_name, "log", "Logs")


def _size_bytes(written: Any) -> Any:
    """A size as it is published: ``1024*1024*5`` is a number of bytes too.

    >>> _size_bytes("1024*1024*5")
    5242880
    """
    if isinstance(written, str) and re.fullmatch(r"\s*\d+(\s*\*\s*\d+)*\s*", written):
        return math.prod(int(factor) for factor in written.split("*"))
    return written


def _console_only() -> None:
    settings = copy.deepcopy(_DEFAULT)
    del settings["handlers"]["file"], settings["formatters"]["file"]
    settings["root"]["handlers"] = ["console"]
    logging.config.dictConfig(settings)
