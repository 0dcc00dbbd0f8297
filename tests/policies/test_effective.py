from __future__ import annotations

from collections import Counter
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.active import PolicySet
from policies.allowances import allowances
from policies.decide import decide_use
from policies.decisions import Access, Allow, Deny, QueryFacts
from policies.effective import Effective, meet
from policies.lattice import Cap, Choice, Floor
from policies.load import load_policies
from policies.privacy import Measure
from tests.policies.battery import BATTERY, requests
from tests.policies.declarations import (
    DATASET,
    changed,
    load,
    make_access,
    make_facts,
    write_policies,
)
from tests.policies.layered import Layers, changes, gateways, open_layers

GATEWAY = """\
apiVersion: gateway.policy/v1
kind: GatewayPolicy
metadata: {id: site, version: 1, title: Site, owner: steward:one}
spec:
  budget: {epsilon: "5", per_project: "3"}
  queries:
    max_epsilon_per_query: "0.2"
    max_cells: 50
    forbid_purposes: [marketing]
    forbid_aggregates: [sum]
"""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Layers:
    return open_layers(load(tmp_path_factory.mktemp("policies")))


def effective_of(access: Access, active: PolicySet) -> Effective | None:
    """Return what holds for a request's member, or None where a layer is missing."""
    project = active.projects.get(access.project)
    member = None if project is None else project.member(access.principal)
    grant = None if project is None else project.grant(access.dataset)
    dataset = active.datasets.get(access.dataset)
    if project is None or member is None or grant is None or dataset is None:
        return None
    return meet(active.gateway, dataset, project, grant, member)


def admits(effective: Effective, access: Access, facts: QueryFacts) -> bool:
    """Say whether the meet admits a request, without looking at any rule."""
    today, loss = access.time.date(), facts.loss
    most = effective.largest_price
    return (
        effective.first_day.value <= today <= effective.last_day.value
        and access.purpose in effective.purposes.value
        and all(effective.table(name) is not None for name in facts.tables)
        and all(use.way in effective.ways(use.table, use.column) for use in facts.uses)
        and {one.value for one in facts.aggregates} <= set(effective.aggregates.value)
        and facts.group_columns <= effective.max_group_columns.value
        and facts.cells <= effective.max_cells.value
        and (effective.private_keys.value or not facts.private_keys)
        and loss.measure is effective.measure
        and 0 < loss.amount <= most.amount
        and loss.delta <= most.delta
    )


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_the_rules_decide_what_the_meet_says(base: Layers, data: st.DataObject) -> None:
    active = data.draw(changes(base)).active
    for access, facts in (*BATTERY, data.draw(requests())):
        effective = effective_of(access, active)
        expected = effective is not None and admits(effective, access, facts)

        assert isinstance(decide_use(access, facts, active), Allow) == expected, facts


def test_drawn_requests_are_often_allowed_and_denied_for_many_reasons(base: Layers) -> None:
    told: Counter[str] = Counter()

    @settings(max_examples=20, deadline=None, database=None, derandomize=True)
    @given(st.data())
    def count(data: st.DataObject) -> None:
        active = data.draw(changes(base)).active
        for access, facts in (*BATTERY, data.draw(requests())):
            decision = decide_use(access, facts, active)
            told[decision.code if isinstance(decision, Deny) else "allowed"] += 1

    count()

    assert told["allowed"] >= 100
    assert len(told) >= 15
    assert isinstance(decide_use(*BATTERY[0], base.active), Allow)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_adding_ceilings_only_narrows(base: Layers, data: st.DataObject) -> None:
    layers = replace(data.draw(changes(base)), gateway=None)
    without, capped = layers.active, replace(layers, gateway=data.draw(gateways())).active
    for access, facts in (*BATTERY, data.draw(requests())):
        if isinstance(allowed := decide_use(access, facts, capped), Allow):
            before = decide_use(access, facts, without)
            assert isinstance(before, Allow)
            assert withheld(before) <= withheld(allowed)
    limits = [one.epsilon.value for one in allowances(capped)]
    assert all(
        new <= old.epsilon.value for new, old in zip(limits, allowances(without), strict=True)
    )


def withheld(decision: Allow) -> int:
    return max((duty.units for duty in decision.obligations), default=0)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_another_dataset_or_project_changes_no_decision(base: Layers, data: st.DataObject) -> None:
    active = data.draw(changes(base)).active
    (dataset,), (project,) = active.datasets.values(), active.projects.values()
    more = replace(
        active,
        datasets={
            "later": replace(dataset, metadata=replace(dataset.metadata, id="later")),
            **active.datasets,
        },
        projects={
            "late": replace(project, metadata=replace(project.metadata, id="late")),
            **active.projects,
        },
    )
    for access, facts in (*BATTERY, data.draw(requests())):
        assert decide_use(access, facts, more) == decide_use(access, facts, active)
    before = {(one.pool, one.project, one.researcher): one for one in allowances(active)}
    after = {(one.pool, one.project, one.researcher): one for one in allowances(more)}
    assert all(after[key].epsilon.value <= one.epsilon.value for key, one in before.items())


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_what_binds_is_a_word_and_another_word_only_narrows(
    base: Layers, data: st.DataObject
) -> None:
    active = data.draw(changes(base)).active
    effective = effective_of(make_access(), active)
    if effective is None:
        return
    for name in (field.name for field in fields(effective)):
        held = getattr(effective, name)
        if isinstance(held, Cap):
            assert held.binding in held.words
            assert all(held.value <= word.value for word in held.words)
            assert Cap(held.words[:1]).value >= held.value
        if isinstance(held, Floor):
            assert held.binding in held.words
            assert all(held.value >= word.value for word in held.words)
        if isinstance(held, Choice):
            assert all(set(held.value) <= set(word.value) for word in held.words)


def with_gateway(root: Path, gateway: str = GATEWAY) -> PolicySet:
    write_policies(root)
    (root / "gateway.yaml").write_text(gateway, encoding="utf-8")
    return load_policies(root)


@pytest.mark.parametrize(
    ("facts", "purpose", "code", "place"),
    [
        (make_facts(shape=(1, 51)), "epidemiology", "POL-CELLS", "gateway.yaml:8:5"),
        (
            make_facts(loss=replace(make_facts().loss, amount=200_001)),
            "epidemiology",
            "BUD-QUERY-CAP",
            "gateway.yaml:7:5",
        ),
        (
            make_facts(("visits", "cost", "sum"), tables=("visits",)),
            "epidemiology",
            "POL-AGGREGATE",
            "gateway.yaml:10:5",
        ),
        (make_facts(), "marketing", "POL-PURPOSE", "gateway.yaml:9:5"),
        (make_facts(), "planning", "POL-PURPOSE", "projects/sugar.yaml:14:3"),
        (make_facts(shape=(3, 1)), "epidemiology", "POL-GROUP-WIDTH", "datasets/ward.yaml:52:5"),
    ],
)
def test_a_denial_names_the_file_and_the_line_of_the_layer_that_decided(
    tmp_path: Path, facts: QueryFacts, purpose: str, code: str, place: str
) -> None:
    denial = decide_use(make_access(purpose=purpose), facts, with_gateway(tmp_path))

    assert isinstance(denial, Deny)
    assert (denial.code, denial.place) == (code, place)
    assert denial.remedy


def test_ceilings_lower_what_the_ledger_and_the_planner_read(tmp_path: Path) -> None:
    active = with_gateway(tmp_path)
    queries, budget = active.datasets["ward"].spec.queries, active.datasets["ward"].spec.budget

    assert (str(queries.max_loss_per_query), queries.max_cells) == ("0.2", 50)
    assert (str(budget.epsilon), str(budget.per_project)) == ("5", "3")
    assert [str(one.epsilon.value) for one in allowances(active)] == ["5", "2", "1", "1"]
    assert active.gateway is not None
    assert active.digest != load(tmp_path / "other").digest


def test_every_layer_shares_out_the_pool(tmp_path: Path) -> None:
    gateway = GATEWAY.replace('per_project: "3"', 'per_project: "3", per_researcher: "0.7"')
    dataset = changed(DATASET, 'per_project: "4"', 'per_project: "1.5", per_researcher: "0.8"')
    write_policies(tmp_path, dataset)
    (tmp_path / "gateway.yaml").write_text(gateway, encoding="utf-8")
    active = load_policies(tmp_path)

    shares = list(allowances(active))

    assert [str(one.epsilon.value) for one in shares] == ["5", "1.5", "0.7", "0.7"]
    assert [one.epsilon.binding.source.layer.value for one in shares] == [
        *("gateway", "dataset", "gateway", "gateway"),
    ]


def test_what_may_be_done_with_a_column_is_what_all_layers_leave(base: Layers) -> None:
    effective = effective_of(make_access(), base.active)

    assert effective is not None
    assert effective.ways("patients", "ssn") == effective.ways("none", "x") == frozenset()
    assert effective.ways("patients", "id") == {"join", "count", "count_distinct"}
    assert effective.ways("patients", "sex") == {"filter", "join", "group", "private_key", "count"}


def test_the_rules_decide_the_battery_as_the_meet_does(base: Layers) -> None:
    active = base.active

    for access, facts in BATTERY:
        effective = effective_of(access, active)
        expected = effective is not None and admits(effective, access, facts)
        assert isinstance(decide_use(access, facts, active), Allow) == expected, facts


def test_a_gateway_that_says_little_holds_everybody_to_the_strict_values(tmp_path: Path) -> None:
    little = GATEWAY[: GATEWAY.index("  queries:")]
    gateway = with_gateway(tmp_path, little).gateway

    assert gateway is not None
    queries, releases = gateway.spec.queries, gateway.spec.releases
    assert (queries.max_group_columns, queries.max_cells) == (3, 10_000)
    assert queries.max_loss(Measure.ZCDP) == ("max_rho_per_query", queries.max_rho_per_query)
    assert queries.private_keys == releases.allowed == "denied"
    assert [one.value for one in gateway.spec.signatures] == ["key"]
