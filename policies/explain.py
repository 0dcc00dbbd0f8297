"""A decision as a tree: every rule in its order, what it said, and the line that it looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from policies.active import PolicySet
from policies.decide import SEAT_RULES, STANDING_RULES, USE_RULES
from policies.decisions import Access, ColumnUse, Decision, Deny, QueryFacts
from policies.places import Place, Places
from policies.pointers import pointer
from policies.rules.dataset_granted import find_standing
from policies.rules.membership_current import decide_membership_current
from policies.rules.project_member import find_seat
from policies.rules.standing import Standing
from policies.rules.training_current import decide_training_current

__all__ = ["Node", "explain_access", "explain_use"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What one rule said.

    Attributes:
        rule: Its name.
        outcome: ``allow`` or ``deny``.
        about: What it was asked about, such as a column and its use; empty for the question.
        code: Of a denial.
        reason: Of a denial.
        remedy: Of a denial.
        place: The line of the declaration that it looked at; None where there is none, or where
            saying it would tell what exists.
        parts: The same rule, for each use of a column by itself.
    """

    rule: str
    outcome: str
    about: str = ""
    code: str = ""
    reason: str = ""
    remedy: str = ""
    place: Place | None = None
    parts: tuple[Node, ...] = ()


_AT: Final[Mapping[str, tuple[str, ...]]] = {
    "project_in_force": ("project", "metadata", "expires_at"),
    "project_suspended": ("project", "metadata", "id"),
    "dataset_in_force": ("dataset", "metadata", "expires_at"),
    "dataset_suspended": ("dataset", "metadata", "id"),
    "separate_duties": ("project", "metadata", "owner"),
    "purpose_allowed": ("project", "spec", "purposes"),
    "column_role": ("dataset", "spec", "tables"),
    "column_group": ("dataset", "spec", "tables"),
    "private_keys": ("dataset", "spec", "queries", "private_keys"),
    "aggregates_allowed": ("dataset", "spec", "queries", "aggregates"),
    "group_width": ("dataset", "spec", "queries", "max_group_columns"),
    "cells": ("dataset", "spec", "queries", "max_cells"),
    "price": ("dataset", "spec", "queries", "max_loss_per_query"),
    "small_cells": ("dataset", "spec", "queries", "suppress_below"),
}
"""Where a rule looks that allows; those about columns look at the grant or the column."""

_OF_GRANT: Final = ("tables_granted", "columns_granted")
_OF_COLUMN: Final = ("column_role", "column_group", "private_keys", "aggregates_allowed")


def explain_access(
    access: Access, active: PolicySet, places: Places
) -> tuple[tuple[Node, ...], Standing | None]:
    """Return what each rule says of who asks, up to the first denial, and where they stand.

    Args:
        access: Who asks what, why and when.
        active: The declarations.
        places: Where they are written.
    """
    seat = find_seat(access, active)
    if isinstance(seat, Deny):
        return (_denied(seat, places),), None
    project = (("project", seat.project.id),)
    index = seat.project.spec.members.index(seat.member)
    member = places.find("project", seat.project.id, pointer("spec", "members", index))
    nodes = [Node(rule="project_member", outcome="allow", place=member)]
    for rule in SEAT_RULES:
        at = member if rule in {decide_membership_current, decide_training_current} else None
        nodes.append(_node(_name(rule), rule(seat), places, project, at))
        if nodes[-1].outcome == "deny":
            return tuple(nodes), None
    standing = find_standing(seat, active)
    if isinstance(standing, Deny):
        return (*nodes, _denied(standing, places)), None
    grant = places.find("project", seat.project.id, standing.of_grant().at)
    nodes.append(Node(rule="dataset_granted", outcome="allow", place=grant))
    for one in STANDING_RULES:
        nodes.append(_node(_name(one), one(standing), places, _both(standing)))
        if nodes[-1].outcome == "deny":
            return tuple(nodes), None
    return tuple(nodes), standing


def explain_use(standing: Standing, facts: QueryFacts, places: Places) -> tuple[Node, ...]:
    """Return what each rule says of a question; all of them, also after a denial."""
    return tuple(_used(rule, standing, facts, places) for rule in USE_RULES)


def _used(
    rule: Callable[[Standing, QueryFacts], Decision],
    standing: Standing,
    facts: QueryFacts,
    places: Places,
) -> Node:
    name, declared = _name(rule), _both(standing)
    if name not in {*_OF_GRANT, *_OF_COLUMN}:
        return _node(name, rule(standing, facts), places, declared)
    parts = []
    for use in facts.uses:
        alone = rule(
            standing, replace(facts, tables=(use.table,), uses=(use,), aggregates=frozenset())
        )
        at = _at_use(name, use, standing, places)
        about = f"{use.table}.{use.column} as {use.way}"
        parts.append(replace(_node(name, alone, places, declared, at), about=about))
    grant = places.find("project", standing.project.id, standing.of_grant("tables").at)
    whole = _node(
        name, rule(standing, facts), places, declared, grant if name in _OF_GRANT else None
    )
    return replace(whole, parts=tuple(parts))


def _at_use(name: str, use: ColumnUse, standing: Standing, places: Places) -> Place | None:
    if name in _OF_GRANT:
        at = standing.of_grant("tables", use.table).at
        return places.find("project", standing.project.id, at)
    at = pointer("spec", "tables", use.table, "columns", use.column)
    return places.find("dataset", standing.dataset.id, at)


def _node(
    name: str,
    decision: Decision,
    places: Places,
    declared: tuple[tuple[str, str], ...],
    at: Place | None = None,
) -> Node:
    if isinstance(decision, Deny):
        return _denied(decision, places)
    kind, *path = _AT.get(name, ("dataset",))
    policy = dict(declared).get(kind, "")
    return Node(rule=name, outcome="allow", place=at or places.find(kind, policy, pointer(*path)))


def _denied(denial: Deny, places: Places) -> Node:
    source = denial.source
    return Node(
        rule=denial.rule,
        outcome="deny",
        code=denial.code,
        reason=denial.reason,
        remedy=denial.remedy,
        place=None if source is None else places.find(source.layer.value, source.policy, source.at),
    )


def _both(standing: Standing) -> tuple[tuple[str, str], ...]:
    return ("dataset", standing.dataset.id), ("project", standing.project.id)


def _name(rule: Callable[..., Decision]) -> str:
    return rule.__module__.rpartition(".")[2]
