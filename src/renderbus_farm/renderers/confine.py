"""What a render process may touch, held by the kernel (Linux Landlock) where the kernel can.

A scene is a stranger's file. Blender writes simulation caches, and reads textures that shader code names,
where the scene says. The worker points every path it knows into the scene's own files; this stops the ones
nobody knows. Source: https://docs.kernel.org/userspace-api/landlock.html. Only the standard library is used,
because it runs in the render process.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from renderbus_farm.processes import FOLDER

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
_RULE_PATH_BENEATH = 1
_VERSION = 1 << 0
_PR_SET_NO_NEW_PRIVS = 38

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REFER, _TRUNCATE = 1 << 13, 1 << 14
_FIRST_ACCESS = (1 << 13) - 1  # every right of the first version
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_OF_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_NETWORK_BIND_AND_CONNECT = 0b11

_SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/etc", "/opt", "/proc", "/sys", "/dev", "/run", "/nix", "/gnu")
_DEVICES = ("/dev/null", "/dev/dri", "/dev/nvidiactl", "/dev/nvidia0", "/dev/nvidia-uvm")


class _Ruleset(ctypes.Structure):
    _fields_ = (("access", ctypes.c_uint64), ("network", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("access", ctypes.c_uint64), ("parent", ctypes.c_int32))


def landlock_version() -> int:
    """Which version of Landlock the kernel has, 0 for none. 1 knows files, 3 truncating, 4 the network."""
    version: int = ctypes.CDLL(None, use_errno=True).syscall(_CREATE_RULESET, None, 0, _VERSION)
    return max(0, version)


def confine(readable: Iterable[str], writable: Iterable[str]) -> bool:
    """From now on this process reads only programs, ``readable`` and ``writable``, and writes only the last.

    Of the farm's data folder nothing is read but what of it is named. Connections to other machines are
    refused too where the kernel knows how. It holds for all threads that start later and all child processes,
    and cannot be undone.

    Returns:
        False where the kernel has no Landlock: then nothing has changed.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    version = landlock_version()
    if not version:
        return False
    access = _FIRST_ACCESS | (_REFER if version >= 2 else 0) | (_TRUNCATE if version >= 3 else 0)
    rules = _Ruleset(access, _NETWORK_BIND_AND_CONNECT if version >= 4 else 0)
    size = ctypes.sizeof(rules) if version >= 4 else 8
    ruleset = libc.syscall(_CREATE_RULESET, ctypes.byref(rules), size, 0)
    if ruleset < 0:
        return False
    libraries = os.environ.get("LD_LIBRARY_PATH", "").split(":")
    programs = {*_SYSTEM, sys.prefix, sys.base_prefix, *filter(None, (*sys.path, *libraries))}
    for path in (*programs, *readable):
        for part in _but_for(_data_folder(), path):
            _allow(libc, ruleset, part, _READ)
    for path in (*writable, *_DEVICES):
        _allow(libc, ruleset, path, access)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    refused = int(libc.syscall(_RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)
    return refused == 0


def _data_folder() -> Path | None:
    """Of the farm that started us: it holds the farm's keys, and everybody's files."""
    nodes = os.environ.get(FOLDER)
    return Path(nodes).resolve().parent if nodes else None


def _but_for(secret: Path | None, path: str) -> Iterator[str]:
    """A path; of a folder that holds the secret one what else is in it, and of the secret one nothing."""
    place = Path(path).resolve()
    if secret is None or (place != secret and place not in secret.parents):
        yield path
    elif place != secret:
        with contextlib.suppress(OSError):
            for each in place.iterdir():
                if not each.is_symlink():
                    yield from _but_for(secret, str(each))


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, access: int) -> None:
    with contextlib.suppress(OSError):  # not on this machine: nothing to allow
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            rule = _Beneath(access if Path(path).is_dir() else access & _OF_A_FILE, parent)
            libc.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, ctypes.byref(rule), 0)
        finally:
            os.close(parent)
