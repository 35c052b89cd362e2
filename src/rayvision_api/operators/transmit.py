"""Documents by JSON, and the questions that go with moving files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

from rayvision_api.answers import OutputEntry, TransferConfig
from rayvision_api.operators.operator import Number, Operator
from rayvision_api.utils import check_file_name
from renderbus_model.pieces import FileEntry
from renderbus_model.wire import transfer, transmitter
from renderbus_model.wire.task import DOCUMENT_NAMES, TASK_JSON_FILE


class TransmitOperator(Operator):
    """Operations on a task's documents and files."""

    def upload_json_content(self, task_id: Number, file_name: str = "task.json", content: str = "") -> Any:
        """Store one of the four documents of a task, as text.

        Published as ``(task_id, file_name, content)``, later as ``(task_id, content, file_name)``; both are
        understood.

        Args:
            task_id: the task.
            file_name: ``task.json``, ``upload.json``, ``asset.json`` or ``tips.json``.
            content: what the document says.

        Returns:
            None.

        Raises:
            UploadFileNotSupportError: another name; nothing is sent.
            RayvisionAPIError: no task of the caller.

        >>> api.transmit.upload_json_content(api.task.task_id, "tips.json", "{}")
        """
        if file_name not in DOCUMENT_NAMES and content in ("", *DOCUMENT_NAMES):
            file_name, content = content or "task.json", file_name
        return self._ask(TASK_JSON_FILE, taskId=task_id, fileName=check_file_name(file_name), content=content)

    def get_transfer_config(self) -> TransferConfig:
        """The caller's storages, and the engines that published clients move files with.

        >>> api.transmit.get_transfer_config()["inputBid"] == api.user_info["input_bid"]
        True
        """
        return cast(TransferConfig, self._ask(transmitter.GET_TRANSFER_CONFIG))

    def get_output_files(self, task_id: Number | None = None, tree_path: str = "/") -> list[OutputEntry]:
        """Result files and folders in one folder.

        Args:
            task_id: the folder of this task; then ``tree_path`` has no effect.
            tree_path: a folder of the caller's results, e.g. ``/1484861_shot/layer3``.

        Raises:
            RayvisionAPIError: no task of the caller.

        >>> api.transmit.get_output_files()
        []
        """
        answer = self._ask(
            transmitter.GET_OUTPUT_FILES,
            treePath="/" if task_id else tree_path,
            taskId=task_id or None,
        )
        return cast("list[OutputEntry]", answer)

    def missing_blobs(self, blobs: Sequence[transfer.BlobToSend]) -> list[transfer.PutGrant]:
        """Ours: which of these bytes the farm lacks, each with where to put it; many take several questions.

        >>> api.transmit.missing_blobs([])
        []
        """
        size = transfer.MOST_DIGESTS_A_QUESTION
        return [
            grant
            for start in range(0, len(blobs), size)
            for grant in self._connect.call(
                transfer.MISSING_BLOBS, transfer.MissingBlobsQuery(blobs=list(blobs[start : start + size]))
            ).missing
        ]

    def commit_files(self, storage: str, files: Iterable[FileEntry]) -> None:
        """Ours: these files exist from now on, all at once; ``storage`` is ``input`` or ``config``.

        >>> api.transmit.commit_files("input", [])
        """
        self._connect.call(transfer.COMMIT_FILES, transfer.CommitFiles(storage=storage, files=list(files)))

    def list_outputs(
        self, task_id: int = 0, path: str = "", after: str = ""
    ) -> Iterator[transfer.OutputFile]:
        """Ours: results of a task (or below ``path``) by path, from behind ``after``; pages as needed.

        >>> list(api.transmit.list_outputs(task_id))
        []
        """
        more = True
        while more:
            page = self._connect.call(
                transfer.LIST_OUTPUTS, transfer.OutputQuery(task_id=task_id, path=path, after=after)
            )
            yield from page.files
            more = page.more and bool(page.files)
            after = page.files[-1].path if page.files else after
