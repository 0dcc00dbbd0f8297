"""CASE and its relatives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import TypeAlias

from query.domains import Domain, Kind, unify
from query.expressions import Expression
from query.functions.building import Builder, aligned, call, expect, places, refuse
from query.functions.comparison import COMPARISON

__all__ = ["CONDITIONAL"]

End: TypeAlias = Fraction | date


def case(args: tuple[Expression, ...]) -> Expression:
    """Return ``CASE WHEN c1 THEN v1 … ELSE v END``; arguments in this order, ELSE always given."""
    conditions, values = args[:-1:2], (*args[1:-1:2], args[-1])
    expect(conditions, Kind.BOOLEAN, name="CASE WHEN")
    values = aligned(values)
    domain = _mixed(values, "CASE")
    branches = " ".join(f"WHEN {{{2 * i}}} THEN {{{2 * i + 1}}}" for i in range(len(conditions)))
    form = f"(CASE {branches} ELSE {{{2 * len(conditions)}}} END)"
    pairs = zip(conditions, values, strict=False)
    ordered = (*(part for pair in pairs for part in pair), values[-1])
    made = call("case", form, form, ordered, domain)
    return replace(made, deciding=tuple(range(0, len(ordered) - 1, 2)))


def coalesce(args: tuple[Expression, ...]) -> Expression:
    """Return the first of the values that is not NULL."""
    values = aligned(args)
    domain = _mixed(values, "COALESCE")
    domain = replace(domain, nullable=all(value.domain.nullable for value in values))
    form = f"COALESCE({places(values)})"
    return call("coalesce", form, form, values, domain)


def null_if(args: tuple[Expression, ...]) -> Expression:
    """Return NULL where both are equal, else the first."""
    equal = COMPARISON["eq"](args)
    domain = replace(args[0].domain, nullable=True)
    sql = "(CASE WHEN {0} THEN NULL ELSE {1} END)"
    return call("null_if", sql, "NULLIF({1}, {2})", (equal, args[0], args[1]), domain)


def greatest(args: tuple[Expression, ...]) -> Expression:
    """Return the largest of the values that are not NULL."""
    return _extreme("GREATEST", args, pick=max)


def least(args: tuple[Expression, ...]) -> Expression:
    """Return the smallest of the values that are not NULL."""
    return _extreme("LEAST", args, pick=min)


def _extreme(name: str, args: tuple[Expression, ...], *, pick: Callable[..., End]) -> Expression:
    kinds = (Kind.NUMBER, Kind.REAL, Kind.DATE, Kind.TIMESTAMP, Kind.TEXT)
    expect(args, *kinds, name=name)
    values = aligned(args)
    domain = _mixed(values, name)
    # a value that is never NULL holds the result to its own side
    sure = [value.domain for value in values if not value.domain.nullable]
    lower, upper = domain.lower, domain.upper
    if domain.kind is not Kind.TIMESTAMP:
        if pick is max:
            lower = _best([one.lower for one in sure], lower, max)
        else:
            upper = _best([one.upper for one in sure], upper, min)
    form = f"{name}({places(values)})"
    result = replace(domain, lower=lower, upper=upper, nullable=not sure)
    return call(name.lower(), form, form, values, result)


def _best(ends: Sequence[End | None], other: End | None, pick: Callable[..., End]) -> End | None:
    known = [end for end in ends if end is not None]
    return pick(known) if known else other


def _mixed(values: tuple[Expression, ...], name: str) -> Domain:
    domain = unify(value.domain for value in values)
    if domain is None:
        raise refuse(f"the values of {name} are of different kinds", "give values of one kind")
    return replace(domain, is_enum=False)


CONDITIONAL: dict[str, Builder] = {
    "case": case,
    "coalesce": coalesce,
    "null_if": null_if,
    "greatest": greatest,
    "least": least,
}
