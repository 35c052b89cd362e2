"""Under which names this farm can have been signed for.

The string that a client signs holds the domain that it was given. Of that only the ``Host`` header travels,
and not always as it was written: a port that is the scheme's own is dropped, and a proxy may put its own
name there. So the farm tries the few spellings that can have been meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

MOST_FORWARDED = 4
"""Hosts in one ``X-Forwarded-Host``: a chain of proxies is no longer than that."""

_PORT = re.compile(r":[0-9]+$")
_DEFAULT_PORTS = ("443", "80")


@dataclass(frozen=True, slots=True)
class Names:
    """What the farm knows of its own names.

    Attributes:
        public: names, with or without port, under which clients reach it when a proxy changes ``Host``.
        prefix: the path below which it is mounted, e.g. ``/farm``; "" for none.
    """

    public: tuple[str, ...] = ()
    prefix: str = ""

    def candidates(self, host: str, forwarded: Sequence[str] = ()) -> Iterator[str]:
        """Every domain that a client can have meant, each once, the likely ones first.

        Args:
            host: the ``Host`` header.
            forwarded: what a trusted proxy says the client asked for.
        """
        likely = host + self.prefix
        if host:
            yield likely
        tried = {likely}
        for name in self._names(host, forwarded):
            if name and name not in tried:
                tried.add(name)
                yield name

    def _names(self, host: str, forwarded: Sequence[str]) -> Iterator[str]:
        if not self.prefix:
            yield from self._hosts(host, forwarded)
            return
        for name in self._hosts(host, forwarded):
            yield name + self.prefix
            yield name

    def _hosts(self, host: str, forwarded: Sequence[str]) -> Iterator[str]:
        yield from _with_default_ports(host)
        own_port = _PORT.search(host)
        for name in self.public:
            bare = _PORT.sub("", name)
            yield from _with_default_ports(name)
            yield from _with_default_ports(bare)
            if own_port:
                yield bare + own_port[0]
        for name in forwarded[:MOST_FORWARDED]:
            yield from _with_default_ports(name)

    def below_prefix(self, path: str) -> str:
        """The path of an interface, whether or not the proxy took the prefix away.

        >>> Names(prefix="/farm").below_prefix("/farm/api/render/x")
        '/api/render/x'
        """
        if self.prefix and path.startswith(self.prefix + "/"):
            return path[len(self.prefix) :]
        return path


def _with_default_ports(name: str) -> Iterable[str]:
    if not name:
        return ()
    # "studio.example/farm" ends in a path: a port behind it would mean nothing.
    if _PORT.search(name) or "/" in name:
        return (name,)
    return (name, *(f"{name}:{port}" for port in _DEFAULT_PORTS))
