"""A scene that this machine cannot draw is told before anything is uploaded."""

from __future__ import annotations

from typing import Any

import pytest

from renderbus_cli.engines import check_engines
from renderbus_cli.problems import Exit, Problem
from renderbus_farm.renderers import inside_blender_machine


def task(renderer: str, renderable: str = "1", cg_id: str = "2007") -> dict[str, Any]:
    layer = {"renderable": renderable, "common": {"renderer": renderer}}
    return {"task_info": {"cg_id": cg_id}, "scene_info_render": {"Scene/ViewLayer": layer}}


@pytest.fixture
def no_egl(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose linker finds no libEGL."""

    def nothing(name: str) -> None:
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr("ctypes.CDLL", nothing)
    assert not inside_blender_machine.has_egl()


@pytest.mark.usefixtures("no_egl")
def test_eevee_without_its_library_is_told_with_what_to_do() -> None:
    with pytest.raises(
        Problem, match="BLENDER_EEVEE, which this machine cannot draw without libEGL"
    ) as found:
        check_engines(task("BLENDER_EEVEE"))
    assert found.value.status is Exit.NO_WORKER
    assert "apt-get install libegl1" in found.value.message


@pytest.mark.usefixtures("no_egl")
def test_what_does_not_draw_is_no_matter() -> None:
    check_engines(task("CYCLES"))
    check_engines(task("BLENDER_EEVEE", renderable="0"))
    check_engines(task("", cg_id="8000"))
