from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from gateway.ingest import IngestReport, TableReport
from gateway.ingest.report import parse_report
from gateway.storage import Manifest, RamFolder, SnapshotStore, Warehouse
from policies.datasets import DatasetPolicy
from policies.errors import SourceError
from tests.gateway.ingest.small import MASTER, PATIENTS, VISITS, policy, run, write
from tests.limits import LIMITS

REJECT: dict[str, Any] = {"patients": {"bad_rows": "reject"}, "visits": {"bad_rows": "reject"}}


class Site:
    """A store that can be filled and asked."""

    def __init__(self, folder: Path, store: SnapshotStore, ram: RamFolder) -> None:
        self.folder, self.store, self.ram = folder, store, ram
        self.warehouse = Warehouse(store, ram, LIMITS)
        self.dataset: DatasetPolicy = policy()
        self.changes: dict[str, Any] = {}

    def ingest(self, tables: Mapping[str, Any] | None = None, /, **files: str) -> IngestReport:
        self.dataset = policy(tables)
        source = write(self.folder / "source", **files)
        return run(self.dataset, source, self.store, self.ram, **self.changes)

    def ask(self, sql: str) -> list[Any]:
        rows = self.warehouse.snapshot(self.dataset).engine.run(sql)
        return [row[0] if len(row) == 1 else row for row in rows]


@pytest.fixture
def site(tmp_path: Path, store: SnapshotStore, ram: RamFolder) -> Site:
    return Site(tmp_path, store, ram)


def table(report: IngestReport, name: str) -> TableReport:
    return next(table for table in report.tables if table.table == name)


def test_what_is_stored_is_the_declared_layout(site: Site) -> None:
    site.ingest()

    columns = site.ask(
        "SELECT column_name, data_type FROM duckdb_columns() "
        "WHERE table_name IN ('patients', 'visits') ORDER BY table_name, column_index"
    )
    assert columns == [
        ("id", "BIGINT"),
        ("age", "BIGINT"),
        ("sex", "ENUM('F', 'M')"),
        ("zip3", "VARCHAR"),
        ("income", "BIGINT"),
        ("__salt", "INTEGER"),
        ("__rank", "INTEGER"),
        ("__rows", "INTEGER"),
        ("visit", "BIGINT"),
        ("patient", "BIGINT"),
        ("start", "DATE"),
        ("cost", "BIGINT"),
        ("__salt", "INTEGER"),
        ("__rank", "INTEGER"),
        ("__rows", "INTEGER"),
    ]
    assert sorted(site.ask("SELECT age, sex, zip3, income FROM patients"), key=str) == [
        (24, "F", None, None),
        (76, "F", "021", 100),
        (90, "M", "000", 1000),
    ]
    assert sorted(site.ask("SELECT cost FROM visits")) == [150, 1001, 2000, 3000]


def test_units_have_the_same_dense_number_and_salt_everywhere(site: Site) -> None:
    site.ingest()

    assert site.ask("SELECT id FROM patients ORDER BY id") == [0, 1, 2]
    assert site.ask("SELECT count(DISTINCT __salt) FROM patients") == [3]
    assert site.ask(
        "SELECT count(*), bool_and(p.__salt = v.__salt) FROM visits v JOIN patients p "
        "ON p.id = v.patient"
    ) == [(4, True)]
    assert site.ask(
        "SELECT p.income, count(*) FROM visits v JOIN patients p ON p.id = v.patient "
        "GROUP BY 1 ORDER BY 1"
    ) == [(100, 3), (1000, 1)]


def test_rows_are_sorted_by_unit_and_ranked_within_it(site: Site) -> None:
    site.ingest()

    rows = site.ask("SELECT patient, __rank FROM visits ORDER BY rowid")
    assert rows == sorted(rows)
    assert sorted(rank for _, rank in rows) == [1, 1, 2, 3]


def test_nothing_that_identifies_is_in_the_opened_snapshot(site: Site) -> None:
    site.ingest()
    manifest = site.warehouse.manifest(site.dataset)
    path = site.folder / "plain"
    with path.open("wb") as plain:
        site.store.unseal(manifest, plain)

    content = path.read_bytes() + manifest.encode()
    for secret in ("Jane", "Roe", "900-12-3456", "02139", "p1", "v1", "1950-03-07"):
        assert secret.encode() not in content


def test_the_manifest_says_nothing_of_how_many_there_are(site: Site) -> None:
    site.ingest()

    assert sorted(json.loads((site.store.folder / "small" / "current.json").read_bytes())) == [
        "created", "dataset", "layout_digest", "number", "policy_digest", "source_snapshot",
    ]  # fmt: skip
    assert dict(site.ask("SELECT name, value FROM __facts")) == {
        "units": 3,
        "rows patients": 3,
        "rows visits": 4,
    }


def test_dates_of_one_patient_move_together(site: Site) -> None:
    site.ingest()

    starts = [
        date.fromisoformat(text)
        for text in site.ask(
            "SELECT start FROM visits v JOIN patients p ON p.id = v.patient "
            "WHERE p.income = 100 ORDER BY start"
        )
    ]
    assert [(b - a).days for a, b in pairwise(starts)] == [31, 29]
    assert 1 <= abs((starts[0] - date(2020, 1, 5)).days) <= 182


def test_the_same_secrets_give_the_same_store_and_others_another(site: Site) -> None:
    everything = "SELECT * FROM visits ORDER BY ALL"
    site.ingest()
    first = site.ask(everything)
    site.ingest()
    again = site.ask(everything)
    site.changes = {"master": bytes(reversed(MASTER))}
    site.ingest()

    assert first == again
    assert site.ask(everything) != first


def test_one_more_patient_changes_nothing_of_the_others(site: Site) -> None:
    own = "SELECT __salt, __rank, visit, start, cost FROM visits ORDER BY ALL"
    limit = {"visits": {"max_rows_per_unit": 2}}
    site.ingest(limit)
    before = site.ask(own)
    site.ingest(
        limit,
        patients=PATIENTS + "p0,Tim Fox,,1980-01-01,M,,\n",
        visits=VISITS + "v0,p0,2020-01-01,1\n",
    )

    assert len(before) == 3
    assert set(before) < set(site.ask(own))


MONTHLY = {
    "visits": {
        "columns": {
            "start": {
                "role": "quasi_identifier",
                "type": "date",
                "transform": {"kind": "generalize_date", "to": "month"},
                "dp": {"bounds": ["2019-01-01", "2021-12-31"], "group_by": True},
            }
        },
        "release_profiles": {"monthly": {"groups": ["start"], "max_groups": 2}},
    }
}


def test_release_profiles_are_bounded_in_the_store(site: Site) -> None:
    site.ingest(MONTHLY, visits=VISITS + "v5,p2,2020-01-06,90\n")

    ranks = site.ask("SELECT __group_rank_monthly FROM visits WHERE cost > 1002 ORDER BY ALL")
    groups = site.ask(
        "SELECT patient, start, max(__row_rank_monthly), count(*) "
        "FROM visits GROUP BY ALL ORDER BY max(cost)"
    )
    assert len(ranks) == 3
    assert [group[2:] for group in groups] == [(1, 1), (1, 1), (1, 1), (2, 2)]


def test_one_more_patient_changes_no_profile_of_the_others(site: Site) -> None:
    own = "SELECT * EXCLUDE (patient) FROM visits ORDER BY ALL"
    site.ingest(MONTHLY)
    before = site.ask(own)
    site.ingest(
        MONTHLY,
        patients=PATIENTS + "p0,Tim Fox,,1980-01-01,M,,\n",
        visits=VISITS + "v0,p0,2020-01-01,1\n",
    )

    assert len(before) == 4
    assert set(before) < set(site.ask(own))


def test_rows_beyond_the_bound_are_left_out_and_counted(site: Site) -> None:
    report = site.ingest({"visits": {"max_rows_per_unit": 2}})

    assert table(report, "visits").left_out == 1
    assert table(report, "visits").stored == 3
    assert site.ask("SELECT max(__rank) FROM visits") == [2]
    assert sorted(site.ask("SELECT __rows FROM visits")) == sorted(
        site.ask("SELECT COUNT(*) OVER (PARTITION BY patient) FROM visits")
    )


def test_the_order_does_not_depend_on_the_order_of_the_source(site: Site) -> None:
    limit = {"visits": {"max_rows_per_unit": 2}}
    everything = "SELECT * FROM visits ORDER BY ALL"
    site.ingest(limit)
    first = site.ask(everything)
    header, *lines = VISITS.splitlines()
    site.ingest(limit, visits="\n".join([header, *reversed(lines)]) + "\n")

    assert site.ask(everything) == first


BROKEN = [
    ("visits", "v5,p9,2020-01-01,1\n", "unknown unit", "KEY-ORPHAN"),
    ("visits", "v5,,2020-01-01,1\n", "no unit", "KEY-NO-UNIT"),
    ("visits", ",p1,2020-01-01,1\n", "no key visit", "KEY-NULL"),
    ("visits", "v1,p1,2021-01-01,1\n", "key twice visit", "KEY-TWICE"),
    ("patients", "p1,Jane Doe,,1951-01-01,F,,\n", "unit twice", "KEY-UNIT-TWICE"),
    ("patients", "p4,Tim Fox,,1951-01-01,X,,\n", "value sex", "VAL-OUTSIDE"),
]


@pytest.mark.parametrize(("name", "line", "rule", "code"), BROKEN)
def test_a_broken_row_is_rejected_and_counted(
    site: Site, name: str, line: str, rule: str, code: str
) -> None:
    del code
    usual = {"patients": PATIENTS, "visits": VISITS}
    report = site.ingest(REJECT, **{name: usual[name] + line})

    found = table(report, name)
    assert found.rejected == {rule: 1}
    assert found.stored == len(usual[name].splitlines()) - 1
    assert found.read == found.stored + 1


@pytest.mark.parametrize(("name", "line", "rule", "code"), BROKEN)
def test_a_broken_row_stops_the_ingest_with_its_line(
    site: Site, name: str, line: str, rule: str, code: str
) -> None:
    del rule
    site.ingest()
    usual = {"patients": PATIENTS, "visits": VISITS}

    with pytest.raises(SourceError) as error:
        site.ingest(**{name: usual[name] + line})

    assert error.value.code == code
    assert error.value.line == len(usual[name].splitlines()) + 1
    assert error.value.file == f"{name}.csv"
    assert not any(value in str(error.value) for value in line.strip().split(",") if len(value) > 1)
    assert site.warehouse.manifest(policy()).number == 1


def test_rows_of_a_rejected_patient_go_too_and_never_stop(site: Site) -> None:
    report = site.ingest(
        {"patients": {"bad_rows": "reject"}}, patients=PATIENTS.replace("-07-01,M", "-07-01,X")
    )

    assert table(report, "visits").rejected == {"unit rejected": 1}
    assert table(report, "visits").stored == 3
    assert report.units == 2


def test_a_key_that_two_patients_share_stops_even_where_rows_are_rejected(site: Site) -> None:
    with pytest.raises(SourceError) as error:
        site.ingest(REJECT, visits=VISITS + "v1,p2,2020-01-01,1\n")

    assert error.value.code == "KEY-SHARED"
    assert error.value.line == 6


LABS = {
    "labs": {
        "bad_rows": "reject",
        "foreign_keys": {"visit": "visits.visit"},
        "columns": {
            "patient": {"role": "privacy_unit"},
            "visit": {"role": "key"},
            "result": {"role": "sensitive", "type": "integer", "dp": {"bounds": [0, 9]}},
        },
    }
}


def test_references_hold_within_one_patient(site: Site) -> None:
    report = site.ingest(
        LABS, labs="patient,visit,result\np1,v1,1\np1,,2\np1,v9,3\np1,v4,4\np2,v4,5\n"
    )

    assert table(report, "labs").rejected == {"foreign key visit": 1, "foreign unit visit": 1}
    assert sorted(site.ask("SELECT result FROM labs")) == [1, 2, 5]
    assert site.ask("SELECT count(*) FROM labs l JOIN visits v ON l.visit = v.visit") == [2]


def test_references_to_directories_hold_too(site: Site) -> None:
    tables = {
        "visits": {"bad_rows": "reject", "foreign_keys": {"visit": "wards.ward"}},
        "wards": {
            "ownership": "directory",
            "columns": {"ward": {"role": "attribute"}},
        },
    }
    report = site.ingest(tables, wards="ward\nv1\nv4\nv7\n")

    assert table(report, "visits").rejected == {"foreign key visit": 2}
    assert site.ask("SELECT count(*) FROM visits") == [2]


def test_a_reference_to_a_row_that_was_left_out_is_no_error(site: Site) -> None:
    report = site.ingest(
        LABS | {"visits": {"max_rows_per_unit": 1}},
        labs="patient,visit,result\np1,v1,1\np1,v2,2\np1,v3,3\n",
    )

    assert table(report, "labs").rejected == {}
    assert table(report, "labs").stored == 3
    assert site.ask("SELECT count(*) FROM labs l JOIN visits v ON l.visit = v.visit") == [1]


def test_public_tables_are_stored_without_units_and_directories_not_at_all(site: Site) -> None:
    report = site.ingest(
        {
            "codes": {
                "ownership": "public",
                "key": "code",
                "bad_rows": "reject",
                "columns": {
                    "code": {"role": "attribute", "dp": {}},
                    "title": {"role": "attribute", "dp": {}},
                },
            },
            "staff": {
                "ownership": "directory",
                "columns": {"name": {"role": "direct_identifier", "identifies": "full_name"}},
            },
        },
        codes="code,title\n1,one\n2,two\n2,again\n",
        staff="name\nDr Who\n",
    )

    assert site.ask("SELECT * FROM codes") == [("1", "one"), ("2", "two")]
    assert table(report, "codes").rejected == {"key twice code": 1}
    assert (table(report, "staff").read, table(report, "staff").stored) == (1, 0)
    assert site.ask("SELECT table_name FROM duckdb_tables() ORDER BY 1") == [
        "__facts", "__private", "__units", "codes", "patients", "visits",
    ]  # fmt: skip


def test_the_unit_table_may_hold_many_rows_of_a_unit(site: Site) -> None:
    report = site.ingest(
        {"patients": {"key": None, "max_rows_per_unit": 2}},
        patients=PATIENTS + "p1,Jane,,1950-03-07,F,,1\np1,J,,1950-03-07,F,,2\n",
    )

    assert report.units == 3
    assert table(report, "patients").left_out == 1
    assert site.ask("SELECT count(*), count(DISTINCT id) FROM patients") == [(4, 3)]


def test_a_table_without_rows_is_stored_empty(site: Site) -> None:
    report = site.ingest(visits="visit,patient,start,cost\n")

    assert table(report, "visits") == TableReport(
        table="visits", read=0, stored=0, seconds=table(report, "visits").seconds
    )
    assert site.ask("SELECT count(*) FROM visits") == [0]


def test_nobody_at_all_is_a_store_too(site: Site) -> None:
    report = site.ingest(patients=PATIENTS.splitlines()[0], visits=VISITS.splitlines()[0])

    assert report.units == 0
    assert site.ask("SELECT count(*) FROM patients") == [0]


def test_names_and_categories_with_quotation_marks_are_stored(site: Site) -> None:
    site.ingest(
        {
            "o\"dd tab'le": {
                "file": "odd.csv",
                "columns": {
                    "patient": {"role": "privacy_unit"},
                    "a \"b\" 'c'": {
                        "role": "attribute",
                        "dp": {"categories": ["it's", 'say "hi"', ""]},
                    },
                },
            }
        },
        odd='patient,"a ""b"" \'c\'"\np1,it\'s\np2,"say ""hi"""\n',
    )

    assert sorted(site.ask('SELECT "a ""b"" \'c\'" FROM "o""dd tab\'le"')) == [
        "it's",
        'say "hi"',
    ]


def test_the_report_counts_and_says_what_was_not_stored(site: Site) -> None:
    report = site.ingest(REJECT, visits=VISITS + "v5,p9,2020-01-01,1\nv6,p1,x,500\n")

    found = table(report, "visits")
    assert found.nulled == {"start": 1}
    assert found.clamped == {"cost": 1}
    assert found.rejected == {"unknown unit": 1}
    assert table(report, "patients").dropped == ("name", "ssn")
    text = report.text()
    assert "visits 6 5 1 0" in " ".join(text.split())
    assert "visits: rejected: unknown unit 1" in text
    assert "patients: not stored: name, ssn" in text
    assert json.loads(report.json())["tables"][1]["read"] == 6


def test_the_report_is_kept_beside_the_snapshot_and_read_again_as_it_was(site: Site) -> None:
    report = site.ingest(REJECT, visits=VISITS + "v5,p9,2020-01-01,1\nv6,p1,x,500\n")
    found = site.store.reports.read("small", 1)
    assert found is not None
    kept = parse_report(found[1])
    assert kept is not None

    assert Manifest.decode(found[0]).snapshot == report.snapshot
    assert 0 < kept.seconds <= report.seconds
    assert replace(kept, seconds=report.seconds) == report


@pytest.mark.parametrize(
    "content", [b"[]", b"{}", b'{"v": 2, "report": {}}', b'{"v": 1, "report": {"units": "x"}}']
)
def test_a_report_of_another_form_is_none(content: bytes) -> None:
    assert parse_report(content) is None


def test_a_later_ingest_replaces_the_store_whole(site: Site) -> None:
    site.ingest()
    site.ingest(patients=PATIENTS.splitlines()[0], visits=VISITS.splitlines()[0])

    assert site.ask("SELECT count(*) FROM visits") == [0]
    assert site.warehouse.manifest(site.dataset).number == 2
