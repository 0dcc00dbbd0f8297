"""What answering needs from outside: an engine that runs SQL, and a ledger that remembers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from policies.errors import RefusalError
from policies.privacy import PrivacyLoss

__all__ = ["Balance", "Charge", "Denial", "Engine", "ExactRow", "Ledger", "Receipt"]

ExactRow: TypeAlias = Sequence[int | str | bool | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One debit and the facts that its audit entry keeps; all are free of private values.

    Attributes:
        query_id: 32 hex digits, chosen at random by the gateway for this request.
        time: When the request came, UTC.
        principal: Opaque id of who asks.
        project: Whose budget is debited.
        dataset: What is asked.
        snapshot: State of the data that is asked.
        purpose: Why.
        policy_digest: Digest of the policies under which it was allowed.
        template: The query in canonical form; literals outside public domains are masked.
        cache_key: SHA-256 of canonical plan, snapshot and policy: equal questions have equal
            keys, whatever they cost.
        loss: What is debited, from pool, project and researcher alike.
        follows: Query id of the stored release that this charge adds to; None for the first.
        family: SHA-256 that questions over the same rows, conditions aside, have in common; empty
            where none is computed from another's answer.
        wording: What the question can be read again from, for as long as its answer is kept.
        derived: Whether ``cache_key`` is that of a wider question, whose stored answer gives this
            one: for repeats only.
    """

    query_id: str
    time: datetime
    principal: str
    project: str
    dataset: str
    snapshot: str
    purpose: str
    policy_digest: str
    template: str
    cache_key: bytes
    loss: PrivacyLoss
    follows: str | None = None
    family: bytes = b""
    wording: bytes = b""
    derived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """A refused request, for the audit log.

    Attributes:
        template: The query in canonical form, or empty where it could not be read.
        error: Why it was refused; its code and rule are kept, its message is not.
    """

    time: datetime
    principal: str
    project: str
    dataset: str
    purpose: str
    policy_digest: str
    template: str
    error: RefusalError


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Where an entry stands in the audit log.

    Attributes:
        index: Number of the entry, from 0.
        leaf_hash: RFC 9162 leaf hash, 64 hex digits.
        checkpoint: Signed checkpoint (C2SP tlog-checkpoint) of a tree that holds the entry.
        proof: The entry and why it is in that tree (C2SP tlog-proof); empty where nobody asks.
    """

    index: int
    leaf_hash: str
    checkpoint: str
    proof: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What one scope may still spend.

    Attributes:
        scope: ``pool``, ``project`` or ``researcher``.
        name: The scope's name.
        cap: Allowance.
        spent: Sum of all charges; never above ``cap``.
    """

    scope: str
    name: str
    cap: PrivacyLoss
    spent: PrivacyLoss


class Engine(Protocol):
    """Runs one statement that we generated over one sealed snapshot."""

    def prepare(self, statement: str) -> None:
        """Check a statement before it is paid for, looking at names and types and at no row.

        Its time must not depend on rows: it is not padded.

        Raises:
            UnsupportedQueryError: If the engine cannot plan the statement (``SQL-ENGINE``).
            InternalError: If the engine is gone.
        """
        ...

    def run(self, statement: str, keys: int | None = None) -> list[ExactRow]:
        """Return all rows: integers, texts, booleans and NULL; never floats.

        Args:
            statement: One that we generated.
            keys: How many columns at the left tell rows apart. All others then are sums over
                privacy units, so that parts of the units may be added up where memory is short.
                None for what cannot be added up.

        Raises:
            InternalError: On any failure; the vendor's words are not passed on.
        """
        ...


class Ledger(Protocol):
    """The durable record of charges, answers and denials; one per deployment."""

    def recall(self, project: str, cache_key: bytes) -> bytes | None:
        """Return the last stored answer to an equal question of the same project, or None."""
        ...

    def related(self, project: str, family: bytes, most: int) -> tuple[bytes, ...]:
        """Return the wordings of the last answered questions of a family, the newest first.

        Each question stands once; of the same project only.
        """
        ...

    def reserve(self, charge: Charge) -> Receipt:
        """Debit pool, project and researcher, and append the entry, in one durable transaction.

        Raises:
            BudgetExceededError: If any scope does not cover it; nothing is debited then.
            RefusalError: If the same question is being answered now, or its last stored answer is
                not the one that this charge follows; nothing is debited then.
        """
        ...

    def release(self, charge: Charge, answer: bytes) -> Receipt:
        """Store the noisy answer and append the entry that closes the reservation."""
        ...

    def abandon(self, charge: Charge) -> Receipt:
        """Append the entry that closes a reservation without an answer; the charge stays."""
        ...

    def repeat(self, charge: Charge) -> Receipt:
        """Append that a stored answer is given again, or what follows from it, for nothing."""
        ...

    def deny(self, denial: Denial) -> Receipt:
        """Append a refusal; the receipt is told along with it."""
        ...

    def balances(self, project: str, dataset: str, principal: str) -> tuple[Balance, ...]:
        """Return pool, project and researcher, in this order."""
        ...
