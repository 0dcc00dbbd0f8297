"""The decisions: pure, total, and a no for whatever no declaration allows.

They see the request, the text's facts and the declarations, and never a row: so no refusal can
tell anything about the data. ``decide_measured`` alone sees what was counted, of records that were
made and not yet kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from policies.active import PolicySet
from policies.decisions import Access, Allow, Decision, Deny, QueryFacts, RevealFacts, combine
from policies.record_facts import Measured, ReleaseFacts
from policies.rules.aggregates_allowed import decide_aggregates_allowed
from policies.rules.cells import decide_cells
from policies.rules.column_group import decide_column_group
from policies.rules.column_role import decide_column_role
from policies.rules.columns_granted import decide_columns_granted
from policies.rules.dataset_granted import find_standing
from policies.rules.dataset_in_force import decide_dataset_in_force
from policies.rules.dataset_suspended import decide_dataset_suspended
from policies.rules.group_width import decide_group_width
from policies.rules.membership_current import decide_membership_current
from policies.rules.price import decide_price
from policies.rules.private_keys import decide_private_keys
from policies.rules.project_in_force import decide_project_in_force
from policies.rules.project_member import find_seat
from policies.rules.project_suspended import decide_project_suspended
from policies.rules.purpose_allowed import decide_purpose_allowed
from policies.rules.record_columns import decide_record_columns
from policies.rules.record_criteria import decide_record_criteria
from policies.rules.record_joint import decide_record_joint
from policies.rules.record_links import decide_record_links
from policies.rules.record_measured import decide_record_measured
from policies.rules.record_recipient import decide_record_recipient
from policies.rules.record_roles import decide_record_roles
from policies.rules.record_standard import decide_record_standard
from policies.rules.record_text import decide_record_text
from policies.rules.records_given import decide_records_given
from policies.rules.separate_duties import decide_separate_duties
from policies.rules.small_cells import decide_small_cells
from policies.rules.standing import Seat, Standing
from policies.rules.tables_granted import decide_tables_granted
from policies.rules.text_reversible import decide_text_reversible
from policies.rules.training_current import decide_training_current

__all__ = [
    "MEASURED_RULES",
    "RELEASE_RULES",
    "REVEAL_RULES",
    "SEAT_RULES",
    "STANDING_RULES",
    "USE_RULES",
    "decide_access",
    "decide_measured",
    "decide_release",
    "decide_reveal",
    "decide_use",
]

SEAT_RULES: Final[tuple[Callable[[Seat], Decision], ...]] = (
    decide_membership_current,
    decide_training_current,
    decide_project_in_force,
    decide_project_suspended,
)
"""Asked of a member, before it is looked up what the project may reach."""

STANDING_RULES: Final[tuple[Callable[[Standing], Decision], ...]] = (
    decide_dataset_in_force,
    decide_dataset_suspended,
    decide_separate_duties,
    decide_purpose_allowed,
)
"""Asked of a member and a granted dataset."""

USE_RULES: Final[tuple[Callable[[Standing, QueryFacts], Decision], ...]] = (
    decide_tables_granted,
    decide_column_role,
    decide_columns_granted,
    decide_column_group,
    decide_private_keys,
    decide_aggregates_allowed,
    decide_group_width,
    decide_cells,
    decide_price,
    decide_small_cells,
)
"""Asked of a query; the order is that in which a researcher would mend it."""


REVEAL_RULES: Final[tuple[Callable[[Standing, RevealFacts], Decision], ...]] = (
    decide_text_reversible,
)
"""Asked of who wants to read encrypted values."""

RELEASE_RULES: Final[tuple[Callable[[Standing, ReleaseFacts], Decision], ...]] = (
    decide_records_given,
    decide_record_recipient,
    decide_record_links,
    decide_record_columns,
    decide_record_roles,
    decide_record_criteria,
    decide_record_standard,
    decide_record_text,
)
"""Asked of a release of records, before any of them is read."""

MEASURED_RULES: Final[tuple[Callable[[Standing, ReleaseFacts, Measured], Decision], ...]] = (
    decide_record_measured,
    decide_record_joint,
)
"""Asked of a release that was made: the only rules that look at what was counted in rows."""


def decide_access(access: Access, active: PolicySet) -> Decision:
    """Decide whether somebody may ask a dataset anything, before any SQL is looked at.

    Args:
        access: Who asks what, why and when.
        active: The declarations in force.

    Returns:
        ``Allow`` without duties, or the first denial. Who is not a member of the project gets
        the same denial whatever exists.
    """
    standing = _stand(access, active)
    return _placed(standing, active) if isinstance(standing, Deny) else Allow()


def decide_use(access: Access, facts: QueryFacts, active: PolicySet) -> Decision:
    """Decide whether a query may be answered, at the price that it names.

    Args:
        access: Who asks what, why and when; it is decided upon again.
        facts: What the query uses, from its text.
        active: The declarations in force.

    Returns:
        ``Allow`` with the duties of all rules, or the first denial in the order of the rules.
    """
    return _decided(access, active, lambda one: [rule(one, facts) for rule in USE_RULES])


def decide_reveal(access: Access, facts: RevealFacts, active: PolicySet) -> Decision:
    """Decide whether somebody may read encrypted values of notes.

    Args:
        access: Who, in which project, why and when.
        facts: Of which column and labels.
        active: The declarations in force.

    Returns:
        ``Allow`` without duties, or the first denial.
    """
    return _decided(access, active, lambda one: [rule(one, facts) for rule in REVEAL_RULES])


def decide_release(access: Access, facts: ReleaseFacts, active: PolicySet) -> Decision:
    """Decide whether a table of a dataset may be released to a project, row by row.

    Args:
        access: Who asks for it, for which project, why and when; a member of the project.
        facts: What leaves, as what, to whom, and what the release will meet.
        active: The declarations in force.

    Returns:
        ``Allow`` without duties, or the first denial.
    """
    return _decided(access, active, lambda one: [rule(one, facts) for rule in RELEASE_RULES])


def decide_measured(
    access: Access, facts: ReleaseFacts, measured: Measured, active: PolicySet
) -> Decision:
    """Decide whether a release that was made may be kept; the one decision that counts rows.

    Args:
        access: As for ``decide_release``, which is decided upon again.
        facts: Likewise.
        measured: What was counted in it.
        active: The declarations in force.

    Returns:
        ``Allow`` without duties, or the first denial.
    """

    def decisions(standing: Standing) -> list[Decision]:
        asked = [rule(standing, facts) for rule in RELEASE_RULES]
        return [*asked, *(rule(standing, facts, measured) for rule in MEASURED_RULES)]

    return _decided(access, active, decisions)


def _decided(
    access: Access, active: PolicySet, decisions: Callable[[Standing], list[Decision]]
) -> Decision:
    """Combine what all rules say of whoever may ask at all."""
    standing = _stand(access, active)
    if isinstance(standing, Deny):
        return _placed(standing, active)
    return _placed(combine(decisions(standing)), active)


def _placed(decision: Decision, active: PolicySet) -> Decision:
    """Add to a denial the file and the line of what decided, where that was read from a file."""
    source = decision.source if isinstance(decision, Deny) else None
    document = None if source is None else active.documents.get((source.layer, source.policy))
    if not isinstance(decision, Deny) or source is None or document is None:
        return decision
    position = document.position(source.path, key=True)
    return replace(decision, file=document.file, position=position)


def _stand(access: Access, active: PolicySet) -> Standing | Deny:
    seat = find_seat(access, active)
    if isinstance(seat, Deny):
        return seat
    of_seat = combine([rule(seat) for rule in SEAT_RULES])
    if isinstance(of_seat, Deny):
        return of_seat
    standing = find_standing(seat, active)
    if isinstance(standing, Deny):
        return standing
    of_standing = combine([rule(standing) for rule in STANDING_RULES])
    return of_standing if isinstance(of_standing, Deny) else standing
