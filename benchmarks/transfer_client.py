"""One upload in a process of its own, for ``transfer.py``: prints what travelled and what it took.

    python benchmarks/transfer_client.py URL ACCESS_ID KEY FILE_OR_FOLDER FARM_FOLDER LEDGER [KB_PER_S]

``LEDGER`` is a file, or ``-`` for none.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from contextlib import nullcontext
from pathlib import Path

from rayvision_api.core import RayvisionAPI
from rayvision_sync import engine
from rayvision_sync.ledger_sqlite import SqliteLedger


def main(arguments: list[str]) -> None:
    """Upload what is named."""
    url, access_id, key, what, place, ledger = arguments[:6]
    speed_kb = float(arguments[6]) if len(arguments) > 6 else None
    kept = SqliteLedger(Path(ledger)) if ledger != "-" else nullcontext()
    with RayvisionAPI(access_id, key, url, "2") as api, kept as opened:
        done = engine.upload(
            api,
            files_below(what, place),
            "input",
            ledger=opened if isinstance(opened, SqliteLedger) else None,
            max_speed_kb=speed_kb,
        )
    peak = resource.getrusage(resource.RUSAGE_SELF)
    told = {
        "new_bytes": done.bytes_total - done.bytes_known,
        "peak_mb": peak.ru_maxrss >> 10,
        "cpu_s": peak.ru_utime + peak.ru_stime,
    }
    print(json.dumps(told))


def files_below(what: str, place: str) -> list[tuple[str, str]]:
    """Local path and farm path of each file."""
    if Path(what).is_file():
        return [(what, f"{place}/{Path(what).name}")]
    found = [f"{folder}/{name}" for folder, _, names in os.walk(what) for name in names]
    return [(path, place + path[len(what) :]) for path in found]


if __name__ == "__main__":
    main(sys.argv[1:])
