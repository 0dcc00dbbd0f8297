"""What a plan means, slowly and obviously: Python over lists of rows, one unit at a time.

It shares no code with the compiler: expressions are computed from their names in the researcher's
units (exact fractions, doubles, dates), and every plan is bounded, also where a bound is proved, so
that a false proof shows as a difference.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

from policies.datasets import DatasetPolicy
from query.domains import Domain, Kind
from query.expressions import Call
from query.plan import MAX_KEY_CHARS, Part, Plan, Statistic, StatisticKind, cell_keys
from query.question import GroupKey
from query.relations import Relation
from tests.fakes import StoredRows
from tests.reference_relations import Env, OutsideReferenceError, Reading
from tests.row_functions import Value

__all__ = ["OutsideReferenceError", "reference_by_key", "reference_vectors"]

Group: TypeAlias = tuple[Value, ...]


def reference_vectors(
    plan: Plan, dataset: DatasetPolicy, tables: StoredRows
) -> tuple[tuple[int, ...], ...]:
    """Return the exact bounded vectors of all parts: one for each statistic, in cell order.

    Raises:
        OutsideReferenceError: If the question uses what is not known here, or takes too long.
    """
    del dataset
    reading = Reading(tables)
    units = [_units_of(question.relation, reading) for question in plan.question.questions]
    return tuple(
        vector
        for part in plan.parts
        for vector in _Measured(plan, part, reading).vectors(units[part.question])
    )


def reference_by_key(
    plan: Plan, tables: StoredRows
) -> dict[tuple[str, ...], tuple[tuple[int, ...], ...]]:
    """Return the same of private keys, by the keys as texts; of those of few units too.

    Raises:
        OutsideReferenceError: As above.
    """
    reading = Reading(tables)
    units = _units_of(plan.question.relation, reading)
    return _Measured(plan, plan.parts[0], reading).by_key(units)


def _units_of(relation: Relation, reading: Reading) -> list[list[Env]]:
    units: dict[object, list[Env]] = {}
    for row in reading.rows(relation, {}):
        units.setdefault(reading.unit(relation, row), []).append(row)
    return list(units.values())


class _Measured:
    """The vectors of one grouping set."""

    def __init__(self, plan: Plan, part: Part, reading: Reading) -> None:
        self._question, self._part, self._reading = plan.question_of(part), part, reading
        self._keys = [self._question.keys[key] for key in part.keys]

    def vectors(self, units: Sequence[list[Env]]) -> list[tuple[int, ...]]:
        """Return one vector for each statistic."""
        cells = cell_keys(self._question, self._part)
        places: dict[Group, int] = {
            tuple(cell[key] for key in self._part.keys): place for place, cell in enumerate(cells)
        }
        kept = [self._kept([row for row in rows if self._is_stored(row)]) for rows in units]
        return [self._vector(one, kept, places) for one in self._part.statistics]

    def by_key(
        self, units: Sequence[list[Env]]
    ) -> dict[tuple[str, ...], tuple[tuple[int, ...], ...]]:
        """Return the vectors of each key that occurs, which no domain lists."""
        kept = [self._kept(rows) for rows in units]
        places: dict[Group, int] = {}
        for groups in kept:
            for group in groups:
                places.setdefault(group, len(places))
        vectors = [self._vector(one, kept, places) for one in self._part.statistics]
        sizes = [one.entries for one in self._part.statistics]
        pairs = [list(zip(vectors, sizes, strict=True))] * len(places)
        return {
            tuple(str(Fraction(one)) if isinstance(one, int) else str(one) for one in group): tuple(
                vector[place * size : (place + 1) * size] for vector, size in of_group
            )
            for (group, place), of_group in zip(places.items(), pairs, strict=True)
        }

    def _vector(
        self,
        statistic: Statistic,
        kept: Sequence[Mapping[Group, list[Env]]],
        places: Mapping[Group, int],
    ) -> tuple[int, ...]:
        cells = [[0] * statistic.buckets for _ in places]
        values: list[set[Value]] = [set() for _ in places]
        for groups in kept:
            for group, rows in groups.items():
                if group not in places:
                    continue
                place = places[group]
                if statistic.kind is StatisticKind.DISTINCT:
                    values[place] |= self._values(statistic, rows)
                elif statistic.kind is StatisticKind.BUCKETS:
                    for bucket, weight in self._buckets(statistic, rows).items():
                        cells[place][bucket] += weight
                else:
                    cells[place][0] += self._bounded(statistic, rows)
        if statistic.kind is StatisticKind.DISTINCT:
            return tuple(len(one) for one in values)
        return tuple(count for cell in cells for count in _nodes(statistic, cell))

    def _is_stored(self, row: Env) -> bool:
        """Say whether a row counts by what ingest has stored beside it."""
        bounds = self._part.bounds.kept
        if bounds is None:
            return True
        stored = row[bounds.alias] or {}
        return all(int(str(stored[column])) <= most for column, most in bounds.most)

    def _kept(self, rows: list[Env]) -> dict[Group, list[Env]]:
        """The first ``max_groups`` groups, in the order of a hash of salt and group."""
        groups: dict[Group, list[Env]] = {}
        for row in rows:
            group = tuple(self._key(key, row) for key in self._keys)
            dropped = any(
                value is None and None not in key.domain
                for value, key in zip(group, self._keys, strict=True)
            )
            if not dropped:
                groups.setdefault(group, []).append(row)
        most = self._part.bounds.max_groups
        if len(groups) <= most:
            return groups
        salt = self._reading.salt(rows[0])
        kinds = [key.expression.domain for key in self._keys]

        def order(group: Group) -> tuple[str, list[Any]]:
            parts = (_written(value, one) for value, one in zip(group, kinds, strict=True))
            values = [(value is None, value or "") for value in group]
            return _hash(salt, *parts), values  # a NULL is written as an empty text is

        def place(group: Group) -> int:
            place = 0
            for value, key in zip(group, self._keys, strict=True):
                place = place * len(key.domain) + key.domain.index(value)
            return _mix(salt, place)

        first = sorted(groups, key=order if self._part.is_keyed else place)[:most]
        return {group: groups[group] for group in first}

    def _key(self, key: GroupKey, row: Env) -> Value:
        value = self._reading.value(key.expression, row)
        private = self._part.is_keyed and isinstance(value, str)
        return value[:MAX_KEY_CHARS] if private and isinstance(value, str) else value

    def _enters(self, statistic: Statistic, row: Env) -> bool:
        return statistic.where is None or self._reading.value(statistic.where, row) is True

    def _bounded(self, statistic: Statistic, rows: list[Env]) -> int:
        entering = [row for row in rows if self._enters(statistic, row)]
        most = self._part.bounds.max_rows_per_group
        match statistic.kind:
            case StatisticKind.UNITS:
                return 1 if entering else 0
            case StatisticKind.ROWS:
                return min(len(entering), most)
            case _:
                total = sum(self._steps(statistic, row) for row in entering)
                if len(entering) <= most:
                    return total
                return math.trunc(Fraction(total * most, len(entering)))

    def _steps(self, statistic: Statistic, row: Env) -> int:
        assert statistic.value is not None
        value = self._reading.value(statistic.value, row)
        assert isinstance(value, int | Fraction)
        steps = Fraction(value) / statistic.step
        assert steps.denominator == 1
        assert abs(steps - statistic.center) <= statistic.bound
        return int(steps) - statistic.center

    def _buckets(self, statistic: Statistic, rows: list[Env]) -> dict[int, int]:
        """Weigh a unit's rows by bucket, so that they add up to ``max_rows_per_group`` at most."""
        counts: Counter[int] = Counter()
        for row in rows:
            if self._enters(statistic, row):
                bucket = self._bucket(statistic, row)
                if bucket is not None:
                    counts[bucket] += 1
        most, unit = self._part.bounds.max_rows_per_group, statistic.bound
        total = counts.total()
        return {
            bucket: count * unit if total <= most else count * unit * most // total
            for bucket, count in counts.items()
        }

    def _bucket(self, statistic: Statistic, row: Env) -> int | None:
        value = statistic.value
        if statistic.tree is None:
            assert value is not None
            found = self._reading.value(value, row)
        else:
            assert isinstance(value, Call)
            inside = self._reading.value(value.args[0], row)
            if inside is None:
                return None
            assert isinstance(inside, int | Fraction)
            found = math.floor((inside - statistic.origin) / statistic.width)
        if found is None:
            return None
        assert isinstance(found, int | Fraction)
        assert 0 <= found < statistic.buckets
        return int(found)

    def _values(self, statistic: Statistic, rows: list[Env]) -> set[Value]:
        """The first values of a unit in a group, in the order of a hash of salt and value."""
        value = statistic.value
        assert value is not None
        found = {self._reading.value(value, row) for row in rows if self._enters(statistic, row)}
        found -= {None}
        most = self._part.bounds.max_rows_per_group
        if len(found) <= most:
            return found
        salt, domain = self._reading.salt(rows[0]), value.domain
        if (domain.size() or 10**9) > 10**6:
            return set(sorted(found, key=lambda one: _hash(salt, _written(one, domain)))[:most])
        places: dict[Value, int] = {one: place for place, one in enumerate(domain.values())}
        return set(sorted(found, key=lambda one: _mix(salt, places[one]))[:most])


def _nodes(statistic: Statistic, leaves: list[int]) -> list[int]:
    """All levels of a tree, top first; the leaves alone where there is none."""
    if statistic.tree is None:
        return leaves
    levels = [leaves]
    while len(levels[0]) > statistic.tree.branching:
        below, size = levels[0], statistic.tree.branching
        levels.insert(0, [sum(below[at : at + size]) for at in range(0, len(below), size)])
    return [node for level in levels for node in level]


def _mix(salt: object, place: int) -> int:
    """The fifth power of a linear form, modulo a prime: see ``query.keyed_order``."""
    prime = 2**31 - 1
    linear = int(str(salt)) * 444_758_425 + place * 786_033_569 + 253_476_060
    return pow(linear, 5, prime)


def _hash(salt: object, *parts: str) -> str:
    return hashlib.md5("|".join([str(salt), *parts]).encode()).hexdigest()  # noqa: S324  an order


def _written(value: Value, domain: Domain) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if domain.kind is Kind.NUMBER and isinstance(value, int | Fraction):
        return str(int(value / domain.step))
    if isinstance(value, float):
        raise OutsideReferenceError  # only the engine says how it writes doubles
    return str(value)
