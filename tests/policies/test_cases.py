from __future__ import annotations

from pathlib import Path

import pytest

from policies.cases import MAX_QUERY_CHARS, MAX_SCENES, ExpectAllow, ExpectDeny, load_tests
from policies.errors import DeclarationError
from policies.privacy import Measure
from tests.policies.declarations import write_policies

TESTS = """\
apiVersion: gateway.policy/v1
kind: PolicyTest
metadata: {id: ward-tests}
cases:
  - name: counts
    as: {user: "uni|ann", project: sugar}
    at: 2026-03-01
    query: SELECT COUNT(*) FROM patients
    epsilon: "0.2"
    expect: {decision: allow, charge_at_most: "0.2"}
  - name: nobody reaches
    as: {user: "uni|ann", project: sugar}
    at: 2026-03-01
    for_each: {column: [ssn, county]}
    query: SELECT COUNT(*) FROM patients WHERE {column} IS NULL
    expect:
      {decision: deny, code: POL-COLUMN-ROLE, at: "/spec/tables/patients/columns/{column}/role"}
  - name: either
    as: {user: "uni|ann", project: sugar}
    at: 2026-03-01
    for_each: {table: [patients]}
    query: SELECT COUNT(*) FROM {table}
    rho: "0.1"
    expect: {decision: deny, code: SQL-MEASURE}
"""


def write(root: Path, text: str = TESTS) -> Path:
    write_policies(root)
    (root / "tests").mkdir(exist_ok=True)
    (root / "tests" / "ward.tests.yaml").write_text(text)
    return root


def test_a_case_stands_for_one_a_value(tmp_path: Path) -> None:
    first, ssn, county, table = load_tests(write(tmp_path))

    assert (first.price, first.measure) == (first.case.epsilon, Measure.PURE)
    assert isinstance(first.expect, ExpectAllow)
    assert (ssn.name, county.name) == ("nobody reaches (ssn)", "nobody reaches (county)")
    assert ssn.query == "SELECT COUNT(*) FROM patients WHERE ssn IS NULL"
    assert isinstance(county.expect, ExpectDeny)
    assert county.expect.at == "/spec/tables/patients/columns/county/role"
    assert (ssn.price, ssn.measure) == (None, None)
    assert table.query == "SELECT COUNT(*) FROM patients"
    assert table.measure is Measure.ZCDP
    assert (first.position.line, county.position.line) == (5, 11)
    assert first.file.endswith("ward.tests.yaml")


def test_without_tests_there_are_none(tmp_path: Path) -> None:
    assert load_tests(write_policies(tmp_path)) == ()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('    epsilon: "0.2"', '    epsilon: "0.2"\n    rho: "0.2"', "SQL-TWO-PRICES"),
        ('    epsilon: "0.2"', "    epsilon: 0.2", "BUD-DECIMAL"),
        ("decision: allow", "decision: maybe", "KEY-INVALID"),
        ('    as: {user: "uni|ann", project: sugar}\n    at: 2026-03-01\n    for_each: {table',
         "    at: 2026-03-01\n    for_each: {table", "KEY-MISSING"),
        ("{table: [patients]}", "{table: [patients], more: [x]}", "KEY-INVALID"),
        ("name: counts", "name: counts\n    nome: x", "KEY-UNKNOWN"),
        ("metadata: {id: ward-tests}", "metadata: {}", "KEY-MISSING"),
    ],
)  # fmt: skip
def test_a_wrong_test_is_told_with_its_line(tmp_path: Path, old: str, new: str, code: str) -> None:
    assert TESTS.count(old) == 1
    root = write(tmp_path, TESTS.replace(old, new))
    (root / "tests" / "other.yaml").write_text(TESTS)
    with pytest.raises(DeclarationError) as caught:
        load_tests(root)

    assert [one.code for one in caught.value.problems] == [code]
    assert all(one.position is not None for one in caught.value.problems)


@pytest.mark.parametrize(
    ("values", "query", "fits"),
    [
        (MAX_SCENES - 3, "SELECT 1", True),
        (MAX_SCENES - 2, "SELECT 1", False),
        (1, "SELECT 1 " + "-" * MAX_QUERY_CHARS, False),
        (1, "SELECT " + "{table}" * 1700, False),  # a value is longer than its name
    ],
)
def test_no_more_cases_are_written_out_than_can_be_run(
    tmp_path: Path, values: int, query: str, *, fits: bool
) -> None:
    listed = ", ".join(["patients-and-more"] * values)
    text = TESTS.replace("{table: [patients]}", f"{{table: [{listed}]}}")
    text = text.replace("query: SELECT COUNT(*) FROM {table}", f'query: "{query}"')
    assert listed in text
    assert query in text
    root = write(tmp_path, text)
    if fits:
        assert len(load_tests(root)) > values
        return
    with pytest.raises(DeclarationError) as caught:
        load_tests(root)

    assert [one.code for one in caught.value.problems] == ["TST-SIZE"]
