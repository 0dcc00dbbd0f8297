"""Free text leaves only if it was measured that what identifies is found in texts like it."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final

from policies.binomial import upper_limit
from policies.decisions import Allow, Decision, Deny
from policies.record_facts import RecordRole, ReleaseFacts, Scorecard, TextReading
from policies.releases import TextEvidence
from policies.rules.standing import Standing

__all__ = ["decide_record_text"]

_ORDER: Final = ("utility", "standard", "strict")
"""Operating points, the least strict first."""


def decide_record_text(standing: Standing, facts: ReleaseFacts) -> Decision:
    """Deny free text without a scorecard, or with one that does not show enough."""
    if RecordRole.FREE_TEXT not in facts.columns.values():
        return Allow()
    evidence = standing.dataset.spec.releases.text_evidence
    problem = "no text evidence is declared"
    if evidence is not None:
        problem = _problem(evidence, facts.scorecard, facts.text)
    if not problem:
        return Allow()
    named = "" if evidence is None else f" --set {evidence.on}"
    return Deny(
        rule="record_text",
        code="REL-TEXT-EVIDENCE",
        reason=f"text may not leave: {problem}",
        remedy=f"run 'gateway deidentify score GOLD --folder DIR{named} --scorecard FILE' and give "
        "--evidence FILE, or leave the text out",
        source=standing.of_dataset("spec", "releases", "text_evidence"),
    )


def _problem(evidence: TextEvidence, shown: Scorecard | None, text: TextReading | None) -> str:
    """Return why evidence does not do, or nothing."""
    if shown is None:
        return "no scorecard was given"
    if (shown.on, shown.gold) != (evidence.on, evidence.gold):
        return "the scorecard is of another gold set than the declared one"
    if text is None or shown.reading.engine != text.engine:
        return "the scorecard is of another model than read the stored text"
    if _ORDER.index(shown.reading.profile) > _ORDER.index(text.profile):
        return "the scorecard is of a stricter profile than the stored text was read with"
    # As a product: a recall that is rounded up is none that was reached. Of nothing there is none.
    reached = shown.entities and Decimal(shown.found) >= evidence.min_recall * shown.entities
    if not reached:
        return f"the measured recall is below {evidence.min_recall}"
    return _leaking(evidence, shown)


def _leaking(evidence: TextEvidence, shown: Scorecard) -> str:
    if evidence.max_leaking is None:
        return ""
    limit = upper_limit(shown.leaking, shown.texts, confidence=Fraction(evidence.confidence))
    if limit <= Fraction(evidence.max_leaking):
        return ""
    return (
        f"the share of texts in which something is left may be above {evidence.max_leaking}, at "
        f"confidence {evidence.confidence}"
    )
