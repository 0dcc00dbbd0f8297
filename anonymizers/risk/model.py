"""What is protected against, and the columns it is counted over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Annotated, Literal, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field
from pydantic.dataclasses import dataclass as declared

from policies.model import STRICT

__all__ = ["Criteria", "Node", "QuasiIdentifier", "Sensitive", "encoded"]

Node: TypeAlias = tuple[int, ...]
"""One step of each quasi-identifier; 0 is the source's own value."""

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


@declared(frozen=True, slots=True, kw_only=True, config=STRICT)
class Criteria:
    """What every class of equal quasi-identifiers must have.

    Attributes:
        k: At least so many privacy units (Sweeney, 2002); 11 is a common rule for health data.
        l: No value of the sensitive column is had by more than 1 / l of the units whose value is
            known: l-diversity (Machanavajjhala, 2007) as Xiao and Tao (2006) count it, and of
            units with several values the coherence of Xu et al. (2008), with h = 1 / l.
        t: At most this distance to the sensitive column's distribution over the units of the whole
            table (Li, 2007), from 0 to 1; None asks for none. Of ordered values, how many are not
            known is judged apart from those that are.
        suppression: Largest share of the rows that may be left out to get there.
        threshold: Risk above which a row counts as at risk in the report.
    """

    k: Annotated[int, Field(ge=2, le=100_000)] = 11
    l: Annotated[int, Field(ge=1, le=10_000)] = 1  # noqa: E741  its name in the literature
    t: Share | None = None
    suppression: Share = 0.05
    threshold: Share = 0.09


@dataclass(frozen=True, slots=True, kw_only=True)
class QuasiIdentifier:
    """One column as small whole numbers, with its way to ``*``.

    Attributes:
        name: Of the column.
        steps: What each step is called, the source's own first.
        codes: Of each row, into ``table``.
        labels: Per step, the text of each code of that step.
        table: Per step and source code, the code at that step.
        weight: How much its loss counts beside that of the others; above 0.
    """

    name: str
    steps: tuple[str, ...]
    codes: pa.Array = field(repr=False)
    labels: tuple[tuple[str | None, ...], ...] = field(repr=False)
    table: tuple[tuple[int, ...], ...] = field(repr=False)
    weight: Fraction = Fraction(1)

    @property
    def distinct(self) -> int:
        """Different values in the source, NULL included."""
        return len(self.table[0])

    def leaves(self, step: int) -> tuple[int, ...]:
        """Return for each source code how many source values look the same at a step."""
        same = Counter(self.table[step])
        return tuple(same[code] for code in self.table[step])

    def of_first(self, rows: int) -> QuasiIdentifier:
        """Return it with the first rows only; codes keep their meaning."""
        return replace(self, codes=self.codes[:rows])

    def weighted(self, weight: Fraction) -> QuasiIdentifier:
        """Return it with another weight."""
        return replace(self, weight=weight)

    def at(self, step: int) -> pa.Array:
        """Return the column at a step, as text."""
        codes = pc.take(pa.array(self.table[step], pa.int32()), self.codes)
        return pc.take(pa.array(self.labels[step], pa.string()), codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitive:
    """The column that must not be told by its class.

    Attributes:
        name: Of the column.
        codes: Of each row; from 0, in the order of the values.
        distance: Between distributions: ``equal`` for categories, ``ordered`` for numbers.
        absent: Code of rows in which nothing is known, which is no value that hides another; None
            where there are none.
    """

    name: str
    codes: pa.Array = field(repr=False)
    distance: Literal["equal", "ordered"] = "equal"
    absent: int | None = None


def encoded(
    name: str,
    values: pa.Array,
    generalize: Callable[[str | None], Sequence[str | None]],
    steps: Sequence[str],
) -> QuasiIdentifier:
    """Return a column as codes; each different value is generalized once.

    Args:
        name: Of the column.
        values: Text, NULL where nothing is known.
        generalize: From a value to itself at each step.
        steps: What the steps are called.
    """
    indexed = values.dictionary_encode(null_encoding="encode")
    rows = [tuple(generalize(value)) for value in indexed.dictionary.to_pylist()]
    labels: list[tuple[str | None, ...]] = []
    table: list[tuple[int, ...]] = []
    for step in range(len(steps)):
        places: dict[str | None, int] = {}
        table.append(tuple(places.setdefault(row[step], len(places)) for row in rows))
        labels.append(tuple(places))
    return QuasiIdentifier(
        name=name,
        steps=tuple(steps),
        codes=indexed.indices.cast(pa.int32()),
        labels=tuple(labels),
        table=tuple(table),
    )
