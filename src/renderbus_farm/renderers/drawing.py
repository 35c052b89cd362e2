"""Whether this machine draws: Blender's Eevee and Workbench need an OpenGL context, and end without one.

That libEGL is installed says little: it needs a driver that works without a screen. So a context is really
opened, once in a process's life, by ``inside_drawing`` in a process of its own.
"""

from __future__ import annotations

import os
import sys
import tempfile
from functools import lru_cache
from pathlib import Path
from subprocess import DEVNULL

import msgspec

from renderbus_farm.processes import NotStarted, Process
from renderbus_farm.renderers.inside_blender_machine import DRAW

INSTALL = "Debian: apt-get install libegl1 libgl1-mesa-dri, or the graphics card's own driver"

FASTER = "Without a graphics card Cycles is the faster engine"

_ANSWERS_WITHIN_S = 15.0
"""Loading a driver takes some tenths of a second; on a busy machine with a cold disk a few seconds."""
_BY_PROCESSOR = ("llvmpipe", "softpipe", "swrast", "swiftshader")


class Drawing(msgspec.Struct, frozen=True):
    """What draws here.

    Attributes:
        version: of OpenGL, as the driver tells it; empty where nothing draws.
        renderer: the graphics card, or the program that stands in for one.
        why_not: why nothing draws; empty where something does.
    """

    version: str = ""
    renderer: str = ""
    why_not: str = ""

    @property
    def by_processor(self) -> bool:
        """There is no graphics card in it: right, and far slower than Cycles on the same processor."""
        return self.renderer.lower().startswith(_BY_PROCESSOR)

    def lacking(self) -> dict[str, str]:
        """Engines that cannot render here, with the reason."""
        return dict.fromkeys(DRAW, self.why_not) if self.why_not else {}


@lru_cache(maxsize=1)
def drawing() -> Drawing:
    """What draws on this machine; found out at the first call."""
    return told_by([sys.executable, "-I", "-m", "renderbus_farm.renderers.inside_drawing", str(os.getpid())])


def told_by(command: list[str], within_s: float = _ANSWERS_WITHIN_S) -> Drawing:
    """What a process tells that opens a context; its last argument is a folder that it may write to."""
    with tempfile.TemporaryDirectory(prefix="renderbus-drawing-", ignore_cleanup_errors=True) as folder:
        home = {"HOME": folder, "TMPDIR": folder, "XDG_CACHE_HOME": folder}
        try:
            process = Process([*command, folder], Path(folder), {}, DEVNULL, home)
        except NotStarted as error:
            return Drawing(why_not=str(error))
        try:
            in_time = process.wait(within_s)
        finally:
            ended = process.end()
        said = process.output.read()
        process.close()
    if not in_time:
        return Drawing(why_not=f"its OpenGL driver did not open a context within {within_s:.0f} s")
    try:
        return msgspec.json.decode(said, type=Drawing)
    except msgspec.DecodeError:
        return Drawing(why_not=f"what opens an OpenGL context with its driver {ended}")
