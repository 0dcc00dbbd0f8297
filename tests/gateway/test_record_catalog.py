"""What a researcher finds out of the record door before asking for anything."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from gateway.catalog import catalog_document
from policies.active import PolicySet
from tests.policies.declarations import load
from tests.policies.test_records import dataset_text, project_text

TODAY = date(2026, 3, 1)


def records(active: PolicySet) -> Any:  # noqa: ANN401  JSON
    (dataset,) = catalog_document(active, active.projects["sugar"], TODAY)["datasets"]
    return dataset["records"]


def test_the_catalog_tells_what_may_leave_and_on_what_terms(tmp_path: Path) -> None:
    shown = records(load(tmp_path, dataset_text(), project_text()))

    assert shown["tables"] == [
        {"name": "visits", "columns": ["county", "patient", "code", "cost", "note"]},
    ]
    assert (shown["k"], shown["max_rows"], shown["expires_days"]) == (11, 100, 30)
    assert shown["l"] == {"column": "visits.code", "l": 2}
    assert shown["t"] == {"column": "visits.code", "t": "0.4"}
    assert shown["text_evidence"] == {
        "on": "notes", "min_recall": "0.9", "max_leaking": None, "human_check": None,
    }  # fmt: skip
    assert shown["quasi_identifiers"] == ["visits.county"]
    assert shown["standard"] == "expert_determination"


def test_a_project_that_is_given_none_is_told_of_none(tmp_path: Path) -> None:
    assert records(load(tmp_path, dataset_text())) is None
