"""``python -m renderbus_farm --data DIR``: a farm in the foreground; prints its address when it answers."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from renderbus_farm.errors import FarmError
from renderbus_farm.main import Ready, serve
from renderbus_farm.processes import adopt_orphans
from renderbus_farm.settings import read_settings


def main(arguments: list[str] | None = None) -> int:
    """Run a farm; the exit status is 1 when it cannot start, and standard error says why in one line."""
    parser = argparse.ArgumentParser(prog="python -m renderbus_farm", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of everything the farm keeps")
    parser.add_argument(
        "--config", type=Path, help="TOML file with settings; else farm.toml in the data folder"
    )
    parser.add_argument("--host", help="address to listen on")
    parser.add_argument("--port", type=int, help="port to listen on; 0 for any free one")
    parser.add_argument("--workers", type=int, help="how many frames to render at once")
    parser.add_argument("--tls-cert", type=Path, help="PEM file of a certificate: speak https")
    parser.add_argument("--tls-key", type=Path, help="PEM file of its key")
    parser.add_argument("--embedded", action="store_true", default=None, help="end when nobody needs it")
    parser.add_argument("--idle-end-s", type=float, help="seconds without a request before it ends")
    given = vars(parser.parse_args(arguments))
    data, config = given.pop("data"), given.pop("config")
    try:
        serve(read_settings(data, file=config, given=given), on_ready=_say)
    except FarmError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _say(ready: Ready) -> None:
    print(ready.url, flush=True)


if __name__ == "__main__":
    adopt_orphans()
    sys.exit(main())
