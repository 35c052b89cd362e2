"""The applications by the names that callers use, and their published numbers."""

from __future__ import annotations

from rayvision_api.constants import DCC_ID_MAPPINGS
from rayvision_api.exception import PYTHON_ERROR, RayvisionError

_NUMBERS = {
    **{name.casefold(): number for name, number in DCC_ID_MAPPINGS.items()},
    "3dsmax": 2001,
    "cinema 4d": 2005,
}


def cg_id_of(name: str | int) -> int:
    """The number of an application, by name in any case, or by the number itself.

    >>> cg_id_of("maya"), cg_id_of("3dsmax"), cg_id_of("2007")
    (2000, 2001, 2007)

    Raises:
        RayvisionError: 1000000, no such application is known.
    """
    wanted = str(name).strip().casefold()
    number = int(wanted) if wanted.isascii() and wanted.isdigit() else _NUMBERS.get(wanted)
    if number is None or number not in _NUMBERS.values():
        raise RayvisionError(
            PYTHON_ERROR, f"no application is called {name!r:.80}; known are {', '.join(DCC_ID_MAPPINGS)}"
        )
    return number
