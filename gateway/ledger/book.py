"""What one transaction of the ledger may do: append an entry, charge, close, change caps.

Every function runs inside the transaction that its caller has begun, and leaves it to the caller
to commit or to roll back.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from gateway.audit.database import Connection
from gateway.audit.entries import SALTED, Entry, Stamp, encode_entry, new_salt, time_text
from gateway.audit.events import Event
from gateway.audit.tlog import leaf_hash
from gateway.clock import Clock
from gateway.ledger.errors import LedgerFaultError
from gateway.ledger.scopes import MAX_UNITS, scope_id
from policies.errors import BudgetExceededError
from policies.privacy import DELTA_UNITS, Measure, PrivacyLoss
from query.ports import Balance

__all__ = ["Account", "Place", "account_of", "append", "balances", "debit", "record_charge"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands: its number from 0, and its leaf hash."""

    index: int
    leaf_hash: bytes


@dataclass(frozen=True, slots=True)
class Account:
    """The three scopes that one researcher's query is charged to."""

    pool: str
    project: str
    researcher: str

    @property
    def scope_ids(self) -> tuple[str, str, str]:
        """Of pool, project and researcher."""
        return (
            scope_id(self.pool),
            scope_id(self.pool, self.project),
            scope_id(self.pool, self.project, self.researcher),
        )


def append(connection: Connection, event: Event, boot: str, clock: Clock) -> Place:
    """Append an event to the log; its time is now, but never before the entry before.

    Raises:
        LogError: If the event holds what it may not.
    """
    last = connection.execute("SELECT idx, leaf FROM entry ORDER BY idx DESC LIMIT 1").fetchone()
    now = clock.now().astimezone(UTC)
    index, time = (0, now) if last is None else (last[0] + 1, _time_of(last[1]))
    stamp = Stamp(
        seq=index,
        time=time_text(max(now, time)),
        behind_ms=max(0, -((now - time) // timedelta(milliseconds=1))),
        boot=boot,
        mono=clock.monotonic_ms(),
        v=SALTED,
        salt=new_salt(),
    )
    leaf = encode_entry(Entry(stamp, event))
    place = Place(index, leaf_hash(leaf))
    connection.execute("INSERT INTO entry VALUES (?, ?, ?)", (index, leaf, place.leaf_hash))
    return place


def account_of(connection: Connection, project: str, dataset: str, principal: str) -> Account:
    """Return the scopes of a researcher who asks a dataset in a project.

    Raises:
        BudgetExceededError: If no budget was opened for them.
    """
    row = connection.execute("SELECT pool FROM dataset WHERE id = ?", (dataset,)).fetchone()
    account = Account(row[0] if row else "", project, principal)
    known = connection.execute(
        "SELECT count(*) FROM scope WHERE id IN (?, ?, ?)", account.scope_ids
    ).fetchone()
    if not (row and project and principal) or known != (3,):
        raise BudgetExceededError(
            "there is no budget for this person, project and dataset",
            code="BUD-NONE",
            remedy="ask the data steward to open one",
        )
    return account


def debit(connection: Connection, account: Account, loss: PrivacyLoss) -> None:
    """Charge pool, project and researcher, all or none: the one place where a budget is decided.

    Raises:
        BudgetExceededError: If one of them does not cover the loss.
        LedgerFaultError: If the loss is zero or in another measure than the pool's.
    """
    if loss.amount == 0:
        raise LedgerFaultError("a query was priced at zero")
    before = balances(connection, account)
    if loss.amount > MAX_UNITS:
        raise _exceeded(before, loss)
    changed = connection.execute(
        "UPDATE scope SET spent = spent + :amount, spent_delta = spent_delta + :delta"
        " WHERE id IN (:pool, :project, :researcher) AND measure = :measure"
        " AND spent <= cap - :amount AND spent_delta <= cap_delta - :delta",
        {
            "amount": loss.amount,
            "delta": loss.delta,
            "measure": loss.measure.value,
            **dict(zip(("pool", "project", "researcher"), account.scope_ids, strict=True)),
        },
    ).rowcount
    if changed != len(account.scope_ids):
        raise _exceeded(before, loss)


def record_charge(
    connection: Connection, account: Account, loss: PrivacyLoss, place: Place
) -> None:
    """Record which entry charged which scopes what."""
    connection.executemany(
        "INSERT INTO charge VALUES (?, ?, ?, ?)",
        [(place.index, scope, loss.amount, loss.delta) for scope in account.scope_ids],
    )


def balances(connection: Connection, account: Account) -> tuple[Balance, ...]:
    """Return pool, project and researcher, in this order."""
    names = (account.pool, account.project, account.researcher)
    return tuple(
        _balance(connection, kind, name, scope)
        for kind, name, scope in zip(
            ("pool", "project", "researcher"), names, account.scope_ids, strict=True
        )
    )


def _balance(connection: Connection, kind: str, name: str, scope: str) -> Balance:
    measure, cap, cap_delta, spent, spent_delta = connection.execute(
        "SELECT measure, cap, cap_delta, spent, spent_delta FROM scope WHERE id = ?", (scope,)
    ).fetchone()
    return Balance(
        scope=kind,
        name=name,
        cap=PrivacyLoss(measure=Measure(measure), amount=cap, delta=cap_delta),
        spent=PrivacyLoss(measure=Measure(measure), amount=spent, delta=spent_delta),
    )


def _exceeded(found: Sequence[Balance], loss: PrivacyLoss) -> BudgetExceededError:
    """The refusal, about the widest scope that does not cover the loss."""
    if any(balance.cap.measure is not loss.measure for balance in found):
        raise LedgerFaultError("a query was priced in another measure than its pool's")
    for balance in found:
        left = balance.cap.amount - balance.spent.amount
        left_delta = balance.cap.delta - balance.spent.delta
        if loss.amount > left:
            what, price, rest = loss.measure.symbol, loss.parameter, _parameter(loss.measure, left)
        elif loss.delta > left_delta:
            what, price, rest = "delta", _delta(loss.delta), _delta(left_delta)
        else:
            continue
        return BudgetExceededError(
            f"the query costs {what} {_plain(price)} and the {balance.scope} has"
            f" {_plain(rest)} left",
            code=f"BUD-{balance.scope.upper()}",
            remedy="offer a lower price, or ask the data steward for a larger allowance;"
            " budgets do not renew by themselves",
        )
    raise LedgerFaultError("a charge was refused that every scope covers")


def _parameter(measure: Measure, units: int) -> Decimal:
    return Decimal(units) / measure.units


def _delta(units: int) -> Decimal:
    return Decimal(units) / DELTA_UNITS


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _time_of(leaf: bytes) -> datetime:
    return datetime.fromisoformat(json.loads(leaf)["time"])
