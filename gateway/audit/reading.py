"""What a verification found so far, and what it tells at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from gateway.audit.entries import parse_entry
from gateway.audit.errors import LogError
from gateway.audit.findings import Failure, Finding
from gateway.audit.replay import Replay
from gateway.audit.signed_heads import EarlierHead, SignedHeads
from gateway.audit.tlog import EMPTY_ROOT, Frontier, leaf_hash

__all__ = ["Reading", "VerificationReport"]

_MAX_FINDINGS: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationReport:
    """What a verification found.

    Attributes:
        size: Entries in the log.
        root: Root of the tree over them, 64 hex digits.
        signed_size: Entries that the last signed checkpoint covers; 0 if it cannot be used.
        charged: Queries that were charged.
        open_reserves: Charged queries that are neither released nor abandoned: in the making, or
            left behind by a process that ended.
        policy: Digest of the declarations in force at the end of it; empty if there are none.
        notes: What else there is to say, a sentence each.
        contained: Texts of heads of earlier keys that the log contains.
        findings: What is wrong: bad entries by index, then what is wrong with the log as a whole,
            then tables and answers that differ from it; at most about 1000.
    """

    size: int
    root: str
    signed_size: int
    charged: int
    open_reserves: int
    findings: tuple[Finding, ...]
    policy: str = ""
    notes: tuple[str, ...] = ()
    contained: frozenset[str] = frozenset()

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    @property
    def exit_code(self) -> int:
        """0, or the exit code of the class of the first finding."""
        return self.findings[0].failure.value if self.findings else 0

    def with_findings(
        self, more: Sequence[Finding], notes: Sequence[str] = ()
    ) -> VerificationReport:
        """Return the report with what another check of the same log found."""
        findings = tuple(sorted((*self.findings, *more), key=_order))
        return replace(self, findings=findings, notes=(*self.notes, *notes))

    def lines(self) -> tuple[str, ...]:
        """Return the report for a person, a sentence a line."""
        state = "sound" if self.is_sound else f"NOT sound: {len(self.findings)} findings"
        return (
            f"The log is {state}.",
            f"{self.size} entries, {self.signed_size} of them under the last signed checkpoint.",
            f"{self.charged} queries were charged; {self.open_reserves} of them are open.",
            f"Root {self.root}",
            *self.notes,
            *(str(finding) for finding in self.findings),
        )


@dataclass(slots=True)
class Reading:
    """How far the log was read, and what was found.

    Attributes:
        signed: Heads that the log has to fit.
    """

    signed: SignedHeads
    roots: dict[int, bytes] = field(default_factory=dict)
    cursor: int = -(2**63)
    next_index: int = 0
    frontier: Frontier = field(default_factory=Frontier)
    replay: Replay = field(default_factory=Replay)
    findings: list[Finding] = field(default_factory=list)
    contained: list[EarlierHead] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.findings += self.signed.findings

    def add(self, findings: Iterator[Finding]) -> None:
        """Note what is wrong; beyond a thousand, nothing more."""
        for finding in findings:
            if len(self.findings) < _MAX_FINDINGS:
                self.findings.append(finding)

    def take(self, index: int, leaf: bytes, stored_hash: bytes) -> None:
        """Read one more entry."""
        self.add(self._check(index, leaf, stored_hash))
        self.cursor, self.next_index = index, max(index + 1, self.next_index)
        self.frontier = self.frontier.extended((leaf_hash(leaf),))
        if self.frontier.size in self.signed.sizes:
            self.roots[self.frontier.size] = self.frontier.root()

    def check_heads(self) -> None:
        """Compare the log, read to its end, with the checkpoints."""
        covered = 0
        for head in self.signed.heads:
            if head.size > self.frontier.size:
                detail = f"a checkpoint was signed for {head.size} entries"
                self.add(iter([Finding(self.frontier.size, Failure.ROLLBACK, detail)]))
            elif self.roots.get(head.size, EMPTY_ROOT) != head.root:
                detail = f"the first {head.size} entries are not those that were signed"
                self.add(iter([Finding(None, Failure.ROOT, detail)]))
            else:
                covered = max(covered, head.size)
        self.add(self.replay.keys.check_last(self.signed.key))
        for one in self.signed.earlier:
            found = tuple(self._check_earlier(one, covered))
            self.add(iter(found))
            if not found:
                self.contained.append(one)

    def _check_earlier(self, one: EarlierHead, covered: int) -> Iterator[Finding]:
        """A head of another key counts only if the log under the key in force contains it.

        Args:
            one: The head.
            covered: So many entries are those that the key in force has signed.
        """
        size, root = one.head.size, one.head.root
        if size > covered or self.roots.get(size, EMPTY_ROOT) != root:
            detail = f"a head of {size} entries, signed by another key, is not of the signed log"
            yield Finding(None, Failure.ROOT, detail)
        elif self.next_index:  # entries were read, which say whose head it may be
            yield from self.replay.keys.check_signed(one)

    def report(self) -> VerificationReport:
        """Return what was found."""
        queries = self.replay.queries.values()
        return VerificationReport(
            size=self.frontier.size,
            root=self.frontier.root().hex(),
            signed_size=max((head.size for head in self.signed.heads), default=0),
            charged=len(queries),
            open_reserves=sum(query.closed is None for query in queries),
            findings=tuple(sorted(self.findings, key=_order)),
            policy=self.replay.policy,
            notes=tuple(_note(one.head.size, bool(self.next_index)) for one in self.contained),
            contained=frozenset(one.text for one in self.contained),
        )

    def _check(self, index: int, leaf: bytes, stored_hash: bytes) -> Iterator[Finding]:
        if index != self.next_index:
            place = min(index, self.next_index)
            yield Finding(place, Failure.SEQUENCE, "an entry of this number is missing or moved")
        if leaf_hash(leaf) != stored_hash:
            yield Finding(index, Failure.LEAF_HASH, "it does not have the hash stored beside it")
        try:
            entry = parse_entry(leaf)
        except LogError as error:
            yield Finding(index, Failure.FORM, error.message)
            return
        yield from self.replay.take(index, entry)


def _order(finding: Finding) -> tuple[int, bool, int, int]:
    """Bad entries first, by index; then the log as a whole; then what only follows from it."""
    follows = finding.failure in {Failure.TABLES, Failure.ANSWER}
    rank = 2 if follows else int(finding.index is None)
    return rank, finding.index is None, finding.index or 0, finding.failure.value


def _note(size: int, is_checked: bool) -> str:  # noqa: FBT001  private
    """Tell of a head under another key, whose signature only the entries let one look at."""
    said = "" if is_checked else ", which is not checked without the entries,"
    return f"A head of {size} entries that another key signed{said} is contained in this log."
