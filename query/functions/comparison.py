"""Comparisons and logic, with SQL's three values."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction

from query.domains import Domain, Kind
from query.expressions import Call, Expression, Literal
from query.functions.building import (
    Builder,
    aligned,
    as_timestamp,
    expect,
    places,
    predicate,
    refuse,
)

__all__ = ["COMPARISON", "comparable"]


def comparable(left: Expression, right: Expression) -> tuple[Expression, Expression]:
    """Bring two values to one representation, reading date literals from text.

    Literals learn whether they lie in the declared domain of the other side.
    """
    left, right = _dated(left, right), _dated(right, left)
    left, right = _placed(left, right), _placed(right, left)
    kinds = {left.domain.kind, right.domain.kind} - {Kind.NULL}
    mixed = kinds not in ({Kind.NUMBER, Kind.REAL}, {Kind.DATE, Kind.TIMESTAMP})
    if len(kinds) > 1 and mixed:
        names = " and ".join(sorted(kind.value for kind in kinds))
        raise refuse(f"a comparison mixes {names}", "compare values of one kind")
    if Kind.KEY in kinds and len({left.domain.key_space, right.domain.key_space}) != 1:
        raise refuse(
            "a comparison mixes keys of two kinds, or a key and a literal",
            "compare a key with the same key of another table only",
        )
    if kinds == {Kind.DATE, Kind.TIMESTAMP}:
        return as_timestamp(left), as_timestamp(right)
    first, second = aligned((left, right))
    return first, second


def _dated(value: Expression, other: Expression) -> Expression:
    """Read a text literal as the date or timestamp that it is compared with."""
    wanted = other.domain.kind
    if not isinstance(value, Literal) or value.domain.kind is not Kind.TEXT:
        return value
    if wanted not in {Kind.DATE, Kind.TIMESTAMP} or not isinstance(value.value, str):
        return value
    try:
        moment = datetime.fromisoformat(value.value)
    except ValueError:
        raise refuse("a text is compared with a date", "write dates as DATE '2020-01-31'") from None
    if moment.tzinfo is not None:
        raise refuse("a timestamp has a time zone", "write it in UTC, without a zone")
    day: date = moment if len(value.value) > len("2020-01-31") else moment.date()
    kind = Kind.TIMESTAMP if isinstance(day, datetime) else Kind.DATE
    return Literal(value=day, domain=Domain(kind=kind, nullable=False, lower=day, upper=day))


def _placed(value: Expression, other: Expression) -> Expression:
    if not isinstance(value, Literal) or isinstance(other, Literal):
        return value
    return replace(value, public=_lies_in(value.value, other.domain))


def _lies_in(value: object, domain: Domain) -> bool:
    if value is None or isinstance(value, bool):
        return True
    if isinstance(value, str):
        return domain.categories is not None and value in domain.categories
    if isinstance(value, int | Fraction):
        return domain.bounds is not None and domain.bounds[0] <= value <= domain.bounds[1]
    low, high = domain.lower, domain.upper
    if isinstance(value, date) and isinstance(low, date) and isinstance(high, date):
        return str(low)[:10] <= str(value)[:10] <= str(high)[:10]
    return False


def _comparison(name: str, symbol: str, *, ordered: bool) -> Builder:
    def build(args: tuple[Expression, ...]) -> Expression:
        expect(
            args,
            *(Kind.NUMBER, Kind.REAL, Kind.TEXT, Kind.DATE, Kind.TIMESTAMP),
            *(() if ordered else (Kind.BOOLEAN, Kind.KEY)),
            name=symbol,
        )
        outside = _not_a_category(args)
        left, right = comparable(*args)
        if not ordered and outside is not None:
            # an ENUM compared with a text that is not one of its values is an error in DuckDB
            constant = "FALSE" if name == "eq" else "TRUE"
            sql = f"(CASE WHEN {{{outside}}} IS NOT NULL THEN {constant} END)"
        else:
            sql = f"({{0}} {symbol} {{1}})"
            if not ordered and _enum_and_category(args):
                left, right = (_placed(args[0], args[1]), _placed(args[1], args[0]))
        return predicate(name, sql, f"({{0}} {symbol} {{1}})", (left, right))

    return build


def _enum_and_category(args: tuple[Expression, ...]) -> bool:
    return any(
        value.domain.is_enum and isinstance(other, Literal) and isinstance(other.value, str)
        for value, other in (args, args[::-1])
    )


def _not_a_category(args: tuple[Expression, ...]) -> int | None:
    """Return the place of an enumerated value whose other side is no category, if there is one."""
    for place, (value, other) in enumerate((args, args[::-1])):
        known = value.domain.categories
        if known is not None and isinstance(other, Literal) and isinstance(other.value, str):
            return None if other.value in known else place
    return None


def is_in(args: tuple[Expression, ...]) -> Expression:
    """Return ``a IN (b, …)`` for written values; texts that are no category are left out."""
    value, items = args[0], args[1:]
    expect(args, *Kind, name="IN")
    pairs = [comparable(value, item) for item in items if _not_a_category((value, item)) is None]
    if not pairs:
        return predicate(
            "in", "(CASE WHEN {0} IS NOT NULL THEN FALSE END)", "({0} IN ())", (value,)
        )
    found = tuple(item for _, item in pairs)
    if all(_enum_and_category((value, item)) for item in found):
        values = (value, *found)
    else:
        # each pair has a step of its own, and the list needs one for all of them
        first = max((left for left, _ in pairs), key=lambda one: one.domain.kind is Kind.REAL)
        values = aligned((first, *found))
    form = f"({{0}} IN ({places(values, first=1)}))"
    return predicate("in", form, form, values)


def between(args: tuple[Expression, ...]) -> Expression:
    """Return ``a BETWEEN b AND c``."""
    value, low, high = args
    return both((COMPARISON["ge"]((value, low)), COMPARISON["le"]((value, high))))


def both(args: tuple[Expression, ...]) -> Expression:
    """Return ``a AND b``."""
    expect(args, Kind.BOOLEAN, name="AND")
    return predicate("and", "({0} AND {1})", "({0} AND {1})", args)


def either(args: tuple[Expression, ...]) -> Expression:
    """Return ``a OR b``."""
    expect(args, Kind.BOOLEAN, name="OR")
    return predicate("or", "({0} OR {1})", "({0} OR {1})", args)


def negation(args: tuple[Expression, ...]) -> Expression:
    """Return ``NOT a``."""
    expect(args, Kind.BOOLEAN, name="NOT")
    return predicate("not", "(NOT {0})", "(NOT {0})", args)


_NULL_WHERE_FIRST_IS = frozenset({"clamp", "negate", "abs", "real", "text", "rescale"})


def is_null(args: tuple[Expression, ...]) -> Expression:
    """Return ``a IS NULL``, which is never NULL itself.

    Asked of what ``a`` is computed from where that is the same, so that equal counts are seen to
    be equal and are measured once.
    """
    value = args[0]
    while isinstance(value, Call) and value.name in _NULL_WHERE_FIRST_IS:
        value = value.args[0]
    result = predicate("is_null", "({0} IS NULL)", "({0} IS NULL)", (value,))
    return replace(result, domain=replace(result.domain, nullable=False))


def same(args: tuple[Expression, ...]) -> Expression:
    """Return ``a IS NOT DISTINCT FROM b``, which is never NULL: two NULLs are the same."""
    if Kind.NULL in {arg.domain.kind for arg in args}:
        return is_null((args[0] if args[1].domain.kind is Kind.NULL else args[1],))
    equal = COMPARISON["eq"](args)
    missing = both((is_null((args[0],)), is_null((args[1],))))
    form = "COALESCE({0}, {1})"
    # equality is NULL only where one of them is; then both must be
    result = predicate("same", form, "({2} IS NOT DISTINCT FROM {3})", (equal, missing, *args))
    return replace(result, domain=replace(result.domain, nullable=False))


COMPARISON: dict[str, Builder] = {
    "eq": _comparison("eq", "=", ordered=False),
    "ne": _comparison("ne", "<>", ordered=False),
    "lt": _comparison("lt", "<", ordered=True),
    "le": _comparison("le", "<=", ordered=True),
    "gt": _comparison("gt", ">", ordered=True),
    "ge": _comparison("ge", ">=", ordered=True),
    "same": same,
    "in": is_in,
    "between": between,
    "and": both,
    "or": either,
    "not": negation,
    "is_null": is_null,
}
