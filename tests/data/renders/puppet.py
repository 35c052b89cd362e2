"""A render process that needs no Blender: it does what the scene's name in the choice says.

``python puppet.py SCRATCH``; it speaks the words of ``renderbus_farm.renderers.session``.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from renderbus_farm.renderers.inside import Wire

# A picture of one pixel by one: the smallest whole PNG.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


def render(wire: Wire, wanted: str, folder: Path) -> None:
    """Leave what is wanted in the folder, and answer."""
    facts: dict[str, object] = {"pictures": ["picture.png"], "extras": [], "width": 1, "height": 1}
    content = {"cut off": PIXEL[:40], "empty": b"", "text": b"a text"}.get(wanted, PIXEL)
    if wanted != "nothing":
        (folder / "picture.png").write_bytes(content)
    if wanted == "too small":
        facts["width"] = 2
    elif wanted == "loud":
        for number in range(200_000):
            print(f"line {number} of many", file=sys.stderr)
    elif wanted == "gibberish":
        os.write(1, b"this goes to the log\n")
        wire.say("what?")
        return
    elif wanted == "leaves":
        print("good bye", file=sys.stderr, flush=True)
        os._exit(3)
    wire.answer("rendered", **facts)


def main() -> None:
    """Serve until told to quit."""
    wire = Wire()
    wire.answer("hello", version="1.0", engines=["PUPPET"], confined=True)
    for asked in wire.words():
        if asked["word"] == "open":
            wire.answer("opened", files=[])
        elif asked["word"] == "render":
            render(wire, asked["choice"]["scene_name"], Path(asked["folder"]))
        else:
            return


if __name__ == "__main__":
    main()
