"""Whether a change of the declarations allows more or less, cell by cell, and as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.active import PolicySet
from policies.diff.held import Change, Held, compare, shown
from policies.diff.matrix import Cell, Scope, matrix

__all__ = ["Row", "changed_rows", "classify"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing of which more or less is allowed than before.

    Attributes:
        scope: The project, dataset or pool.
        subject: The column, cap, member or statement; empty for the scope as a whole.
        door: Through which door: ``queries``, ``records``, ``store``, ``budget``, …
        before: What was held, in a few words.
        after: What is held then.
        change: What that does.
    """

    scope: str
    subject: str
    door: str
    before: str
    after: str
    change: Change

    def __str__(self) -> str:
        subject = f" {self.subject} ({self.door})" if self.subject else ""
        return f"{self.change.value}: {self.scope}{subject}: {self.before} → {self.after}"


def changed_rows(before: PolicySet, after: PolicySet) -> tuple[Row, ...]:
    """Return all that changes in what is allowed, sorted by scope and subject.

    Args:
        before: In force.
        after: To be put in force.
    """
    old, new = matrix(before), matrix(after)
    return tuple(
        row
        for scope in sorted({*old, *new})
        for row in _of_scope(scope, old.get(scope), new.get(scope))
    )


def classify(before: PolicySet | None, after: PolicySet) -> Change:
    """Return what a change does as a whole: it widens if anything does.

    Args:
        before: In force; None where nothing is, so that all is new.
        after: To be put in force.
    """
    if before is None:
        return Change.WIDENS
    found = {row.change for row in changed_rows(before, after)}
    if Change.WIDENS in found:
        return Change.WIDENS
    return Change.NARROWS if found else Change.NEUTRAL


def _of_scope(
    scope: Scope, before: Mapping[Cell, Held] | None, after: Mapping[Cell, Held] | None
) -> Iterator[Row]:
    """Give what changes in a scope; one that is gone allows nothing, whatever stood in it."""
    if before is None or after is None:
        told = ("not there", "there") if before is None else ("there", "not there")
        change = Change.WIDENS if before is None else Change.NARROWS
        yield Row(
            scope=str(scope), subject="", door="", before=told[0], after=told[1], change=change
        )
        return
    for cell in sorted({*before, *after}):
        old, new = before.get(cell), after.get(cell)
        change = compare(old, new)
        if change is not Change.NEUTRAL:
            yield Row(
                scope=str(scope),
                subject=cell.subject,
                door=cell.door,
                before=shown(old),
                after=shown(new),
                change=change,
            )
