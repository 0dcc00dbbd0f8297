from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.audit.errors import LogError
from gateway.audit.tlog import (
    EMPTY_ROOT,
    Frontier,
    check_consistency,
    check_inclusion,
    leaf_hash,
    root_hash,
)
from tests.merkle import consistency_proof, inclusion_proof

LARGEST = 70
LEAVES = [leaf_hash(bytes([number])) for number in range(LARGEST)]


def slow_root(hashes: Sequence[bytes]) -> bytes:
    """The definition of RFC 9162, section 2.1.1, word for word."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    pair = slow_root(hashes[:split]) + slow_root(hashes[split:])
    return hashlib.sha256(b"\x01" + pair).digest()


def slow_path(index: int, hashes: Sequence[bytes]) -> list[bytes]:
    """PATH of section 2.1.3.1."""
    if len(hashes) == 1:
        return []
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    if index < split:
        return [*slow_path(index, hashes[:split]), slow_root(hashes[split:])]
    return [*slow_path(index - split, hashes[split:]), slow_root(hashes[:split])]


def slow_subproof(size: int, hashes: Sequence[bytes], *, whole: bool) -> list[bytes]:
    """SUBPROOF of section 2.1.4.1."""
    if size == len(hashes):
        return [] if whole else [slow_root(hashes)]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    if size <= split:
        return [*slow_subproof(size, hashes[:split], whole=whole), slow_root(hashes[split:])]
    rest = slow_subproof(size - split, hashes[split:], whole=False)
    return [*rest, slow_root(hashes[:split])]


def test_leaves_and_nodes_are_hashed_as_the_standard_says() -> None:
    assert leaf_hash(b"").hex() == (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )
    assert EMPTY_ROOT == slow_root([]) == root_hash([]) == Frontier().root()


@pytest.mark.parametrize("size", range(1, LARGEST + 1))
def test_roots_and_proofs_are_those_of_the_definition(size: int) -> None:
    hashes = LEAVES[:size]
    root = root_hash(hashes)

    assert root == slow_root(hashes)
    assert Frontier().extended(hashes[:-1]).extended(hashes[-1:]).root() == root
    for index in range(size):
        proof = inclusion_proof(hashes, index)
        assert list(proof) == slow_path(index, hashes)
        check_inclusion(hashes[index], index, size, proof, root)
    for earlier in range(1, size + 1):
        proof = consistency_proof(hashes, earlier)
        assert list(proof) == slow_subproof(earlier, hashes, whole=True)
        check_consistency(earlier, slow_root(hashes[:earlier]), size, root, proof)


@st.composite
def inclusions(
    draw: st.DrawFn,
) -> tuple[bytes, int, int, tuple[bytes, ...], bytes]:
    size = draw(st.integers(1, LARGEST))
    index = draw(st.integers(0, size - 1))
    hashes = LEAVES[:size]
    return hashes[index], index, size, inclusion_proof(hashes, index), root_hash(hashes)


@st.composite
def consistencies(draw: st.DrawFn) -> tuple[int, bytes, int, bytes, tuple[bytes, ...]]:
    size = draw(st.integers(2, LARGEST))
    earlier = draw(st.integers(1, size - 1))
    hashes = LEAVES[:size]
    return (
        earlier,
        root_hash(hashes[:earlier]),
        size,
        root_hash(hashes),
        consistency_proof(hashes, earlier),
    )


def flipped(found: bytes, bit: int) -> bytes:
    place, shift = divmod(bit, 8)
    return found[:place] + bytes([found[place] ^ (1 << shift)]) + found[place + 1 :]


def spoiled_proofs(proof: tuple[bytes, ...], bit: int) -> list[tuple[bytes, ...]]:
    """Proofs that differ from a good one by one step."""
    spoiled = [(*proof, bytes(32)), (*proof, b""), (bytes(32), *proof), (*proof, *proof[-1:] * 2)]
    for place, element in enumerate(proof):
        before, after = proof[:place], proof[place + 1 :]
        spoiled += [
            (*before, *after),
            (*before, flipped(element, bit), *after),
            (*before, element[:-1], *after),
            (*before, element + b"\x00", *after),
            (*before, b"", *after),
        ]
    if len(set(proof)) > 1:
        spoiled.append((*proof[1:], proof[0]))
    return [one for one in spoiled if one != proof]


BITS = st.integers(0, 255)


@settings(max_examples=60, deadline=None)
@given(inclusions(), BITS)
def test_a_spoiled_inclusion_proof_is_refused(
    good: tuple[bytes, int, int, tuple[bytes, ...], bytes], bit: int
) -> None:
    leaf, index, size, proof, root = good
    bad = [(leaf, index, size, spoiled, root) for spoiled in spoiled_proofs(proof, bit)]
    bad += [
        (flipped(leaf, bit), index, size, proof, root),
        (leaf, index, size, proof, flipped(root, bit)),
        (leaf, index, size, proof, EMPTY_ROOT),
        (b"", index, size, proof, root),
        (leaf, index, size, proof, b""),
        (leaf, -1, size, proof, root),
        (leaf, size, size, proof, root),
        (leaf, index, 0, proof, root),
        (leaf, index, index, proof, root),
        (leaf, index, -size, proof, root),
        (leaf, index ^ 1, size, proof, root),
        (leaf, index, size * 2, proof, root),
        (leaf, index, size * 1000, proof, root),
    ]
    for case in bad:
        with pytest.raises(LogError):
            check_inclusion(*case)


@settings(max_examples=60, deadline=None)
@given(consistencies(), BITS)
def test_a_spoiled_consistency_proof_is_refused(
    good: tuple[int, bytes, int, bytes, tuple[bytes, ...]], bit: int
) -> None:
    size, root, later_size, later_root, proof = good
    bad = [(size, root, later_size, later_root, one) for one in spoiled_proofs(proof, bit)]
    bad += [
        (size, later_root, later_size, root, proof),
        (size, flipped(root, bit), later_size, later_root, proof),
        (size, root, later_size, flipped(later_root, bit), proof),
        (size, b"", later_size, later_root, proof),
        (size, root, later_size, b"", proof),
        (size, root, later_size, later_root, ()),
        (0, root, later_size, later_root, proof),
        (0, EMPTY_ROOT, later_size, later_root, ()),
        (0, EMPTY_ROOT, 0, EMPTY_ROOT, ()),
        (-1, root, later_size, later_root, proof),
        (later_size, root, size, later_root, proof),
        (later_size, root, later_size, later_root, ()),
        (later_size, later_root, later_size, later_root, proof),
        (size, root, later_size * 1000, later_root, proof),
        (later_size + 1, root, later_size, later_root, proof),
    ]
    for case in bad:
        with pytest.raises(LogError):
            check_consistency(*case)


def test_the_empty_leaf_hash_is_not_in_an_empty_tree() -> None:
    with pytest.raises(LogError, match="32 bytes"):
        check_inclusion(b"", 0, 1, (), b"")


def test_no_proof_is_made_of_what_is_not_there() -> None:
    for index in (-1, 3):
        with pytest.raises(LogError, match="no such leaf"):
            inclusion_proof(LEAVES[:3], index)
    for size in (0, 4):
        with pytest.raises(LogError, match="no proof between"):
            consistency_proof(LEAVES[:3], size)
