"""A scene that this machine cannot draw is told before anything is uploaded."""

from __future__ import annotations

from typing import Any

import pytest

from renderbus_cli.engines import check_engines
from renderbus_cli.problems import Exit, Problem


def task(renderer: str, renderable: str = "1", cg_id: str = "2007") -> dict[str, Any]:
    layer = {"renderable": renderable, "common": {"renderer": renderer}}
    return {"task_info": {"cg_id": cg_id}, "scene_info_render": {"Scene/ViewLayer": layer}}


@pytest.mark.usefixtures("no_opengl")
def test_eevee_where_nothing_draws_is_told_with_the_reason_and_what_to_do() -> None:
    with pytest.raises(Problem, match="BLENDER_EEVEE, which this machine cannot draw: libEGL") as found:
        check_engines(task("BLENDER_EEVEE"))
    assert found.value.status is Exit.NO_WORKER
    assert "cannot be loaded" in found.value.message
    assert "apt-get install libegl1" in found.value.message


@pytest.mark.usefixtures("no_opengl")
def test_what_does_not_draw_is_no_matter() -> None:
    check_engines(task("CYCLES"))
    check_engines(task("BLENDER_EEVEE", renderable="0"))
    check_engines(task("", cg_id="8000"))
