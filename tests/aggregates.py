"""A random writer of aggregates and group keys, over units and per unit."""

from __future__ import annotations

from functools import partial

from tests.expressions import GRAINS, PARTS, ExpressionWriter, Piece

__all__ = ["AggregateWriter"]

_OVER_ONE = ("SUM", "AVG", "VAR_SAMP", "STDDEV_POP", "MEDIAN", "MIN", "MAX")
_PICKED = ("FIRST", "LAST", "ANY_VALUE")
_SPREADS = ("STDDEV_SAMP", "STDDEV_POP", "VAR_SAMP", "VAR_POP")
_PAIRS = ("CORR", "REGR_SLOPE")
_OVER_TWO = ("CORR", "COVAR_POP", "COVAR_SAMP", "REGR_SLOPE", "REGR_R2")


class AggregateWriter(ExpressionWriter):
    """Writes aggregates, drawing each choice."""

    def group_aggregate(self) -> str:
        """Write a number computed from the rows of one unit."""
        while True:
            text, kind = self.unit_aggregate()
            if kind == "number":
                return text

    def unit_aggregate(self) -> tuple[str, str]:
        """Write an aggregate over the rows of one unit, and say of what kind it is."""
        number = partial(self.number, 1)
        kind = self.one(["number", "text", "date"])
        value = partial(self.of_kind, kind, 1)
        made: list[tuple[Piece, str]] = [
            ("COUNT(*)", "number"),
            (lambda: f"COUNT({value()})", "number"),
            (lambda: f"COUNT(DISTINCT {value()})", "number"),
            (lambda: f"SUM({number()})", "number"),
            (lambda: f"AVG(CLAMP({number()}, -9, 99))", "number"),
            (lambda: f"{self.one(['MIN', 'MAX'])}({value()})", kind),
            (lambda: f"{self.one(['ARG_MIN', 'ARG_MAX'])}({value()}, {self.number(0)})", kind),
            (lambda: f"MEDIAN(CLAMP({number()}, -9, 99))", "number"),
            (lambda: f"QUANTILE_DISC({self.number(0)}, 0.25)", "number"),
            (lambda: f"COUNT_IF({self.condition(0, plain=True)})", "number"),
            (lambda: f"BOOL_OR({self.condition(0, plain=True)})", "condition"),
            (lambda: f"BOOL_AND({self.condition(0, plain=True)})", "condition"),
            (lambda: f"{self.one(_PICKED)}({value()}{self.ordered(2)})", kind),
            (lambda: f"MODE({value()})", kind),
            (lambda: f"{self.one(_SPREADS)}(CLAMP({number()}, -9, 99))", "number"),
            (lambda: f"{self.one(_PAIRS)}(CLAMP({number()}, 0, 9), CLAMP({number()}, 0, 9))",
             "number"),
            (lambda: f"STRING_AGG({self.text(0)}, '+'{self.ordered(1)})", "text"),
            (self._listed_texts, "text"),
        ]  # fmt: skip
        piece, of = self.one(made)
        text = piece if isinstance(piece, str) else piece()
        if self.below(4) == 0:
            text += f" FILTER (WHERE {self.condition(1, plain=True)})"
        return text, of

    def ordered(self, least: int) -> str:
        """Write ORDER BY inside an aggregate; now and then nothing."""
        keys = [f"{self.of_kind(self.one(['number', 'date', 'text']), 0)}{end}"
                for end in ("", self.one([" DESC", " NULLS FIRST", ""]))]  # fmt: skip
        return (
            f" ORDER BY {', '.join(keys[: 1 + self.below(2)])}" if self.below(4) < 2 + least else ""
        )

    def _listed_texts(self) -> str:
        column = self.one(self.columns("text", own=True) or ["'a'"])
        return f"STRING_AGG(DISTINCT {column}, '+' ORDER BY {column})"

    def key(self) -> str:
        """Write a group key with a public domain, half of the time one that looks like a fact."""
        options: list[Piece] = [
            lambda: self.condition(1),
            lambda: f"age_band(CLAMP({self.number(1)}, 0, 90), 30)",
            lambda: f"CASE WHEN {self.condition(1)} THEN 'yes' ELSE 'no' END",
            lambda: f"CASE WHEN {self.condition(1)} THEN 'yes' END",
            lambda: f"FLOOR(CLAMP({self.number(1)}, -2, 2))",
            *self.columns("condition", own=True),
            *self.columns("text", own=True),
        ]
        facts: list[Piece] = []
        for column in self.columns("text", own=True):
            facts += [f"COALESCE({column}, 'none')", f"{column} IS NULL", f"{column} = 'a'"]
        for column in self.columns("number", own=True):
            facts += [f"{column} IS NULL", f"{column} > 1", f"COALESCE({column} > 1, FALSE)"]
        facts += [f"{unit} IS NULL" for unit in self.units()] * 2
        for column in self.columns("date", own=True):
            options.append(f"DATE_TRUNC('{self.one(GRAINS[:3])}', {column})")
            options.append(f"{self.one(PARTS[:3])}({column})")
        return self.written(options) if self.below(2) or not facts else self.written(facts)

    def aggregate(self) -> str:
        """Write an aggregate over units."""
        summed = self.summed
        options: list[Piece] = [
            "COUNT(*)",
            "COUNT(*)",
            lambda: f"COUNT({self.number(1)})",
            lambda: f"SUM({summed()})",
            lambda: f"AVG({summed()})",
            lambda: f"{self.one(_OVER_ONE)}({summed()})",
            lambda: f"{self.one(_OVER_TWO)}({summed()}, {summed()})",
            lambda: f"QUANTILE_CONT({summed()}, [0.1, 0.5])",
            lambda: (
                f"HISTOGRAM(CLAMP({self.one(self.columns('number') or ['1'])}, -9, 99), [0, 1, 50])"
            ),
            lambda: f"COUNT(DISTINCT {self.of_kind(self.one(['number', 'text', 'date']), 1)})",
        ]
        if self.units():
            unit = self.one(self.units())
            options.append(f"COUNT(DISTINCT {unit})")
            options.append(lambda: f"COUNT(DISTINCT CASE WHEN {self.condition(1)} THEN {unit} END)")
        written = self.written(options)
        if written.startswith(("QUANTILE", "HISTOGRAM")) or self.below(3):
            return written
        return f"{written} FILTER (WHERE {self.condition(1)})"

    def summed(self) -> str:
        """Write a number, mostly one of known bounds."""
        number = self.number(2)
        return f"CLAMP({number}, -10, 300)" if self.below(4) else number
