"""The applications by the names that callers use, with their published numbers; versions and plug-ins."""

from __future__ import annotations

from collections.abc import Mapping

from rayvision_api.constants import DCC_ID_MAPPINGS
from rayvision_api.exception import PYTHON_ERROR, TYPE_ERROR, RayvisionError
from renderbus_model.software import Application, is_known

_NUMBERS = {
    **{name.casefold(): number for name, number in DCC_ID_MAPPINGS.items()},
    "3dsmax": 2001,
    "cinema 4d": 2005,
    **{each.title.casefold(): int(each) for each in Application},
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
    if number is None or not (number in _NUMBERS.values() or is_known(number)):
        raise RayvisionError(
            PYTHON_ERROR, f"no application is called {name!r:.80}; known are {', '.join(DCC_ID_MAPPINGS)}"
        )
    return number


def version_text(software_version: object) -> str:
    """The version to render with, as text.

    >>> version_text(2019), version_text("17.5.293")
    ('2019', '17.5.293')

    Raises:
        RayvisionError: 1000003, it is neither a text nor a number.
    """
    if isinstance(software_version, bool) or not isinstance(software_version, (str, int, float)):
        raise RayvisionError(
            TYPE_ERROR, f"software_version {software_version!r:.80}: expected a version, e.g. '2019'"
        )
    return str(software_version)


def plugin_versions(plugin_config: object) -> dict[str, str]:
    """Versions of plug-ins by name.

    >>> plugin_versions({"mtoa": "3.2.1.1"})
    {'mtoa': '3.2.1.1'}

    Raises:
        RayvisionError: 1000003, they are not given by name.
    """
    if not plugin_config:
        return {}
    if not isinstance(plugin_config, Mapping):
        raise RayvisionError(
            TYPE_ERROR,
            f"plugin_config {plugin_config!r:.80}: expected versions by name, e.g. {{'mtoa': '4.0'}}",
        )
    return dict(plugin_config)
