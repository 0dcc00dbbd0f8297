"""Small steps that the builders of functions share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from fractions import Fraction
from typing import TypeAlias

from policies.errors import UnsupportedQueryError
from query.domains import BOOLEAN, Domain, Kind, common_step
from query.expressions import Call, Expression, Literal
from query.periods import Grain

__all__ = [
    "EXACT_LIMIT",
    "Builder",
    "aligned",
    "as_real",
    "as_text",
    "as_timestamp",
    "call",
    "expect",
    "fits",
    "is_constant",
    "literal_number",
    "literal_text",
    "literal_whole",
    "longer",
    "places",
    "predicate",
    "refuse",
    "rescaled",
]

Builder: TypeAlias = Callable[[tuple[Expression, ...]], Expression]
"""Makes a typed expression from typed arguments, or raises UnsupportedQueryError."""

EXACT_LIMIT = 2**62
"""Exact values whose count of steps stays below this are plain BIGINTs in DuckDB."""

MAX_COPIES = 250
"""Texts of usual length that may be put together into one, however many sub-queries do so: else a
few CTEs make a text of any length from one patient's row, and memory tells that there is one. The
longest column, and what is put together of a patient's rows, may still grow by some."""

LARGEST = 10**30
"""Numbers may grow to this; beyond it, doubles and 128-bit integers would lose them silently."""


def refuse(message: str, remedy: str) -> UnsupportedQueryError:
    """Return the refusal; the parser adds the position."""
    return UnsupportedQueryError(message, code="SQL-TYPE", remedy=remedy)


def expect(args: tuple[Expression, ...], *kinds: Kind, name: str) -> None:
    """Check that every argument is of one of the kinds, or the literal NULL."""
    for arg in args:
        if arg.domain.kind not in (*kinds, Kind.NULL):
            wanted = " or ".join(kind.value for kind in kinds)
            raise refuse(
                f"{name} was given a value of kind {arg.domain.kind.value}",
                f"give it a {wanted}",
            )


def call(name: str, sql: str, text: str, args: tuple[Expression, ...], domain: Domain) -> Call:
    """Make a call whose value is the same for all rows of a unit if its arguments' are.

    Raises:
        UnsupportedQueryError: If its numbers might be too large or too fine to compute with.
    """
    lower, upper = domain.bounds or (Fraction(0), Fraction(0))
    step = Fraction(max(domain.step.numerator, domain.step.denominator))
    if max(-lower, upper, step) > LARGEST:
        raise refuse(
            "numbers here might have more than 30 digits", "use fewer multiplications, or CLAMP"
        )
    constant = all(is_constant(arg) for arg in args)
    return Call(
        name=name, sql=sql, text=text, args=args, domain=replace(domain, unit_constant=constant)
    )


def longer(made: Call, copies: int) -> Call:
    """Return a text that may be as long as so many stored ones together.

    Raises:
        UnsupportedQueryError: If it might be too long to be held in memory, and is longer than what
            it is made of.
    """
    if copies > max(MAX_COPIES, *(arg.domain.copies for arg in made.args)):
        raise refuse(
            f"a text here might be as long as {copies} others together",
            f"put at most {MAX_COPIES} together, sub-queries included",
        )
    return replace(made, domain=replace(made.domain, copies=copies))


def predicate(name: str, sql: str, text: str, args: tuple[Expression, ...]) -> Call:
    """Make a condition; it is NULL only where an argument is."""
    nullable = any(arg.domain.nullable for arg in args)
    return call(name, sql, text, args, replace(BOOLEAN, nullable=nullable))


def is_constant(expression: Expression) -> bool:
    """Say whether all rows of one unit have the same value."""
    return isinstance(expression, Literal) or expression.domain.unit_constant


def literal_number(expression: Expression, name: str) -> Fraction:
    """Return the value of a number that must be written out, such as a bound."""
    value = expression.value if isinstance(expression, Literal) else None
    if isinstance(value, bool) or not isinstance(value, int | Fraction):
        raise refuse(f"{name} needs a number here", "write the number itself")
    return Fraction(value)


def literal_whole(expression: Expression, name: str, lowest: int, highest: int) -> Literal:
    """Return a whole number that must be written out, as a count of ones."""
    value = literal_number(expression, name)
    if value.denominator != 1 or not lowest <= value <= highest:
        raise refuse(f"{name} needs a whole number here", f"write one from {lowest} to {highest}")
    domain = Domain(kind=Kind.NUMBER, nullable=False, lower=value, upper=value, unit_constant=True)
    return Literal(value=int(value), domain=domain)


def literal_text(expression: Expression, name: str) -> str:
    """Return a text that must be written out, such as a pattern."""
    if not isinstance(expression, Literal) or not isinstance(expression.value, str):
        raise refuse(f"{name} needs a written text here", "write the text itself")
    return expression.value


def rescaled(expression: Expression, step: Fraction) -> Expression:
    """Count an exact number in smaller steps; ``step`` must divide its own.

    Raises:
        UnsupportedQueryError: If a constant, or one old step, is too many new steps for BIGINT.
    """
    domain = expression.domain
    if domain.kind is not Kind.NUMBER or domain.step == step:
        return expression
    factor = domain.step / step
    written = literal_number(expression, "a constant") if isinstance(expression, Literal) else None
    if (factor if written is None else abs(written) / step) >= EXACT_LIMIT:
        raise refuse(
            "numbers here differ too much in size or in decimals", "round the finer of the two"
        )
    if isinstance(expression, Literal):
        return replace(expression, domain=replace(domain, step=step))
    safe = fits(domain, step)
    sql = f"({{0}} * {factor.numerator})"
    return Call(
        name="rescale",
        sql=sql if safe else f"TRY(CAST({{0}} AS HUGEINT) * {factor.numerator})",
        text="{0}",
        args=(expression,),
        domain=replace(domain, step=step, nullable=domain.nullable or not safe),
    )


def fits(domain: Domain, step: Fraction) -> bool:
    """Say whether all values, counted in that step, are proved to be plain BIGINTs."""
    bounds = domain.bounds
    return bounds is not None and max(abs(bounds[0]), abs(bounds[1])) / step < EXACT_LIMIT


def as_real(expression: Expression) -> Expression:
    """Turn an exact number into a double; for use inside one row only."""
    domain = expression.domain
    if domain.kind is not Kind.NUMBER:
        return expression
    real = replace(domain, kind=Kind.REAL, step=Fraction(1))
    if isinstance(expression, Literal):
        return replace(expression, domain=real)
    up, down = domain.step.numerator, domain.step.denominator
    sql = "CAST({0} AS DOUBLE)"
    sql += f" * CAST({up} AS DOUBLE)" if up != 1 else ""
    sql += f" / CAST({down} AS DOUBLE)" if down != 1 else ""
    return Call(name="real", sql=f"({sql})", text="{0}", args=(expression,), domain=real)


def as_text(expression: Expression) -> Expression:
    """Turn a raw ENUM column into plain text, for all that is not equality with a category."""
    if not expression.domain.is_enum:
        return expression
    return Call(
        name="text",
        sql="CAST({0} AS VARCHAR)",
        text="{0}",
        args=(expression,),
        domain=replace(expression.domain, is_enum=False),
    )


def as_timestamp(expression: Expression) -> Expression:
    """Turn a date into its midnight; a stored date may lie outside what timestamps can say."""
    if expression.domain.kind is not Kind.DATE:
        return expression
    low, high = (_midnight(end) for end in (expression.domain.lower, expression.domain.upper))
    domain = replace(expression.domain, kind=Kind.TIMESTAMP, grain=Grain.DAY, lower=low, upper=high)
    if isinstance(expression, Literal) and isinstance(expression.value, date):
        return replace(expression, value=_midnight(expression.value), domain=domain)
    return Call(
        name="timestamp",
        sql="TRY_CAST({0} AS TIMESTAMP)",
        text="{0}",
        args=(expression,),
        domain=replace(domain, nullable=domain.nullable or low is None or high is None),
    )


def _midnight(day: Fraction | date | None) -> datetime | None:
    return datetime.combine(day, time()) if isinstance(day, date) else None


def aligned(args: tuple[Expression, ...]) -> tuple[Expression, ...]:
    """Give values of one kind the same representation, so that they may be compared or mixed."""
    kinds = {arg.domain.kind for arg in args}
    if Kind.REAL in kinds:
        return tuple(as_real(arg) for arg in args)
    if Kind.NUMBER in kinds:
        step = common_step(arg.domain.step for arg in args if arg.domain.kind is Kind.NUMBER)
        return tuple(rescaled(arg, step) for arg in args)
    if {Kind.DATE, Kind.TIMESTAMP} <= kinds:
        return tuple(as_timestamp(arg) for arg in args)
    return tuple(as_text(arg) for arg in args)


def places(args: Sequence[Expression], *, first: int = 0) -> str:
    """Return where the arguments stand in the SQL of a call, from one of them on."""
    return ", ".join(f"{{{place}}}" for place in range(first, len(args)))
