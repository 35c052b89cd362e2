"""The web server's edges: its socket, its address, and the signals that end it."""

from __future__ import annotations

import errno
import gc
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn

from renderbus_farm.errors import CannotListen

_WAITING_CONNECTIONS = 2048

NEW_OBJECTS = 20_000
"""After so many the collector looks for cycles. An answered request leaves none."""


class Server(uvicorn.Server):
    """Says when it answers, and when it ends; does not begin when ``told_to_end`` is set by then."""

    def __init__(
        self,
        config: uvicorn.Config,
        on_started: Callable[[], None],
        told_to_end: threading.Event,
        on_ending: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(config)
        self._on_started = on_started
        self._on_ending = on_ending
        self._told_to_end = told_to_end

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        if self._told_to_end.is_set():
            self.should_exit = True
        elif self.started:
            # What the start has made stays for good: the collector need not look at it again and again.
            gc.freeze()
            gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])
            self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer what is under way, then no more; streams that would go on for ever are ended first."""
        self._on_ending()
        await super().shutdown(sockets)


@contextmanager
def listening_at(host: str, port: int) -> Iterator[socket.socket]:
    """A socket at this address, taken before anything costly is built.

    Raises:
        CannotListen: the port is in use, or the address is not this machine's.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise CannotListen(host, port, error.strerror or str(error)) from error
    with listening:
        try:
            # A farm that was just ended leaves connections behind that keep the port for a minute.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen(_WAITING_CONNECTIONS)
        except OSError as error:
            why = "the port is in use" if error.errno == errno.EADDRINUSE else error.strerror or str(error)
            raise CannotListen(host, port, why) from error
        yield listening


@contextmanager
def signals_end_it() -> Iterator[threading.Event]:
    """SIGTERM and SIGINT only set the event: the farm ends in good order, from its first moment to its last.

    uvicorn has handlers of its own while it serves, and raises the signal again afterwards; without these the
    process would then die before its workers are ended.
    """
    told_to_end = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield told_to_end  # signals are the business of whoever started the thread
        return

    def end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the interpreter hands them over
        told_to_end.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield told_to_end
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
