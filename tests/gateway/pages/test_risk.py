from __future__ import annotations

from typing import cast

from anonymizers.tables.report import Attacker, Bin, Document, State
from gateway.pages.steward.risk import (
    RiskFigure,
    risk_chart,
    risk_figures,
    size_bins,
    together_words,
)

SIZES = ("1", "2", "3-4", "5-10", "11-19", "1000+")


def state(k: int, rows: int, *, left_out: int = 0, l: int | None = 2) -> State:  # noqa: E741  its name in the literature
    bins = [Bin(sizes=name, rows=0, share=0.0) for name in SIZES]
    place = 0 if k == 1 else 3
    bins[place] = Bin(sizes=SIZES[place], rows=rows, share=1.0 if rows else 0.0)
    attacker = Attacker(attacker="prosecutor", highest=1 / max(k, 1), average=0.25, at_risk=0.5)
    marketer = Attacker(attacker="marketer", highest=None, average=0.25, at_risk=None)
    return State(
        rows=rows,
        rows_left_out=left_out,
        classes=3,
        k=k,
        mean_class_rows=4.0,
        unique_rows=rows if k == 1 else 0,
        unique_share=1.0 if k == 1 else 0.0,
        l=l,
        entropy_l=None if l is None else 1.5,
        t=None if l is None else 0.4,
        discernibility=9,
        attackers=[attacker, marketer],
        class_sizes=bins,
    )


def report(after: State, before: State | None = None, **more: object) -> Document:
    said = {
        "criteria": {"k": 5, "l": 2, "t": 0.3, "suppression": 0.1, "threshold": 0.09},
        "before": before or state(1, 2000),
        "after": after,
        "sensitive": "dx",
    }
    return cast("Document", said | more)


def named(figures: tuple[RiskFigure, ...]) -> dict[str, RiskFigure]:
    return {one.name: one for one in figures}


def test_each_figure_stands_before_and_after_with_what_was_asked_for() -> None:
    found = named(risk_figures(report(state(5, 1900, left_out=100))))

    assert found["Rows"] == RiskFigure(name="Rows", before="2,000", after="1,900")
    k = found["Smallest class, in units (k)"]
    assert (k.before, k.after, k.asked, k.is_met) == ("1", "5", "5 or more", True)
    unique = found["Rows alone in their class (sample uniques)"]
    assert (unique.before, unique.after) == ("2,000 (100.0 %)", "0 (0.0 %)")
    left = found["Rows left out (suppressed)"]
    assert (left.after, left.asked, left.is_met) == ("100 (5.0 %)", "at most 10.0 %", True)
    assert found["Prosecutor: highest risk"].after == "20.0 %"
    assert found["Prosecutor: rows above 9.0 %"].before == "50.0 %"
    assert "Marketer: highest risk" not in found
    assert found["Marketer: mean risk"].after == "25.0 %"


def test_what_is_not_met_is_said() -> None:
    found = named(risk_figures(report(state(4, 1000, left_out=1000, l=1))))
    failed = {name for name, one in found.items() if one.is_met is False}

    assert failed == {
        "Smallest class, in units (k)",
        "Rows left out (suppressed)",
        "Of so many units in a class, at most one has the same dx (l)",
        "Largest distance to the whole table (t)",
    }


def test_without_a_sensitive_column_there_is_no_l_and_no_t() -> None:
    unsaid = state(5, 1900, l=None)
    found = named(risk_figures(report(unsaid, sensitive=None)))
    nobody = named(risk_figures(report(state(0, 0), before=state(0, 0))))

    assert not [name for name in found if "(l)" in name or "(t)" in name]
    assert nobody["Smallest class, in units (k)"].is_met
    assert nobody["Rows left out (suppressed)"].after == "0 (0.0 %)"


def test_classes_below_k_are_told_in_words() -> None:
    bins = size_bins(report(state(5, 1900)))

    assert [(one.sizes, one.is_below) for one in bins] == [
        ("1", True),
        ("2", True),
        ("3 to 4", True),
        ("5 to 10", False),
        ("11 to 19", False),
        ("1000 and more", False),
    ]
    assert [one.first for one in risk_chart(bins).rows] == [100, 0, 0, 0, 0, 0]
    assert [one.second for one in risk_chart(bins).rows] == [0, 0, 0, 100, 0, 0]


def test_what_releases_tell_together_promises_no_more_than_it_holds() -> None:
    one, two = together_words(1, "0.223333333"), together_words(2, "0.2")

    assert "one in 1" not in one
    assert one.startswith("In some class more than half of the units may have the same")
    assert "by 0.23 at most" in one  # never less than what was counted
    assert "At most one in 2 units" in two
    assert "by 0.20 at most" in two
