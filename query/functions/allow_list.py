"""All row-wise functions by name; whatever is not here is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from query.expressions import Expression
from query.functions.arithmetic import ARITHMETIC
from query.functions.building import Builder
from query.functions.casting import CASTING
from query.functions.comparison import COMPARISON
from query.functions.conditional import CONDITIONAL
from query.functions.dates import DATES
from query.functions.dividing import DIVIDING
from query.functions.durations import DURATIONS
from query.functions.formats import FORMATTING
from query.functions.patterns import PATTERNS
from query.functions.reals import REALS
from query.functions.rounding import ROUNDING
from query.functions.texts import TEXTS

__all__ = ["FUNCTIONS"]

_BUILDERS: Final[dict[str, Builder]] = {
    **ARITHMETIC,
    **ROUNDING,
    **DIVIDING,
    **REALS,
    **COMPARISON,
    **CONDITIONAL,
    **DATES,
    **DURATIONS,
    **FORMATTING,
    **TEXTS,
    **PATTERNS,
    **CASTING,
}


def _telling_nulls(builder: Builder) -> Builder:
    """Return the builder, with results that say whether their NULLs are a group of their own.

    They are where NULL could occur although no argument has one that groups leave out.
    """

    def build(args: tuple[Expression, ...]) -> Expression:
        made = builder(args)
        if not made.domain.nullable:
            return made
        without = tuple(_without_left_out(arg) for arg in args)
        keeps = without == args or builder(without).domain.nullable
        return replace(made, domain=replace(made.domain, keeps_nulls=keeps))

    return build


def _without_left_out(arg: Expression) -> Expression:
    known = arg.domain
    if not known.nullable or known.keeps_nulls:
        return arg
    return replace(arg, domain=replace(known, nullable=False))


FUNCTIONS: Final[dict[str, Builder]] = {
    name: _telling_nulls(builder) for name, builder in _BUILDERS.items()
}
"""From name to builder."""
