"""What an analysis found, in words for a reader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def told(finding: Mapping[str, Any]) -> str:
    """One finding of the check step.

    >>> told({"code": "15000", "desDescriptionCn": "cannot be read", "details": ["shot.blend"],
    ...       "desSolutionCn": "save it again"})
    '15000 cannot be read: shot.blend. What to do: save it again'
    """
    details = finding.get("details")
    named = ", ".join(map(str, details)) if isinstance(details, list) else str(details or "")
    what = str(finding.get("desDescriptionCn") or "").strip().rstrip(".。")
    remedy = str(finding.get("desSolutionCn") or "").strip()
    said = f"{finding.get('code')} {what}".strip() + (f": {named}" if named else "") + "."
    return f"{said} What to do: {remedy}" if remedy else said
