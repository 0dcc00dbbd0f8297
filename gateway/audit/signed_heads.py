"""The heads that a log has to fit: those that the key in force has signed, and those of others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.audit.checkpoint import Checkpoint, VerifierKey, parse_checkpoint
from gateway.audit.errors import LogError
from gateway.audit.findings import Failure, Finding

__all__ = ["EarlierHead", "SignedHeads", "sort_heads"]


@dataclass(frozen=True, slots=True)
class EarlierHead:
    """A head that the key in force has not signed, perhaps one before it.

    Attributes:
        text: It, with its signatures, of which none counts by itself.
        head: What it says.
    """

    text: str
    head: Checkpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedHeads:
    """Heads, sorted by who has signed them.

    Attributes:
        key: The key in force.
        heads: What it has signed.
        earlier: What others have.
        findings: What is wrong with the rest.
    """

    key: VerifierKey
    heads: tuple[Checkpoint, ...]
    earlier: tuple[EarlierHead, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def sizes(self) -> frozenset[int]:
        """Sizes at which the root of the log is wanted."""
        return frozenset(one.size for one in (*self.heads, *(one.head for one in self.earlier)))


def sort_heads(key: VerifierKey, last: str | None, others: Iterable[str] = ()) -> SignedHeads:
    """Sort the heads of a log by whether the key in force has signed them.

    Args:
        key: The key in force.
        last: The last signed head, which no other key may have signed; None if it cannot be read.
        others: Further heads; one of an earlier key has to be in the log.
    """
    heads: list[Checkpoint] = []
    earlier: list[EarlierHead] = []
    findings: list[Finding] = []
    if last is None:
        detail = "the last signed checkpoint cannot be read"
        findings.append(Finding(None, Failure.DATABASE, detail))
    given = [(text, False) for text in others]
    if last is not None:
        given.insert(0, (last, True))
    for text, is_last in given:
        try:
            heads.append(key.verify(text))
        except LogError as error:
            found = None if is_last else _earlier(key, text)
            if found is None:
                findings.append(Finding(None, Failure.SIGNATURE, error.message))
            else:
                earlier.append(found)
    return SignedHeads(
        key=key, heads=tuple(heads), earlier=tuple(earlier), findings=tuple(findings)
    )


def _earlier(key: VerifierKey, text: str) -> EarlierHead | None:
    """A head that another key of the log's name has signed, and the key in force has not."""
    try:
        head = parse_checkpoint(text)
    except LogError:
        return None
    is_other = key.is_named_on(text) and not key.is_on(text) and head.origin == key.name
    return EarlierHead(text, head) if is_other else None
