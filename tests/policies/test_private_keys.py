from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from policies.active import PolicySet
from policies.datasets import Budget, DatasetPolicy
from policies.decide import decide_use
from policies.decisions import Allow, Deny, QueryFacts
from policies.errors import DeclarationError
from policies.privacy import Measure, PrivacyLoss
from tests.policies.declarations import DATASET, PROJECT, changed, load, make_access, make_facts

RULES = '    max_cells: 100\n    private_keys: allowed\n    keys_delta_per_query: "1e-8"\n'
UNIT = "privacy_unit: {table: patients, column: id, max_units: 5000}"
COUNTY = "county: {role: quasi_identifier, dp: {private_keys: allowed}}"


def declared(
    *,
    rules: str = RULES,
    delta: str = 'delta: "0.000001"',
    unit: str = UNIT,
    county: str = COUNTY,
) -> str:
    text = changed(DATASET, "    max_cells: 100\n", rules)
    text = changed(text, 'epsilon: "10"', f'epsilon: "10", {delta}')
    text = changed(text, "privacy_unit: {table: patients, column: id}", unit)
    return changed(text, "county: {role: quasi_identifier, dp: none}", county)


def codes(root: Path, dataset: str, project: str = PROJECT) -> list[str]:
    with pytest.raises(DeclarationError) as caught:
        load(root, dataset, project)
    return [problem.code for problem in caught.value.problems]


def ward(root: Path, **changes: str) -> DatasetPolicy:
    return load(root, declared(**changes)).datasets["ward"]


def asked(*columns: str, loss: PrivacyLoss | None = None) -> QueryFacts:
    facts = make_facts(*(("patients", one, "private_key") for one in columns), loss=loss)
    return replace(facts, group_columns=1, cells=0, private_keys=1)


class TestDeclarations:
    def test_nothing_is_allowed_unless_it_is_said(self, tmp_path: Path) -> None:
        strict = load(tmp_path).datasets["ward"]

        assert strict.spec.queries.private_keys == "denied"
        assert strict.keys_delta == strict.largest_price().delta == 0
        assert all(
            column.use is None or column.use.private_keys == "denied"
            for table in strict.tables.values()
            for column in table.columns.values()
        )

    def test_a_pure_pool_keeps_all_of_its_delta_for_thresholds(self, tmp_path: Path) -> None:
        found = ward(tmp_path)

        assert found.keys_delta == Decimal("0.000001")
        assert found.spec.budget.conversion_part(Measure.PURE) == 0
        assert found.largest_price().delta == 10**10

    def test_a_zcdp_pool_keeps_the_part_that_it_declares(self, tmp_path: Path) -> None:
        found = ward(
            tmp_path,
            rules=f"{RULES}    measure: zcdp\n",
            delta='delta: "0.000001", keys_delta: "0.0000004"',
        )

        assert found.keys_delta == Decimal("0.0000004")
        assert found.spec.budget.conversion_part(Measure.ZCDP) == Decimal("0.0000006")

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"delta": 'delta: "0"'}, "BUD-KEYS-DELTA"),
            ({"delta": 'delta: "1e-9"'}, "BUD-KEYS-DELTA"),
            ({"delta": 'delta: "1e-6", keys_delta: "1e-5"'}, "BUD-KEYS-DELTA"),
            ({"delta": 'delta: "1e-6", keys_delta: "1e-9"'}, "BUD-KEYS-DELTA"),
            ({"rules": RULES.replace('    keys_delta_per_query: "1e-8"\n', "")}, "BUD-KEYS-DELTA"),
            ({"rules": f"{RULES}    measure: zcdp\n"}, "BUD-KEYS-DELTA"),
            (
                {
                    "rules": f"{RULES}    measure: zcdp\n",
                    "delta": 'delta: "1e-6", keys_delta: "1e-6"',
                },
                "BUD-KEYS-DELTA",
            ),
            ({"unit": "privacy_unit: {table: patients, column: id}"}, "DP-MAX-UNITS"),
            ({"county": "county: {role: key, dp: {private_keys: allowed}}"}, "DP-PRIVATE-KEY"),
            (
                {
                    "county": "county: {role: sensitive, transform: {kind: pseudonymize}, "
                    "dp: {private_keys: allowed}}"
                },
                "DP-PRIVATE-KEY",
            ),
            (
                {"county": "county: {role: direct_identifier, dp: {private_keys: allowed}}"},
                "COL-DIRECT-REACHABLE",
            ),
            (
                {"county": "county: {role: free_text, dp: {private_keys: allowed}}"},
                "COL-FREETEXT-DP",
            ),
        ],
    )
    def test_refuses_what_cannot_be_paid_for_bounded_or_shown(
        self, tmp_path: Path, change: dict[str, str], code: str
    ) -> None:
        assert codes(tmp_path, declared(**change)) == [code]

    def test_datasets_of_one_pool_keep_the_same_part(self, tmp_path: Path) -> None:
        other = changed(declared(), "  id: ward", "  id: other").replace(
            'delta: "0.000001"', 'delta: "0.000001", keys_delta: "0.0000009"'
        )
        (tmp_path / "datasets").mkdir()
        (tmp_path / "datasets" / "other.yaml").write_text(other, encoding="utf-8")

        assert codes(tmp_path, declared()) == ["BUD-POOL-DISAGREES"]

    def test_a_part_is_no_larger_than_the_whole(self) -> None:
        tenth = Decimal("0.1")
        whole = Budget(pool="p", epsilon=Decimal(1), delta=tenth, keys_delta=tenth)

        assert whole.conversion_part(Measure.PURE) == 0


class TestDecisions:
    @pytest.fixture
    def active(self, tmp_path: Path) -> PolicySet:
        project = changed(PROJECT, "patients: [sex, age]", "patients: [sex, age, county]")
        return load(tmp_path, declared(), project)

    def test_a_column_that_allows_it_may_be_a_private_key(self, active: PolicySet) -> None:
        assert isinstance(decide_use(make_access(), asked("county"), active), Allow)

    def test_a_column_that_does_not_allow_it_may_not(self, active: PolicySet) -> None:
        denial = decide_use(make_access(), asked("county", "sex"), active)

        assert isinstance(denial, Deny)
        assert denial.code == "POL-PRIVATE-KEYS"
        assert denial.at == "/spec/tables/patients/columns/sex/dp/private_keys"
        assert denial.remedy.endswith("allowed here: county")

    def test_a_project_may_be_narrower_than_the_dataset(self, tmp_path: Path) -> None:
        project = changed(PROJECT, "patients: [sex, age]", "patients: [sex, age, county]")
        project = changed(project, "    - id: ward", "    - id: ward\n      private_keys: denied")
        denial = decide_use(make_access(), asked("county"), load(tmp_path, declared(), project))

        assert isinstance(denial, Deny)
        assert (denial.code, denial.policy) == ("POL-PRIVATE-KEYS", "sugar")
        assert denial.at == "/spec/datasets/0/private_keys"

    def test_a_dataset_that_says_nothing_denies(self, tmp_path: Path) -> None:
        denial = decide_use(make_access(), asked(), load(tmp_path))

        assert isinstance(denial, Deny)
        assert (denial.code, denial.policy) == ("POL-PRIVATE-KEYS", "ward")
        assert denial.at == "/spec/queries/private_keys"

    @pytest.mark.parametrize(("delta", "allowed"), [(10**10, True), (10**10 + 1, False)])
    def test_one_query_uses_no_more_delta_than_it_may(
        self, active: PolicySet, delta: int, *, allowed: bool
    ) -> None:
        loss = PrivacyLoss(measure=Measure.PURE, amount=1, delta=delta)
        found = decide_use(make_access(), asked("county", loss=loss), active)

        assert isinstance(found, Allow) == allowed
        if isinstance(found, Deny):
            assert (found.code, found.at) == ("BUD-QUERY-CAP", "/spec/queries/keys_delta_per_query")
            assert "delta 0.00000001 " in found.remedy
