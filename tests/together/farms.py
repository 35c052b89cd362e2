"""Real farms for tests: a process of its own on a folder of its own, spoken to over HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from secrets import randbelow
from typing import Any
from uuid import uuid4

import msgspec
import requests

from renderbus_farm.assembly import check_farm
from renderbus_farm.data_folder import DataFolder, Running
from renderbus_farm.main import add_user
from renderbus_farm.rules.soundness import Breach
from renderbus_model.paths import FarmPath
from renderbus_model.pieces import FileEntry, digest_of
from renderbus_model.wire.envelope import Envelope
from renderbus_model.wire.operation import Ask, Operation, Reply
from renderbus_model.wire.signing import canonical_string, sign
from renderbus_model.wire.transfer import (
    COMMIT_FILES,
    MISSING_BLOBS,
    BlobToSend,
    CommitFiles,
    MissingBlobsQuery,
)

START_WITHIN_S = 60.0
_NONCES = count(randbelow(900000))
"""Not by chance: of thirty questions a second two would now and then be one."""
END_WITHIN_S = 30.0
END_PROCESSES_WITHIN_S = 5.0


@dataclass
class FarmProcess:
    """A farm that runs, and one account on it."""

    data: Path
    url: str
    access_id: str
    access_key: str
    process: subprocess.Popen[str]
    session: requests.Session = field(default_factory=requests.Session)

    @property
    def domain(self) -> str:
        """``host:port``."""
        return self.url.partition("://")[2]

    def as_user(self, name: str, *, allow_scripts: bool = False) -> FarmProcess:
        """The same farm as another, new account sees it; a module may ask for its account twice."""
        made = add_user(self.data, f"{name} {uuid4().hex[:8]}", allow_scripts=allow_scripts)
        return replace(self, access_id=made.user.access_id, access_key=made.access_key)

    def headers(self, path: str, body: Mapping[str, Any], **changed: str) -> dict[str, str]:
        """Signed headers; ``changed`` ones are changed before signing. ``domain`` and ``key`` too."""
        headers = {
            "accessId": self.access_id,
            "channel": "4",
            "platform": "2",
            "UTCTimestamp": str(int(time.time())),
            "nonce": str(100000 + next(_NONCES) % 900000),
            "version": "1.0.0",
        }
        domain = changed.pop("domain", self.domain)
        key = changed.pop("key", self.access_key)
        headers.update(changed)
        return {**headers, "signature": sign(key, canonical_string(domain, path, headers, body))}

    def post(self, path: str, body: Mapping[str, Any], **changed: str) -> Envelope:
        """The envelope that answers a signed request."""
        answer = self.session.post(
            self.url + path,
            data=json.dumps(body),  # as the published packages send it; requests' own refuses NaN
            headers={**self.headers(path, body, **changed), "Content-Type": "application/json"},
            timeout=60,
        )
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/json"
        return msgspec.json.decode(answer.content, type=Envelope)

    def ask(self, operation: Operation[Ask, Reply], ask: Ask) -> Reply:
        """The reply to an operation, which must succeed."""
        answer = self.post(operation.path, operation.body(ask))
        assert answer.code == 200, answer
        return operation.read_reply(answer.data)

    def put_inputs(self, files: Mapping[str, bytes]) -> None:
        """These bytes lie at these paths of the account's input storage, each sent whole."""
        by_digest = {digest_of(data): data for data in files.values()}
        blobs = [BlobToSend(digest=digest, size_bytes=len(data)) for digest, data in by_digest.items()]
        for grant in self.ask(MISSING_BLOBS, MissingBlobsQuery(blobs=blobs)).missing:
            sent = self.session.put(self.url + grant.url, data=by_digest[grant.digest], timeout=60)
            assert sent.status_code == 201
        entries = [FileEntry(FarmPath(path), digest_of(data), len(data)) for path, data in files.items()]
        self.ask(COMMIT_FILES, CommitFiles(storage="input", files=entries))

    def log(self) -> str:
        """The farm's own log so far."""
        return (self.data / "farm.log").read_text("utf-8")

    def end(self) -> None:
        """Tell it to end, and wait until it has."""
        self.process.terminate()
        assert self.process.wait(END_WITHIN_S) == 0, self.log()

    def kill(self) -> None:
        """End it without a chance to tidy up."""
        self.process.kill()
        self.process.wait(END_WITHIN_S)


def wait_for(condition: Callable[[], object], what: str, within_s: float = 30.0) -> None:
    """Return when ``condition`` holds; fail with ``what`` after the deadline."""
    deadline = time.monotonic() + within_s
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"after {within_s} s: {what}"
        pause.wait(0.02)


@contextmanager
def farm_process(
    data: Path, *options: str, workers: int = 0, sound: bool = True, python: str = sys.executable
) -> Iterator[FarmProcess]:
    """A farm on ``data`` from ready to ended; ``options`` as of ``python -m renderbus_farm``.

    Unless a test breaks it on purpose (``sound``), it is afterwards what a farm must be.
    """
    command = [python, "-m", "renderbus_farm", "--data", str(data), "--port", "0"]
    process = subprocess.Popen(
        [*command, "--workers", str(workers), *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        try:
            farm = _when_ready(data, process)
            with farm.session:
                yield farm
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(END_WITHIN_S)
    if sound:
        check_sound(data)


def check_sound(data: Path) -> None:
    """Everything that is always true of a farm is true of the one of this folder."""
    wrong: list[Breach] = []

    def found() -> bool:
        wrong[:] = check_farm(data)
        return not wrong

    try:  # the processes of a farm that was killed need a moment to end
        wait_for(found, "the farm is not what it must be", END_PROCESSES_WITHIN_S)
    except AssertionError:
        raise AssertionError([f"{breach.rule.value}: {breach.what}" for breach in wrong]) from None


def _when_ready(data: Path, process: subprocess.Popen[str]) -> FarmProcess:
    folder = DataFolder(data)

    def running() -> Running | None:
        if process.poll() is not None:
            said = process.stdout.read() if process.stdout else ""
            raise AssertionError(f"the farm ended with status {process.returncode}: {said}")
        found = folder.running()
        return found if found and found.pid == process.pid else None

    wait_for(running, "the farm is not ready", START_WITHIN_S)
    found, owner = running(), folder.owner()
    assert found is not None
    assert owner is not None
    assert requests.get(found.url + "/healthz", timeout=10).json()["status"] == "ok"
    return FarmProcess(data, found.url, owner.access_id, owner.access_key, process)
