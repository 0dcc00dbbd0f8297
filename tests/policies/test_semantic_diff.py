from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.active import PolicySet
from policies.allowances import allowances
from policies.decide import decide_use
from policies.decisions import Allow
from policies.diff.edits import edits
from policies.diff.held import AtLeast, AtMost, Beyond, Change, Fixed, Held, Within, compare, shown
from policies.diff.matrix import matrix
from policies.diff.semantic import changed_rows, classify
from policies.load import load_policies
from tests.policies.battery import BATTERY, requests
from tests.policies.declarations import CODES, DATASET, PROJECT, changed, load, write_policies
from tests.policies.layered import Layers, changes, open_layers, pairs
from tests.policies.lint_cases import GATEWAY

WITNESS = "board.example+a9a4bd25+BC3wQSXwAVr7R86FOu+HcglP+UmMFMsbnhKXPCkn2g+m"
EXPERT = (
    "standard: expert_determination, "
    "determination: {expert: Dr, report: R, valid_until: 2030-01-01}"
)
UNTRAINED = "until: 2027-03-31, training: {course: five safes, valid_until: 2027-03-30}}"
DOOR = "allowed: allowed, k_anonymity: {k: 11}, standard: hipaa_safe_harbor"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Layers:
    return open_layers(load(tmp_path_factory.mktemp("policies")))


def test_an_open_record_door_has_the_criteria_that_it_declares(tmp_path: Path) -> None:
    rules = f"  releases: {{{DOOR}, max_rows: 10}}\n  budget: {{pool"
    opened = load(tmp_path, changed(DATASET, "  budget: {pool", rules))
    doors = {cell.subject for cells in matrix(opened).values() for cell in cells}

    assert doors >= {"max_rows", "k", "suppress_max"}
    assert not any(subject.startswith("l of") for subject in doors)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_what_narrows_admits_nothing_that_was_denied(base: Layers, data: st.DataObject) -> None:
    before, after = (layers.active for layers in data.draw(pairs(base)))
    change = classify(before, after)
    if change is Change.WIDENS:
        before, after = after, before  # what widens one way may narrow the other
        change = classify(before, after)
    if change is Change.WIDENS:
        return
    for access, facts in (*BATTERY, data.draw(requests())):
        now, was = decide_use(access, facts, after), decide_use(access, facts, before)
        if isinstance(now, Allow):
            assert isinstance(was, Allow)
            assert least(now) >= least(was)
        if change is Change.NEUTRAL:
            assert isinstance(was, Allow) == isinstance(now, Allow)
    old = {(one.pool, one.project, one.researcher): one for one in allowances(before)}
    for one in allowances(after):
        was_allowed = old[one.pool, one.project, one.researcher]
        assert one.epsilon.value <= was_allowed.epsilon.value


def least(decision: Allow) -> int:
    return max((duty.units for duty in decision.obligations), default=0)


def test_drawn_changes_are_of_all_kinds(base: Layers) -> None:
    found: Counter[Change] = Counter()

    @settings(max_examples=100, deadline=None, database=None, derandomize=True)
    @given(st.data())
    def count(data: st.DataObject) -> None:
        before, after = data.draw(pairs(base))
        found[classify(before.active, after.active)] += 1

    count()

    assert min(found[change] for change in Change) >= 8


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_nothing_changes_between_equal_declarations(base: Layers, data: st.DataObject) -> None:
    layers = data.draw(changes(base))

    assert changed_rows(layers.active, layers.active) == ()
    assert classify(layers.active, replace(layers).active) is Change.NEUTRAL


def test_where_nothing_was_in_force_all_is_more(base: Layers) -> None:
    assert classify(None, base.active) is Change.WIDENS
    assert classify(PolicySet(), base.active) is Change.WIDENS
    assert classify(base.active, PolicySet()) is Change.NARROWS


UNIT = "{table: patients, column: id}"

# What is changed in which file, what that does, and a row that tells it.
CHANGES = [
    ("ward", "max_cells: 100", "max_cells: 99", "narrows", "sugar / ward max_cells (queries): "),
    ("ward", "max_cells: 100", "max_cells: 101", "widens", "at most 100 → at most 101"),
    ("ward", "suppress_below: 5", "suppress_below: 6", "narrows", "at least 5 → at least 6"),
    ("ward", "suppress_below: 5", "suppress_below: 4", "widens", "suppress_below"),
    ("ward", "purposes: [epidemiology, planning]", "purposes: [epidemiology]", "neutral", ""),
    ("ward", "version: 1", "version: 2", "neutral", ""),
    ("ward", "title: Ward", "title: Other", "neutral", ""),
    (
        *("ward", "{categories: [summer, winter]}", "{max_length: 9, outside: clamp}", "widens"),
        "2 categories, outside: reject, nulls: filter → up to 9 characters, outside: clamp",
    ),
    ("ward", 'default_loss: "0.1"', 'default_loss: "0.2"', "neutral", ""),
    ("ward", "snapshot:", "path: x, snapshot:", "widens", "/spec/source/path"),
    ("ward", 'snapshot: "2026-01-01"', 'snapshot: "2027-01-01"', "neutral", ""),
    ("ward", "bounds: [0, 90]", "bounds: [0, 89]", "widens", "patients.age (domain): 0 to 90"),
    ("ward", "categories: [F, M]", "categories: [F, M, X]", "widens", "3 categories"),
    ("ward", "group_by: true}}\n        age", "group_by: false}}\n        age", "narrows", "sex"),
    ("ward", "aggregates: [mean, sum]}", "aggregates: [mean]}", "narrows", "patients.age (queries"),
    ("ward", "{categories: [summer, winter]}", "none", "narrows", "calendar.season (domain)"),
    (
        "ward",
        "season: {role: attribute, dp: {categories: [summer, winter]}}",
        "season: {role: attribute, dp: {group_by: true, categories: [summer, winter]}}",
        "neutral",  # no project may read the table
        "",
    ),
    ("ward", "note: {role: free_text, stored: true}", "note: {role: free_text}", "narrows", "note"),
    ("ward", ", identifies: id", "", "widens", "/columns/ssn/identifies"),
    ("ward", "max_rows_per_unit: 20", "max_rows_per_unit: 19", "widens", "max_rows_per_unit"),
    ("ward", 'epsilon: "10"', 'epsilon: "9"', "narrows", "epsilon of pool (budget): at most 10"),
    ("ward", 'per_project: "4"', 'per_project: "3"', "neutral", ""),  # the project has 2
    ("ward", 'per_project: "4"', 'per_project: "1"', "narrows", "epsilon of sugar"),
    ("ward", "pool: ward", "pool: fresh", "widens", "ward /spec/budget/pool"),
    ("ward", "  budget: {", "  obligations: [cite]\n  budget: {", "narrows", "none → cite"),
    ("ward", "  budget: {", "  retention: {audit_years: 9}\n  budget: {", "narrows", "least 9"),
    ("ward", "  budget: {", "  retention: {answers_days: 9}\n  budget: {", "narrows", "no limit →"),
    (
        "ward",
        "  budget: {",
        (
            "  releases: {allowed: allowed, k_anonymity: {k: 11}, standard: hipaa_safe_harbor,"
            " l_diversity: {column: visits.code, l: 2}}\n  budget: {"
        ),
        "neutral",  # the gateway keeps the record door shut
        "",
    ),
    (
        "ward",
        UNIT,
        f"{UNIT[:-1]}, opt_out: {{file: no.csv}}}}",
        "narrows",
        "nothing → those of no.csv",
    ),
    (
        "ward",
        UNIT,
        f"{UNIT[:-1]}, opt_out: {{column: county, takes_part: [a, b]}}}}",
        "narrows",
        "those whose county is not a or b",
    ),
    ("sugar", "patients: [sex, age]", "patients: [sex]", "narrows", "patients.age (queries): "),
    ("sugar", "visits: [code, cost]", "visits: []", "narrows", "visits.cost"),
    ("sugar", ", visits: [code, cost]", "", "narrows", "visits (queries): allowed → nothing"),
    ("sugar", "purposes: [epidemiology]", "purposes: [planning]", "widens", "purposes"),
    ("sugar", "until: 2027-03-31", "until: 2027-03-30", "narrows", "member uni|ann"),
    ("sugar", "until: 2027-03-31", "until: 2028-03-30", "widens", "most 2027-06-30"),
    ("sugar", "until: 2027-03-31}", UNTRAINED, "narrows", "member uni|ann"),
    ("sugar", "role: researcher", "role: principal_investigator", "neutral", ""),
    ("sugar", '"uni|bob"', '"uni|eve"', "widens", "member uni|eve (queries): nothing → at most"),
    ("sugar", "expires_at: 2027-06-30", "expires_at: 2027-06-29", "narrows", "last_day"),
    ("sugar", "effective_from: 2026-02-01", "effective_from: 2026-02-02", "narrows", "first_day"),
    ("sugar", "  budget: {", "  permit: {irb: other}\n  budget: {", "widens", "/spec/permit/irb"),
    ("sugar", 'epsilon: "2"', 'epsilon: "1.5"', "narrows", "at most 2 → at most 1.5"),
    ("gateway", "max_cells: 10000", "max_cells: 50", "narrows", "at most 100 → at most 50"),
    ("gateway", "max_cells: 10000", "max_cells: 5000", "neutral", ""),
    ("gateway", "max_cells: 10000", "forbid_purposes: [epidemiology]", "narrows", "purposes"),
    ("gateway", "queries: {", "signatures: [key]\n  queries: {", "neutral", ""),
    ("gateway", "queries: {", "signatures: [key, session]\n  queries: {", "widens", "session"),
    (
        "gateway",
        "queries: {",
        f"witnesses: {{keys: [{WITNESS}], quorum: 1}}\n  queries: {{",
        "widens",
        "quorum of witnesses (log): at least 0 → at least 1",
    ),
    ("gateway", "queries: {", "witnesses: {max_age_minutes: 5}\n  queries: {", "narrows", "60"),
    ("gateway", "queries: {", "witnesses: {max_age_minutes: 61}\n  queries: {", "widens", "61"),
    ("ward", "owner: steward:one", 'owner: "uni|ann"', "narrows", "member uni|ann"),
    ("sugar", "owner: steward:one", 'owner: "uni|ann"', "narrows", "member uni|ann"),
    ("sugar", "owner: steward:one", "owner: steward:two", "neutral", ""),
    ("codes", "E11,diabetes", "E12,diabetes", "widens", "visits.code (domain)"),
]
FILES = {
    "ward": "datasets/ward.yaml",
    "sugar": "projects/sugar.yaml",
    "gateway": "gateway.yaml",
    "codes": "refdata/codes.csv",
}
TEXTS = {"ward": DATASET, "sugar": PROJECT, "gateway": GATEWAY, "codes": CODES}


def two(root: Path, name: str, old: str, new: str) -> tuple[PolicySet, PolicySet]:
    """Load declarations, and the same with one change."""
    for folder in ("before", "after"):
        write_policies(root / folder)
        (root / folder / "gateway.yaml").write_text(GATEWAY, "utf-8")
    (root / "after" / FILES[name]).write_text(changed(TEXTS[name], old, new), "utf-8")
    return load_policies(root / "before"), load_policies(root / "after")


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: f"{change[0]}: {change[2]}"[:50])
def test_each_change_is_called_by_what_it_allows(
    tmp_path: Path, change: tuple[str, str, str, str, str]
) -> None:
    name, old, new, expected, row = change
    before, after = two(tmp_path, name, old, new)

    rows = [str(one) for one in changed_rows(before, after)]

    assert classify(before, after).value == expected
    assert any(row in one for one in rows) or not row
    assert bool(rows) == (expected != "neutral")
    assert any(one.startswith(f"{expected}: ") for one in rows) or expected == "neutral"


def test_an_owner_who_gives_up_a_declaration_to_ask_widens_it(tmp_path: Path) -> None:
    after, before = two(tmp_path, "sugar", "owner: steward:one", 'owner: "uni|ann"')

    assert classify(before, after) is Change.WIDENS


def test_a_new_gateway_file_narrows(tmp_path: Path) -> None:
    before = load(tmp_path / "before")
    write_policies(tmp_path / "after")
    (tmp_path / "after" / "gateway.yaml").write_text(
        GATEWAY.replace("10000", "50").replace('"5"', '"0.2"'), "utf-8"
    )
    after = load_policies(tmp_path / "after")

    assert classify(before, after) is Change.NARROWS
    assert classify(after, before) is Change.WIDENS


def test_an_open_record_door_is_compared_by_its_limits(tmp_path: Path) -> None:
    door = (
        f"  releases: {{{DOOR}, max_rows: 10,"
        ' l_diversity: {column: visits.code, l: 2}, t_closeness: {column: visits.code, t: "0.3"}}'
        "\n  budget: {"
    )
    base = changed(DATASET, "  budget: {", door)
    opened = load(tmp_path / "open", base)
    (row,) = changed_rows(load(tmp_path / "shut"), opened)

    assert str(row) == "widens: ward / records: not there → there"
    for number, (old, new, expected) in enumerate(
        [
            ("k: 11", "k: 12", Change.NARROWS),
            ("k: 11", "k: 10", Change.WIDENS),
            ("k: 11", 'k: 11, suppress_max: "0.1"', Change.WIDENS),
            ("max_rows: 10", "max_rows: 9", Change.NARROWS),
            ("l: 2", "l: 3", Change.NARROWS),
            ("allowed: allowed", "allowed: denied", Change.NARROWS),
            ("code: {role: sensitive,", "code: {role: sensitive, release: keep,", Change.WIDENS),
            ('t: "0.3"', 't: "0.2"', Change.NARROWS),
            ('t: "0.3"', 't: "0.4"', Change.WIDENS),
            (', t_closeness: {column: visits.code, t: "0.3"}', "", Change.WIDENS),
            ("max_rows: 10", "max_rows: 10, quasi_identifiers: [patients.sex]", Change.NARROWS),
            ("max_rows: 10", "max_rows: 10, expires_days: 31", Change.WIDENS),
            (
                DOOR.rpartition(", ")[2],
                EXPERT,
                Change.WIDENS,
            ),
        ]
    ):
        after = load(tmp_path / str(number), changed(base, old, new))
        assert classify(opened, after) is expected, new


def test_what_a_project_is_given_of_records_is_compared(tmp_path: Path) -> None:
    door = f"  releases: {{{DOOR}, max_rows: 10}}\n  budget: {{pool"
    dataset = changed(changed(DATASET, "  budget: {pool", door), "role: free_text, stored: true",
                      "role: free_text, stored: true, release: none")  # fmt: skip
    dataset = changed(dataset, "code: {role: sensitive,", "code: {role: sensitive, release: keep,")
    given = changed(PROJECT, "tables: {", "releases: allowed\n      tables: {")
    before = load(tmp_path / "before", dataset)
    after = load(tmp_path / "after", dataset, given)
    fewer = load(tmp_path / "fewer", dataset, changed(given, "[code, cost]", "[cost]"))
    rows = [str(row) for row in changed_rows(before, after)]

    assert rows == [
        "widens: sugar / ward visits.code (records): nothing → allowed",
        "widens: sugar / ward visits.patient (records): nothing → allowed",
    ]
    assert classify(after, before) is Change.NARROWS
    assert "narrows: sugar / ward visits.code (records): allowed → nothing" in [
        str(row) for row in changed_rows(after, fewer)
    ]


def test_a_statement_that_no_cell_is_made_from_is_told_as_written(tmp_path: Path) -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Later(PolicySet):
        """As another version may have it."""

        novel: str = ""

    active = load(tmp_path)
    later: Any = {
        name: getattr(active, name) for name in ("datasets", "projects", "documents", "digest")
    }

    assert classify(Later(**later), Later(**later, novel="x")) is Change.WIDENS
    assert all(cells for cells in matrix(active).values())


HELD: list[tuple[Held | None, Held | None, Change]] = [
    (AtMost(1), AtMost(2), Change.WIDENS),
    (AtMost(2), AtMost(1), Change.NARROWS),
    (AtMost(2), None, Change.NARROWS),
    (None, AtMost(2), Change.WIDENS),
    (AtMost(date(2026, 1, 2)), AtMost(date(2026, 1, 1)), Change.NARROWS),
    (AtMost(Decimal("0.5")), AtMost(1), Change.WIDENS),
    (AtMost(1), AtMost(date(2026, 1, 1)), Change.WIDENS),
    (AtLeast(1), AtLeast(2), Change.NARROWS),
    (AtLeast(2), AtLeast(1), Change.WIDENS),
    (AtLeast(1), None, Change.WIDENS),
    (None, AtLeast(1), Change.NARROWS),
    (Within(frozenset("ab")), Within(frozenset("a")), Change.NARROWS),
    (Within(frozenset("ab")), Within(frozenset("ac")), Change.WIDENS),
    (Within(frozenset("ab")), None, Change.NARROWS),
    (Beyond(frozenset("a")), Beyond(frozenset("ab")), Change.NARROWS),
    (Beyond(frozenset("ab")), Beyond(frozenset("b")), Change.WIDENS),
    (Beyond(frozenset("ab")), None, Change.WIDENS),
    (Fixed(1), Fixed(2), Change.WIDENS),
    (Fixed(1), None, Change.WIDENS),
    (Fixed(1, optional=True), None, Change.NARROWS),
    (None, Fixed(1, optional=True), Change.WIDENS),
    (AtMost(1), AtLeast(1), Change.WIDENS),
    (Fixed(1), Fixed(1), Change.NEUTRAL),
]


@pytest.mark.parametrize(("before", "after", "expected"), HELD)
def test_holdings_are_ordered_and_what_is_not_widens(
    before: Held | None, after: Held | None, expected: Change
) -> None:
    assert compare(before, after) is expected


def test_holdings_are_told_in_a_few_words() -> None:
    assert shown(Fixed("x" * 99)) == "x" * 60 + "…"
    assert shown(AtMost(value=False)) == "denied"
    assert shown(None) == "nothing"


# Dataset, project and list of codes as they are then, and what is told.
EDITS: list[tuple[str, str, str, list[str]]] = [
    (
        changed(changed(DATASET, "max_cells: 100", "max_cells: 99"), "key: id\n      ", ""),
        changed(PROJECT, "purposes: [epidemiology]", "purposes: [planning]"),
        CODES,
        [
            "datasets/ward.yaml:52:5 /spec/queries/max_cells: 100 → 99",
            'datasets/ward.yaml:15:7 /spec/tables/patients/key: "id" → -',
            'projects/sugar.yaml:14:3 /spec/purposes: ["epidemiology"] → ["planning"]',
        ],
    ),
    (
        DATASET,
        PROJECT,
        f"{CODES}J45,asthma\n",
        [
            (
                "datasets/ward.yaml:34:38 /spec/tables/visits/columns/code/dp/categories_ref: "
                "2 categories → 3 categories"
            )
        ],
    ),
    (
        DATASET,
        changed(PROJECT, "id: sugar", "id: salt"),
        CODES,
        ["projects/sugar.yaml:1:1 file: - → new", "projects/sugar.yaml:1:1 file: there → -"],
    ),
]


@pytest.mark.parametrize(("dataset", "project", "codes", "expected"), EDITS)
def test_edits_are_told_by_statement_and_line(
    tmp_path: Path, dataset: str, project: str, codes: str, expected: list[str]
) -> None:
    before = load(tmp_path / "before")
    after = load_policies(write_policies(tmp_path / "after", dataset, project, codes))

    assert [str(edit) for edit in edits(before, after)] == expected


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (AtMost(value=Decimal("0E-7")), "at most 0"),
        (AtMost(value=Decimal("0.0000001")), "at most 0.0000001"),
        (AtLeast(value=Decimal("1.50")), "at least 1.50"),
        (AtLeast(value=0), "at least 0"),
        (AtMost(value=date(2027, 3, 31)), "at most 2027-03-31"),
    ],
)
def test_numbers_are_shown_without_exponents(held: Held, said: str) -> None:
    assert shown(held) == said
