"""Files in and out, and whose they are."""

from __future__ import annotations

import pytest
from tests.unit.renderbus_farm.heart.world import World, node

from renderbus_farm.rules import checks
from renderbus_farm.rules.refusals import BadValue, NotFound
from renderbus_farm.store import transfers as queries
from renderbus_farm.transfers import OUTPUTS_A_PAGE
from renderbus_model.paths import FarmPath
from renderbus_model.pieces import Digest, FileEntry, digest_of
from renderbus_model.wire.transfer import (
    MOST_DIGESTS_A_QUESTION,
    BlobToSend,
    CommitFiles,
    MissingBlobsQuery,
    OutputQuery,
)

WOOD = b"wood"


def missing(world: World, data: bytes, by: str = "") -> list[Digest]:
    user = world.accounts.add(by).user if by else world.user
    asked = [BlobToSend(digest=digest_of(data), size_bytes=len(data))]
    found = world.transfers.missing_blobs(MissingBlobsQuery(blobs=asked), by=user)
    return [grant.digest for grant in found.missing]


def commit(world: World, path: str, data: bytes, *, storage: str = "input", size: int | None = None) -> None:
    entry = FileEntry(FarmPath(path), digest_of(data), len(data) if size is None else size)
    world.transfers.commit_files(CommitFiles(storage=storage, files=[entry]), by=world.user)


def test_bytes_are_missing_until_they_are_sent(world: World) -> None:
    assert missing(world, WOOD) == [digest_of(WOOD)]
    world.put(WOOD, world.user)
    assert missing(world, WOOD) == []


def test_what_another_account_stored_counts_as_missing(world: World) -> None:
    world.put(WOOD, world.user)
    assert missing(world, WOOD, by="eve") == [digest_of(WOOD)]


def test_bytes_that_the_disk_lost_are_asked_for_again(world: World) -> None:
    world.put(WOOD, world.user)
    world.blobs.delete({digest_of(WOOD)})
    assert missing(world, WOOD) == [digest_of(WOOD)]


def test_a_grant_says_where_to_and_until_when(world: World) -> None:
    asked = [BlobToSend(digest=digest_of(WOOD), size_bytes=4)] * 2
    (grant,) = world.transfers.missing_blobs(MissingBlobsQuery(blobs=asked), by=world.user).missing
    assert grant.url.startswith(f"/blobs/{digest_of(WOOD)}?")
    assert f"account={world.user.id}" in grant.url
    assert grant.expires_at > world.now


@pytest.mark.parametrize("digest", ["", "abc", "../../farm.key", "A" * 64, "0" * 65])
def test_a_text_that_is_no_digest_is_refused(world: World, digest: str) -> None:
    asked = [BlobToSend(digest=Digest(digest), size_bytes=1)]
    with pytest.raises(BadValue, match="expected 64 lower-case"):
        world.transfers.missing_blobs(MissingBlobsQuery(blobs=asked), by=world.user)


def test_too_many_blobs_in_one_question_are_refused(world: World) -> None:
    asked = [BlobToSend(digest=digest_of(WOOD), size_bytes=4)] * (MOST_DIGESTS_A_QUESTION + 1)
    with pytest.raises(BadValue, match="at most 5000"):
        world.transfers.missing_blobs(MissingBlobsQuery(blobs=asked), by=world.user)


def test_a_negative_size_is_refused(world: World) -> None:
    asked = [BlobToSend(digest=digest_of(WOOD), size_bytes=-1)]
    with pytest.raises(BadValue, match="negative"):
        world.transfers.missing_blobs(MissingBlobsQuery(blobs=asked), by=world.user)


def test_nobody_gets_bytes_by_naming_their_digest(world: World) -> None:
    eve = world.accounts.add("eve").user
    world.put(WOOD, world.user)
    entry = FileEntry(FarmPath("/stolen.png"), digest_of(WOOD), len(WOOD))
    with pytest.raises(BadValue, match=r"the bytes of /stolen\.png were not uploaded"):
        world.transfers.commit_files(CommitFiles(storage="input", files=[entry]), by=eve)


def test_files_are_committed_all_or_none(world: World) -> None:
    world.put(WOOD, world.user)
    entries = [
        FileEntry(FarmPath(path), digest_of(data), 4) for path, data in (("/a", WOOD), ("/b", b"none"))
    ]
    with pytest.raises(BadValue, match="/b"):
        world.transfers.commit_files(CommitFiles(storage="input", files=entries), by=world.user)
    with world.database.reading() as db:
        assert queries.inputs(db, world.user.id, [FarmPath("/a")]) == {}


def test_a_size_that_is_not_that_of_the_bytes_is_refused(world: World) -> None:
    world.put(WOOD, world.user)
    with pytest.raises(BadValue, match="size given for /a"):
        commit(world, "/a", WOOD, size=5)


def test_a_file_replaces_what_was_at_its_path(world: World) -> None:
    world.upload({"/a": b"old"})
    world.upload({"/a": b"new"})
    with world.database.reading() as db:
        found = queries.inputs(db, world.user.id, [FarmPath("/a")])
    assert found[FarmPath("/a")].digest == digest_of(b"new")


def test_ten_thousand_files_are_committed_at_once(world: World) -> None:
    world.put(WOOD, world.user)
    entries = [FileEntry(FarmPath(f"/tex/{n}.png"), digest_of(WOOD), 4) for n in range(10_000)]
    world.transfers.commit_files(CommitFiles(storage="input", files=entries), by=world.user)
    with world.database.reading() as db:
        assert len(queries.inputs(db, world.user.id, [entry.path for entry in entries])) == 10_000


@pytest.mark.parametrize("storage", ["", "output", "Config"])
def test_there_are_two_storages_to_commit_to(world: World, storage: str) -> None:
    world.put(WOOD, world.user)
    with pytest.raises(BadValue, match="expected input or config"):
        commit(world, "/a", WOOD, storage=storage)


@pytest.mark.parametrize(
    "path", ["/a", "/1/cfg/other.json", "/1/task.json", "/x/cfg/task.json", "/1/cfg/a/task.json"]
)
def test_the_config_storage_holds_documents_only(world: World, path: str) -> None:
    world.put(WOOD, world.user)
    with pytest.raises(BadValue, match="the config storage holds"):
        commit(world, path, WOOD, storage="config")


def test_a_document_of_an_unknown_task_is_refused(world: World) -> None:
    world.put(b"{}", world.user)
    with pytest.raises(NotFound, match="task 4711"):
        commit(world, "/4711/cfg/task.json", b"{}", storage="config")


def test_a_document_may_not_fill_the_farms_memory(world: World) -> None:
    with pytest.raises(BadValue, match=r"task\.json has \d+ bytes; at most"):
        commit(world, "/1/cfg/task.json", b"", storage="config", size=checks.MOST_DOCUMENT_BYTES + 1)


def test_documents_together_may_not_fill_the_farms_memory_either(world: World) -> None:
    task_id, size_bytes = world.new_task(), checks.MOST_DOCUMENT_BYTES
    entry = FileEntry(FarmPath(f"/{task_id}/cfg/task.json"), digest_of(WOOD), size_bytes)
    with pytest.raises(BadValue, match=f"documents of {5 * size_bytes} bytes; commit at most"):
        world.transfers.commit_files(CommitFiles(storage="config", files=[entry] * 5), by=world.user)


def test_results_are_listed_by_task_or_by_path(world: World) -> None:
    task_id = world.submitted("1-3[1]", layers=["a", "ab"])
    world.render_to_end()

    def listed(**query: object) -> list[str]:
        ask = OutputQuery(**query)  # type: ignore[arg-type]  # a test may ask for anything
        return [file.path for file in world.transfers.list_outputs(ask, by=world.user).files]

    folder = f"{task_id}_shot"
    everything = listed(task_id=task_id)
    assert len(everything) == 6
    assert everything == sorted(everything)
    assert listed(path=folder) == everything
    assert listed(path=f"/{folder}/") == everything
    assert listed(path=f"{folder}/Scene/a") == everything[:3]
    assert listed(task_id=task_id, path=f"{folder}/Scene/ab") == everything[3:]
    assert listed(path=f"{folder}/Scene/ab/shot_0002.png") == everything[4:5]
    assert listed(task_id=task_id, after=everything[2]) == everything[3:]
    assert listed(path=f"{task_id}_other") == []
    assert listed(path=f"{folder}/Scene/a%") == []


def test_a_result_says_where_to_get_it(world: World) -> None:
    task_id = world.submitted("1")
    world.render_to_end()
    (file,) = world.transfers.list_outputs(OutputQuery(task_id=task_id), by=world.user).files
    assert file.url.startswith(f"/blobs/{file.digest}?")
    assert "name=shot_0001.png" in file.url


def test_results_come_in_pages(world: World) -> None:
    task_id = world.submitted(f"1-{OUTPUTS_A_PAGE + 5}[1]")
    world.executor.all_nodes[:] = [node("big", 5000)]
    world.render_to_end()
    first = world.transfers.list_outputs(OutputQuery(task_id=task_id), by=world.user)
    assert (len(first.files), first.more) == (OUTPUTS_A_PAGE, True)
    rest = world.transfers.list_outputs(
        OutputQuery(task_id=task_id, after=first.files[-1].path), by=world.user
    )
    assert (len(rest.files), rest.more) == (5, False)


@pytest.mark.parametrize("path", ["../1_shot", "a\0b", "C:/x"])
def test_a_path_that_no_result_can_have_is_refused(world: World, path: str) -> None:
    with pytest.raises(BadValue):
        world.transfers.list_outputs(OutputQuery(path=path), by=world.user)


def test_results_of_nothing_are_no_question(world: World) -> None:
    with pytest.raises(BadValue, match="neither a task nor a path"):
        world.transfers.list_outputs(OutputQuery(), by=world.user)
    with pytest.raises(NotFound, match="output folder shot"):
        world.transfers.list_outputs(OutputQuery(path="shot/a.png"), by=world.user)
    assert world.transfers.list_outputs(OutputQuery(task_id=world.new_task()), by=world.user).files == []
