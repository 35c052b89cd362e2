"""What the owner of a farm may choose: one value, from a TOML file and the environment.

``farm.toml`` holds ``port = 8800`` and the like under the names of ``Settings``; ``RENDERBUS_FARM_PORT`` does
the same and wins over the file; what a command line gives wins over both. A list in the environment is
separated by commas.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import msgspec

from renderbus_farm.errors import BadSetting
from renderbus_farm.rules.patience import GIVES_UP_AFTER_S
from renderbus_farm.rules.shares import read_limit
from renderbus_farm.rules.watch import SCRATCH_GB, STUCK_AFTER_S
from renderbus_model.software import is_known

PREFIX = "RENDERBUS_FARM_"
DEFAULT_PORT = 8800

_SET_BY_THE_FARM = frozenset({"marker", "folder"})
"""Variables of this prefix that mark the farm's own processes; they are no settings."""

_LISTS = frozenset({"public_names", "trusted_proxies", "renderers", "applications", "limits"})
_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)*")


@dataclass(frozen=True, slots=True)
class Settings:
    """How a farm runs.

    Attributes:
        data: folder of everything it keeps; made when it is not there.
        host: address to listen on; ``0.0.0.0`` for all of this machine.
        port: 0 for any free one.
        workers: how many frames this machine renders at once; 0 for none.
        embedded: the farm ends by itself when nobody uses it and nothing is left to do.
        idle_end_s: how long an embedded farm waits for a request before it ends, in seconds.
        clock_window_s: how far a client's clock may be off, in seconds.
        public_names: names, with port where needed, under which clients reach the farm when a proxy changes
            the ``Host`` header.
        gives_up_after_s: how long frames that no node of the farm can render wait for one that can, in
            seconds; then they fail and say why.
        drafts_kept_days: how long a task is kept that was created and never submitted.
        analyses_at_once: how many uploaded scenes the farm reads at once.
        analysis_time_s: how long it reads one, in seconds; then the task fails.
        analysis_ram_gb: memory that it may need for that.
        inputs_kept_days: how long uploaded files stay that no task needs, after they were last uploaded or
            found unchanged; and how long those of a task stay after its end, where no isolation model says.
        results_kept_days: how long the results of a task stay after its end.
        cache_gb: GiB that uploaded files may take on the disk of each node, put together from their pieces.
        tls_cert, tls_key: PEM files of a certificate and its key; with them the farm speaks https alone. In
            a settings file they may be relative to its folder.
        trusted_proxies: addresses and networks whose ``X-Forwarded-Host`` is believed.
        limits: how many there are of what several nodes share, as ``maya=5``: tasks wait where all are taken.
        path_prefix: path below which the farm is mounted, e.g. ``/farm``.
        renderers: TOML files that describe renderers of the operator's own (docs/add-a-renderer.md); in a
            settings file they may be relative to its folder.
        stuck_after_s: a frame whose renderer shows neither progress nor output nor uses the processor for so
            many seconds is given up, and tried once more elsewhere.
        scratch_gb: files that a frame may leave on its node, in GB; then it fails.
        blender: a Blender executable, by name or path, to render with instead of the ``bpy`` wheel.
        applications: numbers of the applications that this machine renders for; all that it can without it.
    """

    data: Path
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    workers: int = 1
    embedded: bool = False
    idle_end_s: float = 15.0
    clock_window_s: int = 300
    public_names: tuple[str, ...] = field(default=())
    gives_up_after_s: float = GIVES_UP_AFTER_S
    drafts_kept_days: float = 7.0
    analyses_at_once: int = 2
    analysis_time_s: float = 600.0
    analysis_ram_gb: float = 4.0
    inputs_kept_days: float = 30.0
    results_kept_days: float = 30.0
    cache_gb: float = 100.0
    tls_cert: Path | None = None
    tls_key: Path | None = None
    trusted_proxies: tuple[str, ...] = field(default=())
    path_prefix: str = ""
    limits: tuple[str, ...] = field(default=())
    renderers: tuple[str, ...] = field(default=())
    blender: str = ""
    applications: tuple[int, ...] = field(default=())
    stuck_after_s: float = STUCK_AFTER_S
    scratch_gb: float = SCRATCH_GB

    def __post_init__(self) -> None:
        for name, right, expected in (
            ("host", bool(self.host), "an address or a name"),
            ("port", 0 <= self.port <= 65535, "0 to 65535"),
            ("workers", 0 <= self.workers <= 1024, "0 to 1024"),
            ("idle_end_s", 0 < self.idle_end_s < float("inf"), "a number of seconds above 0"),
            ("clock_window_s", 1 <= self.clock_window_s <= 86400, "1 to 86400 seconds"),
            ("trusted_proxies", all(map(_is_network, self.trusted_proxies)), "addresses or networks"),
            ("limits", None not in map(read_limit, self.limits), "a list of names with numbers, e.g. maya=5"),
            ("path_prefix", bool(_PREFIX.fullmatch(self.path_prefix)), "a path like /farm"),
            ("gives_up_after_s", 1 <= self.gives_up_after_s < float("inf"), "a number of seconds from 1"),
            ("drafts_kept_days", 0 < self.drafts_kept_days < float("inf"), "a number of days above 0"),
            ("analyses_at_once", 1 <= self.analyses_at_once <= 64, "1 to 64"),
            ("analysis_time_s", 1 <= self.analysis_time_s <= 86400, "1 to 86400 seconds"),
            ("analysis_ram_gb", 0.1 <= self.analysis_ram_gb <= 4096, "0.1 to 4096 GB"),
            ("cache_gb", 0 < self.cache_gb < float("inf"), "a number of GiB above 0"),
            ("results_kept_days", 0 < self.results_kept_days < float("inf"), "a number of days above 0"),
            ("stuck_after_s", 1 <= self.stuck_after_s < float("inf"), "a number of seconds from 1"),
            ("scratch_gb", 0 < self.scratch_gb < float("inf"), "a number of GB above 0"),
            ("applications", all(map(is_known, self.applications)), "numbers of applications"),
            ("inputs_kept_days", 0 < self.inputs_kept_days < float("inf"), "a number of days above 0"),
        ):
            if not right:
                raise BadSetting("the farm's settings", name, f"{getattr(self, name)!r} is not {expected}")
        if (self.tls_cert is None) != (self.tls_key is None):
            lacking = "tls_cert" if self.tls_cert is None else "tls_key"
            raise BadSetting("the farm's settings", lacking, "a certificate and its key are given together")


def _is_network(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


_NAMES = frozenset(each.name for each in fields(Settings))
_PATHS = frozenset({"tls_cert", "tls_key"})


def read_settings(
    data: Path,
    *,
    file: Path | None = None,
    environment: Mapping[str, str] = os.environ,
    given: Mapping[str, Any] | None = None,
) -> Settings:
    """The settings of the farm on ``data``.

    Args:
        data: the data folder.
        file: a TOML file that must exist; without it ``farm.toml`` in the data folder, which may be absent.
        environment: ``RENDERBUS_FARM_*`` are read, others ignored.
        given: what the command line says; None means not given.

    Raises:
        BadSetting: an unknown name, or a value that makes no sense; it says where.
    """
    chosen: dict[str, Any] = {}
    chosen.update(_from_file(file or data / "farm.toml", required=file is not None))
    chosen.update(_from_environment(environment))
    chosen.update({name: value for name, value in (given or {}).items() if value is not None})
    for name in _PATHS & chosen.keys():
        chosen[name] = Path(chosen[name]).absolute()
    if "renderers" in chosen:
        chosen["renderers"] = tuple(str(Path(file).absolute()) for file in chosen["renderers"])
    return Settings(**{**chosen, "data": data})


def _from_file(path: Path, *, required: bool) -> dict[str, Any]:
    try:
        content: dict[str, Any] = msgspec.toml.decode(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):  # the data folder itself is looked at later
        if required:
            raise BadSetting(str(path), "--config", "there is no such file") from None
        return {}
    except (OSError, ValueError, msgspec.DecodeError) as error:
        if isinstance(error, PermissionError) and not required and not os.access(path.parent, os.X_OK):
            return {}  # nothing in the data folder can be read, which is told when it is looked at
        raise BadSetting(str(path), "--config", f"the file cannot be read as TOML: {error}") from error
    found = {name: _converted(str(path), name, value, strict=True) for name, value in content.items()}
    if "renderers" in found:
        found["renderers"] = [str(path.parent / file) for file in found["renderers"]]
    return {name: path.parent / value if name in _PATHS else value for name, value in found.items()}


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for variable, text in environment.items():
        name = variable.removeprefix(PREFIX).lower()
        if variable.startswith(PREFIX) and name not in {"data", "config"} | _SET_BY_THE_FARM:
            value = [part.strip() for part in text.split(",") if part.strip()]
            found[name] = _converted(
                f"the environment ({variable})", name, value if name in _LISTS else text, strict=False
            )
    return found


def _converted(source: str, name: str, value: Any, *, strict: bool) -> Any:
    if name not in _NAMES - {"data"}:
        raise BadSetting(source, name, f"there is no such setting; known are {', '.join(sorted(_NAMES))}")
    kinds = msgspec.structs.fields(_Kinds)
    kind = next(each.type for each in kinds if each.name == name)
    try:
        return msgspec.convert(value, kind, strict=strict)
    except msgspec.ValidationError as error:
        raise BadSetting(source, name, f"{value!r}: {error}") from error


class _Kinds(msgspec.Struct):
    """The types of those settings that are read from text."""

    host: str
    port: int
    workers: int
    embedded: bool
    idle_end_s: float
    clock_window_s: int
    public_names: tuple[str, ...]
    gives_up_after_s: float
    drafts_kept_days: float
    analyses_at_once: int
    analysis_time_s: float
    analysis_ram_gb: float
    inputs_kept_days: float
    results_kept_days: float
    cache_gb: float
    tls_cert: str
    tls_key: str
    trusted_proxies: tuple[str, ...]
    path_prefix: str
    limits: tuple[str, ...]
    renderers: tuple[str, ...]
    blender: str
    applications: tuple[int, ...]
    stuck_after_s: float
    scratch_gb: float
