"""``gateway policy lint``, ``diff``, ``fmt`` and ``schema`` as stewards run them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from policies.kinds import SCHEMA_FILE, schema_text
from tests.gateway.cli.conftest import Run
from tests.gateway.deployments import make_empty, make_sources
from tests.policies.declarations import DATASET, PROJECT, changed, write_policies


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_policies(tmp_path / "policies")


HIGH = changed(DATASET, 'max_loss_per_query: "0.5"', 'max_loss_per_query: "5"')


def test_warnings_do_not_fail_unless_asked_to(run: Run, tmp_path: Path) -> None:
    folder = write_policies(tmp_path, HIGH)
    lenient = run("policy", "lint", folder)
    strict = run("policy", "lint", "--strict", folder)

    assert (lenient.code, strict.code) == (0, 1)
    assert "warning: " in lenient.out
    assert "ward.yaml:55:25: DP-EPS-HIGH one query may cost an epsilon of 5; " in lenient.out
    assert lenient.out == strict.out


def test_lint_tells_its_findings_to_programs(run: Run, tmp_path: Path) -> None:
    doubtful = run("policy", "lint", "--format", "json", write_policies(tmp_path / "a", HIGH))
    wrong = run(
        *("policy", "lint", "--format", "json"),
        write_policies(tmp_path / "b", changed(DATASET, 'epsilon: "10"', "epsilon: 10")),
    )

    assert (doubtful.code, wrong.code, wrong.err) == (0, 1, "")
    (finding,) = json.loads(doubtful.out)["findings"]
    assert (finding["severity"], finding["code"], finding["line"]) == ("warning", "DP-EPS-HIGH", 55)
    (finding,) = json.loads(wrong.out)["findings"]
    assert (finding["severity"], finding["code"], finding["line"]) == ("error", "BUD-DECIMAL", 57)


def test_lint_compares_the_columns_with_the_data(run: Run, tmp_path: Path) -> None:
    site, sources = make_empty(tmp_path), make_sources(tmp_path / "in")
    same = run("policy", "lint", site, "--source", sources)
    text = (sources / "patients.csv").read_text().replace("birth_date", "born", 1)
    (sources / "patients.csv").write_text(text)
    other = run("policy", "lint", site, "--source", sources)

    assert same.code == 0
    assert other.code == 1
    assert "COL-GONE the source of table patients has no column birth_date" in other.err
    assert "COL-NO-ROLE the source of table patients has a column born without a role" in other.err
    assert "Canary" not in other.err + other.out


def test_lint_shows_no_value_of_a_file_without_a_header(run: Run, tmp_path: Path) -> None:
    site, sources = make_empty(tmp_path), make_sources(tmp_path / "in")
    lines = (sources / "patients.csv").read_text().splitlines()
    (sources / "patients.csv").write_text("\n".join(lines[1:]))
    outcome = run("policy", "lint", site, "--source", sources)

    assert outcome.code == 1
    assert "SRC-HEADER" in outcome.err
    assert "Canary" not in outcome.err


def test_lint_finds_categories_that_were_read_off_the_data(run: Run, tmp_path: Path) -> None:
    folder = write_policies(
        tmp_path / "policies",
        changed(
            DATASET,
            "sex: {role: quasi_identifier, dp: {categories: [F, M], ",
            "sex: {role: quasi_identifier, transform: {kind: recode, values: {W: F}}, "
            "dp: {categories: [F, M, X], ",
        ),
        codes="code\nE11\nI10\nJ45\n",
    )
    data = tmp_path / "in"
    data.mkdir()
    (data / "patients.csv").write_text("id,ssn,sex,birth_date,county\n1,2,W,,\n2,3,M,,\n3,4,X,,\n")
    (data / "visits.csv").write_text("visit,patient,code,cost,note\n1,1,E11,,\n2,1,I10,,\n3,1,,,\n")
    (data / "staff.csv").write_text("name\n")
    (data / "calendar.csv").write_text("day,season\n")
    used = run("policy", "lint", folder, "--source", data)
    (data / "patients.csv").write_text("id,ssn,sex,birth_date,county\n1,2,W,,\n2,3,Q,,\n")
    other = run("policy", "lint", folder, "--source", data)

    assert used.code == other.code == 0
    assert "the categories of patients.sex are exactly the values" in used.out
    assert "visits.code" not in used.out
    assert "DP-CATEGORIES-EQUAL-DATA" not in other.out


def test_lint_compares_with_what_is_in_force(run: Run, tmp_path: Path, folder: Path) -> None:
    moved = write_policies(tmp_path / "new", changed(DATASET, "pool: ward", "pool: fresh"))
    outcome = run("policy", "lint", moved, "--before", folder)

    assert outcome.code == 1
    assert "BUD-RESET-UNJUSTIFIED" in outcome.err
    assert "META-VERSION the version in force is 1; write version: 2" in outcome.err


def test_diff_tells_statements_and_what_they_do(run: Run, tmp_path: Path, folder: Path) -> None:
    other = write_policies(
        tmp_path / "new",
        changed(DATASET, "max_cells: 100", "max_cells: 99"),
        changed(PROJECT, "[sex, age]", "[sex, age, county]"),
    )
    plain = run("policy", "diff", folder, other)
    semantic = run("policy", "diff", folder, other, "--semantic")
    told = json.loads(run("policy", "diff", folder, other, "--semantic", "--format", "json").out)

    assert plain.out.splitlines() == [
        "datasets/ward.yaml:53:5 /spec/queries/max_cells: 100 → 99",
        (
            "projects/sugar.yaml:13:16 /spec/datasets/0/tables/patients: "
            '["sex", "age"] → ["sex", "age", "county"]'
        ),
        "narrows",
    ]
    assert semantic.out.splitlines() == [
        "narrows: sugar / ward max_cells (queries): at most 100 → at most 99",
        "narrows",
    ]
    assert told == {
        "change": "narrows",
        "rows": [
            {
                "scope": "sugar / ward",
                "subject": "max_cells",
                "door": "queries",
                "before": "at most 100",
                "after": "at most 99",
                "change": "narrows",
            }
        ],
    }
    assert run("policy", "diff", other, folder, "--semantic").out.splitlines()[-1] == "widens"


def test_fmt_changes_what_is_not_tidy_and_only_checks_if_asked(run: Run, folder: Path) -> None:
    project = folder / "projects" / "sugar.yaml"
    project.write_text(PROJECT.replace('"uni|ann"', "'uni|ann'"))
    untidy = project.read_text()
    checked = run("policy", "fmt", "--check", folder)
    same = project.read_text()
    changed_now = run("policy", "fmt", folder)
    again = run("policy", "fmt", "--check", folder, project)

    assert (checked.code, same) == (1, untidy)
    assert f"would change {project}" in checked.out
    assert (changed_now.code, again.code, again.out) == (0, 0, "")
    assert f"changed {project}" in changed_now.out
    assert "'uni|ann'" not in project.read_text()


def test_schema_is_printed_or_written(run: Run, tmp_path: Path) -> None:
    printed = run("policy", "schema")
    written = run("policy", "schema", "--out", tmp_path / SCHEMA_FILE)

    assert printed.out == schema_text() == (tmp_path / SCHEMA_FILE).read_text("utf-8")
    assert (written.code, written.out) == (0, "")
