"""``RayvisionTransfer``: whose files move, between which storages, and the command of a transmitter for it.

The SDK itself moves files with ``engine`` and starts no program. The command is for those who do: it is that
of our own transmitter, or of one that ``transmitter_exe`` names.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload
from urllib.parse import urlsplit

from rayvision_api.exception import PYTHON_ERROR, RayvisionError
from rayvision_sync.commands import as_shell_text, transmitter_arguments
from rayvision_sync.constants import ENGINE_TYPE, PLATFORM_ALIAS_MAP
from rayvision_sync.exception import UnsupportedEngineType
from rayvision_sync.published import NUMBERS, transfer_arguments

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from rayvision_api.core import RayvisionAPI
    from rayvision_sync.manage import RayvisionManageTask
    from rayvision_sync.published import TransferChoice

STORAGES = {"config_bid": "config", "input_bid": "input"}
"""What the engine calls the storages that a client writes to."""

FOLDER = Path(__file__).parent
TRANSPORTS = FOLDER / "transmission" / "transports.json"

Line = Mapping[str, Any]
"""Where a transmitter connects to: ``engine_type, server_name, server_ip, server_port``."""


class RayvisionTransfer:
    """The account's numbers that transfer needs, and the transmitter.

    Attributes:
        user_info: the numbers, by their published names.
        transmitter_exe: path of the transmitter's program.
    """

    @overload
    def __init__(
        self,
        config_bid: str,
        input_bid: str,
        domain: str,
        platform: str,
        local_os: str,
        user_id: int | str,
        output_bid: str | None = None,
        manage_task: RayvisionManageTask | None = None,
        **more: Unpack[TransferChoice],
    ) -> None: ...
    @overload
    def __init__(
        self,
        api: RayvisionAPI,
        config_bid: str,
        input_bid: str,
        domain: str,
        platform: str,
        local_os: str,
        user_id: int | str,
        automatic_line: bool = False,
        output_bid: str | None = None,
        manage_task: RayvisionManageTask | None = None,
        transports_json: str | Path = "",
        transmitter_exe: str | Path = "",
        internet_provider: str = "",
    ) -> None: ...
    def __init__(self, *given: Any, **named: Any) -> None:
        """Note the numbers; nothing is asked.

        Both published orders of arguments are understood: as documented, and that of 2.2 and later, which
        begins with ``api``.

        Args:
            transports_json: another list of lines than the packaged one.
            transmitter_exe: another transmitter than our own, where it exists.
            automatic_line: with ``api``, ask the farm for the line.
            internet_provider: the name of the line to choose then, in place of the default one.

        Raises:
            TypeError: an argument is missing, unknown or given twice.
        """
        found = transfer_arguments(given, named)
        self.user_info: dict[str, Any] = {name: found.get(name) for name in NUMBERS}
        self.manage_task: RayvisionManageTask | None = found.get("manage_task")
        self._api: RayvisionAPI | None = found.get("api")
        self._transports_json: str | Path = found.get("transports_json") or ""
        self._automatic_line = bool(found.get("automatic_line"))
        self._internet_provider = str(found.get("internet_provider") or "")
        exe = found.get("transmitter_exe") or ""
        is_there = bool(exe) and Path(exe).exists()
        self.transmitter_exe = str(exe) if is_there else self.init_transmitter(FOLDER, str(found["local_os"]))

    @classmethod
    def of(
        cls, api: RayvisionAPI, manage_task: RayvisionManageTask | None = None, **options: Any
    ) -> RayvisionTransfer:
        """The numbers that the log-in told; ``options`` as in the constructor.

        Raises:
            RayvisionError: one is missing, so this is no farm that moves files.
        """
        if absent := [name for name in NUMBERS if api.user_info.get(name) is None]:
            raise RayvisionError(PYTHON_ERROR, f"the farm's log-in did not tell {', '.join(absent)}")
        numbers = {name: api.user_info[name] for name in NUMBERS}
        return cls(api, **numbers, manage_task=manage_task, **options)

    @staticmethod
    def init_transmitter(current_dir: str | Path, local_os: str) -> str:  # noqa: ARG004 - as published
        """Path of the transmitter's program below a folder of this package."""
        return str(Path(current_dir) / "transmission" / "linux" / "rayvision_transmitter")

    @cached_property
    def transport_info(self) -> Line:
        """The line that transfers use.

        The farm's own address, unless a ``transports_json`` was given; with ``automatic_line`` what the farm
        tells, a line an engine.

        Raises:
            KeyError: ``transports_json`` has no line for this platform.
            RayvisionError: the farm tells no line.
        """
        if self._automatic_line and self._api is not None:
            return self.parse_service_transfe_line(self._internet_provider)
        if self._transports_json:
            return self.parse_transports_json(self._transports_json)
        if self._api is not None:
            return _line_to(self._api.connect.address)
        return self.parse_transports_json()

    def parse_transports_json(
        self,
        transports_json: str | Path | None = None,
        domain: str | None = None,
        platform: str | None = None,
    ) -> Line:
        """The line of a platform, from a transports.json; without one from the packaged file.

        Raises:
            KeyError: it has none for this platform.
        """
        name = "foxrenderfarm" if "foxrenderfarm" in (domain or self.user_info["domain"]) else "renderbus"
        alias = PLATFORM_ALIAS_MAP[str(platform or self.user_info["platform"])]
        lines = json.loads(Path(transports_json or TRANSPORTS).read_text("utf-8-sig"))
        line: Line = lines[f"{name}_{alias}"]
        return line

    def parse_service_transfe_line(self, internet_provider: str | None = None) -> Line:
        """The line of each engine as the farm tells it: the default one, or the one of that name.

        Raises:
            RayvisionError: there is no ``api`` to ask, or the farm tells no line.
        """
        engines = self._api.transmit.get_transfer_config()["resqEngines"] if self._api is not None else []
        found: dict[str, Line] = {}
        for engine in engines:
            for line in engine["respTaskEngineLines"]:
                if line["name"] == internet_provider if internet_provider else line["isDefault"]:
                    found[engine["engineName"].lower()] = {
                        "server_name": line["name"],
                        "server_ip": line["server"],
                        "server_port": line["port"],
                    }
                    break
        if not found:
            raise RayvisionError(
                PYTHON_ERROR, f"the farm tells no transfer line {internet_provider or '(default)'}"
            )
        return found

    def create_cmd(
        self, cmd_params: Sequence[str | Path], db_ini_path: str | Path | None = None, **chosen: Any
    ) -> str:
        """The transmitter's command, as text for a shell; paths are quoted so that the shell leaves them
        alone.

        Arguments as ``arguments``, which is the same command for starting it without a shell.
        """
        return as_shell_text(
            self.arguments(cmd_params, db_ini_path, **chosen), windows=sys.platform == "win32"
        )

    def arguments(
        self,
        cmd_params: Sequence[str | Path],
        db_ini_path: str | Path | None = None,
        engine_type: str = "",
        server_ip: str | None = None,
        server_port: str | int | None = None,
        main_user_id: int | str | None = None,
        main_input_bid: str | None = None,
        bid: str | None = None,
        network_mode: int = 0,
    ) -> list[str]:
        """The transmitter's command as a list: its program, then its arguments.

        Args:
            cmd_params: type, local path, farm path, KB/s, "true" to keep the path, and the name of the
                storage: ``config_bid``, ``input_bid`` or ``output_bid``. The type chooses the form: earlier
                names (``upload_files``) that with 13 positions, later ones (``upload_path``) that with flags.
            db_ini_path: what ``create_db_ini`` wrote.
            engine_type, server_ip, server_port: in place of the line's.
            main_user_id, main_input_bid, bid: in place of the account's.
            network_mode: 0 automatic, 1 TCP, 2 UDP; only for the form with flags.

        Raises:
            UnsupportedEngineType: no such engine was published.
            KeyError: no such storage.
        """
        if engine_type and engine_type not in ENGINE_TYPE:
            raise UnsupportedEngineType(
                f"engine_type {engine_type!r}: expected one of {', '.join(ENGINE_TYPE)}"
            )
        line = self.transport_info
        name = engine_type or str(line.get("engine_type") or ENGINE_TYPE[0])
        line = line if "server_ip" in line else line[name]
        chosen = {
            "engine_type": name,
            "server_name": line.get("server_name", ""),
            "server_ip": server_ip or line["server_ip"],
            "server_port": server_port or line["server_port"],
        }
        storage = main_input_bid or bid or self.user_info[str(cmd_params[5])]
        user = main_user_id or self.user_info["user_id"]
        return [
            self.transmitter_exe,
            *transmitter_arguments(chosen, storage, user, cmd_params, db_ini_path, network_mode),
        ]


def _line_to(address: str) -> Line:
    """The line to a farm: a host that is asked over https says so."""
    parts = urlsplit(address)
    host, secure = parts.hostname or "", parts.scheme == "https"
    return {
        "engine_type": ENGINE_TYPE[0],
        "server_name": "renderbus",
        "server_ip": f"https://{host}" if secure else host,
        "server_port": str(parts.port or (443 if secure else 80)),
    }
