"""What the tests of a set of declarations have looked at, and what not.

A column, or an aggregate over it, is hit by an allowed question that uses it, and by the denial of
a question if this one use of the column would be denied by the same rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from policies.active import PolicySet
from policies.datasets import Ownership
from policies.decide import decide_use
from policies.decisions import Access, ColumnUse, Decision, Deny, QueryFacts

__all__ = ["Target", "hits", "targets"]


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """One thing that a test should look at.

    Attributes:
        dataset: Of which dataset.
        kind: ``aggregate``, ``column`` or ``purpose``.
        name: Which; of columns ``table.column``.
    """

    dataset: str
    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.dataset}: {self.kind} {self.name}"


def targets(active: PolicySet) -> frozenset[Target]:
    """Return all columns, aggregates and purposes; directories cannot be asked, so not theirs."""
    return frozenset(_targets(active))


def _targets(active: PolicySet) -> Iterator[Target]:
    for dataset in active.datasets.values():
        for name, table in dataset.tables.items():
            if table.ownership is not Ownership.DIRECTORY:
                yield from (Target(dataset.id, "column", f"{name}.{one}") for one in table.columns)
        rules = dataset.spec.queries
        yield from (Target(dataset.id, "aggregate", one.value) for one in rules.aggregates)
        yield from (Target(dataset.id, "purpose", one) for one in rules.purposes)


def hits(
    access: Access, facts: QueryFacts | None, denied: Deny | None, active: PolicySet
) -> frozenset[Target]:
    """Return what one question has looked at.

    Args:
        access: Who asked what and why.
        facts: What the question uses; None where it was refused before that was known.
        denied: The denial; None where the question was allowed.
        active: The declarations.
    """
    name = access.dataset
    if denied is not None and denied.code == "POL-PURPOSE":
        return frozenset({Target(name, "purpose", access.purpose)})
    if facts is None:
        return frozenset()
    if denied is None:
        return frozenset(
            {
                Target(name, "purpose", access.purpose),
                *(Target(name, "aggregate", one.value) for one in facts.aggregates),
                *(Target(name, "column", f"{use.table}.{use.column}") for use in facts.uses),
            }
        )
    alone = (
        use for use in facts.uses if _same(decide_use(access, _only(facts, use), active), denied)
    )
    return frozenset(found for use in alone for found in _of_use(name, use))


def _of_use(dataset: str, use: ColumnUse) -> tuple[Target, Target]:
    """Return the column, and how it was used: what is no aggregate is no target and hits none."""
    column = Target(dataset, "column", f"{use.table}.{use.column}")
    return column, Target(dataset, "aggregate", use.way)


def _only(facts: QueryFacts, use: ColumnUse) -> QueryFacts:
    return replace(facts, uses=(use,), aggregates=frozenset())


def _same(decision: Decision, denied: Deny) -> bool:
    return isinstance(decision, Deny) and (decision.rule, decision.code) == (
        denied.rule,
        denied.code,
    )
