"""Whether a question can be computed from a stored answer to a wider one.

The wider question reads the same rows, but for conditions; what the narrower one asks beyond it has
to follow from the group keys of the stored cells. Its cells are then some of the stored ones, or
sums of some. That says the same only where the bounding of one unit's rows does (docs/adr/0016).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from query.canonical_rows import exact, text_of
from query.domains import Kind, Scalar
from query.evaluation import evaluate_on_keys, plain, unsupported_after_noise
from query.expressions import Call, Expression, KeyRef, Literal, walk
from query.plan import Part, Plan, Statistic, StatisticKind, cell_keys
from query.question import GroupKey, Question
from query.relations import Filter
from query.sources import Derivation

__all__ = ["derived"]

Conditions: TypeAlias = Mapping[str, Expression]
"""Conditions that must all be true, by their canonical text."""
_COUNTS = frozenset({StatisticKind.ROWS, StatisticKind.UNITS})
_ROUNDED = frozenset({"sqrt", "ln", "log", "log2", "log10", "exp", "power"})
"""Functions whose last digit is not the same everywhere."""


def derived(asked: Plan, source: Plan) -> Plan | None:
    """Return the asked plan as it follows from a source's released vectors, or None.

    Args:
        asked: What is asked; of one question.
        source: What was released; of one question.
    """
    question, wider = asked.question, source.question
    if asked.is_keyed or source.is_keyed:  # which keys are released is noise too
        return None
    if question.others or wider.others or not question.base or question.base != wider.base:
        return None
    found = [_part(asked, part, source) for part in asked.parts]
    read = [one for one in found if one is not None]
    if len(read) < len(found):
        return None
    vectors = tuple(vector for part in read for vector, _ in part)
    cells = tuple(cell for part in read for _, cell in part)
    return replace(
        asked,
        derivation=Derivation(noises=source.noises, vectors=vectors, cells=cells),
    )


_Read: TypeAlias = list[tuple[int, tuple[tuple[int, ...], ...]]]
"""For each statistic the stored vector, and for each cell the stored cells."""


def _part(asked: Plan, part: Part, source: Plan) -> _Read | None:
    """Return what a grouping set is read from, in the first stored one that will do."""
    for stored in source.parts:
        found = _Narrowing.of(asked, part, source, stored)
        read = None if found is None else found.read()
        if read is not None:
            return read
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Narrowing:
    """One grouping set, to be computed from a stored one.

    Attributes:
        question: What is asked.
        part: Its grouping set.
        stored: The stored grouping set.
        first: Place of its first statistic among those of the stored release.
        cells: Key values of its cells.
        texts: Places of its keys by their canonical text.
        wider: Conditions on the stored rows.
        narrower: Conditions on the rows that are asked.
        places: Cells that are asked, by the values of their keys.
        keys: The keys that are asked, over the stored ones.
    """

    question: Question
    part: Part
    stored: Part
    first: int
    cells: Sequence[tuple[Scalar, ...]]
    texts: Mapping[str, int]
    wider: Conditions
    narrower: Conditions
    places: Mapping[tuple[object, ...], int]
    keys: tuple[Expression, ...]

    @classmethod
    def of(cls, asked: Plan, part: Part, source: Plan, stored: Part) -> _Narrowing | None:
        """Return what is needed to compare two grouping sets; None where they cannot match."""
        question, wider = asked.question, source.question
        texts = {text_of(wider.keys[key].expression, exact): key for key in stored.keys}
        keys = [_over_keys(question.keys[key].expression, texts) for key in part.keys]
        known = tuple(key for key in keys if key is not None)
        if len(known) < len(keys):
            return None
        cells = cell_keys(question, part)
        found = cls(
            question=question,
            part=part,
            stored=stored,
            first=source.first_statistic(stored),
            cells=cell_keys(wider, stored),
            texts=texts,
            wider=_conditions(wider),
            narrower=_conditions(question),
            places={
                tuple(plain(cell[key]) for key in part.keys): at for at, cell in enumerate(cells)
            },
            keys=known,
        )
        return found if found._sees_all_rows(wider.keys) else None

    def read(self) -> _Read | None:
        """Return what each statistic is read from, or None where one cannot be."""
        found: _Read = []
        for statistic in self.part.statistics:
            one = self._statistic(statistic)
            if one is None:
                return None
            found.append(one)
        return found

    def _statistic(self, statistic: Statistic) -> tuple[int, tuple[tuple[int, ...], ...]] | None:
        for place, stored in enumerate(self.stored.statistics):
            if not self._adds_the_same(statistic, stored):
                continue
            cells = self._added(statistic, stored)
            if cells is not None and self._means_the_same(statistic, cells):
                return self.first + place, cells
        return None

    def _adds_the_same(self, asked: Statistic, stored: Statistic) -> bool:
        """Say whether two statistics add up the same of each row, their conditions aside."""
        kind = asked.kind
        if (
            self.part.bounds.single_row
            and self.stored.bounds.single_row
            and {kind, stored.kind} <= _COUNTS
        ):
            kind = stored.kind  # units and their rows are as many
        values = [
            None if one.value is None else text_of(one.value, exact) for one in (asked, stored)
        ]
        same = replace(asked, kind=kind, where=None, value=None) == replace(
            stored, where=None, value=None
        )
        return same and values[0] == values[1] and asked.step == stored.step

    def _added(self, asked: Statistic, stored: Statistic) -> tuple[tuple[int, ...], ...] | None:
        """Return the stored cells that add up to each cell, or None where that is not known."""
        narrow = {**self.narrower, **_parts(asked.where)}
        wide = {**self.wider, **_parts(stored.where)}
        if not wide.keys() <= narrow.keys():
            return None
        rest = [_over_keys(narrow[text], self.texts) for text in narrow.keys() - wide.keys()]
        conditions = [one for one in rest if one is not None]
        if len(conditions) < len(rest):
            return None
        added: list[list[int]] = [[] for _ in range(self.part.cells)]
        for place, key in enumerate(self.cells):
            if not all(evaluate_on_keys(one, key) is True for one in conditions):
                continue
            values = tuple(plain(evaluate_on_keys(one, key)) for one in self.keys)
            target = self.places.get(values)
            if target is not None:
                added[target].append(place)
            elif None not in values:  # all values of a key are released, NULL aside
                return None
        return tuple(tuple(one) for one in added)

    def _means_the_same(self, statistic: Statistic, cells: tuple[tuple[int, ...], ...]) -> bool:
        """Say whether bounding one unit's rows cell by cell comes to the same."""
        asked, stored = self.part.bounds, self.stored.bounds
        apart = all(len(one) <= 1 for one in cells)
        if asked.kept != stored.kept or not (asked.groups_proved and stored.groups_proved):
            return False
        proved = asked.rows_proved and stored.rows_proved
        same = (
            asked.rows_proved is stored.rows_proved
            and asked.max_rows_per_group == stored.max_rows_per_group
        )
        match statistic.kind:
            case StatisticKind.DISTINCT:  # two cells may have the same value
                return apart and same
            case StatisticKind.UNITS:
                return apart or stored.max_groups == 1
            case _:
                # in one cell alone, the rows of a unit are bounded there as they would be together
                return proved or (same and (apart or stored.max_groups == 1))

    def _sees_all_rows(self, keys: tuple[GroupKey, ...]) -> bool:
        """Say whether the rows whose NULL keys the stored cells leave out are left out here too."""
        shown = {one.index for one in self.keys if isinstance(one, KeyRef)}
        for place in self.stored.keys:
            key = keys[place]
            kept = key.has_null or not key.expression.domain.nullable
            if not (kept or place in shown or self._excludes_null(place)):
                return False
        return True

    def _excludes_null(self, place: int) -> bool:
        """Say whether a condition that names one key alone is not true where that is NULL."""
        nothing = (None,) * (place + 1)
        for condition in self.narrower.values():
            over = _over_keys(condition, self.texts)
            if over is None:
                continue
            named = {one.index for one in walk(over) if isinstance(one, KeyRef)}
            if named == {place} and evaluate_on_keys(over, nothing) is not True:
                return True
        return False


def _over_keys(expression: Expression, keys: Mapping[str, int]) -> Expression | None:
    """Return an expression over stored keys, or None where it needs more than these."""
    place = keys.get(text_of(expression, exact))
    if place is not None:
        return KeyRef(index=place, domain=expression.domain)
    if isinstance(expression, Literal):
        return expression
    if not isinstance(expression, Call) or not _is_exact(expression):
        return None
    args = [_over_keys(one, keys) for one in expression.args]
    known = tuple(one for one in args if one is not None)
    if len(known) < len(args):
        return None
    return replace(expression, args=known)


def _is_exact(call: Call) -> bool:
    """Say whether a function of keys is the same number here as in the engine."""
    whole = call.domain.kind is not Kind.NUMBER or call.domain.step.denominator == 1
    return whole and call.name not in _ROUNDED and unsupported_after_noise(call) is None


def _conditions(question: Question) -> Conditions:
    """Return what WHERE asks of the rows."""
    found: dict[str, Expression] = {}
    relation = question.relation
    while isinstance(relation, Filter):
        found |= _parts(relation.condition)
        relation = relation.source
    return found


def _parts(condition: Expression | None) -> dict[str, Expression]:
    """Return the conditions that must all be true, by their text."""
    if condition is None:
        return {}
    if isinstance(condition, Call) and condition.name == "and":
        return {text: one for arg in condition.args for text, one in _parts(arg).items()}
    return {text_of(condition, exact): condition}
