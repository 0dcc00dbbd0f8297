"""Receipts: one text that proves, without asking anybody, what the log says of a request.

A receipt is a C2SP tlog-proof. Its extra data hold the entry, the entries that it refers to, each
with its own proof under the same checkpoint, and of an answer the salt of its digest. So one file
and the log's vkey suffice to check the price, the policy, the purpose, and the answer itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.audit.answers import answer_digest, told_bytes
from gateway.audit.checkpoint import Checkpoint
from gateway.audit.encoding import base64_bytes, base64_text, canonical_json
from gateway.audit.entries import Entry, parse_entry
from gateway.audit.events import QueryReleased
from gateway.audit.heads import Heads
from gateway.audit.proofs import InclusionProof, malformed, parse_proof
from gateway.audit.tlog import leaf_hash

__all__ = ["CheckedReceipt", "ProvedLeaf", "check_receipt", "receipt_text"]

_MAX_REFERENCES = 2


@dataclass(frozen=True, slots=True)
class ProvedLeaf:
    """An entry's bytes, its number, and the hashes of its inclusion proof."""

    leaf: bytes
    index: int
    hashes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedReceipt:
    """What a receipt proves.

    Attributes:
        entry: What the log says at that place.
        references: The entries that it refers to, one from the other, such as an answer's charge.
        checkpoint: The state of the log that it was checked against.
        note: That state as signed text, perhaps with cosignatures of witnesses.
        answer_fits: Whether the answer at hand is the one that was told; None where none was given,
            or the entry is not the one that released it.
    """

    entry: Entry
    references: tuple[Entry, ...]
    checkpoint: Checkpoint
    note: str
    answer_fits: bool | None = None

    def facts(self) -> Mapping[str, object]:
        """Return all fields of the entries by name; those of the entry itself come first."""
        said: dict[str, object] = {}
        for entry in (self.entry, *self.references):
            event = entry.event
            for name in event.__dataclass_fields__:
                said.setdefault(name, getattr(event, name))
        return {name: value for name, value in said.items() if value != ""}


def receipt_text(
    entry: ProvedLeaf, references: Sequence[ProvedLeaf], checkpoint: str, salt: bytes = b""
) -> str:
    """Return a receipt.

    Args:
        entry: What is proved.
        references: The entries that it refers to, one from the other.
        checkpoint: Signed checkpoint that all proofs lead to.
        salt: Salt of the digest of the answer as it was told, if there is one.
    """
    extra: dict[str, object] = {
        "entry": entry.leaf.decode(),
        "references": [
            {
                "entry": one.leaf.decode(),
                "index": one.index,
                "proof": [base64_text(found) for found in one.hashes],
            }
            for one in references
        ],
    }
    if salt:
        extra["salt"] = salt.hex()
    return InclusionProof(
        index=entry.index,
        hashes=entry.hashes,
        checkpoint=checkpoint,
        extra=canonical_json(extra),
    ).text()


def check_receipt(text: str, heads: Heads, answer: bytes | None = None) -> CheckedReceipt:
    """Check everything that a receipt says; witnesses aside.

    Args:
        text: The receipt.
        heads: Which heads count, such as those that the log's key in force has signed.
        answer: The answer as JSON, if it is to be checked, too.

    Raises:
        LogError: If any of it does not hold.
    """
    proof = parse_proof(text)
    extra = _extra(proof.extra)
    leaf = str(extra["entry"]).encode()
    head = proof.check(leaf_hash(leaf), heads)
    entry = _entry_at(leaf, proof.index)
    references: list[Entry] = []
    for one in extra["references"]:
        before = references[-1] if references else entry
        references.append(_reference(before, one, proof.checkpoint, heads))
    return CheckedReceipt(
        entry=entry,
        references=tuple(references),
        checkpoint=head,
        note=proof.checkpoint,
        answer_fits=None if answer is None else _fits(entry, extra, answer),
    )


def _reference(before: Entry, given: Any, note: str, heads: Heads) -> Entry:  # noqa: ANN401  JSON; its form was checked
    index = given["index"]
    if getattr(before.event, "ref", None) != index:
        raise malformed("has an entry that the one before does not refer to")
    leaf = str(given["entry"]).encode()
    hashes = tuple(base64_bytes(str(one)) or b"" for one in given["proof"])
    InclusionProof(index=index, hashes=hashes, checkpoint=note).check(leaf_hash(leaf), heads)
    found = _entry_at(leaf, index)
    queries = {getattr(one.event, "query_id", "") for one in (before, found)}
    if isinstance(before.event, QueryReleased) and len(queries) != 1:
        raise malformed("has the charge of another query")
    return found


def _fits(entry: Entry, extra: Mapping[str, Any], answer: bytes) -> bool | None:
    release, told = entry.event, told_bytes(answer)
    if not isinstance(release, QueryReleased) or not release.told:
        return None
    salt = bytes.fromhex(str(extra.get("salt", "")))
    return told is not None and answer_digest(salt, told) == release.told


def _entry_at(leaf: bytes, index: int) -> Entry:
    entry = parse_entry(leaf)
    if entry.stamp.seq != index:
        raise malformed("has an entry of another number")
    return entry


def _extra(blob: bytes) -> dict[str, Any]:
    try:
        found = json.loads(blob)
        bytes.fromhex(str(found.get("salt", "")))
        well_formed = isinstance(found["entry"], str)
        well_formed &= len(found["references"]) <= _MAX_REFERENCES
        for one in found["references"]:
            well_formed &= isinstance(one["entry"], str) and isinstance(one["proof"], list)
            well_formed &= type(one["index"]) is int
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        well_formed = False
    if not well_formed:
        raise malformed("does not have the entry that it is about")
    return dict(found)
