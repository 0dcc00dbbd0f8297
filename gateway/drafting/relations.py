"""Whose rows the tables hold, and which rows refer to which: by names, and by values contained.

Values are compared here and none leaves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from anonymizers.tables.plan import ColumnRole
from anonymizers.tables.roles import UNIT_NAMES, Proposal, words_of
from gateway.drafting.files import FoundTable
from policies.datasets import Ownership
from policies.errors import SourceError

__all__ = ["Link", "Placed", "Surveyed", "Unit", "guess_unit", "place_tables"]

_BARE = "id"
_PERSONS = frozenset(
    {"patient", "person", "people", "subject", "participant", "member", "demographic", "client"}
)
_LINKING = 20
"""Fewer different values than that may be contained by chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surveyed:
    """A table, and what each of its columns probably is."""

    table: FoundTable
    proposals: tuple[Proposal, ...]

    @property
    def name(self) -> str:
        """The table's name."""
        return self.table.name

    @property
    def noun(self) -> str:
        """The table's name in the singular: what one row is."""
        words = words_of(self.name)
        return re.sub(r"s$", "", re.sub(r"ies$", "y", words))


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """The column that names the privacy unit.

    Attributes:
        table: Of the list of units.
        column: In it.
        reason: Why; empty where somebody has said so.
    """

    table: str
    column: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A foreign key: ``column`` names a row by ``target``, which is ``table.column``."""

    column: str
    target: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A table, and whose rows it holds.

    Attributes:
        surveyed: The table.
        ownership: Private, or directory where no column names the unit.
        unit: The column that names it.
        reason: Why.
        key: A column that is different in every row.
        orphans: Whether some rows name a unit that its table lacks.
        links: Foreign keys.
    """

    surveyed: Surveyed
    ownership: Ownership
    unit: str | None
    reason: str
    key: str | None = None
    orphans: bool = False
    links: tuple[Link, ...] = field(default=())


def guess_unit(tables: Sequence[Surveyed]) -> Unit:
    """Return the column that most likely lists the patients.

    Raises:
        SourceError: ``DP-UNIT-PATH`` if no column is named like one.
    """
    scored = [
        (*_score(table, proposal.name, tables), table.name, proposal.name)
        for table in tables
        for proposal in table.proposals
        if _names_a_person(proposal.name, table)
    ]
    if not scored:
        raise SourceError(
            "no column is named like the key of a patient",
            code="DP-UNIT-PATH",
            remedy="name it with --unit TABLE.COLUMN; where each row is a person without a key, "
            "number them in the export",
        )
    _, reason, table, column = max(scored, key=lambda one: one[0])
    return Unit(table=table, column=column, reason=reason)


def _names_a_person(column: str, table: Surveyed) -> bool:
    words = words_of(column)
    if words == _BARE:
        return bool(set(table.noun.split()) & _PERSONS)
    return words in UNIT_NAMES


def _score(table: Surveyed, column: str, tables: Sequence[Surveyed]) -> tuple[int, str]:
    """Return how much speaks for a column, and what, in words."""
    reasons = ["its name says whose row it is"]
    score = len(UNIT_NAMES) - UNIT_NAMES.index(words_of(column))
    if set(table.noun.split()) & _PERSONS:
        score += 100
        reasons.append("its table is named after people")
    if table.table.is_unique(column):
        score += 50
        reasons.append("every row has its own")
    own = table.table.distinct(column)
    inside = [
        other.name
        for other in tables
        if other is not table
        for name in [_named_alike(column, table, other)]
        if name is not None and _share_inside(other.table.distinct(name), own) == 1
    ]
    if inside:
        score += 20 * len(inside)
        reasons.append(f"it holds every value that names a patient in {', '.join(inside)}")
    return score, "; ".join(reasons)


def _named_alike(column: str, table: Surveyed, other: Surveyed) -> str | None:
    """Return the column of another table that is named like this one, or like its table."""
    wanted = [words_of(column)] if words_of(column) != _BARE else []
    wanted += [table.noun, f"{table.noun} id", *UNIT_NAMES[:-1]]
    names = {words_of(one.name): one.name for one in reversed(other.proposals)}
    return next((names[one] for one in wanted if one in names), None)


def place_tables(tables: Sequence[Surveyed], unit: Unit) -> tuple[Placed, ...]:
    """Say of each table whose rows it holds, and of the private ones what refers to what.

    Args:
        tables: All that were found.
        unit: The column that lists the units.
    """
    (listing,) = (table for table in tables if table.name == unit.table)
    units = listing.table.distinct(unit.column)
    placed = [_placed(table, listing, unit, units) for table in tables]
    private = [one for one in placed if one.unit is not None]
    return tuple(
        one if one.unit is None else _linked(one, [two for two in private if two is not one])
        for one in placed
    )


def _placed(table: Surveyed, listing: Surveyed, unit: Unit, units: pa.Array) -> Placed:
    if table is listing:
        return Placed(
            surveyed=table,
            ownership=Ownership.PRIVATE,
            unit=unit.column,
            reason=f"{unit.column} lists the patients: {unit.reason or 'you said so'}",
            key=unit.column if table.table.is_unique(unit.column) else _key(table, unit.column),
        )
    column = _named_alike(unit.column, listing, table)
    how = f"it is named like {unit.table}.{unit.column}"
    share = 0.0 if column is None else _share_inside(table.table.distinct(column), units)
    if share == 0:
        column, how = _by_content(table, units), "its values are all in the list of patients"
        share = 1.0
    if column is None:
        return Placed(
            surveyed=table,
            ownership=Ownership.DIRECTORY,
            unit=None,
            reason="no column names the patient, so no row of it is stored",
        )
    inside = "every value is" if share == 1 else "not every value is"
    return Placed(
        surveyed=table,
        ownership=Ownership.PRIVATE,
        unit=column,
        reason=f"{column} names the patient: {how}, and {inside} in {unit.table}",
        key=_key(table, column),
        orphans=share < 1,
    )


def _by_content(table: Surveyed, units: pa.Array) -> str | None:
    """Return a column of keys, other than small numbers, whose values are all units."""
    for proposal in table.proposals:
        telling = _is_key(proposal) and proposal.profile.share("whole number") < 1
        if not telling or proposal.profile.distinct < _LINKING:
            continue
        if _share_inside(table.table.distinct(proposal.name), units) == 1:
            return proposal.name
    return None


def _key(table: Surveyed, unit: str) -> str | None:
    """Return the column that tells rows apart: named like the table, or the first one."""
    keys = [one.name for one in table.proposals if one.name != unit and _is_key(one)]
    keys = [name for name in keys if table.table.is_unique(name)]
    named = [name for name in keys if words_of(name) in {_BARE, table.noun, f"{table.noun} id"}]
    return next(iter([*named, *keys]), None)


def _is_key(proposal: Proposal) -> bool:
    return proposal.plan.role in {ColumnRole.KEY, ColumnRole.PRIVACY_UNIT}


def _linked(one: Placed, others: Sequence[Placed]) -> Placed:
    links = {link.column: link for other in others for link in _links(one, other)}
    return Placed(
        surveyed=one.surveyed,
        ownership=one.ownership,
        unit=one.unit,
        reason=one.reason,
        key=one.key,
        orphans=one.orphans,
        links=tuple(links.values()),
    )


def _links(one: Placed, other: Placed) -> Iterator[Link]:
    """Give the columns of one table whose values are keys of rows of the same unit in another."""
    key = other.key
    if key is None or key == other.unit or one.unit is None or other.unit is None:
        return
    noun, target = other.surveyed.noun, f"{other.surveyed.name}.{key}"
    for proposal in one.surveyed.proposals:
        words = words_of(proposal.name)
        same = words == words_of(key) != _BARE
        if proposal.name in {one.unit, one.key} or not (same or words in {noun, f"{noun} id"}):
            continue
        if _is_contained(one, proposal.name, other):
            yield Link(
                column=proposal.name,
                target=target,
                reason=f"named after {target}, which has every value of it, of the same patient",
            )


def _is_contained(one: Placed, column: str, other: Placed) -> bool:
    """Say whether each pair of a key and its unit is one of the other table."""
    assert one.unit is not None  # noqa: S101  both tables are private
    assert other.unit is not None  # noqa: S101  the same
    assert other.key is not None  # noqa: S101  the caller looked
    pairs = one.surveyed.table.texts(column, one.unit).rename_columns(["key", "unit"])
    own = other.surveyed.table.texts(other.key, other.unit).rename_columns(["key", "unit"])
    strangers = pairs.join(own, keys=["key", "unit"], join_type="left anti")
    return len(pairs) > 0 and len(strangers) == 0


def _share_inside(values: pa.Array, whole: pa.Array) -> float:
    """Return which share of different values is among others; 0 where there are none."""
    if len(values) == 0:
        return 0.0
    return float(pc.sum(pc.is_in(values, value_set=whole)).as_py() or 0) / len(values)
