"""Putting the budgets of a set of declarations in force."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gateway.audit.database import Connection, DatabaseError, LedgerPlace, read_ledger
from gateway.audit.events import BudgetCapped, DatasetBound, PolicyActivated
from gateway.errors import OperatorError
from gateway.ledger.book import Place
from gateway.ledger.errors import LedgerFaultError
from gateway.ledger.records import PolicyStanding
from gateway.ledger.scopes import BudgetPlan, Scope
from gateway.ledger.transaction import Transaction
from policies.errors import DeclarationError
from policies.privacy import Measure, PrivacyLoss

__all__ = ["Grounds", "active_policy", "apply", "changes", "open_pools", "standing", "standing_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """Why a set of declarations may be put in force; the fields are those of the log.

    Attributes:
        approvals: ``required`` or ``none``.
        change: ``widens``, ``narrows`` or ``neutral``.
        signers: Ids of the keys that approved it.
        replaces: What was in force before, as ``PolicyStanding.state`` names it.
    """

    approvals: str
    change: str
    signers: tuple[str, ...] = ()
    replaces: str = "none"


def active_policy(connection: Connection) -> str | None:
    """Return the digest of the declarations in force; None before the first."""
    row = connection.execute("SELECT policy FROM activation ORDER BY entry DESC LIMIT 1").fetchone()
    return None if row is None else str(row[0])


def standing(connection: Connection, suspended: Mapping[str, int]) -> PolicyStanding:
    """Return what is in force, since which entry, and how it came there."""
    row = connection.execute(
        "SELECT idx, policy, leaf FROM activation JOIN entry ON entry = idx"
        " ORDER BY entry DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return PolicyStanding(policy="", approvals="", suspended=suspended, entry=None)
    entry, policy, leaf = row
    approvals = str(json.loads(leaf).get("approvals", "none"))
    return PolicyStanding(policy=policy, approvals=approvals, suspended=suspended, entry=entry)


def standing_of(database: LedgerPlace) -> PolicyStanding:
    """Return what a ledger says is in force, without what is suspended; it is only read.

    Args:
        database: Where it is; must exist.

    Raises:
        LedgerFaultError: If it cannot be read.
    """
    try:
        with read_ledger(database) as connection:
            return standing(connection, {})
    except DatabaseError:
        raise LedgerFaultError("the ledger cannot be read") from None


def open_pools(
    writing: Transaction, plan: BudgetPlan, actor: str, grounds: Grounds | None
) -> Place | None:
    """Put the budgets of a set of declarations in force; None if they are already.

    Raises:
        DeclarationError: As ``changes`` does.
        OperatorError: If another set is in force than the one that was to be replaced.
    """
    connection = writing.connection
    new = changes(connection, plan)
    if not new and active_policy(connection) == plan.policy:
        return None
    if grounds is not None:
        _check_replaces(connection, grounds)
    place = writing.append(_activated(plan.policy, actor, grounds))
    connection.execute("INSERT INTO activation VALUES (?, ?)", (place.index, plan.policy))
    for change in new:
        place = writing.append(change)
        apply(connection, change)
    return place


def _activated(policy: str, actor: str, grounds: Grounds | None) -> PolicyActivated:
    if grounds is None:
        return PolicyActivated(actor=actor, policy=policy)
    return PolicyActivated(
        actor=actor,
        policy=policy,
        approvals=grounds.approvals,
        change=grounds.change,
        signers=" ".join(grounds.signers),
        replaces=grounds.replaces.partition("@")[0].removeprefix("none"),
    )


def _check_replaces(connection: Connection, grounds: Grounds) -> None:
    """Check that the set that was approved replaces the one in force now.

    Raises:
        OperatorError: If another one came in between.
    """
    if standing(connection, {}).state != grounds.replaces:
        raise OperatorError(
            "other declarations came in force in the meantime",
            code="APP-STALE",
            remedy="compare with what is in force now, and let it be approved anew",
        )


def changes(connection: Connection, plan: BudgetPlan) -> tuple[BudgetCapped | DatasetBound, ...]:
    """Return what the plan changes, parents first; empty where all of it is in force already.

    A scope that the plan no longer has gets a cap of 0. What was spent stays spent, so a cap below
    it freezes the scope.

    Raises:
        DeclarationError: If the plan moves a dataset to another pool, or changes a pool's measure:
            both would give budget back.
    """
    return (*_new_caps(connection, plan), *_new_bindings(connection, plan))


def apply(connection: Connection, change: BudgetCapped | DatasetBound) -> None:
    """Bring the tables up to one change."""
    match change:
        case DatasetBound():
            connection.execute("INSERT INTO dataset VALUES (?, ?)", (change.dataset, change.pool))
        case BudgetCapped():
            scope = _scope_of(change)
            connection.execute(
                "INSERT INTO scope(id, parent, measure, cap, cap_delta) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT(id) DO UPDATE SET cap = CASE WHEN scope.spent > excluded.cap"
                " THEN scope.spent ELSE excluded.cap END, cap_delta = CASE WHEN"
                " scope.spent_delta > excluded.cap_delta THEN scope.spent_delta"
                " ELSE excluded.cap_delta END",
                (scope.id, scope.parent, change.measure, change.cap, int(change.cap_delta)),
            )


def _new_bindings(connection: Connection, plan: BudgetPlan) -> Iterator[DatasetBound]:
    bound = dict(connection.execute("SELECT id, pool FROM dataset"))
    for dataset, pool in plan.pools:
        if bound.get(dataset, pool) != pool:
            raise DeclarationError(
                f"dataset {dataset} was moved from pool {bound[dataset]} to pool {pool}",
                code="BUD-RESET-UNJUSTIFIED",
                remedy=f"name pool {bound[dataset]} again; what was spent stays spent",
            )
        if dataset not in bound:
            yield DatasetBound(dataset=dataset, pool=pool)


def _new_caps(connection: Connection, plan: BudgetPlan) -> Iterator[BudgetCapped]:
    found = {
        name: (measure, cap, cap_delta, spent, spent_delta)
        for name, measure, cap, cap_delta, spent, spent_delta in connection.execute(
            "SELECT id, measure, cap, cap_delta, spent, spent_delta FROM scope"
        )
    }
    for scope in (*plan.scopes, *_gone(found, plan)):
        measure, cap, cap_delta, spent, spent_delta = found.get(
            scope.id, (scope.cap.measure.value, -1, -1, 0, 0)
        )
        if measure != scope.cap.measure.value:
            raise DeclarationError(
                f"the budget of {scope.id} changed its measure",
                code="BUD-MEASURE-CHANGED",
                remedy=f"declare measure {measure}; it is fixed for the life of a pool",
            )
        if (cap, cap_delta) != (max(spent, scope.cap.amount), max(spent_delta, scope.cap.delta)):
            yield _capped(scope)


def _gone(found: dict[str, tuple[str, int, int, int, int]], plan: BudgetPlan) -> Iterator[Scope]:
    """The scopes that are no longer declared, without any allowance."""
    for name in sorted(found.keys() - {scope.id for scope in plan.scopes}):
        pool, project, researcher, *_ = (*name.split("/", maxsplit=2), "", "")
        cap = PrivacyLoss(measure=Measure(found[name][0]), amount=0)
        yield Scope(pool=pool, project=project, researcher=researcher, cap=cap)


def _capped(scope: Scope) -> BudgetCapped:
    return BudgetCapped(
        scope=scope.kind,
        pool=scope.pool,
        capped_project=scope.project,
        capped_researcher=scope.researcher,
        measure=scope.cap.measure.value,
        cap=scope.cap.amount,
        cap_delta=str(scope.cap.delta),
    )


def _scope_of(change: BudgetCapped) -> Scope:
    cap = PrivacyLoss(measure=Measure(change.measure), amount=change.cap)
    return Scope(
        pool=change.pool,
        project=change.capped_project,
        researcher=change.capped_researcher,
        cap=cap,
    )
