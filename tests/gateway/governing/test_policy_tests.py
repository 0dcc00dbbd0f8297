from __future__ import annotations

from pathlib import Path

import pytest

import policies
from gateway.governing.policy_tests import run_policy_tests
from policies.errors import DeclarationError
from tests.gateway.cli.conftest import Run, run
from tests.gateway.deployments import make_empty
from tests.policies.declarations import write_policies
from tests.policies.test_records import dataset_text, project_text

__all__ = ["run"]

EXAMPLES = Path(policies.__path__[0]) / "examples"
CASE = """\
apiVersion: gateway.policy/v1
kind: PolicyTest
metadata: {id: ward-tests}
cases:
  - name: one
    as: {user: "uni|ann", project: sugar}
    at: 2026-06-01
    query: SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex
    expect: EXPECT
"""


def report(root: Path, expect: str, old: str = "", new: str = "") -> tuple[str, ...]:
    write_policies(root)
    (root / "tests").mkdir()
    assert old in CASE
    text = CASE.replace("EXPECT", expect)
    (root / "tests" / "one.yaml").write_text(text.replace(old, new) if old else text)
    return tuple(map(str, run_policy_tests(root).failures))


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir()))
def test_the_shipped_declarations_pass_their_tests_and_nothing_is_missed(name: str) -> None:
    found = run_policy_tests(EXAMPLES / name)

    assert found.run >= 50
    assert found.failures == ()
    assert found.missed == ()


@pytest.mark.parametrize(
    "expect",
    [
        "{decision: allow}",
        '{decision: allow, charge_at_most: "0.1"}',
        '{decision: allow, sensitivity: {n: "1 in each of 1 group"}}',
    ],
)
def test_what_is_as_expected_passes(tmp_path: Path, expect: str) -> None:
    assert report(tmp_path, expect) == ()


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        (
            '{decision: allow, charge_at_most: "0.09"}',
            "expected to cost at most 0.09, but it costs",
        ),
        ('{decision: allow, sensitivity: {n: "2"}}', "expected sensitivity 2 of n, but it is 1 in"),
        ('{decision: allow, sensitivity: {m: "1"}}', "expected sensitivity 1 of m, but it is None"),
        ("{decision: deny, code: POL-CELLS}", "expected POL-CELLS, but it is allowed"),
    ],
)
def test_what_is_otherwise_fails_and_says_where(tmp_path: Path, expect: str, said: str) -> None:
    (failure,) = report(tmp_path, expect)

    assert failure.startswith(f"{tmp_path}/tests/one.yaml:5:5: one: {said}")


@pytest.mark.parametrize(
    ("new", "expect", "said"),
    [
        ("WHERE ssn = '1' GROUP", "{decision: allow}", "expected to be allowed, but: POL-COLUMN-R"),
        ("WHERE ssn = '1' GROUP", "{decision: deny, code: POL-CELLS}", "but it is POL-COLUMN-ROLE"),
        (
            "WHERE ssn = '1' GROUP",
            "{decision: deny, code: POL-COLUMN-ROLE, at: /x}",
            "POL-COLUMN-R",
        ),
        ("WHERE x = 1 GROUP", "{decision: deny, code: POL-CELLS}", "but it is SQL-NAME"),
    ],
)
def test_another_denial_than_expected_fails(
    tmp_path: Path, new: str, expect: str, said: str
) -> None:
    (failure,) = report(tmp_path, expect, "GROUP", new)

    assert said in failure


def test_a_denial_by_the_parser_is_a_denial(tmp_path: Path) -> None:
    expect = "{decision: deny, code: SQL-NAME}"

    assert report(tmp_path, expect, "GROUP", "WHERE x = 1 GROUP") == ()


def test_a_project_that_is_not_there_is_a_denial(tmp_path: Path) -> None:
    expect = "{decision: deny, code: PRJ-NOT-MEMBER}"

    assert report(tmp_path, expect, "project: sugar", "project: salt") == ()


def test_a_failed_case_covers_nothing(tmp_path: Path) -> None:
    report(tmp_path, "{decision: deny, code: POL-CELLS}")
    failed = run_policy_tests(tmp_path)
    text = CASE.replace("EXPECT", "{decision: allow}")
    (tmp_path / "tests" / "one.yaml").write_text(text)
    passed = run_policy_tests(tmp_path)

    assert len(failed.missed) == failed.targets
    assert {str(one) for one in set(failed.missed) - set(passed.missed)} == {
        "ward: column patients.sex",
        "ward: aggregate count",
        "ward: purpose epidemiology",
    }


def test_the_command_tells_what_was_missed_and_fails(run: Run, tmp_path: Path) -> None:
    site = make_empty(tmp_path)
    empty, covered = run("policy", "test", site), run("policy", "test", site, "--coverage")
    shipped = run("policy", "test", EXAMPLES / "demo", "--coverage")
    report(tmp_path / "ward", "{decision: deny, code: POL-CELLS}")
    failed = run("policy", "test", tmp_path / "ward")

    assert (empty.code, covered.code, shipped.code, failed.code) == (0, 1, 0, 1)
    assert "0 cases, 0 failed" in empty.out
    assert "missed: example: column patients.name" in covered.out
    assert "missed" not in shipped.out
    assert "expected POL-CELLS, but it is allowed" in failed.out


RECORDS = (
    '{table: visits, columns: {patient: counted_unit, code: sensitive}, k: 11, l: 2, t: "0.4"}'
)
SHUT = '{decision: deny, code: REL-CLOSED, at: "/spec/releases/allowed"}'


@pytest.mark.parametrize(
    ("records", "expect", "said"),
    [
        (RECORDS, "{decision: allow}", ""),
        (RECORDS, "{decision: deny, code: REL-CLOSED}", "expected REL-CLOSED, but it is allowed"),
        (RECORDS.replace("11", "10"), "{decision: deny, code: REL-CRITERIA}", ""),
        (RECORDS.replace("11", "10"), "{decision: allow}", "expected to be allowed, but: REL-CRIT"),
        (RECORDS.replace("11,", '11, recipient: "uni|eve",'),
         "{decision: deny, code: REL-RECIPIENT, at: /spec/members}", ""),
        (RECORDS.replace("code: sensitive", "note: free_text"),
         "{decision: deny, code: REL-TEXT-EVIDENCE}", ""),
    ],
)  # fmt: skip
def test_what_becomes_of_records_can_be_expected(
    tmp_path: Path, records: str, expect: str, said: str
) -> None:
    write_policies(tmp_path, dataset_text(), project_text())
    (tmp_path / "tests").mkdir()
    text = CASE.replace("query: SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex",
                        f"records: {records}").replace("EXPECT", expect)  # fmt: skip
    (tmp_path / "tests" / "one.yaml").write_text(text)
    failures = run_policy_tests(tmp_path).failures

    assert len(failures) == bool(said)
    assert all(said in str(one) and "one.yaml:5:5" in str(one) for one in failures)


@pytest.mark.parametrize("lines", ["query: SELECT 1\n    records: RECORDS", 'epsilon: "1"'])
def test_a_case_has_a_query_or_records(tmp_path: Path, lines: str) -> None:
    write_policies(tmp_path)
    (tmp_path / "tests").mkdir()
    text = CASE.replace("query: SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex",
                        lines.replace("RECORDS", RECORDS)).replace("EXPECT", SHUT)  # fmt: skip
    (tmp_path / "tests" / "one.yaml").write_text(text)

    with pytest.raises(DeclarationError, match="a query or records; write one of the two"):
        run_policy_tests(tmp_path)
