"""Windows' registry, where applications write where they are installed."""

from __future__ import annotations

import sys


def machine_value(key: str, name: str) -> str:
    """A text below ``HKEY_LOCAL_MACHINE``; empty on other systems and where it is not there."""
    if sys.platform == "win32":
        import winreg

        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, key) as opened:
                return str(winreg.QueryValueEx(opened, name)[0])
        except OSError:
            return ""
    return ""
