"""T20: notes of patients reached by grouping or searching them.

Attack: group by a note, or search it with LIKE or a regular expression; even behind noise, a search
for a name asks whether it stands there, and a group is the note itself.

Pass: no declaration can make free text askable; a question that names such a column is refused,
wherever it stands, with the same words whether the note is stored or not; what is derived from
notes under a declared domain can be asked. Exact, so there are no false alarms.
"""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from policies.datasets import DatasetPolicy
from policies.errors import RefusalError
from query.service import quote
from tests.attacks.hospital import Estate, Site
from tests.attacks.observations import seen
from tests.factories import make_dataset
from tests.wards import make_rows

TEXT = "Mrs Canary Smith, 12 Elm Street, came with a cough"
USES: list[dict[str, Any]] = [
    {"dp": {}},
    {"dp": {"categories": ["cough", "fever"], "group_by": True}},
    {"dp": {"aggregates": ["count"]}},
    {"stored": True, "dp": {"group_by": True}},
    {"transform": "keep", "dp": {}},
    {"transform": "keep", "stored": True},
    {"transform": "pseudonymize", "dp": {}},
]
QUESTIONS = [
    "SELECT note, COUNT(*) FROM notes GROUP BY note",
    "SELECT LOWER(note), COUNT(*) FROM notes GROUP BY 1",
    "SELECT note LIKE '%Smith%', COUNT(*) FROM notes GROUP BY 1",
    "SELECT COUNT(*) FROM notes WHERE note LIKE '%Smith%'",
    "SELECT COUNT(*) FROM notes WHERE note ILIKE '%smith%'",
    "SELECT COUNT(*) FROM notes WHERE note = 'x'",
    "SELECT COUNT(*) FROM notes WHERE note IN ('x', 'y')",
    "SELECT COUNT(*) FROM notes WHERE note IS NOT NULL",
    "SELECT COUNT(*) FROM notes WHERE LENGTH(note) > 100",
    "SELECT COUNT(*) FROM notes WHERE regexp_matches(note, 'Sm.th')",
    "SELECT COUNT(*) FROM notes WHERE note SIMILAR TO '.*Smith.*'",
    "SELECT COUNT(*) FROM notes WHERE contains(note, 'Smith')",
    "SELECT COUNT(*) FROM notes WHERE starts_with(note, 'Mrs')",
    "SELECT COUNT(*) FILTER (WHERE note LIKE '%Smith%') FROM notes",
    "SELECT COUNT(note) FROM notes",
    "SELECT COUNT(DISTINCT note) FROM notes",
    "SELECT SUM(CASE WHEN note LIKE '%Smith%' THEN 1 ELSE 0 END) FROM notes",
    "SELECT AVG(CLAMP(LENGTH(note), 0, 10)) FROM notes",
    "SELECT MIN(note), MAX(note), ANY_VALUE(note) FROM notes",
    "SELECT STRING_AGG(note, ',') FROM notes",
    "SELECT COUNT(*) FROM notes n JOIN notes m ON n.patient_id = m.patient_id AND n.note = m.note",
    "SELECT COUNT(*) FROM patients p JOIN notes n USING (patient_id) WHERE n.note > 'M'",
    "SELECT COUNT(*) FROM notes GROUP BY ALL HAVING note LIKE '%Smith%'",
    "SELECT topic, COUNT(*) FROM notes GROUP BY topic ORDER BY note",
    "SELECT COUNT(*) FROM (SELECT patient_id, note AS topic FROM notes) n WHERE topic LIKE '%S%'",
    "WITH n AS (SELECT patient_id, UPPER(note) AS x FROM notes) SELECT COUNT(x) FROM n GROUP BY x",
]


def with_notes(**use: Any) -> DatasetPolicy:  # noqa: ANN401  as declarations have it
    note = {"role": "free_text", "type": "string", **use}
    topic = {
        "role": "attribute",
        "dp": {"categories": ["cough", "fever"], "nulls": "keep", "group_by": True},
    }
    key, unit = {"role": "key"}, {"role": "privacy_unit"}
    columns = {"note_id": key, "patient_id": unit, "note": note, "topic": topic}
    notes = {
        "key": "note_id",
        "contribution": {"max_groups": 1, "max_rows_per_group": 2},
        "columns": columns,
    }
    return make_dataset(tables={"notes": notes})


def noted(hospitals: Estate, *, stored: bool) -> Site:
    rows = make_rows(1, [(1, 0, 0, 0)] * 3)
    notes = [
        {"note_id": n, "patient_id": n, "note": TEXT, "topic": "cough", "__salt": n, "__rank": 1}
        for n in range(3)
    ]
    return hospitals.site({**rows, "notes": notes}, with_notes(stored=stored))


@pytest.mark.parametrize("use", USES, ids=str)
def test_no_declaration_makes_free_text_askable(use: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="free_text"):
        with_notes(**use)


@pytest.mark.parametrize("sql", QUESTIONS)
def test_a_question_that_names_a_note_is_refused_unread(hospitals: Estate, sql: str) -> None:
    sites = [noted(hospitals, stored=stored) for stored in (True, False)]
    for site in sites:
        with pytest.raises(RefusalError) as caught:
            site.answer(sql)
        assert "Canary" not in f"{caught.value} {caught.value.remedy}"
        with pytest.raises(RefusalError):
            quote(site.request(sql), site.ports)
        assert site.engine.statements == []

    assert seen(sites[0], sql) == seen(sites[1], sql)


def test_no_refusal_offers_the_note(hospitals: Estate) -> None:
    site = noted(hospitals, stored=True)
    for sql in ("SELECT COUNT(notee) FROM notes", "SELECT not, COUNT(*) FROM notes GROUP BY 1"):
        with pytest.raises(RefusalError) as caught:
            site.answer(sql)
        assert "use note" not in caught.value.remedy
        assert "note," not in caught.value.remedy.replace("note_id,", "")


def test_what_is_derived_under_a_declared_domain_can_be_asked(hospitals: Estate) -> None:
    given = noted(hospitals, stored=True).answer(
        "SELECT topic, COUNT(*) FROM notes GROUP BY topic", "0.5"
    )

    assert [key for key, _ in given.rows] == ["cough", "fever", None]
