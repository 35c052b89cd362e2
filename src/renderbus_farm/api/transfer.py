"""Handlers of the operations that move files; the bytes themselves pass through ``bytes``."""

from __future__ import annotations

from renderbus_farm.api.handlers import Farm, handles
from renderbus_farm.rules.people import User
from renderbus_model.wire.transfer import (
    COMMIT_FILES,
    COMMITTED,
    LIST_OUTPUTS,
    MISSING_BLOBS,
    MISSING_PIECES,
    CommitFiles,
    Committed,
    CommittedQuery,
    MissingBlobs,
    MissingBlobsQuery,
    MissingPieces,
    MissingPiecesQuery,
    OutputFiles,
    OutputQuery,
)
from renderbus_model.wire.transmitter import GET_OUTPUT_FILES, OutputEntry, OutputFolderQuery


@handles(MISSING_BLOBS, large_body=True)
def missing_blobs(farm: Farm, caller: User, ask: MissingBlobsQuery) -> MissingBlobs:
    """What this account has not stored yet, each with where to PUT it."""
    return farm.transfers.missing_blobs(ask, by=caller)


@handles(MISSING_PIECES, large_body=True)
def missing_pieces(farm: Farm, caller: User, ask: MissingPiecesQuery) -> MissingPieces:
    """Which pieces and files this account has not stored yet, and where to PUT packs of them."""
    return farm.transfers.pieces.missing(ask, by=caller)


@handles(COMMITTED)
def committed(farm: Farm, caller: User, ask: CommittedQuery) -> Committed:
    """Whether a set of files exists as it is, so that it need not be uploaded."""
    return farm.transfers.pieces.committed(ask, by=caller)


@handles(COMMIT_FILES, large_body=True)
def commit_files(farm: Farm, caller: User, ask: CommitFiles) -> None:
    """All of the files exist from now on, or none."""
    farm.transfers.commit_files(ask, by=caller)


@handles(LIST_OUTPUTS)
def list_outputs(farm: Farm, caller: User, ask: OutputQuery) -> OutputFiles:
    """Rendered files, each with where to GET it."""
    return farm.transfers.list_outputs(ask, by=caller)


@handles(GET_OUTPUT_FILES)
def get_output_files(farm: Farm, caller: User, ask: OutputFolderQuery) -> list[OutputEntry]:
    """What is in a folder of results."""
    return farm.files.listing(ask, by=caller)
