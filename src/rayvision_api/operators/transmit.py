"""Documents by JSON, and the questions that go with moving files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rayvision_api.connect import Connect
from renderbus_model.pieces import FileEntry
from renderbus_model.wire import transfer


class TransmitOperator:
    """Operations on a task's documents and files. Only ``upload_json_content`` is published."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect

    def upload_json_content(self, task_id: int, file_name: str, content: str) -> Any:
        """Store one of the four documents of a task, as text, under its published name."""
        return self._connect.post(
            self._connect.url.taskJsonFile, {"taskId": task_id, "fileName": file_name, "content": content}
        )

    def missing_blobs(self, blobs: Sequence[transfer.BlobToSend]) -> list[transfer.PutGrant]:
        """Which of these bytes the farm lacks, each with where to put it; many take several questions."""
        size = transfer.MOST_DIGESTS_A_QUESTION
        return [
            grant
            for start in range(0, len(blobs), size)
            for grant in self._connect.call(
                transfer.MISSING_BLOBS, transfer.MissingBlobsQuery(blobs=list(blobs[start : start + size]))
            ).missing
        ]

    def commit_files(self, storage: str, files: Iterable[FileEntry]) -> None:
        """These files exist from now on, all at once; ``storage`` is ``input`` or ``config``."""
        self._connect.call(transfer.COMMIT_FILES, transfer.CommitFiles(storage=storage, files=list(files)))

    def list_outputs(
        self, task_id: int = 0, path: str = "", after: str = ""
    ) -> Iterator[transfer.OutputFile]:
        """Results of a task (or below ``path``) by path, from behind ``after``; pages are asked as needed."""
        more = True
        while more:
            page = self._connect.call(
                transfer.LIST_OUTPUTS, transfer.OutputQuery(task_id=task_id, path=path, after=after)
            )
            yield from page.files
            more = page.more and bool(page.files)
            after = page.files[-1].path if page.files else after
