"""CASE and its relatives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from query.domains import Domain, Kind, unify
from query.expressions import Expression
from query.functions.building import Builder, aligned, call, expect, refuse
from query.functions.comparison import COMPARISON

__all__ = ["CONDITIONAL"]


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
    form = f"COALESCE({_places(values)})"
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


def _extreme(name: str, args: tuple[Expression, ...], *, pick: object) -> Expression:
    expect(args, Kind.NUMBER, Kind.REAL, name=name)
    values = aligned(args)
    domain = _mixed(values, name)
    lowers = [value.domain.lower for value in values]
    uppers = [value.domain.upper for value in values]
    sure = [value.domain for value in values if not value.domain.nullable]
    if pick is max:
        best = _best([one.lower for one in sure], max)
        lower = _all(lowers, min) if best is None else best
        upper = _all(uppers, max)
    else:
        lower = _all(lowers, min)
        best = _best([one.upper for one in sure], min)
        upper = _all(uppers, max) if best is None else best
    nullable = not sure
    form = f"{name}({_places(values)})"
    result = replace(domain, lower=lower, upper=upper, nullable=nullable)
    return call(name.lower(), form, form, values, result)


def _best(ends: Sequence[object], pick: object) -> Fraction | None:
    known = [end for end in ends if isinstance(end, Fraction)]
    return (max(known) if pick is max else min(known)) if known else None


def _all(ends: Sequence[object], pick: object) -> Fraction | None:
    known = [end for end in ends if isinstance(end, Fraction)]
    if len(known) < len(ends):
        return None
    return max(known) if pick is max else min(known)


def _mixed(values: tuple[Expression, ...], name: str) -> Domain:
    domain = unify(value.domain for value in values)
    if domain is None:
        raise refuse(f"the values of {name} are of different kinds", "give values of one kind")
    return replace(domain, is_enum=False)


def _places(values: tuple[Expression, ...]) -> str:
    return ", ".join(f"{{{place}}}" for place in range(len(values)))


CONDITIONAL: dict[str, Builder] = {
    "case": case,
    "coalesce": coalesce,
    "null_if": null_if,
    "greatest": greatest,
    "least": least,
}
