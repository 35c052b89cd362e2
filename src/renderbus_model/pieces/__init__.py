"""Digests, pieces, packs and manifests: what both ends of a transfer must agree on.

``cutting`` and ``packs`` are imported by name where files are really cut or packed.
"""

from renderbus_model.pieces.digests import (
    READ_BYTES,
    BadDigest,
    Digest,
    Hashing,
    WrongDigest,
    checked_digest,
    digest_of,
    digest_of_stream,
    read_in_parts,
)
from renderbus_model.pieces.manifest import (
    BadPieces,
    FileEntry,
    Manifest,
    Piece,
    PlacedPiece,
    Upload,
    UploadedFile,
    listed,
    read_listed,
)

__all__ = [
    "READ_BYTES",
    "BadDigest",
    "BadPieces",
    "Digest",
    "FileEntry",
    "Hashing",
    "Manifest",
    "Piece",
    "PlacedPiece",
    "Upload",
    "UploadedFile",
    "WrongDigest",
    "checked_digest",
    "digest_of",
    "digest_of_stream",
    "listed",
    "read_in_parts",
    "read_listed",
]
