"""Records leave only as every layer lets them; the same rules decide twice, before and after."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from policies.active import PolicySet
from policies.approvals import ApproverRole
from policies.decide import decide_measured, decide_release, decide_reveal
from policies.decisions import Access, Allow, Decision, Deny, RevealFacts
from policies.load import load_policies
from policies.projects import Member, MemberRole, Training
from policies.record_facts import (
    Joint,
    Measured,
    RecordCriteria,
    RecordRole,
    ReleaseFacts,
    Scorecard,
    TextReading,
    Told,
)
from policies.releases import HumanCheck
from policies.text_operators import Label
from tests.policies.declarations import DATASET, PROJECT, changed, load, make_access, write_policies

NOTE = "note: {role: free_text, stored: true}"
TEXTS = (
    "note: {role: free_text, release: keep, transform: {kind: deidentify_text, operator: redact}}\n"
    "        letter: {role: free_text, release: keep, transform: {kind: deidentify_text, "
    "operators: {NAME: encrypt}, reversible: true, reversible_reason: safety letters}}"
)
BUDGET = '  budget: {pool: ward, epsilon: "10", per_project: "4"}\n'
GOLD = "sha256:" + "a" * 64
RELEASES = f"""\
  releases:
    allowed: allowed
    quasi_identifiers: [visits.county]
    k_anonymity: {{k: 11, suppress_max: "0.1"}}
    l_diversity: {{column: visits.code, l: 2}}
    t_closeness: {{column: visits.code, t: "0.4"}}
    max_rows: 100
    standard: expert_determination
    determination: {{expert: Dr R. Vance, report: ED-7, valid_until: 2026-12-31}}
    text_evidence: {{min_recall: "0.9", on: notes, gold: "{GOLD}"}}
"""
READING = TextReading(engine="builtin@1", profile="standard")
CARD = Scorecard(on="notes", gold=GOLD, reading=READING, entities=10, found=9)
FACTS = ReleaseFacts(
    table="visits",
    columns={
        "patient": RecordRole.COUNTED_UNIT,
        "county": RecordRole.QUASI_IDENTIFIER,
        "code": RecordRole.SENSITIVE,
        "cost": RecordRole.AS_STORED,
        "note": RecordRole.FREE_TEXT,
    },
    criteria=RecordCriteria(k=11, l=2, t=Decimal("0.4"), suppression=Decimal("0.1")),
    recipient="uni|ann",
    text=READING,
    scorecard=CARD,
)


def dataset_text() -> str:
    text = changed(changed(DATASET, NOTE, TEXTS), BUDGET, BUDGET + RELEASES)
    text = changed(text, "visit: {role: key}", "visit: {role: key, release: keep}\n"
                   "        county: {role: quasi_identifier, release: keep}\n"
                   "        kept: {role: attribute, release: keep}")  # fmt: skip
    text = changed(text, "code: {role: sensitive,", "code: {role: sensitive, release: keep,")
    return changed(text, "cost:\n          role: attribute", "cost:\n          role: attribute\n"
                   "          release: keep")  # fmt: skip


def project_text() -> str:
    tables = "visits: [code, cost, note, letter, county]"
    text = changed(PROJECT, "visits: [code, cost]", tables)
    return changed(text, "    - id: ward\n", "    - id: ward\n      releases: allowed\n")


@pytest.fixture
def active(tmp_path: Path) -> PolicySet:
    return load(tmp_path, dataset_text(), project_text())


def reveal_facts(*labels: Label, column: str = "letter") -> RevealFacts:
    return RevealFacts(table="visits", column=column, labels=labels)


def denied(decision: Decision) -> Deny:
    assert isinstance(decision, Deny)
    assert decision.reason
    assert decision.remedy
    return decision


def refused(facts: ReleaseFacts, active: PolicySet, access: Access | None = None) -> Deny:
    return denied(decide_release(access or make_access(), facts, active))


def without(*names: str) -> ReleaseFacts:
    left = {name: role for name, role in FACTS.columns.items() if name not in names}
    return replace(FACTS, columns=left)


def as_role(name: str, role: RecordRole) -> ReleaseFacts:
    return replace(FACTS, columns={**FACTS.columns, name: role})


def test_a_member_of_a_granted_project_may_reveal_what_is_declared_reversible(
    active: PolicySet,
) -> None:
    assert decide_reveal(make_access(), reveal_facts(Label.NAME), active) == Allow()


def test_other_labels_and_columns_are_not_revealed(active: PolicySet) -> None:
    label = denied(decide_reveal(make_access(), reveal_facts(Label.NAME, Label.ID), active))
    column = denied(decide_reveal(make_access(), reveal_facts(Label.NAME, column="code"), active))
    absent = denied(decide_reveal(make_access(), reveal_facts(Label.NAME, column="none"), active))

    assert label.code == column.code == "POL-NOT-REVERSIBLE"
    assert label.at == "/spec/tables/visits/columns/letter/transform"
    assert absent.code == "PRJ-COLUMN"


def test_a_column_that_the_project_was_not_granted_is_not_revealed(tmp_path: Path) -> None:
    active = load(tmp_path, dataset_text())

    assert denied(decide_reveal(make_access(), reveal_facts(Label.NAME), active)).code == (
        "PRJ-COLUMN"
    )


OTHERS = (
    (make_access(principal="uni|eve"), "PRJ-NOT-MEMBER"),
    (make_access(principal="uni|bob"), "PRJ-MEMBER-EXPIRED"),
    (make_access(purpose="marketing"), "POL-PURPOSE"),
    (make_access(dataset="other"), "PRJ-DATASET"),
    (make_access(day="2028-01-01"), "PRJ-MEMBER-EXPIRED"),
)


@pytest.mark.parametrize(("access", "code"), OTHERS)
def test_who_may_not_ask_may_neither_reveal_nor_release(
    active: PolicySet, access: Access, code: str
) -> None:
    measured = Measured(rows=1, reached=FACTS.criteria)

    assert denied(decide_reveal(access, reveal_facts(Label.NAME), active)).code == code
    assert refused(FACTS, active, access).code == code
    assert denied(decide_measured(access, FACTS, measured, active)).code == code


def test_what_all_layers_let_out_may_leave(active: PolicySet) -> None:
    stricter = RecordCriteria(k=12, l=3, t=Decimal("0.2"), suppression=Decimal(0))

    assert decide_release(make_access(), FACTS, active) == Allow()
    assert decide_release(make_access(), replace(FACTS, criteria=stricter), active) == Allow()


def test_the_door_is_closed_where_any_layer_says_nothing(tmp_path: Path) -> None:
    shut = changed(dataset_text(), "    allowed: allowed\n", "")
    no_dataset = load(tmp_path / "a", shut, project_text())
    no_project = load(
        tmp_path / "b", dataset_text(), changed(project_text(), "releases: allowed\n", "\n")
    )
    folder = write_policies(tmp_path / "c", dataset_text(), project_text())
    (folder / "gateway.yaml").write_text(
        "apiVersion: gateway.policy/v1\nkind: GatewayPolicy\n"
        "metadata: {id: site, version: 1, title: Site, owner: one}\n"
        'spec: {budget: {epsilon: "20"}}\n',
        encoding="utf-8",
    )
    places = [refused(FACTS, one) for one in (no_dataset, no_project, load_policies(folder))]

    assert {one.code for one in places} == {"REL-CLOSED"}
    assert [one.at for one in places] == [
        "/spec/releases/allowed", "/spec/datasets/0/releases", "/spec/releases/allowed"
    ]  # fmt: skip
    assert [one.policy for one in places] == ["ward", "sugar", "site"]
    assert len({one.reason for one in places}) == 3


def test_ceilings_of_the_gateway_hold(tmp_path: Path) -> None:
    folder = write_policies(tmp_path, dataset_text(), project_text())
    (folder / "gateway.yaml").write_text(
        "apiVersion: gateway.policy/v1\nkind: GatewayPolicy\n"
        "metadata: {id: site, version: 1, title: Site, owner: one}\n"
        'spec: {budget: {epsilon: "20"}, releases: {allowed: allowed, min_k: 20, max_rows: 50}}\n',
        encoding="utf-8",
    )
    active = load_policies(folder)
    enough = replace(FACTS, criteria=replace(FACTS.criteria, k=20))
    denial = refused(FACTS, active)
    measured = Measured(rows=51, reached=enough.criteria)
    rows = denied(decide_measured(make_access(), enough, measured, active))

    assert (denial.code, denial.at, denial.policy) == (
        "REL-CRITERIA",
        "/spec/releases/min_k",
        "site",
    )
    assert (rows.code, rows.at, rows.policy) == ("REL-ROWS", "/spec/releases/max_rows", "site")
    assert decide_release(make_access(), enough, active) == Allow()


def test_records_do_not_go_to_members_whose_training_has_lapsed(active: PolicySet) -> None:
    project = active.projects["sugar"]
    eve = Member(user="uni|eve", role=MemberRole.RESEARCHER, until=date(2027, 1, 1))
    lapsed = replace(eve, training=Training(course="safes", valid_until=date(2026, 2, 1)))
    given = {
        member: PolicySet(
            datasets=active.datasets,
            projects={
                "sugar": replace(
                    project, spec=replace(project.spec, members=(*project.spec.members, member))
                )
            },
        )
        for member in (eve, lapsed)
    }

    assert decide_release(make_access(), replace(FACTS, recipient=eve.user), given[eve]) == Allow()
    assert refused(replace(FACTS, recipient=eve.user), given[lapsed]).code == "REL-RECIPIENT"


def test_records_go_to_members_only(active: PolicySet) -> None:
    for recipient in ("uni|eve", "uni|bob"):  # nobody, and one whose membership has ended
        denial = refused(replace(FACTS, recipient=recipient), active)

        assert (denial.code, denial.at) == ("REL-RECIPIENT", "/spec/members")


@pytest.mark.parametrize("table", ["staff", "calendar", "none", "patients"])
def test_only_private_tables_leave_of_which_anything_does(active: PolicySet, table: str) -> None:
    facts = replace(FACTS, table=table, columns={"id": RecordRole.PRIVACY_UNIT})
    denial = refused(facts, active)

    assert denial.code == "REL-TABLE"
    assert denial.remedy == "name one of: visits"


def test_a_project_without_tables_of_records_is_told_so(tmp_path: Path) -> None:
    project = changed(project_text(), "visits: [code, cost, note, letter, county], ", "")
    project = changed(project, "patients: [sex, age], ", "")
    denial = refused(FACTS, load(tmp_path, dataset_text(), project))

    assert denial.code == "REL-TABLE"
    assert denial.remedy == "name one of: none"


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("absent", "/spec/tables/visits/columns"),
        ("kept", "/spec/datasets/0/tables/visits"),
    ],
)
def test_columns_leave_that_are_declared_to_and_granted(
    active: PolicySet, name: str, at: str
) -> None:
    denial = refused(as_role(name, RecordRole.AS_STORED), active)

    assert (denial.code, denial.at) == ("REL-COLUMN", at)
    assert denial.remedy.endswith("leave: county, patient, code, cost, note")


def test_a_column_that_is_not_declared_to_leave_does_not(tmp_path: Path) -> None:
    closed = changed(
        dataset_text(), "code: {role: sensitive, release: keep,", "code: {role: sensitive,"
    )
    denial = refused(FACTS, load(tmp_path, closed, project_text()))

    assert (denial.code, denial.at) == ("REL-COLUMN", "/spec/tables/visits/columns/code/release")


ROLES = (
    ("county", RecordRole.AS_STORED, "quasi_identifier"),
    ("county", RecordRole.SENSITIVE, "quasi_identifier"),
    ("code", RecordRole.AS_STORED, "sensitive"),
    ("note", RecordRole.AS_STORED, "free_text"),
    ("cost", RecordRole.KEY, "quasi_identifier, sensitive or as_stored"),
)


@pytest.mark.parametrize(("name", "role", "wanted"), ROLES)
def test_a_plan_may_not_treat_a_column_more_loosely(
    active: PolicySet, name: str, role: RecordRole, wanted: str
) -> None:
    denial = refused(as_role(name, role), active)

    assert denial.code == "REL-ROLE"
    assert wanted in denial.remedy


def test_a_plan_may_add_quasi_identifiers_and_leave_columns_out(active: PolicySet) -> None:
    assert decide_release(make_access(), as_role("cost", RecordRole.QUASI_IDENTIFIER), active) == (
        Allow()
    )
    assert decide_release(make_access(), without("county", "code", "note"), active) == Allow()


def test_rows_are_counted_by_people(active: PolicySet) -> None:
    denial = refused(without("patient"), active)

    assert denial.code == "REL-ROLE"
    assert "give the column patient the role counted_unit" in denial.remedy


LINKS = (
    ("patient", RecordRole.PRIVACY_UNIT, "give patient the role counted_unit"),
    ("patient", RecordRole.KEY, "give patient the role counted_unit"),
    ("visit", RecordRole.KEY, "leave it out; what joins tables is asked in SQL"),
    ("visit", RecordRole.AS_STORED, "leave it out"),
    ("visit", RecordRole.COUNTED_UNIT, "leave it out"),
    ("letter", RecordRole.FREE_TEXT, "redact, replace or generalize"),
)


@pytest.mark.parametrize(("name", "role", "remedy"), LINKS)
def test_nothing_leaves_that_links_rows_of_one_patient(
    active: PolicySet, name: str, role: RecordRole, remedy: str
) -> None:
    denial = refused(as_role(name, role), active)

    assert (denial.code, denial.at) == ("REL-LINK", f"/spec/tables/visits/columns/{name}")
    assert remedy in denial.remedy


OPERATORS = (
    ("operator: redact", True),
    ("operators: {NAME: redact}", False),
    ("operator: mask", False),
    ("operator: surrogate", False),
    ("operator: pseudonymize", False),
    ("operator: redact, operators: {DATE: generalize, NAME: {kind: replace, text: X}}", True),
    ("operator: redact, operators: {DATE: shift_date}", False),
)


@pytest.mark.parametrize(("operators", "leaves"), OPERATORS)
@pytest.mark.parametrize("rows", ["20", "1"])
def test_texts_leave_in_which_nothing_is_the_same_for_one_patient_alone(
    tmp_path: Path,
    rows: str,
    operators: str,
    leaves: bool,  # noqa: FBT001  a case
) -> None:
    text = changed(dataset_text(), "kind: deidentify_text, operator: redact", (
        "kind: deidentify_text, " + operators
    ))  # fmt: skip
    text = changed(text, "max_rows_per_unit: 20", f"max_rows_per_unit: {rows}")
    decision = decide_release(make_access(), FACTS, load(tmp_path, text, project_text()))

    assert (decision == Allow()) is (leaves or rows == "1")
    if isinstance(decision, Deny):
        assert decision.code == "REL-LINK"


@pytest.mark.parametrize("role", [RecordRole.PRIVACY_UNIT, RecordRole.COUNTED_UNIT])
def test_of_one_row_each_the_stand_in_of_a_patient_links_nothing(
    tmp_path: Path, role: RecordRole
) -> None:
    text = changed(dataset_text(), "max_rows_per_unit: 20", "max_rows_per_unit: 1")
    active = load(tmp_path, text, project_text())
    none = refused(without("patient"), active)
    key = refused(as_role("visit", RecordRole.KEY), active)

    assert decide_release(make_access(), as_role("patient", role), active) == Allow()
    assert "give the column patient the role privacy_unit" in none.remedy
    assert key.code == "REL-LINK"  # of several patients, as those of one family


def test_a_table_whose_bound_is_not_declared_may_have_several_rows_of_a_patient(
    tmp_path: Path,
) -> None:
    text = changed(
        dataset_text(), "      max_rows_per_unit: 20\n", "      contribution: {max_rows: 9}\n"
    )
    active = load(tmp_path, text, project_text())

    assert refused(as_role("patient", RecordRole.PRIVACY_UNIT), active).code == "REL-LINK"
    assert decide_release(make_access(), FACTS, active) == Allow()


@pytest.mark.parametrize(
    "weaker",
    [
        {"k": 10},
        {"l": 1},
        {"t": Decimal("0.5")},
        {"t": None},
        {"suppression": Decimal("0.2")},
    ],
)
def test_weaker_criteria_are_denied_with_those_that_do(
    active: PolicySet, weaker: dict[str, Any]
) -> None:
    denial = refused(replace(FACTS, criteria=replace(FACTS.criteria, **weaker)), active)

    assert denial.code == "REL-CRITERIA"
    assert "k 11 or more, l 2 or more, t 0.4 or less, suppression 0.1 or less" in denial.remedy


def test_l_and_t_hold_of_the_column_that_leaves(active: PolicySet) -> None:
    criteria = RecordCriteria(k=11, suppression=Decimal("0.1"))
    facts = replace(without("code"), criteria=criteria)

    assert decide_release(make_access(), facts, active) == Allow()
    assert " t " not in str(criteria)


def test_what_was_counted_is_decided_upon_again(active: PolicySet) -> None:
    def decide(rows: int = 100, **reached: Any) -> Decision:  # noqa: ANN401  of any field
        measured = Measured(rows=rows, reached=replace(FACTS.criteria, **reached))
        return decide_measured(make_access(), FACTS, measured, active)

    assert decide() == Allow()
    assert denied(decide(rows=101)).code == "REL-ROWS"
    assert "101" not in denied(decide(rows=101)).reason
    assert denied(decide(k=10)).code == "REL-CRITERIA"
    assert (
        denied(
            decide_measured(
                make_access(),
                replace(FACTS, scorecard=None),
                Measured(rows=1, reached=FACTS.criteria),
                active,
            )
        ).code
        == "REL-TEXT-EVIDENCE"
    )
    assert denied(decide(l=1)).code == "REL-CRITERIA"


def test_how_much_is_left_in_texts_is_bounded_by_the_exact_limit(tmp_path: Path) -> None:
    """Of 100 texts 5 leaking: at 95 %, 10.23 % of all may."""

    def decide(most: str, texts: int = 100, leaking: int = 5) -> Decision:
        changes = 'min_recall: "0.9", max_leaking: "' + most + '"'
        text = changed(dataset_text(), 'min_recall: "0.9"', changes)
        facts = replace(FACTS, scorecard=replace(CARD, texts=texts, leaking=leaking))
        return decide_release(make_access(), facts, load(tmp_path, text, project_text()))

    assert decide("0.1023") == Allow()
    assert "above 0.1022, at confidence 0.95" in denied(decide("0.1022")).reason
    assert denied(decide("0.9", texts=0, leaking=0)).code == "REL-TEXT-EVIDENCE"


def test_a_check_that_all_texts_pass_is_none() -> None:
    assert HumanCheck(sample=2, most=1).roles == (ApproverRole.PRIVACY_OFFICER,)
    with pytest.raises(ValidationError, match="lower most"):
        HumanCheck(sample=2, most=2)


def test_several_releases_are_together_what_one_has_to_be(active: PolicySet) -> None:
    def decide(units: int | None, k: int = 11, *told: Told) -> Decision:
        joint = None if units is None else Joint(units=units, least_k=k, told=told)
        measured = Measured(rows=1, reached=FACTS.criteria, joint=joint)
        return decide_measured(make_access(), FACTS, measured, active)

    assert [decide(None), decide(11), decide(12, k=12)] == [Allow()] * 3
    assert denied(decide(10)).code == "REL-JOINT"
    assert denied(decide(11, k=12)).code == "REL-JOINT"  # the k of an earlier plan
    assert "fewer than 12 privacy units" in denied(decide(11, k=12)).reason
    assert "10" not in denied(decide(10)).reason
    kept = Told(least_l=3, most_t=Decimal("0.2"), l=3, t=Decimal("0.2"))
    vague = Told(least_l=1, most_t=None, l=1, t=Decimal(1))
    assert decide(11, 11, kept, vague) == Allow()
    for broken in (replace(kept, l=2), replace(kept, t=Decimal("0.21"))):
        denial = denied(decide(11, 11, kept, broken))
        assert denial.code == "REL-JOINT"
        assert "a sensitive value that more of their units have" in denial.reason
        assert denial.at == "/spec/releases"
        assert "0.21" not in denial.reason


def test_an_experts_determination_ends(active: PolicySet) -> None:
    on_its_last_day = decide_release(make_access(day="2026-12-31"), FACTS, active)
    denial = refused(FACTS, active, make_access(day="2027-01-01"))

    assert on_its_last_day == Allow()
    assert denial.code == "REL-DETERMINATION-EXPIRED"
    assert denial.at == "/spec/releases/determination/valid_until"


STRICT = replace(READING, profile="strict")
EVIDENCE: tuple[tuple[TextReading | None, Scorecard | None, str], ...] = (
    (READING, None, "no scorecard"),
    (READING, replace(CARD, on="others"), "another gold set"),
    (READING, replace(CARD, gold="sha256:" + "b" * 64), "another gold set"),
    (None, CARD, "another model"),
    (READING, replace(CARD, reading=replace(READING, engine="builtin@2")), "another model"),
    (READING, replace(CARD, reading=STRICT), "stricter profile"),
    (READING, replace(CARD, found=8), "below 0.9"),
    (READING, replace(CARD, entities=0, found=0), "below 0.9"),
)


@pytest.mark.parametrize(("text", "card", "reason"), EVIDENCE)
def test_text_leaves_only_with_evidence(
    active: PolicySet, text: TextReading | None, card: Scorecard | None, reason: str
) -> None:
    facts = replace(FACTS, text=text, scorecard=card)
    denial = refused(facts, active)

    assert denial.code == "REL-TEXT-EVIDENCE"
    assert reason in denial.reason
    assert "--set notes" in denial.remedy
    assert decide_release(make_access(), replace(without("note"), text=text, scorecard=card),
                          active) == Allow()  # fmt: skip


def test_evidence_of_a_less_strict_profile_does(active: PolicySet) -> None:
    assert decide_release(make_access(), replace(FACTS, text=STRICT), active) == Allow()


# What is wrong, and what its remedy says, done.
MENDED: tuple[tuple[str, ReleaseFacts, ReleaseFacts], ...] = (
    ("REL-RECIPIENT", replace(FACTS, recipient="uni|eve"), FACTS),
    ("REL-TABLE", replace(FACTS, table="staff"), FACTS),
    ("REL-LINK", as_role("patient", RecordRole.PRIVACY_UNIT), FACTS),
    ("REL-LINK", as_role("letter", RecordRole.FREE_TEXT), FACTS),
    ("REL-COLUMN", as_role("kept", RecordRole.AS_STORED), FACTS),
    ("REL-ROLE", as_role("county", RecordRole.AS_STORED), without("county")),
    ("REL-ROLE", as_role("county", RecordRole.AS_STORED), FACTS),
    ("REL-CRITERIA", replace(FACTS, criteria=RecordCriteria(k=2)), FACTS),
    ("REL-TEXT-EVIDENCE", replace(FACTS, scorecard=None), FACTS),
    ("REL-TEXT-EVIDENCE", replace(FACTS, scorecard=None), without("note")),
)


@pytest.mark.parametrize(("code", "wrong", "mended"), MENDED)
def test_what_a_remedy_says_helps(
    active: PolicySet, code: str, wrong: ReleaseFacts, mended: ReleaseFacts
) -> None:
    assert refused(wrong, active).code == code
    assert decide_release(make_access(), mended, active) == Allow()


def test_a_denial_names_no_value_and_no_number_of_rows(active: PolicySet) -> None:
    for rows in (101, 4_711):
        measured = Measured(rows=rows, reached=replace(FACTS.criteria, k=3))
        denial = denied(decide_measured(make_access(), FACTS, measured, active))

        assert str(rows) not in f"{denial.reason} {denial.remedy}"
