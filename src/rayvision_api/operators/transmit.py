"""Documents by JSON, and the questions that go with moving files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, cast

from rayvision_api.answers import OutputEntry, TransferConfig
from rayvision_api.operators.operator import Number, Operator
from rayvision_api.utils import check_file_name
from renderbus_model.pieces import Digest, FileEntry
from renderbus_model.pieces.questions import packed_digests, read_bits
from renderbus_model.wire import transfer, transmitter
from renderbus_model.wire.event import OPEN_EVENTS, EventStream
from renderbus_model.wire.operation import Nothing
from renderbus_model.wire.task import DOCUMENT_NAMES, TASK_JSON_FILE


class Lacking(NamedTuple):
    """What the farm lacks, and where packs of it may be put."""

    digests: frozenset[Digest]
    packs: list[str]


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

    def open_events(self) -> EventStream:
        """Ours: where the stream of what happens to the caller's tasks is read.

        >>> api.transmit.open_events().heartbeat_s
        15.0
        """
        return self._connect.call(OPEN_EVENTS, Nothing())

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

    def missing_pieces(self, digests: Sequence[Digest], packs: int = 0) -> Lacking:
        """Ours: which of these pieces and files the farm lacks, and URLs for ``packs`` packs of them.

        >>> sorted(api.transmit.missing_pieces([]).digests)
        []
        """
        lacking: set[Digest] = set()
        urls: list[str] = []
        size = transfer.MOST_PIECES_A_QUESTION
        for start in range(0, max(1, len(digests)), size):
            asked = digests[start : start + size]
            query = transfer.MissingPiecesQuery(digests=packed_digests(asked), packs=0 if urls else packs)
            answer = self._connect.call(transfer.MISSING_PIECES, query)
            bits = read_bits(answer.missing, len(asked))
            lacking.update(digest for digest, missing in zip(asked, bits, strict=True) if missing)
            urls += answer.packs
        return Lacking(frozenset(lacking), urls)

    def committed(self, digest: Digest) -> bool:
        """Ours: whether all files of a set (``Upload.digest_of_set``) exist, each in that version.

        >>> api.transmit.committed("0" * 64)
        False
        """
        return self._connect.call(transfer.COMMITTED, transfer.CommittedQuery(digest=digest)).holds

    def commit_files(
        self, storage: str, files: Iterable[FileEntry] = (), manifest: Sequence[Digest] = ()
    ) -> None:
        """Ours: these files exist from now on, all at once; ``storage`` is ``input`` or ``config``.

        Args:
            manifest: the pieces of an encoded ``Upload``, which names more files.

        >>> api.transmit.commit_files("input", [])
        """
        ask = transfer.CommitFiles(
            storage=storage, files=list(files), manifest=packed_digests(manifest) or None
        )
        self._connect.call(transfer.COMMIT_FILES, ask)

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
