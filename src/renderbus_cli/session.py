"""Where the farm is and the user's keys: options, environment, configuration file.

What says so first counts: ``--embedded`` or ``--data``; ``--profile``; RENDERBUS_URL with
RAYVISION_API_ACCESS_ID and RAYVISION_API_KEY; RENDERBUS_PROFILE; the configuration file's ``default``, or its
only profile. When nothing does, it is the farm that this program starts by itself.

The configuration file is ``config.toml`` in the user's configuration folder, or what RENDERBUS_CONFIG names::

    default = "local"

    [profiles.local]
    url = "http://127.0.0.1:8800"
    access_id = "…"
    access_key = "…"
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from renderbus_cli.options import FarmOptions
from renderbus_cli.problems import Exit, Problem


@dataclass(frozen=True, slots=True)
class Account:
    """A farm's address and who asks. ``origin`` says where both were found, for messages."""

    url: str
    access_id: str
    access_key: str = field(repr=False)
    origin: str = ""


@dataclass(frozen=True, slots=True)
class OwnFarm:
    """No farm is configured, or the embedded one was asked for: the one on this data folder."""

    data: Path


def config_file(environ: Mapping[str, str] = os.environ) -> Path:
    """The configuration file, whether or not it exists."""
    if named := environ.get("RENDERBUS_CONFIG"):
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_config_dir("renderbus")) / "config.toml"


def default_data() -> Path:
    """The data folder of this user's farms where ``--data`` does not name another."""
    import platformdirs

    return Path(platformdirs.user_data_dir("renderbus")) / "farm"


def choose(options: FarmOptions, environ: Mapping[str, str] = os.environ) -> Account | OwnFarm:
    """The farm that a command speaks to.

    Raises:
        Problem: what was asked for is not configured, or not fully, or the file cannot be read.
    """
    if options.embedded or options.data:
        return OwnFarm((options.data or default_data()).absolute())
    path = config_file(environ)
    if options.profile:
        return _profile(path, options.profile)
    if url := environ.get("RENDERBUS_URL"):
        return _from_environment(url, environ)
    if named := environ.get("RENDERBUS_PROFILE"):
        return _profile(path, named)
    config = read_config(path)
    profiles = config.get("profiles", {})
    if not profiles:
        return OwnFarm(default_data())
    name = config.get("default") or (next(iter(profiles)) if len(profiles) == 1 else "")
    if not name:
        raise Problem(
            f"several farms are configured in {path} ({', '.join(profiles)}): choose one with "
            '--profile NAME, RENDERBUS_PROFILE, or a line default = "NAME" at the top of that file',
            Exit.USAGE,
        )
    return _profile(path, str(name))


def _from_environment(url: str, environ: Mapping[str, str]) -> Account:
    lacking = [name for name in ("RAYVISION_API_ACCESS_ID", "RAYVISION_API_KEY") if not environ.get(name)]
    if lacking:
        raise Problem(
            f"RENDERBUS_URL names the farm {url}, but {' and '.join(lacking)} "
            f"{'is' if len(lacking) == 1 else 'are'} not set: a farm needs an access id and its key",
            Exit.USAGE,
        )
    return Account(
        _checked_url(url, "RENDERBUS_URL"),
        environ["RAYVISION_API_ACCESS_ID"],
        environ["RAYVISION_API_KEY"],
        "the environment",
    )


def _profile(path: Path, name: str) -> Account:
    profiles = read_config(path).get("profiles", {})
    found = profiles.get(name) if isinstance(profiles, dict) else None
    if not isinstance(found, dict):
        known = f"it has {', '.join(profiles)}" if profiles else "it has none"
        raise Problem(f"no profile {name!r} in {path} ({known})", Exit.USAGE)
    lacking = [key for key in ("url", "access_id", "access_key") if not isinstance(found.get(key), str)]
    if lacking:
        raise Problem(f"profile {name!r} in {path} lacks {', '.join(lacking)}", Exit.USAGE)
    where = f"profile {name!r} in {path}"
    return Account(_checked_url(found["url"], where), found["access_id"], found["access_key"], where)


def _checked_url(url: str, where: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", url):
        raise Problem(
            f"{where}: {url!r} is no address of a farm, expected e.g. http://127.0.0.1:8800", Exit.USAGE
        )
    return url.rstrip("/")


def read_config(path: Path) -> dict[str, Any]:
    """The configuration file's content; empty when there is none.

    Raises:
        Problem: it cannot be read, or is not TOML.
    """
    import msgspec

    try:
        found: dict[str, Any] = msgspec.toml.decode(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, msgspec.DecodeError) as error:
        raise Problem(f"cannot read the configuration file {path}: {error}", Exit.USAGE) from error
    return found


def save_profile(path: Path, name: str, account: Account) -> None:
    """Write or replace one profile; everything else in the file stays as it was written.

    The file holds a key, so nobody but its owner may read it, not even while it is written.

    Raises:
        Problem: the file cannot be read or written.
    """
    read_config(path)  # a file that is not understood is not overwritten
    text = path.read_text("utf-8") if path.exists() else ""
    section = "\n".join(
        [
            f"[profiles.{_quoted(name)}]",
            f"url = {_quoted(account.url)}",
            f"access_id = {_quoted(account.access_id)}",
            f"access_key = {_quoted(account.access_key)}",
        ]
    )
    kept = _without_section(text, name).rstrip("\n")
    _write_private(path, f"{kept}\n\n{section}\n" if kept else f"{section}\n")


def _without_section(text: str, name: str) -> str:
    header = re.compile(r"\s*\[\s*profiles\s*\.\s*(?P<name>[^\]]+?)\s*\]\s*(#.*)?")
    kept, ours = [], False
    for line in text.splitlines():
        if line.lstrip().startswith("["):
            found = header.fullmatch(line)
            ours = found is not None and found["name"] in (name, _quoted(name), f"'{name}'")
        if not ours:
            kept.append(line)
    return "\n".join(kept)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda found: f"\\u{ord(found[0]):04x}", escaped) + '"'


def _write_private(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # mkstemp makes its file readable by nobody else (0600).
        handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(beside).replace(path)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise Problem(
            f"cannot write the configuration file {path}: {error.strerror or error}", Exit.CANNOT_WRITE
        ) from error
