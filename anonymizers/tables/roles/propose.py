"""The rules that propose a role, in order; the first that speaks decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import pyarrow as pa

from anonymizers.tables.hierarchies import (
    CategoryHierarchy,
    DateHierarchy,
    NumberHierarchy,
    ZipHierarchy,
)
from anonymizers.tables.plan import ColumnPlan, ColumnRole
from anonymizers.tables.roles.names import IDENTIFIERS, QUASI, said_by_name, words_of
from anonymizers.tables.roles.profile import ColumnProfile, profile_column
from policies.columns import IdentifierKind

__all__ = ["UNIT_NAMES", "Proposal", "propose_roles"]

_MOST: Final = 0.9
_SOME: Final = 0.5
_RARE: Final = 0.02
_FEW: Final = 50
"""A column of so few different values is a category."""
_AGE: Final = 130
_OLD: Final = 90
UNIT_NAMES: Final = (
    "patient id", "person id", "subject id", "pat id", "patient", "patient nbr", "patient number",
    "patient no", "subject", "mrn", "id",
)  # fmt: skip
"""Names of the column that says whose row it is, the surest first."""
_NUMBER_NAMES: Final = frozenset({"id", "key", "identifier", "uuid", "guid", "nbr", "no", "index"})
_DATES: Final = {
    "ISO date": None,
    "date month first": "%m/%d/%Y",
    "date day first": "%d/%m/%Y",
    "date month first, hyphens": "%m-%d-%Y",
    "date day first, hyphens": "%d-%m-%Y",
}
_IDENTIFYING: Final = {
    "SSN": IdentifierKind.ID,
    "phone number": IdentifierKind.PHONE,
    "e-mail address": IdentifierKind.EMAIL,
    "web address": IdentifierKind.ID,
    "IP address": IdentifierKind.ID,
    "street address": IdentifierKind.STREET,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What one column probably is.

    Attributes:
        name: Of the column.
        plan: What would be done with it.
        reasons: What spoke for it, from name and content; no values.
        profile: What is seen in it.
    """

    name: str
    plan: ColumnPlan
    reasons: tuple[str, ...]
    profile: ColumnProfile


Rule = Callable[[ColumnProfile], tuple[ColumnPlan, str] | None]


def propose_roles(table: pa.Table, today: date) -> tuple[Proposal, ...]:
    """Propose a role for every column, in order; none is left out.

    Hierarchies start where HIPAA Safe Harbor does: years, three digits of a ZIP code, ages up to
    90 on this day.

    At most one column is proposed as the privacy unit. What no rule recognizes is undecided, and
    is not released until somebody decides.
    """
    profiles = [profile_column(name, table[name]) for name in table.column_names]
    unit = _unit(profiles)
    found = (_proposal(profile, unit=profile.name == unit) for profile in profiles)
    return tuple(_without_old_births(one, today) for one in found)


def _without_old_births(proposal: Proposal, today: date) -> Proposal:
    """Pool the birth dates of those who may be 90 or more."""
    plan = proposal.plan
    if plan.identifies is not IdentifierKind.DATE or not isinstance(plan.hierarchy, DateHierarchy):
        return proposal
    hierarchy = replace(plan.hierarchy, oldest=today.year - _OLD + 1)
    return replace(proposal, plan=replace(plan, hierarchy=hierarchy))


def _proposal(profile: ColumnProfile, *, unit: bool) -> Proposal:
    if unit:
        plan = ColumnPlan(role=ColumnRole.PRIVACY_UNIT)
        reasons: tuple[str, ...] = ("its name says whose row it is",)
        return Proposal(name=profile.name, plan=plan, reasons=reasons, profile=profile)
    for rule in _RULES:
        found = rule(profile)
        if found is not None:
            plan, reason = found
            reasons = (reason, *_seen(profile))
            return Proposal(name=profile.name, plan=plan, reasons=reasons, profile=profile)
    return Proposal(
        name=profile.name,
        plan=ColumnPlan(role=ColumnRole.UNDECIDED),
        reasons=("no rule recognizes it, so it stays out until you decide", *_seen(profile)),
        profile=profile,
    )


def _unit(profiles: list[ColumnProfile]) -> str | None:
    for wanted in UNIT_NAMES:
        for profile in profiles:
            if words_of(profile.name) == wanted and profile.filled:
                return profile.name
    return None


def _seen(profile: ColumnProfile) -> tuple[str, ...]:
    shapes = [
        f"{share:.0%} of its values look like: {shape}"
        for shape, share in profile.shares.items()
        if share >= _SOME and shape not in {"short code", "number"}
    ]
    return (f"{profile.distinct} different values in {profile.filled} filled rows", *shapes)


def _empty(profile: ColumnProfile) -> tuple[ColumnPlan, str] | None:
    if profile.filled:
        return None
    return ColumnPlan(role=ColumnRole.UNDECIDED), "it is empty"


def _identifier_by_content(profile: ColumnProfile) -> tuple[ColumnPlan, str] | None:
    for shape, kind in _IDENTIFYING.items():
        if profile.share(shape) >= _SOME:
            plan = ColumnPlan(role=ColumnRole.DIRECT_IDENTIFIER, identifies=kind)
            return plan, f"its values look like: {shape}"
    return None


def _identifier_by_name(profile: ColumnProfile) -> tuple[ColumnPlan, str] | None:
    entry = said_by_name(profile.name, IDENTIFIERS)
    if entry is None:
        return None
    kind = IDENTIFIERS[entry]
    if entry in {"name", "last", "first", "address", "account"} and profile.distinct <= _FEW // 10:
        return None  # a flag or a category by that name says nothing of a person
    plan = ColumnPlan(role=ColumnRole.DIRECT_IDENTIFIER, identifies=kind)
    return plan, f"its name says: {entry}"


def _key(profile: ColumnProfile) -> tuple[ColumnPlan, str] | None:
    words = words_of(profile.name).split()
    named = bool(words) and words[-1] in _NUMBER_NAMES
    if profile.share("UUID") >= _MOST or (named and profile.distinct > _FEW):
        return ColumnPlan(role=ColumnRole.KEY), "it links rows: its name says so, or it holds UUIDs"
    return None


def _quasi(profile: ColumnProfile) -> tuple[ColumnPlan, str] | None:
    entry = said_by_name(profile.name, QUASI)
    if entry is None:
        return None
    reason = f"others may know a person's {entry}"
    role = ColumnRole.QUASI_IDENTIFIER
    for shape, pattern in _DATES.items():
        if profile.share(shape) >= _MOST:
            kind = IdentifierKind.DATE if "birth" in entry or entry == "dob" else None
            hierarchy = DateHierarchy(format=pattern)
            return ColumnPlan(role=role, hierarchy=hierarchy, identifies=kind), reason
    if entry in {"zip", "zipcode", "postal code"} and profile.share("ZIP code") >= _SOME:
        kind = IdentifierKind.POSTAL_CODE
        return ColumnPlan(role=role, hierarchy=ZipHierarchy(), identifies=kind), reason
    if entry == "age" and profile.high is not None and profile.high <= _AGE:
        return ColumnPlan(role=role, hierarchy=NumberHierarchy(top=_OLD)), reason
    if profile.share("number") >= _MOST and profile.distinct > _FEW // 5:
        return ColumnPlan(role=role, hierarchy=_bands(profile)), reason
    kind = IdentifierKind.CITY if {"city", "town"} & set(entry.split()) else None
    return ColumnPlan(role=role, hierarchy=CategoryHierarchy(), identifies=kind), reason


def _bands(profile: ColumnProfile) -> NumberHierarchy:
    """Bands that cut the range in about 50, 20, 10 and 5, so that there is something to choose."""
    reach = max((profile.high or 0) - (profile.low or 0), 1)
    narrow = max(1, round(reach / _FEW))
    return NumberHierarchy(widths=(narrow, narrow * 2, narrow * 4, narrow * 8))


def _date(profile: ColumnProfile) -> tuple[ColumnPlan, str] | None:
    for shape, pattern in _DATES.items():
        if profile.share(shape) >= _MOST:
            return ColumnPlan(role=ColumnRole.DATE, format=pattern), "its values are dates"
    return None


def _free_text(profile: ColumnProfile) -> tuple[ColumnPlan, str] | None:
    words = words_of(profile.name).split()
    if profile.distinct <= 4 * _FEW and profile.unique <= _RARE:
        return None  # the same few sentences again and again are labels
    named = bool(words) and words[-1] in {
        "note",
        "notes",
        "text",
        "comment",
        "comments",
        "narrative",
    }
    if profile.share("sentences") >= _SOME or (named and profile.share("short code") < _SOME):
        return ColumnPlan(role=ColumnRole.FREE_TEXT), "its values are written sentences"
    return None


def _name_by_content(profile: ColumnProfile) -> tuple[ColumnPlan, str] | None:
    if profile.share("name") >= 0.8 and profile.distinct > _FEW // 5:  # noqa: PLR2004  most, with foreign names among them
        plan = ColumnPlan(role=ColumnRole.DIRECT_IDENTIFIER, identifies=IdentifierKind.FULL_NAME)
        return plan, "its values look like names of people"
    return None


def _number_of_somebody(profile: ColumnProfile) -> tuple[ColumnPlan, str] | None:
    own = profile.unique >= _MOST and profile.filled > _FEW
    coded = profile.share("identifier of letters and digits") >= _MOST
    whole = profile.share("whole number") == 1
    if own and (whole or (coded and profile.share("number") < _MOST)):
        plan = ColumnPlan(role=ColumnRole.DIRECT_IDENTIFIER, identifies=IdentifierKind.ID)
        return plan, "almost every row has a number of its own"
    return None


def _code(profile: ColumnProfile) -> tuple[ColumnPlan, str] | None:
    words = set(words_of(profile.name).split())
    coded = any(profile.share(shape) >= _MOST for shape in ("ICD-10 code", "LOINC code"))
    named = words & {"code", "icd", "cpt", "snomed", "loinc", "ndc", "concept", "rxnorm", "id"}
    if coded or (named and profile.share("short code") + profile.share("whole number") >= _SOME):
        return ColumnPlan(role=ColumnRole.CODE), "its values are codes of a vocabulary"
    return None


def _measure(profile: ColumnProfile) -> tuple[ColumnPlan, str] | None:
    if profile.share("number") >= _MOST and profile.distinct > _FEW // 5:
        return ColumnPlan(role=ColumnRole.MEASURE), "its values are numbers"
    return None


def _category(profile: ColumnProfile) -> tuple[ColumnPlan, str] | None:
    labels = profile.distinct <= 4 * _FEW and profile.unique <= _RARE
    if labels or (profile.distinct <= _FEW and profile.unique <= _SOME):
        return ColumnPlan(role=ColumnRole.CATEGORY), "few values, each in many rows"
    return None


_RULES: Final[tuple[Rule, ...]] = (
    _empty,
    _quasi,
    _identifier_by_name,
    _identifier_by_content,
    _key,
    _date,
    _free_text,
    _name_by_content,
    _code,
    _number_of_somebody,
    _measure,
    _category,
)
