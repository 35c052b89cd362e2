#!/usr/bin/env -S python3 -I
"""A program that renders, and does not do as it should: the scene, a text, says how.

``python unruly.py --scene SCENE --output PICTURE``. Where it hangs it can be told by the scene's path in its
arguments; what it leaves behind under other names has the number of seconds in the scene in its own.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

# A picture of one pixel by one: the smallest whole PNG.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


def hang() -> None:
    """Do nothing, for ever."""
    threading.Event().wait()


def hide(seconds: str) -> None:
    """Leave a process that is not told by its session, its group, its parent or its environment."""
    if os.fork():
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    os.chdir("/")
    os.execve("/bin/sleep", ["sleep", seconds], {})


def hop() -> None:
    """Become another process again and again, in a session of its own, for half a minute at most."""
    if os.fork():
        hang()
    os.setsid()
    for _ in range(5000):
        if os.fork():
            os._exit(0)
        threading.Event().wait(0.005)
    os._exit(0)


def misbehave(how: str, seconds: str, folder: Path) -> None:
    """As the scene says; comes back where a picture follows all the same."""
    if how == "deaf":
        for number in range(1, 32):
            if number not in (signal.SIGKILL, signal.SIGSTOP):
                signal.signal(number, signal.SIG_IGN)
    elif how == "hides":
        hide(seconds)
    elif how == "hops":
        hop()
    elif how == "many":
        for _ in range(40):
            subprocess.Popen(["sleep", seconds], start_new_session=True)
    elif how == "talks":
        for number in range(200_000):
            print(f"line {number} of many")
    elif how == "long line":
        os.write(1, b"x" * 10_000_000)
    elif how == "mute":
        os.close(1)
        os.close(2)
    elif how == "fills":
        with (folder / "cache").open("wb") as file:
            while True:
                file.write(bytes(1 << 20))
                threading.Event().wait(0.01)
    elif how == "slow":
        while True:
            print("1 % done", flush=True)
            threading.Event().wait(0.5)
    elif how == "hungry":
        raise MemoryError
    elif how == "killed":
        os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Render one frame."""
    if "--version" in sys.argv:
        print("unruly 1.0")
        return
    scene, picture = Path(sys.argv[sys.argv.index("--scene") + 1]), Path(sys.argv[-1])
    how, seconds = scene.read_text("utf-8").splitlines()
    misbehave(how, seconds, picture.parent)
    if how in ("deaf", "hides", "many", "stuck"):
        hang()
    picture.write_bytes(PIXEL)


if __name__ == "__main__":
    main()
