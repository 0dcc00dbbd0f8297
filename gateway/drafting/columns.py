"""One column as it is declared at first: its role, and what to write so that it may be asked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from anonymizers.tables.hierarchies import DateHierarchy, ZipHierarchy
from anonymizers.tables.plan import ColumnRole
from anonymizers.tables.roles import ColumnProfile, Proposal
from policies.columns import IdentifierKind, Role
from policies.datasets import Ownership
from policies.errors import DeclarationError

__all__ = ["DraftedColumn", "draft_column"]

_ROLES: Final[Mapping[ColumnRole, Role]] = {
    ColumnRole.PRIVACY_UNIT: Role.KEY,  # of another table: the unit's own column is told apart
    ColumnRole.KEY: Role.KEY,
    ColumnRole.DIRECT_IDENTIFIER: Role.DIRECT_IDENTIFIER,
    ColumnRole.QUASI_IDENTIFIER: Role.QUASI_IDENTIFIER,
    ColumnRole.DATE: Role.QUASI_IDENTIFIER,
    ColumnRole.FREE_TEXT: Role.FREE_TEXT,
    ColumnRole.SENSITIVE: Role.SENSITIVE,
    ColumnRole.CODE: Role.SENSITIVE,
    ColumnRole.MEASURE: Role.SENSITIVE,
    ColumnRole.CATEGORY: Role.ATTRIBUTE,
    ColumnRole.UNDECIDED: Role.SENSITIVE,
}
_NOTHING_KNOWN: Final = "no rule recognizes it, so nothing of it is stored"
_MOST: Final = 0.9
_SOME: Final = 0.5
_NUMBERS: Final = 'dp: {bounds: [LOW, HIGH], outside: "null", aggregates: [mean, quantile]}'
_DATES: Final = 'dp: {bounds: [FIRST_DAY, LAST_DAY], outside: "null", group_by: true}'
_AGE: Final = (
    "to ask for ages, add: age: {{role: quasi_identifier, type: integer, derived_from: {name}, "
    "transform: {{kind: age_at, reference_date: {today}}}, dp: {{bounds: [0, 90], outside: clamp, "
    "group_by: true, aggregates: [mean]}}}}"
)
_LISTED: Final = 'dp: {categories: [A, B], outside: "null", nulls: keep, group_by: true}'


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftedColumn:
    """One entry of ``columns``.

    Attributes:
        name: Of the source's column.
        fields: Keys and values, as YAML.
        comments: The reasons, and what to declare so that it may be asked; a line each.
    """

    name: str
    fields: Mapping[str, str]
    comments: tuple[str, ...]


def draft_column(
    proposal: Proposal, ownership: Ownership, today: date, *, unit: bool, public: str | None
) -> DraftedColumn:
    """Return the first declaration of a column.

    Args:
        proposal: What it probably is.
        ownership: Of its table.
        today: From which ages would be counted.
        unit: Whether it names the privacy unit of its table.
        public: The list of categories that somebody named for it, as the folder has it.

    Raises:
        DeclarationError: ``COL-DIRECT-REACHABLE`` if a list is named for what identifies.
    """
    plan, private = proposal.plan, ownership is Ownership.PRIVATE
    if unit:
        return _entry(proposal, {"role": Role.PRIVACY_UNIT.value}, ())
    birth = plan.role is ColumnRole.QUASI_IDENTIFIER and plan.identifies is IdentifierKind.DATE
    role = Role.DIRECT_IDENTIFIER if birth else _ROLES[plan.role]
    if public is not None:
        return _listed(proposal, role, public)
    fields = {"role": role.value}
    if _is_date(proposal) and not birth:
        fields |= _date_fields(proposal, private=private)
    elif role not in {Role.KEY, Role.DIRECT_IDENTIFIER, Role.FREE_TEXT}:
        fields |= _value_fields(proposal, private=private)
    if plan.identifies is not None:
        fields["identifies"] = plan.identifies.value
    if role is not Role.KEY:
        fields["dp"] = "none"
    return _entry(proposal, fields, tuple(_advice(proposal, today)) if private else ())


def _listed(proposal: Proposal, role: Role, public: str) -> DraftedColumn:
    if role not in {Role.QUASI_IDENTIFIER, Role.SENSITIVE, Role.ATTRIBUTE}:
        raise DeclarationError(
            f"column {proposal.name} looks like a {role.value}, which has no categories",
            code="COL-DIRECT-REACHABLE",
            remedy="leave it out of --public, and declare it by hand if it is something else",
        )
    domain = f'{{categories_ref: {public}, outside: "null", nulls: keep, group_by: true}}'
    advice = "its categories are those of the list that was named; no value of the data is in it"
    return _entry(proposal, {"role": role.value, "dp": domain}, (advice,))


def _entry(proposal: Proposal, fields: Mapping[str, str], advice: tuple[str, ...]) -> DraftedColumn:
    undecided = proposal.plan.role is ColumnRole.UNDECIDED and "transform" in fields
    reason = _NOTHING_KNOWN if undecided and proposal.profile.filled else proposal.reasons[0]
    return DraftedColumn(
        name=proposal.name,
        fields=fields,
        comments=("; ".join((reason, *_seen(proposal.profile))), *advice),
    )


def _seen(profile: ColumnProfile) -> Iterator[str]:
    """Say what the values look like, without a number: how many there are is the data's."""
    for shape, share in profile.shares.items():
        if share >= _SOME and shape not in {"short code", "number"}:
            many = "all" if share == 1 else "nearly all" if share >= _MOST else "most"
            yield f"{many} values look like: {shape}"


def _is_date(proposal: Proposal) -> bool:
    dated = proposal.plan.role is ColumnRole.DATE
    return dated or isinstance(proposal.plan.hierarchy, DateHierarchy)


def _date_fields(proposal: Proposal, *, private: bool) -> dict[str, str]:
    hierarchy = proposal.plan.hierarchy
    pattern = hierarchy.format if isinstance(hierarchy, DateHierarchy) else proposal.plan.format
    fields = {"type": "date"}
    if private:
        fields["transform"] = "shift_date"
    if pattern is not None:
        fields["format"] = json.dumps(pattern)
    return fields


def _value_fields(proposal: Proposal, *, private: bool) -> dict[str, str]:
    plan, profile = proposal.plan, proposal.profile
    if plan.role is ColumnRole.UNDECIDED:
        return {"transform": "drop"}
    if isinstance(plan.hierarchy, ZipHierarchy):
        return {"transform": "zip3"} if private else {}
    if _is_number(proposal):
        return {"type": "integer" if profile.share("whole number") == 1 else "decimal"}
    return {}


def _is_number(proposal: Proposal) -> bool:
    """Say whether it is a number to reckon with; a code of digits is not."""
    counted = {ColumnRole.MEASURE, ColumnRole.QUASI_IDENTIFIER}
    return proposal.plan.role in counted and proposal.profile.share("number") == 1


def _advice(proposal: Proposal, today: date) -> Iterator[str]:
    """Say what to write where the column is to be asked; letters stand for what is yet to say."""
    plan = proposal.plan
    if plan.role is ColumnRole.QUASI_IDENTIFIER and plan.identifies is IdentifierKind.DATE:
        yield _AGE.format(name=json.dumps(proposal.name), today=today)
    elif _is_date(proposal):
        yield f"to ask: {_DATES}, with days that are public"
    elif isinstance(plan.hierarchy, ZipHierarchy):
        yield f"to ask: {_LISTED}, with the areas of three digits that are served"
    elif plan.role is ColumnRole.FREE_TEXT:
        yield "to keep the de-identified text for releases of records: stored: true"
    elif plan.role is ColumnRole.UNDECIDED:
        yield "to ask: give it its role, take the transform out, and declare its domain"
    elif _is_number(proposal):
        yield f"to ask: {_NUMBERS}, with bounds from what is possible, not from the data"
    elif plan.role is ColumnRole.CODE:
        yield "to ask: dp: {categories_ref: refdata/CODES.csv, …}, from the vocabulary's own list"
    elif plan.role not in {ColumnRole.KEY, ColumnRole.PRIVACY_UNIT, ColumnRole.DIRECT_IDENTIFIER}:
        yield f"to ask: {_LISTED}, from a public list"
