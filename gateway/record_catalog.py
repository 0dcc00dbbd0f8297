"""What a project may be given as records: a function of the declarations alone, never of rows."""

from __future__ import annotations

from policies.effective import Effective
from policies.record_limits import leaving
from query.fields import Document

__all__ = ["records_document"]


def records_document(effective: Effective) -> Document | None:
    """Return what may leave of a dataset and under what terms; None where nothing may.

    Args:
        effective: What holds for the project and the dataset.
    """
    limits, releases = effective.records, effective.dataset.spec.releases
    if not limits.allowed.value:
        return None
    diverse, close, text = releases.l_diversity, releases.t_closeness, releases.text_evidence
    given = {
        name: leaving(effective.dataset, effective.grant, name) for name in effective.dataset.tables
    }
    return {
        "tables": [
            {"name": name, "columns": list(columns)} for name, columns in given.items() if columns
        ],
        "quasi_identifiers": list(releases.quasi_identifiers),
        "k": limits.k.value,
        "l": None if diverse is None else {"column": diverse.column, "l": diverse.l},
        "t": None if close is None else {"column": close.column, "t": format(close.t, "f")},
        "max_rows": limits.max_rows.value,
        "standard": releases.standard,
        "text_evidence": None
        if text is None
        else {
            "on": text.on,
            "min_recall": format(text.min_recall, "f"),
            "max_leaking": None if text.max_leaking is None else format(text.max_leaking, "f"),
            "human_check": None if text.human_check is None else text.human_check.sample,
        },
        "expires_days": releases.expires_days,
    }
