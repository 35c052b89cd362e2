"""A small farm on a loopback port: the transfer operations and the byte routes, with faults to order."""

from __future__ import annotations

import http.server
import json
import random
import re
import ssl
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import zstandard

from renderbus_model.pieces import Digest, Upload, UploadedFile, digest_of, read_listed
from renderbus_model.pieces.packs import content_of, read_table
from renderbus_model.pieces.questions import packed_bits, read_digests
from renderbus_model.wire import envelope, task, transfer, user
from renderbus_model.wire.operation import Operation

SIGNATURE = "s1gnature-that-nobody-may-read"
FOREVER = 2**31 - 1
SCENE = random.Random(1).randbytes(700_000)


class ByteFarm:
    """Stores blobs on disk and remembers what was asked of it.

    Attributes:
        puts: digests of pieces in the order in which they were stored.
        starts: where each GET began, by digest.
        committed: what exists: storage and farm path to digest.
        commits: how often something was committed.
        outputs: the results it lists, as they are; hostile ones too.
        tasks: items of ``queryTaskInfo`` by id.
        put_statuses, get_statuses: HTTP statuses for the next requests instead of doing what is asked.
        cut_puts, cut_gets: after how many bytes the next requests break off.
        flip_gets: how many of the next GETs have a wrong byte.
        ranges: whether GET understands Range.
        refuses: code and message that answer every question.
        proxied: the hosts that it was asked for as a proxy.
        passwords: what the byte routes were sent as ``Authorization``.
        id: what ``/healthz`` tells of it, None for a farm that knows no such page.
        on_put: called before the bytes of a pack are read.
        packs: how many were stored.
    """

    def __init__(self, folder: Path, tls: ssl.SSLContext | None = None) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.puts: list[Digest] = []
        self.starts: list[tuple[Digest, int]] = []
        self.committed: dict[tuple[str, str], Digest] = {}
        self.commits = 0
        self.outputs: list[transfer.OutputFile] = []
        self.tasks: dict[int, Callable[[], dict[str, Any]]] = {}
        self.put_statuses: deque[int] = deque()
        self.get_statuses: deque[int] = deque()
        self.cut_puts: deque[int] = deque()
        self.cut_gets: deque[int] = deque()
        self.flip_gets = 0
        self.ranges = True
        self.refuses: tuple[int, str] | None = None
        self.id: str | None = "bytes"
        self.on_put: Callable[[], None] = lambda: None
        self.packs = 0
        self.asked: list[str] = []
        self.proxied: list[str] = []
        self.passwords: list[str] = []
        self.lock = threading.Lock()
        self.answers: dict[str, Callable[[Any], Any]] = {
            user.QUERY_USER_PROFILE.path: lambda _: user.UserProfile(user_id=7, user_name="ann"),
            user.QUERY_USER_SETTING.path: lambda _: user.UserSetting(),
            user.GET_TRANSFER_BID.path: lambda _: user.TransferBid(
                config_bid="1", output_bid="2", input_bid="3"
            ),
            transfer.MISSING_PIECES.path: _reads(transfer.MISSING_PIECES, self._missing_pieces),
            transfer.COMMITTED.path: lambda _: transfer.Committed(holds=False),
            transfer.COMMIT_FILES.path: _reads(transfer.COMMIT_FILES, self._commit),
            transfer.LIST_OUTPUTS.path: _reads(transfer.LIST_OUTPUTS, self._list),
            task.QUERY_TASK_INFO.path: _reads(task.QUERY_TASK_INFO, self._task_info),
        }
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def store(self, content: bytes) -> Digest:
        """Bytes that it has."""
        digest = digest_of(content)
        (self.folder / digest).write_bytes(content)
        return digest

    def content(self, storage: str, path: str) -> bytes:
        """The bytes of a file that was committed."""
        return (self.folder / self.committed[storage, path]).read_bytes()

    def render(self, path: str, content: bytes) -> transfer.OutputFile:
        """A result with these bytes; a path that is there already is rendered anew."""
        digest = self.store(content)
        made = transfer.OutputFile(
            path=path, digest=digest, size_bytes=len(content), url=f"/blobs/{digest}?op=get&sig={SIGNATURE}"
        )
        with self.lock:
            others = [output for output in self.outputs if output.path != path]
            self.outputs = sorted([*others, made], key=lambda output: output.path)
        return made

    def answer(self, path: str, body: Any) -> bytes:
        """The envelope for a question."""
        self.asked.append(path)
        now_ms = int(time.time() * 1000)
        if self.refuses:
            return envelope.wrap_error(*self.refuses, server_time_ms=now_ms, request_id="r")
        try:
            data = msgspec.to_builtins(self.answers[path](body))
        except LookupError as error:
            return envelope.wrap_error(404, f"no such thing: {error}", server_time_ms=now_ms, request_id="r")
        except ValueError as error:
            return envelope.wrap_error(600, str(error), server_time_ms=now_ms, request_id="r")
        return envelope.wrap(data, server_time_ms=now_ms, request_id="r")

    def _missing_pieces(self, ask: transfer.MissingPiecesQuery) -> transfer.MissingPieces:
        digests = read_digests(ask.digests)
        missing = packed_bits([not (self.folder / digest).exists() for digest in digests])
        urls = [f"/packs/{uuid4().hex}?op=pack&sig={SIGNATURE}" for _ in range(ask.packs)]
        return transfer.MissingPieces(missing=missing, packs=urls, expires_at=FOREVER)

    def take_pack(self, content: bytes) -> None:
        """Store the pieces of a pack."""
        opener = zstandard.ZstdDecompressor()
        rows = read_table(len(content), lambda offset, size: content[offset : offset + size])
        self.packs += 1
        for row in rows:
            stored = content[row.offset : row.offset + row.stored_bytes]
            self.store(bytes(content_of(stored, row.digest, row.size_bytes, opener)))
            with self.lock:
                self.puts.append(row.digest)

    def _commit(self, ask: transfer.CommitFiles) -> None:
        files = [UploadedFile(file.path, file.digest, file.size_bytes) for file in ask.files]
        if ask.manifest:
            encoded = b"".join((self.folder / digest).read_bytes() for digest in read_digests(ask.manifest))
            files += Upload.decode(encoded).files
        for file in files:
            pieces = [self.folder / piece.digest for piece in read_listed(file.pieces)]
            if pieces and all(piece.exists() for piece in pieces):
                assert self.store(b"".join(piece.read_bytes() for piece in pieces)) == file.digest
        absent = [file.path for file in files if not (self.folder / file.digest).exists()]
        if absent:
            raise ValueError(f"no bytes for {absent}")
        self.commits += 1
        self.committed.update({(ask.storage, file.path): file.digest for file in files})

    def _list(self, ask: transfer.OutputQuery) -> transfer.OutputFiles:
        with self.lock:
            found = [
                output
                for output in self.outputs
                if output.path > ask.after
                and (not ask.path or output.path == ask.path or output.path.startswith(f"{ask.path}/"))
                and (not ask.task_id or output.path.startswith(f"{ask.task_id}_") or "_" not in output.path)
            ]
        return transfer.OutputFiles(files=found[:1000], more=len(found) > 1000)

    def _task_info(self, ask: task.TaskIds) -> dict[str, Any]:
        items = [self.tasks[task_id]() for task_id in ask.task_ids]
        return {"items": items, "total": len(items), "pageNum": 1, "pageCount": 1, "size": 100}


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Clients that are killed or hang up are what these tests are about."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            raise AssertionError("the farm of the test failed") from sys.exc_info()[1]


def task_item(task_id: int, status: int, folder: str | None, **more: Any) -> dict[str, Any]:
    """A task as the farm lists it, with what transfer reads of it."""
    return {
        "id": task_id,
        "taskStatus": status,
        "statusText": f"render_task_status_{status}",
        "outputFileName": folder,
        "isOpen": 0,
        "respRenderingTaskList": None,
        **more,
    }


def entries(farm: ByteFarm, storage: str) -> set[str]:
    """The farm paths that exist in a storage."""
    return {path for kept_in, path in farm.committed if kept_in == storage}


def _reads(operation: Operation[Any, Any], do: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda body: do(operation.read_ask(body))


def _handler(farm: ByteFarm) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30
        wbufsize = 1 << 16

        def parse_request(self) -> bool:
            understood = super().parse_request()
            if understood and self.path.startswith("http://"):  # as a proxy is asked
                farm.proxied.append(self.path.split("/")[2])
                self.path = "/" + self.path.split("/", 3)[3]
            return understood

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.reply(200, farm.answer(self.path, body))

        def do_PUT(self) -> None:
            farm.passwords += self.headers.get_all("Authorization") or []
            assert f"op=pack&sig={SIGNATURE}" in self.path
            farm.on_put()
            size = int(self.headers["Content-Length"])
            with farm.lock:
                status = farm.put_statuses.popleft() if farm.put_statuses else 0
                cut = farm.cut_puts.popleft() if farm.cut_puts else None
            if cut is not None:
                self.rfile.read(min(cut, size))
                self.hang_up()
                return
            content = self.rfile.read(size)
            if len(content) < size:  # the client is gone
                self.hang_up()
                return
            if status:
                self.reply(status, json.dumps({"message": f"ordered answer {status}"}).encode())
                return
            farm.take_pack(content)
            self.reply(201, b"{}")

        def do_GET(self) -> None:
            if self.path == "/healthz":
                known = farm.id is not None
                self.reply(200 if known else 404, json.dumps({"farm": farm.id} if known else {}).encode())
                return
            digest, _ = self.blob("get")
            content = (farm.folder / digest).read_bytes()
            asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            start = int(asked[1]) if asked and farm.ranges else 0
            with farm.lock:
                farm.starts.append((digest, start))
                status = farm.get_statuses.popleft() if farm.get_statuses else 0
                cut = farm.cut_gets.popleft() if farm.cut_gets else None
                flip = farm.flip_gets > 0
                farm.flip_gets -= flip
            if status:
                self.reply(status, json.dumps({"message": f"ordered answer {status}"}).encode())
                return
            if start >= len(content) > 0:
                self.reply(416, b"{}")
                return
            sent = bytearray(content[start:])
            if flip:
                sent[len(sent) // 2] ^= 1
            self.send_response(206 if asked and farm.ranges else 200)
            self.send_header("Content-Length", str(len(sent)))
            if asked and farm.ranges:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            self.end_headers()
            self.wfile.write(sent[:cut])
            if cut is not None:
                self.hang_up()

        def blob(self, operation: str) -> tuple[Digest, Mapping[str, str]]:
            farm.passwords += self.headers.get_all("Authorization") or []
            path, _, query = self.path.partition("?")
            members = dict(pair.split("=", 1) for pair in query.split("&"))
            assert members["op"] == operation
            assert members["sig"] == SIGNATURE
            return Digest(path.removeprefix("/blobs/")), members

        def reply(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def hang_up(self) -> None:
            self.wfile.flush()
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing: a test's own output is enough."""

    return Handler
