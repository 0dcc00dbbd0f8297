"""Proofs of the log's tree from all of its leaves, as RFC 9162 defines them."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.audit.tlog import consistency_ranges, inclusion_ranges, root_hash

__all__ = ["consistency_proof", "inclusion_proof"]


def inclusion_proof(hashes: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """Return the proof that a leaf is in the tree, from the leaf upwards."""
    return tuple(root_hash(hashes[a:b]) for a, b in inclusion_ranges(index, len(hashes)))


def consistency_proof(hashes: Sequence[bytes], size: int) -> tuple[bytes, ...]:
    """Return the proof that the first ``size`` leaves formed the earlier tree."""
    return tuple(root_hash(hashes[a:b]) for a, b in consistency_ranges(size, len(hashes)))
