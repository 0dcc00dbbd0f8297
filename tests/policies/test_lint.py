from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.active import PolicySet
from policies.errors import DeclarationError
from policies.lint.report import LintReport
from policies.lint.run import lint
from policies.lint.source import SourceColumns
from policies.load import load_policies
from tests.architecture.test_errors_are_documented import literals
from tests.policies.declarations import DATASET
from tests.policies.lint_cases import Case, read_cases, write_case

TODAY = date(2026, 6, 1)
CASES = read_cases()


def check(root: Path, case: Case, tmp_path: Path) -> LintReport:
    before = load_policies(write_case(tmp_path / "before")) if case.before else None
    return lint(root, TODAY, before=before)


def told(report: LintReport, root: Path) -> list[str]:
    found = [*report.errors, *report.warnings]
    return [str(one).replace(f"{root}/", "") for one in found]


def test_the_declarations_of_the_cases_are_well_declared(tmp_path: Path) -> None:
    report = lint(write_case(tmp_path), TODAY)

    assert told(report, tmp_path) == []
    assert (report.datasets, report.projects) == (1, 1)
    assert report.digest == load_policies(tmp_path).digest


def test_tests_that_cannot_be_read_are_told_beside_what_is_wrong(tmp_path: Path) -> None:
    root = write_case(tmp_path)
    (root / "tests").mkdir()
    (root / "tests" / "ward.yaml").write_text("apiVersion: gateway.policy/v1\nkind: PolicyTest\n")
    alone = told(lint(root, TODAY), root)
    (root / "projects" / "odd.yaml").write_text("kind: [\n")
    both = told(lint(root, TODAY), root)

    assert alone
    assert all(line.startswith("tests/ward.yaml:1") for line in alone)
    assert both[1:] == alone
    assert both[0].startswith("projects/odd.yaml")


def test_what_was_not_there_before_has_nothing_to_follow(tmp_path: Path) -> None:
    assert told(lint(write_case(tmp_path), TODAY, before=PolicySet()), tmp_path) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_tells_what_is_wrong_with_its_place_and_what_to_do(tmp_path: Path, case: Case) -> None:
    root = write_case(tmp_path / "policies", case)

    found = told(check(root, case, tmp_path), root)

    assert found == list(case.told)
    assert all(";" in line or " must be " in line for line in found)  # what to do
    assert any(f" {case.code} " in line for line in found)


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.is_mended], ids=lambda case: case.name
)
def test_does_not_tell_of_what_is_nearly_the_same_and_right(tmp_path: Path, case: Case) -> None:
    root = write_case(tmp_path / "policies", case, mended=True)

    assert not [
        line for line in told(check(root, case, tmp_path), root) if f" {case.code} " in line
    ]


DESIGNED = {
    *("YAML-DUP", "YAML-ALIAS", "KEY-UNKNOWN", "COL-NO-ROLE", "COL-GONE", "COL-DIRECT-REACHABLE"),
    *("COL-FREETEXT-DP", "DP-NO-PUBLIC-DOMAIN", "DP-BOUNDS-ORDER", "DP-UNIT-PATH", "DP-NO-CONTRIB"),
    *("BUD-DECIMAL", "BUD-CHILD-EXCEEDS-PARENT", "BUD-LINEAGE-SPLIT", "BUD-RESET-UNJUSTIFIED"),
    *("BUD-MEASURE-CHANGED", "REL-SAFE-HARBOR", "REL-K-LOW", "REL-TEXT-NO-EVIDENCE"),
    *("PRJ-OUTLIVES-DATASET", "PRJ-PURPOSE-NOT-IN-DATASET", "RET-AUDIT-SHORT"),
    *("DP-CATEGORIES-EQUAL-DATA", "DP-EPS-HIGH", "DP-DELTA-HIGH", "COL-QI-UNUSED", "REV-OVERDUE"),
    *("DUO-CONTRACT-ONLY", "GRP-TOO-MANY-CELLS"),
}
NOT_HERE = re.compile(
    r"(POL|SYS|SRC|SQL)-.*"
    r"|PRJ-(COLUMN|DATASET|EXPIRED|MEMBER-EXPIRED|NOT-MEMBER|NOT-YET|TRAINING-EXPIRED)"
    r"|BUD-(EXCEEDED|MEASURE|QUERY-CAP|ZERO)"
    r"|APP-(ENVELOPE|KEY-EXPIRED|KEY-NOT-YET|MISSING|REQUESTER|ROLE|SIGNATURE|STALE|TIME)"
    r"|REL-(CLOSED|COLUMN|CRITERIA|DETERMINATION-EXPIRED|JOINT|RECIPIENT|ROLE|ROWS|TABLE)"
    r"|REL-TEXT-EVIDENCE"
    r"|DEID-.*"  # of transforms: tests/policies/test_transforms.py and others
)
ELSEWHERE = {
    *("COL-NO-ROLE", "DP-CATEGORIES-EQUAL-DATA"),  # below
    *("YAML-ROOT", "YAML-SIZE", "YAML-UTF8"),  # of whole files: tests/policies/test_documents.py
    *("FILE-UNREADABLE", "REF-SIZE", "REF-UTF8"),  # the same: tests/policies/test_load.py
    *(
        "APP-AUTHOR",
        "APP-KEY-FORM",
        "APP-METHOD",
        "APP-NOBODY",
        "APP-ONE-PERSON",
    ),  # tests/policies/test_approvals.py
    "TST-SIZE",  # of tests: tests/policies/test_cases.py
    "YAML-COMMENT",  # of fmt: tests/policies/test_formatting.py
}


def test_every_code_of_a_declaration_has_a_case() -> None:
    declared = {code for code, place in literals() if place.startswith("policies/")}
    declared = {code for code in declared if not NOT_HERE.fullmatch(code)}
    with_case = {case.code for case in CASES}

    assert len(CASES) >= 90
    assert with_case | ELSEWHERE == declared
    assert with_case >= DESIGNED - ELSEWHERE
    assert {case.code for case in CASES if case.is_mended} >= with_case - {
        *("META-ID-TWICE", "FILE-NAME"),
    }


SOURCE = {
    "patients": SourceColumns(names=("id", "ssn", "sex", "birth_date", "county")),
    "visits": SourceColumns(names=("visit", "patient", "code", "cost", "note")),
    "staff": SourceColumns(names=("name",)),
    "calendar": SourceColumns(names=("day", "season")),
}


@pytest.mark.parametrize(
    ("table", "found", "expected"),
    [
        ("patients", SOURCE["patients"], []),
        (
            "patients",
            SourceColumns(names=("id", "ssn", "sex", "birthdate", "county", "phone")),
            [
                (
                    "datasets/ward.yaml:17:7 COL-NO-ROLE "
                    "the source of table patients has a column "
                    "birthdate without a role; declare it; role: direct_identifier reads it and "
                    "stores nothing"
                ),
                (
                    "datasets/ward.yaml:17:7 COL-NO-ROLE "
                    "the source of table patients has a column "
                    "phone without a role; declare it; role: direct_identifier reads it and "
                    "stores nothing"
                ),
                (
                    "datasets/ward.yaml:21:9 COL-GONE the source of table patients has no column "
                    "birth_date; write birthdate"
                ),
            ],
        ),
        (
            "staff",
            SourceColumns(names=("x",)),
            [
                (
                    "datasets/ward.yaml:42:7 COL-NO-ROLE "
                    "the source of table staff has a column x "
                    "without a role; declare it; role: direct_identifier reads it and "
                    "stores nothing"
                ),
                (
                    "datasets/ward.yaml:43:9 COL-GONE the source of table staff has no column "
                    "name; correct the name, or take it out"
                ),
            ],
        ),
        (
            "visits",
            SourceColumns(names=SOURCE["visits"].names, exhausted=frozenset({"code"})),
            [
                (
                    "datasets/ward.yaml:34:54 DP-CATEGORIES-EQUAL-DATA "
                    "the categories of visits.code "
                    "are exactly the values that occur in the data; take them from a public list, "
                    "which also has what nobody here has"
                )
            ],
        ),
        (
            "patients",
            SourceColumns(names=SOURCE["patients"].names, exhausted=frozenset({"sex"})),
            [
                (
                    "datasets/ward.yaml:20:56 DP-CATEGORIES-EQUAL-DATA "
                    "the categories of patients.sex "
                    "are exactly the values that occur in the data; take them from a public list, "
                    "which also has what nobody here has"
                )
            ],
        ),
    ],
)
def test_compares_columns_and_categories_with_the_data(
    tmp_path: Path, table: str, found: SourceColumns, expected: list[str]
) -> None:
    source = {**SOURCE, table: found}

    report = lint(write_case(tmp_path), TODAY, read_source=lambda _: source)

    assert told(report, tmp_path) == expected
    assert bool(report.errors) == any("COL-" in line for line in expected)


def test_a_report_as_json_has_every_finding_with_its_place(tmp_path: Path) -> None:
    cases = {case.code: case for case in CASES}
    wrong = lint(write_case(tmp_path / "wrong", cases["BUD-DECIMAL"]), TODAY).document()
    doubtful = lint(write_case(tmp_path / "doubtful", cases["DUO-CONTRACT-ONLY"]), TODAY)
    missing = lint(tmp_path / "none", TODAY).document()

    assert json.loads(json.dumps(wrong))["findings"] == [
        {
            "severity": "error",
            "code": "BUD-DECIMAL",
            "file": str(tmp_path / "wrong" / "datasets" / "ward.yaml"),
            "line": 57,
            "column": 33,
            "message": 'epsilon: an amount must be a quoted decimal string such as "0.5"',
            "remedy": "",
        }
    ]
    (finding,) = json.loads(json.dumps(doubtful.document()))["findings"]
    assert (finding["severity"], finding["code"]) == ("warning", "DUO-CONTRACT-ONLY")
    (gone,) = json.loads(json.dumps(missing))["findings"]
    assert (gone["code"], gone["line"], gone["column"]) == ("FILE-MISSING", None, None)


BROKEN = st.one_of(
    st.text(max_size=400).map(str.encode),
    st.binary(max_size=400),
    st.tuples(st.integers(0, 2000), st.integers(0, 60), st.text(max_size=30)).map(
        lambda cut: (DATASET[: cut[0]] + cut[2] + DATASET[cut[0] + cut[1] :]).encode(
            "utf-8", "surrogatepass"
        )
    ),
    st.tuples(st.sampled_from(DATASET.splitlines()), st.sampled_from(DATASET.splitlines())).map(
        lambda lines: DATASET.replace(lines[0], lines[1]).encode()
    ),
    st.tuples(
        st.sampled_from(re.findall(r"[\w.|\"-]+", DATASET)),
        st.sampled_from(["[]", "{}", "null", "-1", "1e3", "''", "[[1]]", "{a: {b: 1}}", "1e-30"]),
    ).map(lambda words: DATASET.replace(words[0], words[1]).encode()),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_case(tmp_path_factory.mktemp("policies"))


@settings(max_examples=300, deadline=None)
@given(BROKEN, st.sampled_from(["datasets/ward.yaml", "projects/sugar.yaml", "gateway.yaml"]))
def test_whatever_a_file_holds_is_told_in_lines_with_places(
    folder: Path, content: bytes, file: str
) -> None:
    kept = (folder / file).read_bytes()
    (folder / file).write_bytes(content)
    try:
        report = lint(folder, TODAY)
    finally:
        (folder / file).write_bytes(kept)

    for one in (*report.errors, *report.warnings):
        assert isinstance(one, DeclarationError)
        assert "\n" not in str(one)
        assert one.file.startswith(str(folder))
        assert re.fullmatch(r"[A-Z]{2,4}-[A-Z0-9-]+", one.code)
        assert one.position is not None or one.code in {"YAML-UTF8", "YAML-SYNTAX"}
        assert one.remedy or ";" in one.message or " must be " in one.message
