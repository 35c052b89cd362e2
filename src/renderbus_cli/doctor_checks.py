"""What ``renderbus doctor`` looks at beside the renderers: installed packages, and the chosen farm."""

from __future__ import annotations

import importlib.util
import platform
import re
import time
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions, version
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from renderbus_cli.problems import Exit, Problem
from renderbus_cli.session import Account, OwnFarm

if TYPE_CHECKING:
    from collections.abc import Iterable

    from renderbus_farm.machine_check import Found

_ASKED_WITHIN_S = 10.0
_FARM_PARTS = (
    "sqlalchemy",
    "starlette",
    "uvicorn",
    "psutil",
    "PIL",
    "numpy",
    "OpenEXR",
    "cryptography",
    "alembic",
)


class Line(msgspec.Struct, frozen=True):
    """A line of the report; ``level`` is ``ok``, ``note`` or ``problem``."""

    about: str
    level: str
    text: str
    facts: dict[str, object] = {}


def installation() -> Iterator[Line]:
    """Versions, packages that hide ours, and packages that are missing."""
    ours, python = version("renderbus"), platform.python_version()
    yield Line("renderbus", "ok", f"{ours}, Python {python}", {"version": ours, "python": python})
    clashing = clashes(distributions())
    if clashing:
        names = ", ".join(clashing)
        why = (
            f"the vendor's packages {names} are installed here too and share their names with ours: either "
            f"may be imported. Use an environment of their own, or: pip uninstall {' '.join(clashing)}, and "
            "then install renderbus again"
        )
        yield Line("packages", "problem", why, {"clashing": clashing})
    else:
        yield Line("packages", "ok", "no other package has the names of ours", {"clashing": []})


def clashes(installed: Iterable[Distribution]) -> list[str]:
    """Distributions of the vendor, which bring packages of the same names as ours.

    >>> clashes([])
    []
    """
    names = {str(each.metadata["Name"] or "") for each in installed}
    return sorted(name for name in names if re.match(r"rayvision[-_.]", name, re.IGNORECASE))


def lacking_for_a_farm() -> list[str]:
    """Packages without which this installation runs no farm."""
    return [name for name in _FARM_PARTS if importlib.util.find_spec(name) is None]


def machine(data: Path, *, needed: bool, system: str = platform.system()) -> Iterator[Line]:
    """What this machine renders. Where a farm elsewhere does that, nothing here is needed."""
    level = "problem" if needed else "note"
    if system != "Linux":
        why = f"a farm renders on Linux, and this is {system}: choose one elsewhere with --profile"
        yield Line("renderers", level, why, {"system": system})
        return
    lacking = lacking_for_a_farm()
    if lacking:
        why = f"{', '.join(lacking)} missing: pip install 'renderbus[farm,blender]' to render on this machine"
        yield Line("farm packages", level, why, {"lacking": lacking})
        return
    from renderbus_farm.errors import BadSetting
    from renderbus_farm.machine_check import machine as look
    from renderbus_farm.settings import read_settings

    try:
        found = look(read_settings(data))
    except BadSetting as error:
        yield Line("settings", "problem", str(error))
        return
    yield from (_line(each, needed=needed) for each in found)


def _line(found: Found, *, needed: bool) -> Line:
    level = found.level if needed or found.level == "ok" else "note"
    return Line(found.about, level, found.text, found.facts)


def farm(chosen: Account | OwnFarm) -> Iterator[Line]:
    """Whether the chosen farm answers, goes by the same clock, and takes the key."""
    if isinstance(chosen, OwnFarm):
        yield from _own_farm(chosen)
        return
    facts: dict[str, object] = {"url": chosen.url, "origin": chosen.origin}
    off_s = clock_off_s(chosen.url)
    if isinstance(off_s, str):
        yield Line("farm", "problem", f"{chosen.url} ({chosen.origin}): {off_s}", facts)
        return
    yield Line("farm", "ok", f"{chosen.url} answers ({chosen.origin})", facts)
    yield _clock(off_s)
    yield _key(chosen)


def _own_farm(chosen: OwnFarm) -> Iterator[Line]:
    from renderbus_cli.embedded import running

    facts: dict[str, object] = {"data": str(chosen.data)}
    url = running(chosen.data)
    text = f"runs at {url}" if url else "is started by the first command that needs it"
    yield Line("farm", "ok", f"the embedded one on {chosen.data} {text}", {**facts, "url": url})
    try:
        chosen.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        (chosen.data / ".doctor").touch()
        (chosen.data / ".doctor").unlink()
    except OSError as error:
        why = f"{chosen.data} cannot be written: {error.strerror or error}; choose another with --data"
        yield Line("data folder", "problem", why, facts)


def clock_off_s(url: str) -> float | str:
    """By how many seconds this machine's clock is ahead of the farm's, or why the farm was not reached."""
    import requests

    from rayvision_api.network import certificate_refused, on_this_machine, trusted_authorities

    try:
        with requests.Session() as session:
            session.trust_env = not on_this_machine(urlsplit(url).hostname)
            session.verify = trusted_authorities()
            answer = session.get(f"{url}/healthz", timeout=_ASKED_WITHIN_S)
    except (OSError, ValueError) as error:
        refused = certificate_refused(error)
        return str(refused) if refused else f"does not answer ({type(error).__name__}); is it running?"
    from rayvision_api.network import clock_off_s as off

    return off(answer, 0, time.time()) or 0.0


def _clock(off_s: float) -> Line:
    from rayvision_api.network import CLOCK_OFF_S, clock_words

    level = "problem" if abs(off_s) >= CLOCK_OFF_S else "ok"
    return Line("clock", level, clock_words(off_s), {"ahead_s": round(off_s, 1)})


def _key(account: Account) -> Line:
    from rayvision_api.exception import RayvisionError
    from renderbus_cli.asking import log_in
    from renderbus_cli.problems import problem_of

    try:
        with log_in(account):
            return Line("key", "ok", "the farm takes the access key", {"accepted": True})
    except (Problem, RayvisionError, OSError) as error:
        return Line("key", "problem", problem_of(error).message, {"accepted": False})


def status(lines: Iterable[Line]) -> Exit:
    """The exit status of a report."""
    return Exit.UNAVAILABLE if any(line.level == "problem" for line in lines) else Exit.DONE
