"""A published client in an environment and a process of its own, and what it is asked to do."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from tests.together.farms import FarmProcess

SEED, DOCUMENT, NEWEST = "1.1.5", "2.2.0", "3.0.4.3"
"""Published versions of ``rayvision_api``: of the first path set, the documented one, and the newest."""

VERSIONS = (SEED, DOCUMENT, NEWEST)

ANSWERS_WITHIN_S = 60.0
"""A refused call is tried five times with pauses of 1 to 2 s."""

ROOT = Path(__file__).parents[3]
DRIVER = Path(__file__).with_name("driver.py")

WITH_URLS = """
from rayvision_api.url import ApiUrl
ApiUrl.__format__ = lambda self, spec: format(self.value, spec)
"""
"""What 2.2.0 needs on Python 3.11: its URL enumeration prints as ``ApiUrl.createTask`` there."""

LOG_IN = """
import logging
from rayvision_api import RayvisionAPI
from rayvision_api.task.check import RayvisionCheck
from rayvision_api.exception import RayvisionAPIError, RayvisionError
log = logging.getLogger("published client")
options = {"domain": domain, "platform": platform, "protocol": "http", "logger": log}
if system:  # later clients look for themselves
    options["local_os"] = system
api = RayvisionAPI(access_id, access_key, **options)
"""


class Raised(Exception):
    """What the client raised: the name of the type, the text, and the attributes its errors have."""

    def __init__(self, type_name: str, text: str, facts: Mapping[str, Any]) -> None:
        super().__init__(f"{type_name}: {text}")
        self.type_name = type_name
        self.text = text
        self.code = facts.get("error_code")
        self.facts = facts


@dataclass
class PublishedClient:
    """A published client that is logged in, as ``api``, to one account of a farm."""

    version: str
    farm: FarmProcess
    home: Path
    process: subprocess.Popen[str]
    _waiting: dict[int, Future[Any]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=count)

    def begin(self, code: str, /, *, keep: str = "", **names: Any) -> Future[Any]:
        """Evaluate Python code in the client's process while the test goes on."""
        number, future = next(self._numbers), Future[Any]()
        self._waiting[number] = future
        assert self.process.stdin is not None
        self.process.stdin.write(
            json.dumps({"id": number, "code": code, "names": names, "keep": keep}) + "\n"
        )
        self.process.stdin.flush()
        return future

    def do(self, code: str, /, **names: Any) -> Any:
        """The value of Python code in the client's process; ``names`` are its variables.

        Raises:
            Raised: the code raised.
        """
        return self.begin(code, **names).result(ANSWERS_WITHIN_S)

    def make(self, name: str, code: str, /, **names: Any) -> None:
        """Keep the value of Python code as ``name``, for what is asked later."""
        self.begin(code, keep=name, **names).result(ANSWERS_WITHIN_S)

    def take_answers(self) -> None:
        """Hand every answer to who waits for it, until the process ends."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            answer = json.loads(line)
            future = self._waiting.pop(answer["id"])
            if raised := answer.get("raised"):
                future.set_exception(Raised(raised["type"], raised["text"], raised["facts"]))
            else:
                future.set_result(answer["value"])
        for future in self._waiting.values():
            future.set_exception(Raised("ended", f"see {self.home / 'client.log'}", {}))


def python_of(environment: str) -> Path:
    """The interpreter of a published client's environment, which the set-up makes."""
    python = ROOT / ".venv" / "published" / environment / "bin" / "python"
    assert python.exists(), f"{python} is missing; run scripts/setup.sh test"
    return python


def clean_environment(home: Path) -> dict[str, str]:
    """Environment variables that hide our own packages and the user's settings from a client."""
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "USER": "artist"}


@contextmanager
def client_process(version: str, farm: FarmProcess, home: Path) -> Iterator[PublishedClient]:
    """A client that imported nothing yet; its own log, and what it prints, is ``home/client.log``."""
    home.mkdir(parents=True, exist_ok=True)
    with (
        (home / "client.log").open("w") as log,
        subprocess.Popen(
            [python_of(version), "-I", "-W", "ignore", DRIVER],
            env=clean_environment(home),
            cwd=home,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        client = PublishedClient(version, farm, home, process)
        reader = threading.Thread(target=client.take_answers)
        reader.start()
        try:
            yield client
        finally:
            process.kill()
            reader.join()


@contextmanager
def logged_in(
    version: str, farm: FarmProcess, home: Path, *, platform: str = "2"
) -> Iterator[PublishedClient]:
    """A client as ``api``, logged in to the account that ``farm`` speaks for."""
    with client_process(version, farm, home) as client:
        if version == DOCUMENT:
            client.do(WITH_URLS)
        client.do(
            LOG_IN,
            access_id=farm.access_id,
            access_key=farm.access_key,
            domain=farm.domain,
            platform=platform,
            system="linux" if version == SEED else "",
        )
        yield client
