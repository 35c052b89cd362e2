"""The connections that requests travel on: a pool kept here or the caller's session, also behind a fork."""

from __future__ import annotations

import copy
import os

import requests
from requests.adapters import BaseAdapter, HTTPAdapter

from rayvision_api.network import trusted_authorities

CONNECTIONS = 32
"""Kept open to a farm, where so many threads ask at once; beyond that each question takes a new one."""


class Connections:
    """A ``requests.Session`` that many threads may use, and each process by itself.

    Attributes:
        own: the session was made here, not given by the caller.
    """

    def __init__(self, given: requests.Session | None) -> None:
        """Use the caller's session as it is, or make one."""
        self.own = given is None
        self._session = given or _pool()
        self._process = os.getpid()

    @property
    def session(self) -> requests.Session:
        """The session; a forked process gets connections of its own.

        Two processes that write into one connection would read each other's answers.
        """
        if self._process != os.getpid():
            for prefix, adapter in list(self._session.adapters.items()):
                self._session.adapters[prefix] = _without_connections(adapter)
            self._process = os.getpid()
        return self._session

    def close(self) -> None:
        """Close what was made here; the caller's session stays open."""
        if self.own:
            self.session.close()


def _without_connections(adapter: BaseAdapter) -> BaseAdapter:
    """An adapter of the same settings that has no connection yet.

    A copy has none, and no lock that another thread held at the fork. An adapter of the caller's own kind
    would lose its settings, since ``HTTPAdapter`` copies those that it knows; it is emptied instead.
    """
    if type(adapter) is HTTPAdapter:
        return copy.copy(adapter)
    adapter.close()
    return adapter


def _pool() -> requests.Session:
    session = requests.Session()
    session.verify = trusted_authorities()
    adapter = HTTPAdapter(pool_connections=4, pool_maxsize=CONNECTIONS, max_retries=0)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session
