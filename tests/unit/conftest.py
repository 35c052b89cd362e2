"""What tests of several packages need."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def no_opengl(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A machine whose libEGL is damaged; processes that are started find it before any other."""
    from renderbus_farm.renderers.drawing import drawing

    folder = tmp_path / "damaged"
    folder.mkdir()
    (folder / "libEGL.so.1").write_bytes(b"no library at all" * 8)
    others = os.environ.get("LD_LIBRARY_PATH")
    monkeypatch.setenv("LD_LIBRARY_PATH", ":".join(filter(None, (str(folder), others))))
    drawing.cache_clear()
    yield
    drawing.cache_clear()
