"""What a worker tells of its machine."""

from __future__ import annotations

import platform
from pathlib import Path

from renderbus_farm.worker_machine import processor_name


def test_a_processor_is_named_as_its_maker_names_it(tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor\t: 0\nmodel name\t: AMD  EPYC 7B13\nflags\t: fpu\n")
    assert processor_name(cpuinfo) == "AMD EPYC 7B13"


def test_without_that_it_is_named_as_the_system_does(tmp_path: Path) -> None:
    assert processor_name(tmp_path / "nothing") in (platform.processor(), platform.machine())
