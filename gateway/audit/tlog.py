"""The Merkle tree over the log's entries: roots, proofs, and their verification.

Everything here is a pure function of 32-byte SHA-256 hashes. A
verification costs one hash for each element of the proof.

Source: RFC 9162, section 2.1 (the same tree as in RFC 6962, section 2.1).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.audit.errors import LogError

__all__ = [
    "EMPTY_ROOT",
    "HASH_BYTES",
    "Frontier",
    "check_consistency",
    "check_inclusion",
    "consistency_ranges",
    "inclusion_ranges",
    "leaf_hash",
    "node_hash",
    "root_hash",
]

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = hashlib.sha256().digest()
"""Root of the tree without leaves."""


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of one entry, kept apart from inner nodes by the prefix 0x00."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node, kept apart from entries by the prefix 0x01."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The least that must be remembered of a tree to append to it and to know its root.

    Attributes:
        size: Number of leaves, 0 or more.
        peaks: Roots of the perfect subtrees that the leaves form, the largest (leftmost) first;
            one for each bit that is set in ``size``.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def extended(self, hashes: Iterable[bytes]) -> Frontier:
        """Return the frontier after more leaves, given by their leaf hashes in order."""
        size = self.size
        peaks = list(self.peaks)
        for peak in hashes:
            carry, merged = size, peak
            while carry & 1:
                merged = node_hash(peaks.pop(), merged)
                carry >>= 1
            peaks.append(merged)
            size += 1
        return Frontier(size, tuple(peaks))

    def root(self) -> bytes:
        """Return the root of the tree; ``EMPTY_ROOT`` without leaves."""
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root


def root_hash(hashes: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes."""
    return Frontier().extended(hashes).root()


def inclusion_ranges(index: int, size: int) -> tuple[tuple[int, int], ...]:
    """Return which leaves, from and to, the hashes of an inclusion proof are the roots of.

    Args:
        index: Which leaf, from 0.
        size: Leaves of the tree, above the index.

    Returns:
        From the leaf upwards.

    Raises:
        LogError: If there is no such leaf.

    Source: RFC 9162, section 2.1.3.1.
    """
    if not 0 <= index < size:
        raise _bad_proof("the tree has no such leaf")
    path: list[tuple[int, int]] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start = middle
    return tuple(reversed(path))


def consistency_ranges(size: int, later_size: int) -> tuple[tuple[int, int], ...]:
    """Return which leaves, from and to, the hashes of a consistency proof are the roots of.

    Args:
        size: Leaves of the earlier tree, 1 or more.
        later_size: Leaves of the later one.

    Raises:
        LogError: If the earlier tree is empty or larger than the later one.

    Source: RFC 9162, section 2.1.4.1.
    """
    if not 1 <= size <= later_size:
        raise _bad_proof("there is no proof between trees of these sizes")
    path: list[tuple[int, int]] = []
    start, end = 0, later_size
    while size != end:
        middle = start + _split(end - start)
        if size <= middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start = middle
    if start > 0:  # else the verifier has this hash already: it is the earlier root
        path.append((start, end))
    return tuple(reversed(path))


def check_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that a leaf is in a tree.

    Args:
        leaf: The leaf hash.
        index: Which leaf, from 0.
        size: Leaves of the tree.
        proof: Hashes, from the leaf upwards (``inclusion_ranges``).
        root: Root of the tree.

    Raises:
        LogError: If the proof does not hold, or a hash does not have 32 bytes.

    Source: RFC 9162, section 2.1.3.2.
    """
    _check_lengths(leaf, root, *proof)
    if not 0 <= index < size:
        raise _bad_proof("the leaf lies outside the tree")
    found = leaf
    for element, on_left in zip(proof, _sides(index, size - 1, len(proof)), strict=True):
        found = node_hash(element, found) if on_left else node_hash(found, element)
    if found != root:
        raise _bad_proof("the proof leads to another root")


def check_consistency(
    size: int, root: bytes, later_size: int, later_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the later tree only appended to the earlier one.

    Every tree is consistent with the empty one, and no proof can say more: size 0 is refused
    here, so that whoever allows it does so in the open.

    Args:
        size: Leaves of the earlier tree, 1 or more.
        root: Root of the earlier tree.
        later_size: Leaves of the later tree, ``size`` or more.
        later_root: Root of the later tree.
        proof: Hashes (``consistency_ranges``); empty for equal sizes.

    Raises:
        LogError: If the proof does not hold, or a hash does not have 32 bytes.

    Source: RFC 9162, section 2.1.4.2.
    """
    _check_lengths(root, later_root, *proof)
    if not 1 <= size <= later_size:
        raise _bad_proof("there is no proof between trees of these sizes")
    if size == later_size:
        if proof or root != later_root:
            raise _bad_proof("two trees of one size differ")
        return
    path = list(proof) if size & (size - 1) else [root, *proof]
    if not path:
        raise _bad_proof("the proof is too short")
    node, last = size - 1, later_size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    earlier = later = path[0]
    for element, on_left in zip(path[1:], _sides(node, last, len(path) - 1), strict=True):
        if on_left:
            earlier, later = node_hash(element, earlier), node_hash(element, later)
        else:
            later = node_hash(later, element)
    if (earlier, later) != (root, later_root):
        raise _bad_proof("the proof leads to other roots")


def _split(size: int) -> int:
    """The largest power of two below ``size``, which is 2 or more."""
    return 1 << ((size - 1).bit_length() - 1)


def _sides(node: int, last: int, count: int) -> list[bool]:
    """Whether each element of a path stands to the left, from a node up to the root.

    Args:
        node: Number of the node in its level.
        last: Number of the last node in that level.
        count: Elements of the path.

    Raises:
        LogError: If the way to the root has fewer or more steps.
    """
    sides = []
    for _ in range(count):
        if last == 0:
            raise _bad_proof("the proof is too long")
        on_left = bool(node & 1) or node == last
        while on_left and not node & 1 and node:  # a last node without sibling moves up as it is
            node, last = node >> 1, last >> 1
        sides.append(on_left)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise _bad_proof("the proof is too short")
    return sides


def _check_lengths(*hashes: bytes) -> None:
    if any(len(found) != HASH_BYTES for found in hashes):
        raise _bad_proof("a hash does not have 32 bytes")


def _bad_proof(reason: str) -> LogError:
    return LogError(reason, code="LOG-PROOF", remedy="do not trust this log before it is explained")
