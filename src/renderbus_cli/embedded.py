"""The farm that this program starts by itself: find it, join it, or start it.

It is a process of its own, spoken to over HTTP like any other farm. It ends by itself when nobody has asked
it anything for a while and nothing is left to render. Its data folder says where it is: ``farm.json`` has the
address while it runs, ``owner.json`` the keys, ``start.lock`` is held by whoever looks for it or starts it.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import subprocess
import sys
import threading
import time
from http import HTTPStatus
from pathlib import Path
from typing import Any

from renderbus_cli.problems import Exit, Problem
from renderbus_cli.session import Account

START_WITHIN_S = 60.0
"""A farm is ready in one or two seconds; a busy or slow machine gets this long."""

ANSWER_WITHIN_S = 5.0
"""A farm on this machine that does not answer /healthz for so long is not there."""

LOOK_EVERY_S = 0.02
"""How often to look whether the farm is ready: its start is part of every first render."""

STILL_HERE_EVERY_S = 4.0
"""Well below the 15 s after which an embedded farm that nobody asks anything ends."""

LOG_LINES_SHOWN = 12

_started: list[subprocess.Popen[bytes]] = []
# Farms started by this process live on without it; the handles are kept because Python warns of dropped ones.


def join_or_start(data: Path, *, within_s: float = START_WITHIN_S) -> Account:
    """The farm on ``data``, started if it does not run.

    Raises:
        Problem: the folder cannot be written, or no farm comes up on it; the message has its last log lines.
    """
    import filelock

    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        with filelock.FileLock(data / "start.lock", timeout=within_s):
            url = running(data) or _start(data, within_s)
            return _account(data, url)
    except filelock.Timeout as error:
        raise Problem(
            f"the farm on {data} is being started by another program for more than {within_s:.0f} s; "
            f"see {data / 'farm.log'}",
            Exit.UNAVAILABLE,
        ) from error
    except OSError as error:
        raise Problem(
            f"the farm's data folder {data} cannot be used: {error.strerror or error}; "
            "choose another with --data",
            Exit.CANNOT_WRITE,
        ) from error


def running(data: Path) -> str | None:
    """Address of the farm that runs on ``data`` and answers."""
    try:
        url = str(json.loads((data / "farm.json").read_text("utf-8"))["url"])
        farm_id = (data / "farm.id").read_text("ascii").strip()
    except (OSError, ValueError, KeyError, TypeError):
        return None
    # A farm that was killed leaves its farm.json, and another may have its port by now.
    return url if farm_at(url) == farm_id else None


def farm_at(url: str) -> str | None:
    """The id of the farm that answers at ``url`` on this machine; None when none does.

    Raises:
        Problem: one answers, but its certificate is not trusted.
    """
    import requests

    from rayvision_api.network import certificate_refused, trusted_authorities

    try:
        with requests.Session() as session:
            session.trust_env = False  # this machine is not behind the proxy that the environment names
            session.verify = trusted_authorities()
            answer = session.get(f"{url}/healthz", timeout=ANSWER_WITHIN_S)
        found: Any = answer.json()
    except (OSError, ValueError) as error:
        # Not of requests: the file of trusted authorities is not there.
        ours = not isinstance(error, (requests.RequestException, ValueError))
        if refused := error if ours else certificate_refused(error):
            raise Problem(f"the farm at {url} cannot be asked: {refused}", Exit.UNAVAILABLE) from error
        return None
    ready = answer.status_code == HTTPStatus.OK and isinstance(found, dict) and found.get("status") == "ok"
    return str(found.get("farm", "")) if ready else None


def _start(data: Path, within_s: float) -> str:
    _demand_farm_packages()
    log = data / "farm.log"
    begin = log.stat().st_size if log.exists() else 0
    with log.open("ab") as output:
        farm = subprocess.Popen(
            [sys.executable, "-m", "renderbus_farm", "--embedded", "--data", str(data), "--port", "0"],
            cwd=data,  # neither holds on to the user's folder nor imports from it
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C in this terminal is for us, not for the farm
        )
    _started.append(farm)
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if (status := _ended(farm, LOOK_EVERY_S)) is not None:
            raise _did_not_come_up(log, begin, f"it ended with status {status}")
        if url := running(data):
            return url
    farm.terminate()
    raise _did_not_come_up(log, begin, f"it was not ready within {within_s:.0f} s")


def _ended(farm: subprocess.Popen[bytes], within_s: float) -> int | None:
    try:
        return farm.wait(within_s)
    except subprocess.TimeoutExpired:
        return None


def _demand_farm_packages() -> None:
    lacking = [
        name for name in ("sqlalchemy", "starlette", "uvicorn") if importlib.util.find_spec(name) is None
    ]
    if lacking:
        raise Problem(
            f"this installation cannot run a farm of its own ({', '.join(lacking)} is missing): "
            "pip install 'renderbus[farm,blender]', or name a farm (see renderbus render --help)",
            Exit.UNAVAILABLE,
        )


def _did_not_come_up(log: Path, begin: int, why: str) -> Problem:
    with log.open("rb") as written:
        written.seek(begin)
        lines = written.read().decode("utf-8", "replace").split("\n")
    last = [line.rstrip() for line in lines if line.strip()][-LOG_LINES_SHOWN:]
    said = "\n".join(f"  {line}" for line in last) or "  (it wrote nothing)"
    return Problem(
        f"the embedded farm did not start: {why}. Its last words, from {log}:\n{said}", Exit.UNAVAILABLE
    )


def _account(data: Path, url: str) -> Account:
    path = data / "owner.json"
    try:
        owner = json.loads(path.read_text("utf-8"))
        return Account(url, str(owner["accessId"]), str(owner["accessKey"]), str(path))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Problem(
            f"the farm on {data} runs, but its first account cannot be read from {path}: {error}; "
            "if that file is lost, make an account with `renderbus farm user add` and use a profile",
            Exit.UNAVAILABLE,
        ) from error


class Joining:
    """``join_or_start`` in the background, while the scene is read."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._account: Account | None = None
        self._error: BaseException | None = None
        # A daemon: when the command ends early, the farm is left to end by itself.
        self._thread = threading.Thread(target=self._join, name="join farm", daemon=True)
        self._thread.start()

    def _join(self) -> None:
        try:
            self._account = join_or_start(self._data)
        except BaseException as error:
            self._error = error

    def result(self) -> Account:
        """The farm, once it is there.

        Raises:
            Problem: as ``join_or_start``.
        """
        while self._thread.is_alive():
            self._thread.join(0.1)  # in short steps, so that Ctrl-C is heard on every system
        if self._error is not None:
            raise self._error
        assert self._account is not None  # the thread ended with one of the two
        return self._account


class StillHere:
    """Tells an embedded farm now and then that its user is still there, until closed.

    Reading a large scene, or the digests of many files, can take longer than the farm waits before it ends.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._tell, name="still here", daemon=True)
        self._thread.start()

    def _tell(self) -> None:
        while not self._over.wait(STILL_HERE_EVERY_S):
            with contextlib.suppress(Problem):  # whoever needs the farm hears it from its own question
                farm_at(self._url)

    def close(self) -> None:
        """Say no more."""
        self._over.set()
