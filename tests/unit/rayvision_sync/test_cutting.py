"""Cutting an upload.json into several."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rayvision_sync.exception import BadUploadList, RayvisionError
from rayvision_sync.utils import cutting_upload


def written(folder: Path, count: int, name: str = "upload.json") -> Path:
    folder.mkdir(exist_ok=True)
    listed = [{"local": f"/名/{number}", "server": f"/{number}", "hash": "x"} for number in range(count)]
    (folder / name).write_text(json.dumps({"scene": [], "asset": listed}), "utf-8")
    return folder / name


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(count=st.integers(0, 30), most=st.integers(1, 35))
def test_the_parts_together_are_the_whole_in_its_order(tmp_path: Path, count: int, most: int) -> None:
    source = written(tmp_path / "cut", count)
    parts = [json.loads(Path(part).read_text("utf-8"))["asset"] for part in cutting_upload(source, most)]
    assert [entry for part in parts for entry in part] == json.loads(source.read_text("utf-8"))["asset"]
    assert all(0 < len(part) <= most for part in parts) or count == 0


def test_parts_are_numbered_and_go_where_they_are_wanted(tmp_path: Path) -> None:
    source = written(tmp_path / "a", 4)
    (tmp_path / "b").mkdir()
    assert cutting_upload(source, 2, tmp_path / "b") == [
        str(tmp_path / "b" / f"upload_{number}.json") for number in (1, 2)
    ]
    assert cutting_upload(source, 2, "/no/such/folder")[0] == str(tmp_path / "a" / "upload_1.json")


def test_without_a_number_or_with_a_large_one_the_list_stays(tmp_path: Path) -> None:
    source = written(tmp_path, 4)
    assert cutting_upload(source) == cutting_upload(source, 4) == [str(source)]


def test_a_list_is_not_overwritten_by_its_own_part(tmp_path: Path) -> None:
    source = written(tmp_path, 4, "upload_2.json")
    with pytest.raises(BadUploadList, match="another folder"):
        cutting_upload(source, 2)
    assert len(list(tmp_path.iterdir())) == 1


def test_what_cannot_be_cut_is_told(tmp_path: Path) -> None:
    with pytest.raises(RayvisionError) as missing:
        cutting_upload(tmp_path / "none.json", 2)
    assert missing.value.error_code == 200001
    with pytest.raises(RayvisionError, match="at least 1"):
        cutting_upload(written(tmp_path, 4), 0)
