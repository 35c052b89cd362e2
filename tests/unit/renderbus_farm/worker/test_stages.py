"""Render processes that stay open beside the one that renders: how many, and how much memory they hold."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.renderbus_farm.render.bench import Bench, Store, wait_until

from renderbus_farm import worker_stages
from renderbus_farm.processes import marked
from renderbus_farm.rules.work import Finished

DATA = Path(__file__).parents[3] / "data"
APPLICATIONS = (9101, 9102, 9103, 9104, 9105)


class Puppet:
    """A renderer of an application, whose process is ``tests/data/renders/puppet.py``."""

    engines: tuple[str, ...] = ()
    warms = False

    def __init__(self, cg_id: int) -> None:
        self.cg_id = cg_id

    def lacking(self) -> dict[str, str]:
        return {}

    def version(self) -> str | None:
        return "1.0"

    def command(self, parent: int, scratch: Path, readable: Path) -> list[str]:
        return [sys.executable, "-I", str(DATA / "renders" / "puppet.py"), str(scratch)]

    def environment(self, home: Path) -> dict[str, str]:
        return {}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A worker that renders for five applications, whose processes are as good as each other."""
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "shed.blend").write_bytes((DATA / "blender" / "shed.blend").read_bytes())
    store = Store(tmp_path / "blobs", folder, Path("/was/here"))
    bench = Bench(store, tmp_path / "node", renderers=[Puppet(cg_id) for cg_id in APPLICATIONS])
    yield bench
    bench.worker.close()


def render(bench: Bench, cg_id: int) -> set[int]:
    """Render a frame for an application: the render processes that are there afterwards."""
    inputs = bench.store.manifest("shed.blend")
    ended = bench.render("shed.blend", inputs, cg_id=cg_id, scene_name="good", allow_missing=True)
    assert isinstance(ended, Finished), ended
    return set(marked(bench.marks))


def test_beside_the_one_that_renders_few_stay_open_and_those_used_last(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_stages, "LEAST_FREE", 0.0)  # whatever else this machine does
    seen = [render(bench, cg_id) for cg_id in APPLICATIONS]
    most = worker_stages.MOST_OPEN + 1
    assert [len(each) for each in seen] == [min(count, most) for count in range(1, len(APPLICATIONS) + 1)]
    assert len(seen[-1] & seen[-2]) == worker_stages.MOST_OPEN
    assert render(bench, APPLICATIONS[-2]) == seen[-1]  # is still there, with its scene
    again = render(bench, APPLICATIONS[0])
    assert len(again) == most
    assert not again & (seen[0] - seen[-1])  # had given way, and is a new one


def test_where_memory_is_short_those_that_do_not_render_give_theirs_back(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_stages, "LEAST_FREE", 1.0)
    first = render(bench, APPLICATIONS[0])
    second = render(bench, APPLICATIONS[1])
    assert (len(first), len(second)) == (1, 1)
    assert not first & second
    assert render(bench, APPLICATIONS[1]) == second  # the one that renders is never the one that goes


def test_a_process_that_holds_too_much_memory_ends_with_its_chunk(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_stages, "LEAST_FREE", 0.0)
    render(bench, APPLICATIONS[0])
    monkeypatch.setattr(worker_stages, "MOST_OF_MEMORY", 0.0)
    render(bench, APPLICATIONS[1])
    wait_until(lambda: not set(marked(bench.marks)))
    monkeypatch.setattr(worker_stages, "MOST_OF_MEMORY", 1.0)
    assert len(render(bench, APPLICATIONS[0])) == 1
