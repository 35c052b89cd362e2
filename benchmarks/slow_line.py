"""A relay that makes a line long: what goes in comes out so many milliseconds later, in both directions.

    python benchmarks/slow_line.py HOST PORT ROUND_TRIP_MS

Prints its own port, and serves until it is ended. Bandwidth is not limited; a new connection costs a round
trip, as its handshake would.
"""

from __future__ import annotations

import asyncio
import sys
from collections import deque

PART_BYTES = 1 << 18
ON_ITS_WAY_BYTES = 64 << 20
"""Bytes that one direction of a connection may hold: more than a window of TCP on such a line."""


class Direction:
    """Bytes on their way, each part with the moment at which it arrives."""

    def __init__(self, delay_s: float) -> None:
        self._delay_s = delay_s
        self._parts: deque[tuple[float, bytes]] = deque()
        self._bytes = 0
        self._changed = asyncio.Condition()
        self._clock = asyncio.get_running_loop().time

    async def send(self, part: bytes) -> None:
        """Something begins its way; nothing ends it."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._bytes < ON_ITS_WAY_BYTES)
            self._parts.append((self._clock() + self._delay_s, part))
            self._bytes += len(part)
            self._changed.notify_all()

    async def arrived(self) -> bytes:
        """The next part, at its moment."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._parts)
            due, part = self._parts.popleft()
            self._bytes -= len(part)
            self._changed.notify_all()
        await asyncio.sleep(due - self._clock())
        return part


async def relay(source: asyncio.StreamReader, target: asyncio.StreamWriter, delay_s: float) -> None:
    """One direction of a connection until it ends."""
    direction = Direction(delay_s)

    async def read() -> None:
        while part := await source.read(PART_BYTES):
            await direction.send(part)
        await direction.send(b"")

    reading = asyncio.create_task(read())
    try:
        while part := await direction.arrived():
            target.write(part)
            await target.drain()
        target.write_eof()
    except OSError:
        reading.cancel()


async def serve(host: str, port: int, round_trip_s: float) -> None:
    """Relay connections until the process ends."""

    async def connected(near: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        await asyncio.sleep(round_trip_s)  # of the handshake
        far, far_out = await asyncio.open_connection(host, port, limit=4 * PART_BYTES)
        ways = (relay(near, far_out, round_trip_s / 2), relay(far, near_out, round_trip_s / 2))
        await asyncio.gather(*ways, return_exceptions=True)
        near_out.close()
        far_out.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, limit=4 * PART_BYTES)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]) / 1000))
