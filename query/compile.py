"""Plan to DuckDB SQL: bounded integers per privacy unit, added up over units.

It is in the subset that other engines read too (see docs/adr/0004).
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.layout import ROWS
from query.domains import Domain, Kind
from query.expressions import Expression
from query.keyed_order import has_places, hashed, mixed, place_of_group, place_of_value
from query.packing import Packing, packing_of
from query.plan import MAX_KEY_CHARS, Part, Plan, Statistic, StatisticKind
from query.quoting import quoted
from query.row_sums import contribution, scaled, summed, valued
from query.sql import from_where, salt_of, sql_of
from query.statement import Statement

__all__ = ["Statement", "compile_plan"]

_AS_TEXT = {Kind.DATE, Kind.TEXT, Kind.TIMESTAMP}


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
        self._question, self._part, self._place = plan.question_of(part), part, place
        self._keys = [f"k{key}" for key in part.keys]
        keys = [self._question.keys[key] for key in part.keys]
        # private keys have no place; their order is that of a hash of what they are
        self._cell = "" if part.is_keyed else place_of_group(self._keys, keys)

    def statements(self) -> Iterator[Statement]:
        """Yield one statement for all counts and sums, and one for each other statistic."""
        added = [
            place
            for place, one in enumerate(self._part.statistics)
            if one.kind not in {StatisticKind.BUCKETS, StatisticKind.DISTINCT}
        ]
        # of some of the units alone, nobody knows whether a private key has enough
        keys = len(self._keys) if self._part.least <= 1 else None
        if added:
            packing = self._packing(added)
            yield Statement(
                sql=self._added(added) if packing is None else self._packed(added, packing),
                part=self._place,
                statistics=tuple(added),
                keys=keys if packing is None else 1,
                has_places=packing is not None,
            )
        for place, one in enumerate(self._part.statistics):
            if one.kind is StatisticKind.BUCKETS:
                sql = self._of_candidates(self._buckets(one), "b", "x")
                one_more = None if keys is None else keys + 1
                yield Statement(
                    sql=sql, part=self._place, statistics=(place,), keys=one_more, has_buckets=True
                )
            elif one.kind is StatisticKind.DISTINCT:
                sql = self._of_candidates(self._distinct(one), "x")
                yield Statement(sql=sql, part=self._place, statistics=(place,))

    def _of_candidates(self, statement: str, *columns: str) -> str:
        """Leave out private keys that have too few units to be selected."""
        if self._part.least <= 1:
            return statement
        same = " AND ".join(f"a.{key} IS NOT DISTINCT FROM c.{key}" for key in self._keys)
        listed = ", ".join(f"a.{name}" for name in (*self._keys, *columns))
        candidates = self._added([0])
        return f"SELECT {listed}\nFROM ({statement}) AS a JOIN ({candidates}) AS c ON {same}"

    def _added(self, places: list[int]) -> str:
        named = [(f"x{place}", self._part.statistics[place]) for place in places]
        values = [(name, self._contribution(one)) for name, one in named]
        whole = [(name, summed(one, name)) for name, one in named]
        if not self._part.needs_partials:
            return self._totals(self._rows(values), whole)
        bounded = self._bounded(named, self._group_rows(values, self._rest(named)))
        few = self._few(named)
        if few:
            outputs = ", ".join([*self._keys, *(f"{sql} AS {name}" for name, sql in whole)])
            bounded += f" UNION ALL {self._grouped(outputs, self._rows(values, few))}"
        return self._totals(bounded, [(name, f"SUM({name})") for name, _ in named])

    def _packing(self, places: list[int]) -> Packing | None:
        """Return how a unit's groups are packed, where there is something to choose among them."""
        part = self._part
        if part.is_keyed or part.bounds.groups_proved or not part.needs_partials:
            return None
        return packing_of(part, [part.statistics[place] for place in places])

    def _packed(self, places: list[int], packing: Packing) -> str:
        """As ``_added``, with each unit's groups as numbers, and cells by their place."""
        named = [(f"x{place}", self._part.statistics[place]) for place in places]
        values = [(name, self._contribution(one)) for name, one in named]
        rows = self._group_rows(values, self._rest(named))
        partials = f"SELECT u, z, {', '.join(self._keys)}, {self._scaled_all(named)} "
        mix = mixed(f"{partials}FROM ({self._partials(named, rows)})", self._cell, "h")
        number = packing.packed("h", self._cell, [name for name, _ in named])
        most = self._part.bounds.max_groups
        first = f"MIN({number})" if most == 1 else f"UNNEST(MIN({number}, {most}))"
        chosen = f"SELECT {first} AS p FROM ({mix}) GROUP BY u"
        inside = [f"{packing.value('p', at)} AS {name}" for at, (name, _) in enumerate(named)]
        source = f"SELECT {packing.place('p')} AS g, {', '.join(inside)} FROM ({chosen})"
        few = self._few(named)
        if few:
            whole = (f"{summed(one, name)} AS {name}" for name, one in named)
            outputs = f"{self._cell} AS g, {', '.join(whole)}"
            source += f" UNION ALL {self._grouped(outputs, self._rows(values, few))}"
        totals = (f"SUM({name}) AS {name}" for name, _ in named)
        return f"SELECT g, {', '.join(totals)}\nFROM ({source})\nGROUP BY g"

    def _bounded(self, named: list[tuple[str, Statistic]], rows: str) -> str:
        """Add up each unit's rows in each group, choose among its groups, and bound the sums."""
        chosen = self._chosen(self._partials(named, rows), "ROW_NUMBER")
        return f"SELECT {', '.join([*self._keys, self._scaled_all(named)])} FROM ({chosen})"

    def _scaled_all(self, named: list[tuple[str, Statistic]]) -> str:
        most = self._part.bounds.max_rows_per_group
        return ", ".join(f"{scaled(one, name, most)} AS {name}" for name, one in named)

    def _partials(self, named: list[tuple[str, Statistic]], rows: str) -> str:
        """Add up each unit's rows in each group."""
        partials = ["u", "MIN(z) AS z", *self._keys]
        for name, one in named:
            partials.append(f"COUNT({name}) AS n_{name}")
            if one.kind is StatisticKind.SUM:
                partials.append(f"{summed(one, name)} AS s_{name}")
        group = ", ".join(["u", *self._keys])
        return f"SELECT {', '.join(partials)} FROM ({rows}) GROUP BY {group}"

    def _buckets(self, statistic: Statistic) -> str:
        """Count rows by bucket; the weights of a unit's rows in a group add up to the bound."""
        named = [("b", statistic)]
        values = [("b", contribution(statistic))]
        listed = ", ".join([*self._keys, "b"])
        whole = f"SELECT {listed}, COUNT(b) * {statistic.bound} AS x FROM "
        bounds = self._part.bounds
        if bounds.groups_proved and bounds.rows_proved:
            counted = f"{whole}({self._rows(values)}) GROUP BY {listed}"
        else:
            counted = self._weighed(statistic, self._group_rows(values, self._rest(named)))
            few = self._few(named)
            if few:
                counted += f" UNION ALL {whole}({self._rows(values, few)}) GROUP BY {listed}"
        outputs = [*self._shown(), "b", "CAST(SUM(x) AS HUGEINT) AS x"]
        return (
            f"SELECT {', '.join(outputs)}\nFROM ({counted}) WHERE b IS NOT NULL\nGROUP BY {listed}"
        )

    def _weighed(self, statistic: Statistic, rows: str) -> str:
        keys = [*self._keys, "b"]
        grouped = (
            f"SELECT {', '.join(['u', 'MIN(z) AS z', *keys])}, "
            f"CAST(COUNT(b) AS HUGEINT) AS n FROM ({rows}) GROUP BY {', '.join(['u', *keys])}"
        )
        most, unit = self._part.bounds.max_rows_per_group, statistic.bound
        in_group = f"SUM(n) OVER (PARTITION BY {', '.join(['u', *self._keys])})"
        weight = f"CASE WHEN t <= {most} THEN n * {unit} ELSE n * {unit} * {most} // t END"
        whole = f"SELECT *, {in_group} AS t FROM ({grouped})"
        chosen = self._chosen(whole, "DENSE_RANK")
        return f"SELECT {', '.join(keys)}, {weight} AS x FROM ({chosen})"

    def _distinct(self, statistic: Statistic) -> str:
        """Count different values; a unit adds some of its own to a group, in keyed order."""
        named, values = [("v", statistic)], [("v", contribution(statistic))]
        listed, bounds = ", ".join([*self._keys, "v"]), self._part.bounds
        if bounds.groups_proved and bounds.rows_proved:
            found = f"SELECT DISTINCT {listed} FROM ({self._rows(values)})"
        else:
            found = self._first_values(statistic, self._group_rows(values, self._rest(named)))
            few = self._few(named)
            if few:
                found += f" UNION ALL SELECT DISTINCT {listed} FROM ({self._rows(values, few)})"
        return self._totals(found, [("x", "COUNT(DISTINCT v)")])

    def _first_values(self, statistic: Statistic, rows: str) -> str:
        listed = ", ".join([*self._keys, "v"])
        values = f"SELECT u, MIN(z) AS z, {listed} FROM ({rows}) GROUP BY u, {listed}"
        groups = self._chosen(values, "DENSE_RANK")
        ordered, order = self._ordered_values(groups, valued(statistic).domain)
        rank = (
            f"ROW_NUMBER() OVER (PARTITION BY {', '.join(['u', *self._keys])} "
            f"ORDER BY v IS NULL, {order}, v)"
        )
        most = self._part.bounds.max_rows_per_group
        return f"SELECT {listed} FROM ({ordered}) QUALIFY {rank} <= {most}"

    def _ordered_values(self, source: str, domain: Domain) -> tuple[str, str]:
        """Return the source with what orders its values; texts without a domain have no place."""
        if not has_places(domain):
            return source, hashed("v")
        return mixed(source, place_of_value("v", domain), "hv"), "hv"

    def _few(self, named: list[tuple[str, Statistic]]) -> str:
        """Return what holds in the rows of units with so few rows that no bound cuts any of them.

        The rows of such a unit can be added up without looking at which unit they are of, and
        whatever a filter leaves of them too. It is the same sum of integers as over partials.
        """
        bounds = self._part.bounds
        if bounds.single is None:
            return ""
        limits = [] if bounds.groups_proved else [bounds.max_groups]
        limits += [] if bounds.rows_proved else [bounds.max_rows_per_group]
        limits += [1 for _, one in named if one.kind is StatisticKind.UNITS]
        return f"{bounds.single}.{quoted(ROWS)} <= {min(limits)}"

    def _rest(self, named: list[tuple[str, Statistic]]) -> str:
        return f"NOT {few}" if (few := self._few(named)) else ""

    def _group_rows(self, values: list[tuple[str, str]], only: str) -> str:
        """Return the rows without those of groups that are none: they would take a place."""
        rows = self._rows(values, only)
        return rows if self._part.is_keyed else self._in_groups(rows)

    def _in_groups(self, rows: str) -> str:
        kept = [
            f"{name} IS NOT NULL"
            for name, key in zip(self._keys, self._part.keys, strict=True)
            if not self._question.keys[key].has_null
        ]
        return f"SELECT * FROM ({rows}) WHERE {' AND '.join(kept)}" if kept else rows

    def _rows(self, values: list[tuple[str, str]], only: str = "") -> str:
        """One row for each row of the relation: unit, salt, keys, and what it adds.

        Args:
            values: Names of columns, and the SQL of what they hold.
            only: One more condition; none where it is empty.
        """
        relation, unit = self._question.relation, self._question.relation.unit
        assert unit is not None  # noqa: S101  the parser refuses relations without a unit
        expressions = [self._question.keys[key].expression for key in self._part.keys]
        pairs = [(name, self._key(one)) for name, one in zip(self._keys, expressions, strict=True)]
        outputs = [f"{sql_of(unit)} AS u", f"{salt_of(relation)} AS z"]
        outputs += [f"{sql} AS {name}" for name, sql in (*pairs, *values)]
        kept = self._part.bounds.kept
        conditions = (*(kept.conditions if kept else ()), *filter(None, [only]))
        rows = f"SELECT {', '.join(outputs)} {from_where(relation, conditions)}"
        # a group that is none has no cell to be released in; a private key would be released
        return self._in_groups(rows) if self._part.is_keyed else rows

    def _key(self, expression: Expression) -> str:
        """A key's value in a row; texts that are private keys are cut to a length."""
        if self._part.is_keyed and expression.domain.kind is Kind.TEXT:
            return f"LEFT(CAST({sql_of(expression)} AS VARCHAR), {MAX_KEY_CHARS})"
        return sql_of(expression)

    def _contribution(self, statistic: Statistic) -> str:
        """What one row adds before bounding; NULL where it adds nothing."""
        kept = self._part.bounds.kept
        if statistic.kind is StatisticKind.UNITS and kept is not None and kept.first_row:
            first = f"{kept.alias}.{quoted(kept.first_row)} = 1"
            where = "" if statistic.where is None else f" AND {sql_of(statistic.where)}"
            return f"CASE WHEN {first}{where} THEN 1 END"
        return contribution(statistic)

    def _totals(self, source: str, parts: list[tuple[str, str]]) -> str:
        outputs = [*self._shown(), *(f"COALESCE({sql}, 0) AS {name}" for name, sql in parts)]
        statement = self._grouped(", ".join(outputs), source)
        if self._part.least <= 1 or parts[0][0] != "x0":
            return statement
        return f"{statement}\nHAVING {parts[0][1]} >= {self._part.least}"

    def _grouped(self, outputs: str, source: str) -> str:
        statement = f"SELECT {outputs}\nFROM ({source})"
        return f"{statement}\nGROUP BY {', '.join(self._keys)}" if self._keys else statement

    def _chosen(self, source: str, rank: str) -> str:
        """Keep ``max_groups`` groups of each unit, in an order that only its salt decides."""
        bounds = self._part.bounds
        if bounds.groups_proved:
            return source
        if self._part.is_keyed:
            order = ", ".join([hashed(*self._keys), *self._keys])
        else:
            source, order = mixed(source, self._cell, "h"), "h"
        kept = f"{rank}() OVER (PARTITION BY u ORDER BY {order}) <= {bounds.max_groups}"
        return f"SELECT * FROM ({source}) QUALIFY {kept}"

    def _shown(self) -> list[str]:
        """Dates and enumerations leave the engine as texts, since rows hold no vendor's types."""
        kinds = [self._question.keys[key].expression.domain.kind for key in self._part.keys]
        return [
            f"CAST({name} AS VARCHAR) AS {name}" if kind in _AS_TEXT else name
            for name, kind in zip(self._keys, kinds, strict=True)
        ]
