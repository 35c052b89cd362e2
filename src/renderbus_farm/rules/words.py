"""Words of the sentences that tell why something waits."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """So many of something.

    >>> counted(1, "node"), counted(3, "other task")
    ('1 node', '3 other tasks')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
