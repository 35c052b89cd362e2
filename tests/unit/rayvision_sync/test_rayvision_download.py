from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.rayvision_sync.bytefarm import ByteFarm, task_item

from rayvision_api.core import RayvisionAPI
from rayvision_api.exception import RayvisionAPIError, RayvisionError
from rayvision_sync.download import RayvisionDownload
from rayvision_sync.exception import (
    DownloadFailed,
    RefusedPath,
    TasksFailed,
    TransferCancelled,
    UnusableFolder,
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return tmp_path / "results"


@pytest.fixture
def download(api: RayvisionAPI) -> RayvisionDownload:
    return RayvisionDownload(api)


def files_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def goes_on(
    statuses: Iterator[tuple[int, Callable[[], object]]], folder: str
) -> Callable[[], dict[str, Any]]:
    """A task that takes a step each time it is asked about: its new status, after something was rendered."""

    def step() -> dict[str, Any]:
        status, render = next(statuses)
        render()
        return task_item(int(folder.split("_")[0]), status, folder)

    return step


def rendered(farm: ByteFarm, folder: str, *names: str) -> None:
    for name in names:
        farm.render(f"{folder}/{name}", name.encode())


def test_results_go_into_a_folder_named_after_task_and_scene(
    farm: ByteFarm, download: RayvisionDownload, here: Path
) -> None:
    rendered(farm, "18_bus", "beauty/1.png", "2.png")
    farm.tasks[18] = lambda: task_item(18, 25, "18_bus")
    assert download.download([18], local_path=str(here)) is True
    assert files_below(here) == {"18_bus/beauty/1.png", "18_bus/2.png"}


def test_or_directly_into_the_users_folder(farm: ByteFarm, download: RayvisionDownload, here: Path) -> None:
    rendered(farm, "18_bus", "beauty/1.png", "2.png")
    farm.tasks[18] = lambda: task_item(18, 25, "18_bus")
    download.download([18], download_filename_format="false", local_path=here)
    assert files_below(here) == {"beauty/1.png", "2.png"}


@pytest.mark.parametrize(
    ("server_path", "keep", "files"),
    [
        ("18_bus/l_ayer2", "true", {"18_bus/l_ayer2/1.png"}),
        ("/18_bus/l_ayer2/", "false", {"1.png"}),
        ("18_bus/2.png", "true", {"18_bus/2.png"}),
        ("18_bus/2.png", "false", {"2.png"}),
        (["18_bus/2.png", "18_bus/l_ayer2"], "true", {"18_bus/2.png", "18_bus/l_ayer2/1.png"}),
    ],
)
def test_a_path_on_the_farm_goes_before_task_ids(
    farm: ByteFarm,
    download: RayvisionDownload,
    here: Path,
    server_path: str | list[str],
    keep: str,
    files: set[str],
) -> None:
    rendered(farm, "18_bus", "l_ayer2/1.png", "2.png", "l_ayer3/3.png")
    download.download([999], download_filename_format=keep, local_path=here, server_path=server_path)
    assert files_below(here) == files


@pytest.mark.parametrize("server_path", ["../18_bus", "18_bus/..", "C:/x", "\0"])
def test_a_path_that_cannot_be_one_is_refused(
    download: RayvisionDownload, here: Path, server_path: str
) -> None:
    with pytest.raises(RefusedPath):
        download.download(server_path=server_path, local_path=here)


def test_the_default_folder_is_made_in_the_users_home(
    farm: ByteFarm, download: RayvisionDownload, home: Path
) -> None:
    rendered(farm, "18_bus", "1.png")
    farm.tasks[18] = lambda: task_item(18, 25, "18_bus")
    download.download([18])
    assert files_below(home) == {"renderfarm_sdk/18_bus/1.png"}


def test_something_to_download_must_be_named(download: RayvisionDownload) -> None:
    with pytest.raises(RayvisionError, match="give task_id_list or server_path"):
        download.download()


def test_a_senseless_format_is_refused(download: RayvisionDownload, here: Path) -> None:
    with pytest.raises(RayvisionError, match="download_filename_format 'yes'"):
        download.download([1], download_filename_format="yes", local_path=here)


def test_files_are_named_on_standard_error_when_asked(
    farm: ByteFarm, download: RayvisionDownload, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rendered(farm, "18_bus", "1.png")
    farm.tasks[18] = lambda: task_item(18, 25, "18_bus")
    download.download([18], print_log=False, local_path=here / "quiet")
    assert capsys.readouterr().err == ""
    download.download([18], local_path=here)
    captured = capsys.readouterr()
    assert captured.err == f"downloaded {here}/18_bus/1.png\n"
    assert captured.out == ""


def test_frames_come_as_they_are_done_and_the_last_round_follows_the_end(
    farm: ByteFarm, download: RayvisionDownload, here: Path
) -> None:
    steps = [
        (0, lambda: None),
        (5, lambda: rendered(farm, "18_bus", "1.png")),
        (5, lambda: rendered(farm, "18_bus", "2.png")),
        (25, lambda: rendered(farm, "18_bus", "3.png")),
    ]
    farm.tasks[18] = goes_on(iter(steps), "18_bus")
    came: list[str] = []
    ids = [18]
    assert download.auto_download(
        ids, sleep_time=0.01, local_path=here, on_file=lambda path: came.append(path.name)
    )
    assert came == ["1.png", "2.png", "3.png"]
    assert ids == [18]


def test_a_frame_that_is_done_while_the_end_is_asked_for_is_not_lost(
    farm: ByteFarm, download: RayvisionDownload, here: Path
) -> None:
    def ends() -> dict[str, Any]:
        answer = task_item(18, 5 if not farm.outputs else 25, "18_bus")
        if not farm.outputs:
            rendered(farm, "18_bus", "1.png", "2.png")
        return answer

    farm.tasks[18] = ends
    download.auto_download([18], sleep_time=0.01, local_path=here)
    assert files_below(here) == {"18_bus/1.png", "18_bus/2.png"}


def test_several_tasks_end_one_after_the_other(
    farm: ByteFarm, download: RayvisionDownload, here: Path
) -> None:
    nothing = [(25, lambda: None)]
    farm.tasks[1] = goes_on(iter([(5, lambda: None), (5, lambda: None), *nothing]), "1_a")
    farm.tasks[2] = goes_on(iter(nothing), "2_b")
    rendered(farm, "1_a", "a.png")
    rendered(farm, "2_b", "b.png")
    ids = [1, 2, 2]
    assert download.auto_download(ids, sleep_time=0.01, local_path=here) is True
    assert ids == [1, 2, 2]
    assert files_below(here) == {"1_a/a.png", "2_b/b.png"}


@pytest.mark.parametrize("nothing", [[], None, ()])
def test_no_tasks_are_done_at_once(download: RayvisionDownload, nothing: Any) -> None:
    assert download.auto_download(nothing) is True
    assert download.auto_download_after_task_completed(nothing) is True


def test_tasks_in_a_tuple_end_too(farm: ByteFarm, download: RayvisionDownload, here: Path) -> None:
    farm.tasks[18] = lambda: task_item(18, 25, "18_bus")
    assert download.auto_download((18,), sleep_time=0.01, local_path=here) is True


def test_an_unknown_task_is_told_instead_of_waited_for(download: RayvisionDownload, here: Path) -> None:
    with pytest.raises(RayvisionAPIError):
        download.auto_download([404], sleep_time=0.01, local_path=here)


def test_a_task_that_can_never_end_is_told_instead_of_waited_for(
    farm: ByteFarm, download: RayvisionDownload, here: Path
) -> None:
    farm.tasks[18] = lambda: task_item(18, 25, "18_bus", isOpen=1)
    with pytest.raises(RayvisionError, match="never end"):
        download.auto_download_after_task_completed([18], sleep_time=0.01, local_path=here)


def test_what_does_not_come_while_a_task_renders_comes_in_a_later_round(
    farm: ByteFarm, download: RayvisionDownload, here: Path
) -> None:
    farm.get_statuses.append(400)
    rendered(farm, "18_bus", "1.png")
    farm.tasks[18] = goes_on(iter([(5, lambda: None), (25, lambda: None)]), "18_bus")
    download.auto_download([18], sleep_time=0.01, local_path=here)
    assert files_below(here) == {"18_bus/1.png"}


def test_what_does_not_come_after_the_end_is_an_error(
    farm: ByteFarm, download: RayvisionDownload, here: Path
) -> None:
    farm.get_statuses.append(400)
    rendered(farm, "18_bus", "1.png")
    farm.tasks[18] = lambda: task_item(18, 25, "18_bus")
    with pytest.raises(DownloadFailed, match=r"1\.png"):
        download.auto_download([18], sleep_time=0.01, local_path=here)


def test_nothing_comes_before_the_end_when_only_the_end_is_asked_for(
    farm: ByteFarm, download: RayvisionDownload, here: Path
) -> None:
    listed: list[int] = []

    def note() -> None:
        listed.append(len(farm.starts))
        rendered(farm, "18_bus", f"{len(listed)}.png")

    farm.tasks[18] = goes_on(iter([(5, note), (5, note), (30, note)]), "18_bus")
    ids = [18]
    download.auto_download_after_task_completed(ids, sleep_time=0.01, local_path=here)
    assert listed == [0, 0, 0]
    assert files_below(here) == {"18_bus/1.png", "18_bus/2.png", "18_bus/3.png"}
    assert ids == [18]


def test_the_pause_between_rounds_ends_with_a_cancel(
    farm: ByteFarm, download: RayvisionDownload, here: Path
) -> None:
    cancel = threading.Event()
    timer = threading.Timer(0.05, cancel.set)
    timer.start()
    with pytest.raises(TransferCancelled):
        download.auto_download([18], sleep_time=3600, local_path=here, cancel=cancel)
    timer.join()


def test_a_task_that_fails_is_told_once_all_others_are_here(
    farm: ByteFarm, download: RayvisionDownload, here: Path
) -> None:
    farm.tasks[1] = goes_on(iter([(5, lambda: None), (25, lambda: None)]), "1_a")
    rendered(farm, "1_a", "a.png")
    with pytest.raises(RayvisionAPIError):
        download.auto_download([404, 1], sleep_time=0.01, local_path=here)
    assert files_below(here) == {"1_a/a.png"}


def test_several_tasks_that_fail_are_all_named(
    farm: ByteFarm, download: RayvisionDownload, here: Path
) -> None:
    farm.tasks[18] = lambda: task_item(18, 25, "18_bus", isOpen=1)
    with pytest.raises(TasksFailed) as caught:
        download.auto_download_after_task_completed([404, 18], sleep_time=0.01, local_path=here)
    assert set(caught.value.failures) == {404, 18}


@pytest.mark.parametrize("method", ["auto_download", "auto_download_after_task_completed"])
def test_finished_test_frames_end_a_wait_only_where_that_is_asked_for(
    farm: ByteFarm, download: RayvisionDownload, here: Path, method: str
) -> None:
    rendered(farm, "18_bus", "1.png")
    farm.tasks[18] = lambda: task_item(18, 40, "18_bus")
    assert getattr(download, method)([18], sleep_time=0.01, local_path=here, is_test_stop=True) is True
    assert files_below(here) == {"18_bus/1.png"}
    asked: list[int] = []

    def goes_on_then() -> dict[str, Any]:
        asked.append(1)
        return task_item(18, 40 if len(asked) < 3 else 25, "18_bus")

    farm.tasks[18] = goes_on_then
    assert getattr(download, method)([18], sleep_time=0.01, local_path=here) is True
    assert len(asked) == 3


def test_ids_may_be_texts_and_come_twice(farm: ByteFarm, download: RayvisionDownload, here: Path) -> None:
    rendered(farm, "18_bus", "1.png")
    farm.tasks[18] = lambda: task_item(18, 25, "18_bus")
    ids: list[Any] = ["18", 18]
    assert download.download(ids, local_path=here) is True
    assert download.auto_download(ids, sleep_time=0.01, local_path=here) is True
    assert ids == ["18", 18]
    assert len(farm.starts) == 1


def test_the_keywords_of_the_newest_package_are_taken(farm: ByteFarm, api: RayvisionAPI, here: Path) -> None:
    download = RayvisionDownload(api, automatic_line=False, transmitter_exe="", log_level="INFO")
    farm.tasks[18] = lambda: task_item(18, 25, "18_bus")
    assert download.download([18], local_path=here, engine_type="aspera", network_mode=1, download_num=2)
    wrong: dict[str, Any] = {"asset": True}
    with pytest.raises(TypeError, match="asset"):
        download.download([18], local_path=here, **wrong)


@pytest.mark.parametrize("method", ["download", "auto_download"])
def test_a_folder_that_cannot_be_made_is_told_with_the_remedy(
    farm: ByteFarm, download: RayvisionDownload, tmp_path: Path, method: str
) -> None:
    farm.tasks[18] = lambda: task_item(18, 25, "18_bus")
    farm.render("18_bus/a/0001.png", b"picture")
    (tmp_path / "file").touch()
    with pytest.raises(UnusableFolder, match=r"file: cannot be made: File exists; choose another"):
        getattr(download, method)([18], local_path=tmp_path / "file", **_soon(method))
    (tmp_path / "here" / "18_bus").mkdir(parents=True)
    (tmp_path / "here" / "18_bus" / "a").touch()
    with pytest.raises(UnusableFolder, match="18_bus/a: cannot be made"):
        getattr(download, method)([18], local_path=tmp_path / "here", **_soon(method))


def _soon(method: str) -> dict[str, float]:
    return {} if method == "download" else {"sleep_time": 0.01}
