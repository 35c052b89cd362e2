"""db_config.ini, and the file by which a transmitter is told the same.

Source: sections, keys and defaults are those of the published package. A file that does not exist, and a key
that is left out, mean the packaged default.
"""

from __future__ import annotations

import configparser
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from rayvision_sync.exception import BadDbConfig
from rayvision_sync.ledger_redis import RedisAddress
from rayvision_sync.ledgers import OFF, SQLITE, LedgerChoice

PACKAGED = Path(__file__).with_name("db_config.ini")

_DEFAULT = RedisAddress()
_SWITCHES = configparser.ConfigParser.BOOLEAN_STATES
"""``true``, ``yes``, ``on``, ``1`` and their opposites."""


class DbConfig(NamedTuple):
    """What a db_config.ini says, in the published shape: a text and three tables of texts."""

    transfer_log_path: str
    redis_config: dict[str, Any]
    sqlite_config: dict[str, Any]
    database_config: dict[str, Any]


def load(path: str | Path | None = None) -> DbConfig:
    """Read a db_config.ini.

    Raises:
        BadDbConfig: it is no ini file, or the port is no number.
    """
    settings = _read([PACKAGED, *([Path(path)] if path else [])])
    redis: dict[str, Any] = dict(settings["REDIS"])
    redis["port"] = _number(redis["port"], "REDIS", "port", path or PACKAGED)
    return DbConfig(
        settings["TRANSFER_LOG_PATH"]["transfer_log_path"],
        redis,
        dict(settings["SQLITE"]),
        dict(settings["DATABASE_CONFIG"]),
    )


def choice(config: DbConfig, folder: Path, source: object) -> LedgerChoice:
    """Where such a file wants uploads remembered.

    Args:
        folder: of the SQLite files.
        source: the file, for messages.

    Raises:
        UnsupportedDatabaseError: another type than sqlite and redis.
        BadDbConfig: a value makes no sense.
    """
    database, redis = config.database_config, config.redis_config
    on = _switch(database.get("on", "true"), "DATABASE_CONFIG", "on", source)
    kind = str(database.get("type") or SQLITE).strip().lower()
    address = RedisAddress(
        host=str(redis.get("host") or _DEFAULT.host),
        port=_number(redis.get("port", _DEFAULT.port), "REDIS", "port", source),
        password=str(redis.get("password") or ""),
        table_index=_number(redis.get("table_index") or 0, "REDIS", "table_index", source),
        timeout_ms=_number(redis.get("timeout") or _DEFAULT.timeout_ms, "REDIS", "timeout", source),
    )
    temporary = _switch(config.sqlite_config.get("temporary", "false"), "SQLITE", "temporary", source)
    return LedgerChoice(kind if on else OFF, folder, address, temporary)


def write_transmitter_ini(path: Path, config: DbConfig, platform: str, database: Path) -> None:
    """Tell a transmitter where to remember files; only its owner may read it, it may hold a password.

    Args:
        database: the SQLite file that published transmitters use; ours uses its folder.
    """
    ini = configparser.ConfigParser(interpolation=None)
    ini["database"] = {
        "on": config.database_config.get("on", "true"),
        "platform_id": platform,
        "type": str(config.database_config.get("type") or SQLITE).strip().lower(),
    }
    ini["redis"] = {
        key: str(config.redis_config.get(key, default))
        for key, default in {
            "host": _DEFAULT.host,
            "port": _DEFAULT.port,
            "password": "",
            "table_index": "",
            "timeout": _DEFAULT.timeout_ms,
        }.items()
    }
    ini["sqlite"] = {
        "db_path": str(database),
        "temporary": str(config.sqlite_config.get("temporary", "false")),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    # mkstemp makes its file readable by nobody else; several uploads may write the same one at once.
    handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            ini.write(file)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def read_transmitter_ini(path: str | Path) -> LedgerChoice:
    """What ``write_transmitter_ini``, or a published client, wrote.

    Raises:
        UnsupportedDatabaseError, BadDbConfig: it cannot be used.
    """
    ini = _read([Path(path)])
    if not ini.sections():
        raise BadDbConfig(path, "", "", "is not there, or says nothing")
    sqlite = _section(ini, "sqlite")
    config = DbConfig("", _section(ini, "redis"), sqlite, _section(ini, "database"))
    database = sqlite.get("db_path", "")
    return choice(config, Path(database).parent if database else LedgerChoice().folder, path)


def _section(ini: configparser.ConfigParser, name: str) -> dict[str, Any]:
    return dict(ini[name]) if name in ini else {}


def _read(paths: list[Path]) -> configparser.ConfigParser:
    settings = configparser.ConfigParser(interpolation=None)  # a password may hold a per cent sign
    try:
        settings.read(paths, encoding="utf-8-sig")  # Notepad puts its mark at the start
    except (configparser.Error, UnicodeDecodeError) as error:
        raise BadDbConfig(paths[-1], "", "", f"is no ini file: {error}") from error
    return settings


def _number(value: object, section: str, key: str, source: object) -> int:
    try:
        number = int(str(value))
    except ValueError:
        number = -1
    if number < 0:
        raise BadDbConfig(source, section, key, f"{value!r} is no number")
    return number


def _switch(value: object, section: str, key: str, source: object) -> bool:
    states: Mapping[str, bool] = _SWITCHES
    try:
        return states[str(value).strip().lower()]
    except KeyError:
        raise BadDbConfig(source, section, key, f"{value!r} is neither true nor false") from None
