"""Plan to DuckDB SQL: bounded integers per privacy unit, added up over units.

It is in the subset that other engines read too (see docs/adr/0004).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from query.domains import Kind
from query.expressions import Expression
from query.plan import Part, Plan, Statistic, StatisticKind
from query.sql import from_where, quoted, salt_of, sql_of

__all__ = ["Statement", "compile_plan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement, and where its integers belong.

    Its rows are group keys, then the bucket where there are buckets, then one integer for each
    statistic. Groups without rows are absent; their integers are 0. Keys come as integers (counts
    of the key's step), texts, booleans, or ISO dates.

    Attributes:
        sql: The text.
        part: Place of the grouping set in the plan.
        statistics: Places of the statistics in it.
        has_buckets: Whether rows name a bucket.
    """

    sql: str
    part: int
    statistics: tuple[int, ...]
    has_buckets: bool = False


def compile_plan(plan: Plan) -> tuple[Statement, ...]:
    """Return the statements whose integers the plan's statistics are made of."""
    return tuple(
        statement
        for place, part in enumerate(plan.parts)
        for statement in _Writer(plan, part, place).statements()
    )


class _Writer:
    """Writes the statements of one grouping set."""

    def __init__(self, plan: Plan, part: Part, place: int) -> None:
        self._question = plan.question_of(part)
        self._part, self._place = part, place
        self._keys = [f"k{key}" for key in part.keys]

    def statements(self) -> Iterator[Statement]:
        """Yield one statement for all counts and sums, and one for each other statistic."""
        added = [
            place
            for place, one in enumerate(self._part.statistics)
            if one.kind not in {StatisticKind.BUCKETS, StatisticKind.DISTINCT}
        ]
        if added:
            yield Statement(sql=self._added(added), part=self._place, statistics=tuple(added))
        for place, one in enumerate(self._part.statistics):
            if one.kind is StatisticKind.BUCKETS:
                yield Statement(
                    sql=self._buckets(one), part=self._place, statistics=(place,), has_buckets=True
                )
            elif one.kind is StatisticKind.DISTINCT:
                yield Statement(sql=self._distinct(one), part=self._place, statistics=(place,))

    def _added(self, places: list[int]) -> str:
        named = [(f"x{place}", self._part.statistics[place]) for place in places]
        rows = self._rows([(name, self._contribution(one)) for name, one in named])
        if not self._part.needs_partials:
            parts = [(name, _whole(one, name)) for name, one in named]
            return self._totals(rows, parts)
        group = ", ".join(["u", *self._keys])
        partials = ["u", "MIN(z) AS z", *self._keys]
        for name, one in named:
            partials.append(f"COUNT({name}) AS n_{name}")
            if one.kind is StatisticKind.SUM:
                partials.append(f"SUM({name}) AS s_{name}")
        grouped = f"SELECT {', '.join(partials)} FROM ({rows}) GROUP BY {group}"
        scaled = [f"{self._scaled(one, name)} AS {name}" for name, one in named]
        bounded = f"SELECT {', '.join([*self._keys, *scaled])} FROM ({grouped})"
        bounded += self._chosen("ROW_NUMBER")
        return self._totals(bounded, [(name, f"SUM({name})") for name, _ in named])

    def _buckets(self, statistic: Statistic) -> str:
        """Count rows by bucket; the weights of a unit's rows in a group add up to the bound."""
        rows = self._rows([("b", self._contribution(statistic))])
        keys = [*self._keys, "b"]
        bounds = self._part.bounds
        if bounds.groups_proved and bounds.rows_proved:
            counted, total = rows, f"COUNT(b) * {statistic.bound}"
        else:
            grouped = (
                f"SELECT {', '.join(['u', 'MIN(z) AS z', *keys])}, "
                f"CAST(COUNT(b) AS HUGEINT) AS n FROM ({rows}) GROUP BY {', '.join(['u', *keys])}"
            )
            most, unit = bounds.max_rows_per_group, statistic.bound
            in_group = f"SUM(n) OVER (PARTITION BY {', '.join(['u', *self._keys])})"
            weight = f"CASE WHEN t <= {most} THEN n * {unit} ELSE n * {unit} * {most} // t END"
            whole = f"SELECT *, {in_group} AS t FROM ({grouped})"
            counted = f"SELECT {', '.join(keys)}, {weight} AS x FROM ({whole})"
            counted += self._chosen("DENSE_RANK")
            total = "SUM(x)"
        outputs = [*self._shown(), "b", f"CAST({total} AS HUGEINT) AS x"]
        return (
            f"SELECT {', '.join(outputs)}\nFROM ({counted}) WHERE b IS NOT NULL\n"
            f"GROUP BY {', '.join(keys)}"
        )

    def _distinct(self, statistic: Statistic) -> str:
        """Count different values; a unit adds some of its own to a group, in keyed order."""
        rows = self._rows([("v", self._contribution(statistic))])
        group = ", ".join(["u", *self._keys, "v"])
        values = f"SELECT u, MIN(z) AS z, {', '.join([*self._keys, 'v'])} FROM ({rows})"
        values += f" GROUP BY {group}"
        order = "MD5(CAST(z AS VARCHAR) || '|' || COALESCE(CAST(v AS VARCHAR), ''))"
        rank = (
            f"ROW_NUMBER() OVER (PARTITION BY {', '.join(['u', *self._keys])} "
            f"ORDER BY v IS NULL, {order}, v)"
        )
        most = self._part.bounds.max_rows_per_group
        groups = self._chosen("DENSE_RANK") or " QUALIFY TRUE"
        chosen = f"SELECT * FROM ({values}){groups} AND {rank} <= {most}"
        return self._totals(chosen, [("x", "COUNT(DISTINCT v)")])

    def _rows(self, values: list[tuple[str, str]]) -> str:
        """One row for each row of the relation: unit, salt, keys, and what it adds."""
        question = self._question
        unit = question.relation.unit
        assert unit is not None  # noqa: S101  the parser refuses relations without a unit
        expressions = [question.keys[key].expression for key in self._part.keys]
        pairs = [(name, sql_of(one)) for name, one in zip(self._keys, expressions, strict=True)]
        outputs = [f"{sql_of(unit)} AS u", f"{salt_of(question.relation)} AS z"]
        outputs += [f"{sql} AS {name}" for name, sql in (*pairs, *values)]
        statement = f"SELECT {', '.join(outputs)} {from_where(question.relation, self._stored())}"
        kept = [
            f"{name} IS NOT NULL"
            for name, key in zip(self._keys, self._part.keys, strict=True)
            if not question.keys[key].has_null
        ]
        if not kept:
            return statement
        return f"SELECT * FROM ({statement}) WHERE {' AND '.join(kept)}"

    def _stored(self) -> tuple[str, ...]:
        """Conditions on what ingest has stored beside the rows, which bounds them."""
        kept = self._part.bounds.kept
        if kept is None:
            return ()
        return tuple(f"{kept.alias}.{quoted(column)} <= {most}" for column, most in kept.most)

    def _contribution(self, statistic: Statistic) -> str:
        """What one row adds before bounding; NULL where it adds nothing."""
        kept = self._part.bounds.kept
        if statistic.kind is StatisticKind.UNITS and kept is not None and kept.first_row:
            first = f"{kept.alias}.{quoted(kept.first_row)} = 1"
            where = "" if statistic.where is None else f" AND {sql_of(statistic.where)}"
            return f"CASE WHEN {first}{where} THEN 1 END"
        return _contribution(statistic)

    def _totals(self, source: str, parts: list[tuple[str, str]]) -> str:
        outputs = [*self._shown(), *(f"COALESCE({sql}, 0) AS {name}" for name, sql in parts)]
        statement = f"SELECT {', '.join(outputs)}\nFROM ({source})"
        return f"{statement}\nGROUP BY {', '.join(self._keys)}" if self._keys else statement

    def _chosen(self, rank: str) -> str:
        """Keep ``max_groups`` groups of each unit, in an order that only its salt decides."""
        bounds = self._part.bounds
        if bounds.groups_proved:
            return ""
        keys = (f"COALESCE(CAST({key} AS VARCHAR), '')" for key in self._keys)
        order = " || '|' || ".join(["CAST(z AS VARCHAR)", *keys])
        listed = ", ".join([f"MD5({order})", *self._keys])
        return f" QUALIFY {rank}() OVER (PARTITION BY u ORDER BY {listed}) <= {bounds.max_groups}"

    def _scaled(self, statistic: Statistic, name: str) -> str:
        """Bound what one unit adds to one group, with weight min(1, max_rows / rows).

        The weight is that of the expected sum over a random sample of ``max_rows`` rows, without
        its variance; numerator and denominator of a mean have the same weight, so it stays
        unbiased for the mean over such samples.
        """
        most = self._part.bounds.max_rows_per_group
        match statistic.kind:
            case StatisticKind.UNITS:
                return f"CASE WHEN n_{name} > 0 THEN 1 ELSE 0 END"
            case StatisticKind.ROWS:
                return f"LEAST(n_{name}, {most})"
            case _:
                cut = f"s_{name} * {most} // n_{name}"
                return f"CASE WHEN n_{name} <= {most} THEN s_{name} ELSE {cut} END"

    def _shown(self) -> list[str]:
        """Dates and enumerations leave the engine as texts, since rows hold no vendor's types."""
        kinds = [self._question.keys[key].expression.domain.kind for key in self._part.keys]
        return [
            f"CAST({name} AS VARCHAR) AS {name}" if kind in {Kind.DATE, Kind.TEXT} else name
            for name, kind in zip(self._keys, kinds, strict=True)
        ]


def _contribution(statistic: Statistic) -> str:
    """What one row adds before bounding; NULL where it adds nothing."""
    match statistic.kind:
        case StatisticKind.ROWS | StatisticKind.UNITS:
            added = "1"
        case StatisticKind.SUM:
            value = sql_of(_valued(statistic))
            added = f"({value} - ({statistic.center}))" if statistic.center else value
        case StatisticKind.DISTINCT | StatisticKind.BUCKETS:
            added = sql_of(_valued(statistic))
        case _:
            assert_never(statistic.kind)
    if statistic.where is None:
        return added
    return f"CASE WHEN {sql_of(statistic.where)} THEN {added} END"


def _valued(statistic: Statistic) -> Expression:
    assert statistic.value is not None  # noqa: S101  all but counts have one
    return statistic.value


def _whole(statistic: Statistic, name: str) -> str:
    """Add up rows that need no bounding."""
    if statistic.kind is StatisticKind.SUM:
        return f"SUM({name})"  # of BIGINT, which the engine adds up in 128 bits
    return f"COUNT({name})"
