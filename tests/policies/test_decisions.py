from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.decisions import Allow, Decision, Deny, SuppressBelow, combine, require
from policies.errors import PolicyDeniedError, Position
from policies.lattice import Layer, Source

DENIAL = Deny(
    rule="cells",
    code="POL-CELLS",
    reason="why",
    remedy="do",
    source=Source(Layer.DATASET, "ward", ("spec",)),
    file="datasets/ward.yaml",
    position=Position(9, 3),
)
DECISIONS = st.one_of(
    st.builds(Allow, st.lists(st.builds(SuppressBelow, st.integers(1, 9))).map(tuple)),
    st.builds(Deny, rule=st.text(), code=st.text(), reason=st.text()),
)


def test_denies_where_no_rule_was_asked() -> None:
    assert isinstance(combine([]), Deny)


@given(st.lists(DECISIONS, min_size=1))
def test_the_first_denial_wins_and_duties_add_up(decisions: list[Decision]) -> None:
    denials = [decision for decision in decisions if isinstance(decision, Deny)]
    duties = [
        duty
        for decision in decisions
        if isinstance(decision, Allow)
        for duty in decision.obligations
    ]

    assert combine(decisions) == (denials[0] if denials else Allow(tuple(duties)))


def test_an_allowance_gives_its_duties() -> None:
    assert require(Allow((SuppressBelow(5),))) == (SuppressBelow(5),)


def test_a_denial_is_raised_with_all_that_it_names() -> None:
    with pytest.raises(PolicyDeniedError) as caught:
        require(DENIAL)

    error = caught.value
    assert (error.rule, error.code, error.message) == ("cells", "POL-CELLS", "why")
    assert (error.remedy, error.at, error.policy) == ("do", "/spec", "ward")
