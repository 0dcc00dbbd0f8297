from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.active import PolicySet
from policies.decide import (
    MEASURED_RULES,
    RELEASE_RULES,
    REVEAL_RULES,
    SEAT_RULES,
    STANDING_RULES,
    USE_RULES,
    decide_access,
    decide_use,
)
from policies.decisions import Access, Allow, Decision, Deny, QueryFacts, SuppressBelow
from policies.privacy import Measure, PrivacyLoss
from policies.projects import Member, ProjectPolicy, Training
from policies.query_use import Aggregate
from tests.policies.declarations import (
    DATASET,
    PROJECT,
    changed,
    load,
    make_access,
    make_facts,
)


@pytest.fixture(scope="module")
def active(tmp_path_factory: pytest.TempPathFactory) -> PolicySet:
    return load(tmp_path_factory.mktemp("policies"))


def deny(decision: Decision) -> Deny:
    assert isinstance(decision, Deny)
    return decision


def resolve(active: PolicySet, denial: Deny) -> bool:
    """Say whether the denial's pointer leads somewhere in the declaration that it names."""
    declared = active.datasets.get(denial.policy) or active.projects.get(denial.policy)
    node: object = declared
    *parents, last = denial.at.split("/")[1:]
    for part in parents:
        if isinstance(node, Mapping):
            node = node[part]
        elif isinstance(node, tuple):
            node = node[int(part)]
        else:
            node = getattr(node, part)
    if isinstance(node, Mapping):
        return last in node
    return node == "none" or (
        int(last) < len(node) if isinstance(node, tuple) else hasattr(node, last)
    )


def test_allows_a_member_in_good_standing(active: PolicySet) -> None:
    assert decide_access(make_access(), active) == Allow()


@pytest.mark.parametrize(
    ("access", "code"),
    [
        (make_access(principal="uni|eve"), "PRJ-NOT-MEMBER"),
        (make_access(project="none"), "PRJ-NOT-MEMBER"),
        (make_access(principal="uni|bob"), "PRJ-MEMBER-EXPIRED"),
        (make_access(day="2027-04-01"), "PRJ-MEMBER-EXPIRED"),
        (make_access(day="2026-01-31"), "PRJ-NOT-YET"),
        (make_access(dataset="none"), "PRJ-DATASET"),
        (make_access(purpose="planning"), "POL-PURPOSE"),
        (make_access(purpose="marketing"), "POL-PURPOSE"),
        (make_access(purpose=""), "POL-PURPOSE"),
    ],
)
def test_denies_access_with_the_code_of_its_reason(
    active: PolicySet, access: Access, code: str
) -> None:
    denial = deny(decide_access(access, active))

    assert denial.code == code
    assert denial.remedy
    assert denial.reason
    assert code == "PRJ-NOT-MEMBER" or resolve(active, denial)
    assert decide_use(access, make_facts(), active) == denial


@pytest.mark.parametrize("day", ["2026-02-01", "2027-03-31"])
def test_the_first_and_the_last_day_are_included(active: PolicySet, day: str) -> None:
    assert decide_access(make_access(day=day), active) == Allow()


@pytest.mark.parametrize("dataset", ["ward", "none"])
@pytest.mark.parametrize(
    "who", [("uni|eve", "sugar"), ("uni|ann", "none"), ("uni|eve", "none"), ("", "")]
)
@pytest.mark.parametrize("day", ["1999-01-01", "2026-06-01", "2099-01-01"])
def test_who_is_no_member_always_gets_the_same_answer(
    active: PolicySet, dataset: str, who: tuple[str, str], day: str
) -> None:
    access = make_access(principal=who[0], project=who[1], dataset=dataset, day=day)
    expected = decide_access(make_access(principal="uni|eve"), PolicySet())

    assert decide_access(access, active) == expected
    assert deny(expected).policy == deny(expected).at == ""


def test_an_expired_member_does_not_learn_what_is_granted(active: PolicySet) -> None:
    answers = {
        decide_access(make_access(principal="uni|bob", dataset=name), active)
        for name in ("ward", "none")
    }
    assert len(answers) == 1


def test_a_dataset_that_exists_elsewhere_is_denied_like_one_that_does_not(
    active: PolicySet,
) -> None:
    other = dataclasses.replace(active.datasets["ward"])
    wider = PolicySet(datasets={**active.datasets, "other": other}, projects=active.projects)

    unknown = decide_access(make_access(dataset="none"), wider)
    assert decide_access(make_access(dataset="other"), wider) == unknown


def test_denies_after_the_projects_last_day(tmp_path: Path) -> None:
    project = changed(PROJECT, "until: 2027-03-31", "until: 2029-01-01")
    denial = deny(decide_access(make_access(day="2027-07-01"), load(tmp_path, project=project)))

    assert denial.code == "PRJ-EXPIRED"
    assert denial.at == "/metadata/expires_at"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("expires_at: 2027-12-31", "expires_at: 2026-03-01", "POL-DATASET-EXPIRED"),
        ("effective_from: 2026-01-01", "effective_from: 2026-07-01", "POL-DATASET-NOT-YET"),
    ],
)
def test_denies_a_dataset_that_is_not_in_force(
    active: PolicySet, tmp_path: Path, old: str, new: str, code: str
) -> None:
    project = changed(PROJECT, "expires_at: 2027-06-30", "expires_at: 2026-03-01")
    other = load(tmp_path, changed(DATASET, old, new), project).datasets
    denial = deny(decide_access(make_access(), PolicySet(datasets=other, projects=active.projects)))

    assert denial.code == code
    assert denial.policy == "ward"


@pytest.mark.parametrize("of", ["project", "dataset"])
def test_who_answers_for_a_declaration_does_not_ask_under_it(tmp_path: Path, of: str) -> None:
    owned = ("  owner: steward:one", '  owner: "uni|ann"')
    dataset = changed(DATASET, *owned) if of == "dataset" else DATASET
    project = changed(PROJECT, *owned) if of == "project" else PROJECT
    active = load(tmp_path, dataset, project)
    denial = deny(decide_access(make_access(), active))

    assert denial.code == "PRJ-OWNER-MEMBER"
    assert of in denial.reason
    assert denial.at == "/metadata/owner"
    assert denial.policy == ("sugar" if of == "project" else "ward")


def test_a_granted_dataset_that_is_gone_is_denied(active: PolicySet) -> None:
    gone = PolicySet(projects=active.projects)
    assert deny(decide_access(make_access(), gone)).code == "PRJ-DATASET"


def test_a_purpose_that_only_the_dataset_lacks_is_denied_by_the_dataset(
    active: PolicySet,
) -> None:
    project = active.projects["sugar"]
    spec = dataclasses.replace(project.spec, purposes=("epidemiology", "marketing"))
    wider = PolicySet(
        datasets=active.datasets, projects={"sugar": dataclasses.replace(project, spec=spec)}
    )
    denial = deny(decide_access(make_access(purpose="marketing"), wider))

    assert (denial.policy, denial.at) == ("ward", "/spec/queries/purposes")
    assert denial.remedy == "purposes allowed here: epidemiology"


@pytest.mark.parametrize(
    "facts",
    [
        make_facts(),
        make_facts(("patients", "sex", "group"), ("patients", "age", "filter")),
        make_facts(("patients", "age", "mean"), aggregates=(Aggregate.MEAN,)),
        make_facts(
            ("visits", "patient", "join"),
            ("patients", "id", "join"),
            ("visits", "cost", "sum"),
            tables=("patients", "visits"),
            aggregates=(Aggregate.SUM,),
        ),
        make_facts(("patients", "id", "count_distinct"), aggregates=(Aggregate.COUNT_DISTINCT,)),
        make_facts(("visits", "visit", "count"), tables=("visits",)),
        make_facts(shape=(2, 100)),
        make_facts(loss=PrivacyLoss(measure=Measure.PURE, amount=500_000)),
        make_facts(loss=PrivacyLoss(measure=Measure.PURE, amount=1)),
    ],
)
def test_allows_what_both_policies_allow_and_asks_to_suppress(
    active: PolicySet, facts: QueryFacts
) -> None:
    assert decide_use(make_access(), facts, active) == Allow((SuppressBelow(5),))


def test_asks_for_nothing_where_nothing_is_suppressed(tmp_path: Path) -> None:
    wider = load(tmp_path, changed(DATASET, "suppress_below: 5", "suppress_below: 0"))
    assert decide_use(make_access(), make_facts(), wider) == Allow()


WARD = "/spec/tables/patients/columns"
GRANT = "/spec/datasets/0/tables"
DENIED_USES = [
    (make_facts(tables=("calendar",)), "PRJ-COLUMN", GRANT),
    (make_facts(tables=("none",)), "PRJ-COLUMN", GRANT),
    (make_facts(tables=("staff",)), "PRJ-COLUMN", GRANT),
    (make_facts(("calendar", "day", "join")), "PRJ-COLUMN", GRANT),
    (make_facts(("patients", "none", "filter")), "PRJ-COLUMN", WARD),
    (make_facts(("patients", "ssn", "filter")), "POL-COLUMN-ROLE", f"{WARD}/ssn/role"),
    (make_facts(("patients", "ssn", "join")), "POL-COLUMN-ROLE", f"{WARD}/ssn/role"),
    (make_facts(("patients", "county", "filter")), "POL-COLUMN-ROLE", f"{WARD}/county/dp"),
    (make_facts(("patients", "id", "filter")), "POL-COLUMN-ROLE", f"{WARD}/id/dp"),
    (make_facts(("patients", "id", "group")), "POL-COLUMN-ROLE", f"{WARD}/id/dp"),
    (
        make_facts(("visits", "note", "filter")),
        "POL-COLUMN-ROLE",
        "/spec/tables/visits/columns/note/role",
    ),
    (make_facts(("visits", "cost", "group")), "POL-COLUMN-GROUP", None),
    (make_facts(("visits", "cost", "quantile")), "POL-AGGREGATE", "/spec/queries/aggregates"),
    (
        make_facts(aggregates=(Aggregate.VARIANCE,)),
        "POL-AGGREGATE",
        "/spec/queries/aggregates",
    ),
    (make_facts(("patients", "sex", "count")), "POL-AGGREGATE", f"{WARD}/sex/dp/aggregates"),
    (make_facts(("patients", "sex", "odd")), "POL-AGGREGATE", "/spec/queries/aggregates"),
    (make_facts(shape=(3, 1)), "POL-GROUP-WIDTH", "/spec/queries/max_group_columns"),
    (make_facts(shape=(1, 101)), "POL-CELLS", "/spec/queries/max_cells"),
    (
        make_facts(loss=PrivacyLoss(measure=Measure.PURE, amount=500_001)),
        "BUD-QUERY-CAP",
        "/spec/queries/max_loss_per_query",
    ),
    (
        make_facts(loss=PrivacyLoss(measure=Measure.PURE, amount=1, delta=1)),
        "BUD-QUERY-CAP",
        "/spec/queries/keys_delta_per_query",
    ),
    (
        make_facts(loss=PrivacyLoss(measure=Measure.PURE, amount=0)),
        "BUD-ZERO",
        "/spec/queries/max_loss_per_query",
    ),
    (
        make_facts(loss=PrivacyLoss(measure=Measure.ZCDP, amount=1)),
        "BUD-MEASURE",
        "/spec/queries/measure",
    ),
]


@pytest.mark.parametrize(("facts", "code", "at"), DENIED_USES)
def test_denies_a_use_with_the_code_and_the_line_of_its_reason(
    active: PolicySet, facts: QueryFacts, code: str, at: str | None
) -> None:
    denial = deny(decide_use(make_access(), facts, active))

    assert denial.code == code
    assert at is None or denial.at == at
    assert resolve(active, denial)
    assert denial.rule
    assert denial.reason
    assert denial.remedy
    assert "\n" not in denial.reason + denial.remedy


def narrowed(active: PolicySet, tables: Mapping[str, tuple[str, ...]]) -> PolicySet:
    """Return the declarations with another grant."""
    project = active.projects["sugar"]
    grant = dataclasses.replace(project.spec.datasets[0], tables=tables)
    spec = dataclasses.replace(project.spec, datasets=(grant,))
    return PolicySet(
        datasets=active.datasets, projects={"sugar": dataclasses.replace(project, spec=spec)}
    )


def test_a_column_that_is_not_granted_is_denied_and_keys_come_along(active: PolicySet) -> None:
    less = narrowed(active, {"patients": ("sex",), "visits": ()})
    denial = deny(decide_use(make_access(), make_facts(("patients", "age", "filter")), less))
    keys = make_facts(("visits", "patient", "join"), ("visits", "visit", "join"))

    assert denial.code == "PRJ-COLUMN"
    assert denial.at == f"{GRANT}/patients"
    assert denial.policy == "sugar"
    assert denial.remedy == "columns of patients allowed here: sex"
    assert isinstance(decide_use(make_access(), keys, less), Allow)


def test_a_grant_of_what_cannot_be_queried_opens_nothing(active: PolicySet) -> None:
    more = narrowed(active, {"patients": ("ssn", "county"), "none": ("x",), "staff": ("name",)})

    for column in ("ssn", "county"):
        facts = make_facts(("patients", column, "filter"))
        denial = deny(decide_use(make_access(), facts, more))
        assert denial.code == "POL-COLUMN-ROLE"
        assert denial.remedy.endswith("none")
    for table in ("none", "staff"):
        assert isinstance(decide_use(make_access(), make_facts(tables=(table,)), more), Deny)


def test_with_nothing_declared_nothing_is_allowed() -> None:
    assert isinstance(decide_access(make_access(), PolicySet()), Deny)
    assert isinstance(decide_use(make_access(), make_facts(), PolicySet()), Deny)


def test_every_rule_is_in_the_tuples() -> None:
    import policies.rules  # noqa: PLC0415  only its folder is looked at

    files = {path.stem for path in Path(policies.rules.__path__[0]).glob("*.py")}
    rules = (*SEAT_RULES, *STANDING_RULES, *USE_RULES, *REVEAL_RULES, *RELEASE_RULES)
    ordered = [rule.__module__ for rule in (*rules, *MEASURED_RULES)]

    assert len(ordered) == len(set(ordered)) == 29
    assert {name.rpartition(".")[2] for name in ordered} == files - {
        "__init__",
        "standing",
        "project_member",
        "dataset_granted",
    }


TABLES = st.sampled_from(["patients", "visits", "staff", "calendar", "none", ""])
COLUMNS = st.sampled_from(
    ["id", "ssn", "sex", "age", "county", "visit", "patient", "code", "cost", "note", "x", ""]
)
WAYS = st.sampled_from(["filter", "group", "join", "odd", *(one.value for one in Aggregate)])
FACTS = st.builds(
    lambda uses, tables, aggregates, shape, loss: make_facts(
        *uses, tables=tables, aggregates=tuple(aggregates), shape=shape, loss=loss
    ),
    st.lists(st.tuples(TABLES, COLUMNS, WAYS), max_size=3),
    st.lists(TABLES, max_size=2).map(tuple),
    st.frozensets(st.sampled_from(Aggregate), max_size=2),
    st.tuples(st.integers(0, 4), st.integers(0, 200)),
    st.builds(
        PrivacyLoss,
        measure=st.sampled_from(Measure),
        amount=st.integers(0, 600_000),
        delta=st.sampled_from([0, 1]),
    ),
)
ACCESS = st.builds(
    make_access,
    principal=st.sampled_from(["uni|ann", "uni|bob", "uni|eve"]),
    project=st.sampled_from(["sugar", "none"]),
    dataset=st.sampled_from(["ward", "none"]),
    purpose=st.sampled_from(["epidemiology", "planning", "none"]),
    day=st.dates(date(2025, 12, 1), date(2028, 1, 31)).map(str),
)
ALLOWED = st.builds(
    lambda names, way: make_facts(*((*name, way) for name in names), tables=()),
    st.lists(
        st.sampled_from([("patients", "sex"), ("patients", "age"), ("visits", "cost")]),
        max_size=3,
        unique=True,
    ),
    st.sampled_from(["filter", "group", "mean"]),
)


@settings(max_examples=200, deadline=None)
@given(ACCESS, FACTS)
def test_every_request_gets_a_decision_that_names_its_reason(
    active: PolicySet, access: Access, facts: QueryFacts
) -> None:
    for decision in (decide_access(access, active), decide_use(access, facts, active)):
        if isinstance(decision, Deny):
            assert decision.code
            assert decision.rule
            assert decision.reason
            assert decision.code == "PRJ-NOT-MEMBER" or resolve(active, decision)


@settings(max_examples=100, deadline=None)
@given(ACCESS, FACTS)
def test_what_may_be_used_may_be_accessed(
    active: PolicySet, access: Access, facts: QueryFacts
) -> None:
    if isinstance(decide_use(access, facts, active), Allow):
        assert decide_access(access, active) == Allow()


@settings(max_examples=150, deadline=None)
@given(st.one_of(FACTS, ALLOWED), st.data())
def test_taking_from_a_grant_only_narrows(
    active: PolicySet, facts: QueryFacts, data: st.DataObject
) -> None:
    full = active.projects["sugar"].spec.datasets[0].tables
    kept = data.draw(st.sets(st.sampled_from([(t, c) for t, cs in full.items() for c in cs])))
    less: dict[str, tuple[str, ...]] = {}
    for table, column in sorted(kept):
        less[table] = (*less.get(table, ()), column)

    if isinstance(decide_use(make_access(), facts, narrowed(active, less)), Allow):
        assert isinstance(decide_use(make_access(), facts, active), Allow)


@settings(max_examples=150, deadline=None)
@given(st.one_of(FACTS, ALLOWED), st.data())
def test_lowering_any_cap_only_narrows(
    active: PolicySet, facts: QueryFacts, data: st.DataObject
) -> None:
    dataset = active.datasets["ward"]
    queries = dataset.spec.queries
    lower = dataclasses.replace(
        queries,
        aggregates=tuple(data.draw(st.sets(st.sampled_from(queries.aggregates)))),
        max_group_columns=data.draw(st.integers(0, queries.max_group_columns)),
        max_cells=data.draw(st.integers(1, queries.max_cells)),
        max_loss_per_query=data.draw(
            st.decimals(queries.default_loss, queries.max_loss_per_query, places=6)
        ),
    )
    spec = dataclasses.replace(dataset.spec, queries=lower)
    narrow = PolicySet(
        datasets={"ward": dataclasses.replace(dataset, spec=spec)}, projects=active.projects
    )

    if isinstance(decide_use(make_access(), facts, narrow), Allow):
        assert isinstance(decide_use(make_access(), facts, active), Allow)


@settings(max_examples=60, deadline=None)
@given(ACCESS, st.integers(1, 900))
def test_ending_a_membership_earlier_only_narrows(
    active: PolicySet, access: Access, days: int
) -> None:
    project = active.projects["sugar"]
    members = tuple(
        dataclasses.replace(member, until=member.until - timedelta(days=days))
        for member in project.spec.members
    )
    shorter = with_members(active, project, members)

    if isinstance(decide_access(access, shorter), Allow):
        assert isinstance(decide_access(access, active), Allow)


def test_a_training_that_lapsed_ends_what_it_was_asked_for(active: PolicySet) -> None:
    project = active.projects["sugar"]
    training = Training(course="five safes", valid_until=date(2027, 1, 31))
    members = tuple(dataclasses.replace(one, training=training) for one in project.spec.members)
    trained = with_members(active, project, members)
    denial = deny(decide_access(make_access(day="2027-02-01"), trained))

    assert decide_access(make_access(day="2027-01-31"), trained) == Allow()
    assert decide_access(make_access(day="2027-02-01"), active) == Allow()
    assert denial.code == "PRJ-TRAINING-EXPIRED"
    assert "five safes" in denial.reason
    assert denial.at == "/spec/members/0/training/valid_until"
    assert resolve(trained, denial)


@settings(max_examples=60, deadline=None)
@given(ACCESS, st.dates(date(2026, 1, 1), date(2028, 1, 1)))
def test_asking_for_a_training_only_narrows(active: PolicySet, access: Access, day: date) -> None:
    project = active.projects["sugar"]
    training = Training(course="five safes", valid_until=day)
    members = tuple(dataclasses.replace(one, training=training) for one in project.spec.members)

    if isinstance(decide_access(access, with_members(active, project, members)), Allow):
        assert isinstance(decide_access(access, active), Allow)


def with_members(
    active: PolicySet, project: ProjectPolicy, members: tuple[Member, ...]
) -> PolicySet:
    spec = dataclasses.replace(project.spec, members=members)
    return PolicySet(
        datasets=active.datasets,
        projects={project.id: dataclasses.replace(project, spec=spec)},
    )
