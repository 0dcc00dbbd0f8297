"""What narrows lets no record out that stayed in, whichever layer is changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.decide import decide_measured, decide_release
from policies.decisions import Allow, Deny
from policies.diff.held import Change
from policies.diff.semantic import classify
from policies.effective import meet
from policies.gateway import (
    GatewayBudget,
    GatewayMetadata,
    GatewayPolicy,
    GatewayReleases,
    GatewaySpec,
)
from policies.model import API_VERSION, Permission
from policies.record_facts import Measured, RecordCriteria, RecordRole, ReleaseFacts
from policies.releases import Determination, KAnonymity, LDiversity, TCloseness
from tests.policies.declarations import load, make_access
from tests.policies.layered import Layers
from tests.policies.test_records import FACTS, dataset_text, project_text, without

ACCESS = make_access(day="2026-03-01")
PERMISSIONS: st.SearchStrategy[Permission] = st.sampled_from(["allowed", "allowed", "denied"])
ROWS = st.sampled_from([0, 50, 100])
K = st.sampled_from([5, 11, 20])


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Layers:
    active = load(tmp_path_factory.mktemp("policies"), dataset_text(), project_text())
    return Layers(None, active.datasets["ward"], active.projects["sugar"])


def _releases(draw: st.DrawFn, layers: Layers) -> Layers:
    strategies: dict[str, st.SearchStrategy[Any]] = {
        "allowed": PERMISSIONS,
        "max_rows": ROWS,
        "quasi_identifiers": st.sampled_from(
            [("visits.county",), ("visits.county", "visits.cost")]
        ),
        "k_anonymity": st.builds(
            KAnonymity, k=K, suppress_max=st.sampled_from([Decimal(0), Decimal("0.1")])
        ),
        "l_diversity": st.none()
        | st.builds(LDiversity, column=st.just("visits.code"), l=st.integers(2, 3)),
        "t_closeness": st.none()
        | st.builds(
            TCloseness,
            column=st.just("visits.code"),
            t=st.sampled_from([Decimal("0.2"), Decimal("0.4")]),
        ),
        "determination": st.builds(
            Determination,
            expert=st.just("Dr"),
            report=st.just("R"),
            valid_until=st.sampled_from([date(2026, 1, 1), date(2027, 1, 1)]),
        ),
        "expires_days": st.integers(1, 3),
    }
    name = draw(st.sampled_from(sorted(strategies)))
    return layers.with_releases(**{name: draw(strategies[name])})


def _gateway(draw: st.DrawFn, layers: Layers) -> Layers:
    ceilings = GatewayReleases(allowed=draw(PERMISSIONS), min_k=draw(K), max_rows=draw(ROWS))
    policy = GatewayPolicy(
        apiVersion=API_VERSION,
        kind="GatewayPolicy",
        metadata=GatewayMetadata(id="site", version=1, title="Site", owner="steward:one"),
        spec=GatewaySpec(budget=GatewayBudget(epsilon=Decimal(20)), releases=ceilings),
    )
    return replace(layers, gateway=draw(st.sampled_from([None, policy])))


def _grant(draw: st.DrawFn, layers: Layers) -> Layers:
    spec = layers.project.spec
    names = ("code", "cost", "note", "county")
    left = draw(st.sets(st.sampled_from(names), max_size=2))
    tables = {"visits": tuple(name for name in names if name not in left)}
    grant = replace(spec.datasets[0], releases=draw(PERMISSIONS), tables=tables)
    return replace(layers, project=replace(layers.project, spec=replace(spec, datasets=(grant,))))


def _column(draw: st.DrawFn, layers: Layers) -> Layers:
    spec = layers.dataset.spec
    table, name = spec.tables["visits"], draw(st.sampled_from(["code", "cost", "visit"]))
    column = replace(table.columns[name], release=draw(st.sampled_from(["none", "keep"])))
    tables = {**spec.tables, "visits": replace(table, columns={**table.columns, name: column})}
    return replace(layers, dataset=replace(layers.dataset, spec=replace(spec, tables=tables)))


_Change: TypeAlias = Callable[[st.DrawFn, Layers], Layers]
CHANGES: tuple[_Change, ...] = (_releases, _releases, _gateway, _grant, _column)


@st.composite
def pairs(draw: st.DrawFn, base: Layers) -> tuple[Layers, Layers]:
    first, second = draw(st.sampled_from(CHANGES)), draw(st.sampled_from(CHANGES))
    before = second(draw, base)
    return first(draw, before), first(draw, before)


def _facts() -> tuple[ReleaseFacts, ...]:
    criteria = [
        RecordCriteria(k=k, l=ell, t=t, suppression=Decimal(suppression))
        for k in (5, 11, 20)
        for ell, t in ((1, None), (2, Decimal("0.4")), (3, Decimal("0.2")))
        for suppression in ("0", "0.1")
    ]
    shapes = [FACTS, without("note"), without("code", "note"), without("cost"), without("visit")]
    coarser = {**FACTS.columns, "cost": RecordRole.QUASI_IDENTIFIER}
    shapes.append(replace(FACTS, columns=coarser))
    return tuple(replace(one, criteria=each) for one in shapes for each in criteria)


BATTERY = _facts()


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_what_narrows_lets_no_record_out_that_stayed_in(base: Layers, data: st.DataObject) -> None:
    before, after = (layers.active for layers in data.draw(pairs(base)))
    if classify(before, after) is Change.WIDENS:
        before, after = after, before
    if classify(before, after) is Change.WIDENS:
        return
    facts = data.draw(st.sampled_from(BATTERY))
    for rows in (1, 50, 51, 100, 101):
        measured = Measured(rows=rows, reached=facts.criteria)
        if isinstance(decide_measured(ACCESS, facts, measured, after), Allow):
            assert isinstance(decide_measured(ACCESS, facts, measured, before), Allow)
    if isinstance(decide_release(ACCESS, facts, after), Allow):
        assert isinstance(decide_release(ACCESS, facts, before), Allow)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_ceiling_lets_no_record_out_that_stayed_in(base: Layers, data: st.DataObject) -> None:
    without_gateway = replace(data.draw(pairs(base))[0], gateway=None)
    gateway = data.draw(_drawn_gateway(base)).gateway
    with_gateway = replace(without_gateway, gateway=gateway)
    facts = data.draw(st.sampled_from(BATTERY))

    if isinstance(decide_release(ACCESS, facts, with_gateway.active), Allow):
        assert isinstance(decide_release(ACCESS, facts, without_gateway.active), Allow)


@st.composite
def _drawn_gateway(draw: st.DrawFn, base: Layers) -> Layers:
    return _gateway(draw, base)


def test_drawn_changes_are_of_all_kinds_and_often_let_records_out(base: Layers) -> None:
    found: Counter[object] = Counter()

    @settings(max_examples=150, deadline=None, database=None, derandomize=True)
    @given(st.data())
    def count(data: st.DataObject) -> None:
        before, after = data.draw(pairs(base))
        found[classify(before.active, after.active)] += 1
        found[isinstance(decide_release(ACCESS, FACTS, after.active), Allow)] += 1

    count()

    assert min(found[change] for change in Change) >= 5
    assert min(found[True], found[False]) >= 20


def test_what_holds_is_the_meet_of_the_layers(base: Layers) -> None:
    ceilings = GatewayReleases(allowed="allowed", min_k=20, max_rows=50)
    gateway = GatewayPolicy(
        apiVersion=API_VERSION,
        kind="GatewayPolicy",
        metadata=GatewayMetadata(id="site", version=1, title="Site", owner="steward:one"),
        spec=GatewaySpec(budget=GatewayBudget(epsilon=Decimal(20)), releases=ceilings),
    )
    grant = base.project.spec.datasets[0]
    limits = meet(gateway, base.dataset, base.project, grant).records

    assert (limits.allowed.value, limits.k.value, limits.max_rows.value) == (True, 20, 50)


def test_text_without_declared_evidence_stays_in(base: Layers) -> None:
    active = base.with_releases(text_evidence=None).active
    denial = decide_release(ACCESS, FACTS, active)

    assert isinstance(denial, Deny)
    assert (denial.code, denial.reason) == (
        "REL-TEXT-EVIDENCE",
        "text may not leave: no text evidence is declared",
    )
