"""Run a program, with its words in the log."""

from __future__ import annotations

import logging
import os
import shlex
import subprocess
import threading
from collections.abc import Sequence
from typing import IO

from rayvision_utils.utils import str2unicode

Command = str | Sequence[str | os.PathLike[str]]

_log = logging.getLogger(__name__)


class Cmd:
    """Runs programs; a command is a text or, better, a list of the program and its arguments."""

    @classmethod
    def run(cls, cmd: Command, shell: bool = False, log_output: bool = True) -> tuple[int, bytes, bytes]:
        """Run a program to its end: its exit status, and what it wrote to stdout and to stderr.

        Args:
            cmd: what to run. A text without ``shell`` is taken apart by the rules of the system.
            shell: the system's shell reads the text; never give it words that came from outside.
            log_output: write each line of stdout to the log as it comes.

        Raises:
            OSError: the program is not there or cannot be started.

        >>> Cmd.run(["echo", "hello"])
        (0, b'hello\\n', b'')
        """
        _log.info("run command:\n%s", cmd)
        # Lists never see a shell; a text does only where the caller asks for it.
        with subprocess.Popen(
            _readable(cmd, shell), stdout=subprocess.PIPE, stderr=subprocess.PIPE, shell=shell
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            wrong: list[bytes] = []
            # Both at once: a program that fills one pipe while the other is read would wait for ever.
            listener = threading.Thread(target=_collect, args=(process.stderr, wrong), daemon=True)
            listener.start()
            said = []
            for line in process.stdout:
                said.append(line)
                if log_output and line.strip():
                    _log.info("%s", str2unicode(line.strip()))
            listener.join()
        return process.returncode, b"".join(said), b"".join(wrong)

    @staticmethod
    def wrap_subprocess(cmd: Command) -> subprocess.Popen[str]:
        """Start a program and go on: its ``stdout`` gives the lines of stdout and stderr as text.

        On Windows no console window opens.
        """
        hidden: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # the name exists on Windows alone
        return subprocess.Popen(
            _readable(cmd, shell=False),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            creationflags=hidden,
        )

    @staticmethod
    def compatible(cmd: str) -> str:
        """The command as the system takes it: on Python 3 just as it is."""
        return cmd


def _readable(cmd: Command, shell: bool) -> Command:
    # Windows takes a command line apart by itself; elsewhere a text would be the name of one program.
    return shlex.split(cmd) if isinstance(cmd, str) and not shell and os.name != "nt" else cmd


def _collect(stream: IO[bytes], into: list[bytes]) -> None:
    into.extend(stream)
