"""``python -m rayvision_sync``: the transmitter."""

from __future__ import annotations

import sys

from rayvision_sync.transmitter.program import main

main(sys.argv[1:])
