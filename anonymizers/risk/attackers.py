"""What three kinds of attackers can expect: prosecutor, journalist, marketer.

Source: El Emam, Guide to the De-Identification of Personal Health Information (2013), chapter 16.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from anonymizers.risk.counting import ClassSize

__all__ = ["AttackerRisk", "attackers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttackerRisk:
    """How well one kind of attacker does; every figure is from 0 to 1.

    Attributes:
        attacker: The prosecutor looks for one person who is known to be in the table; the
            journalist for anybody, in a population of which the table is a part; the marketer for
            as many as possible.
        highest: Chance to be right about a row of the worst class; None for the marketer, whom
            single rows do not matter to.
        average: Mean chance over the rows; of the marketer, the share that is expected to be right.
        at_risk: Share of the rows whose chance is above the threshold; None for the marketer.
    """

    attacker: Literal["prosecutor", "journalist", "marketer"]
    highest: Fraction | None
    average: Fraction
    at_risk: Fraction | None


def attackers(sizes: Sequence[ClassSize], threshold: float) -> tuple[AttackerRisk, ...]:
    """Return the risks of all rows in classes of these sizes.

    Without a register of the population, every class of the population is taken to be as large as
    the table's own, so that journalist and prosecutor do equally well: the worst case.

    Args:
        sizes: Classes by size; empty where nothing is released, and then nothing is at risk.
        threshold: Chance above which a row is at risk.
    """
    prosecutor = [(Fraction(1, one.size), one.rows) for one in sizes]
    journalist = [(Fraction(1, one.population), one.rows) for one in sizes]
    classes = sum(one.classes for one in sizes)
    people = sum(one.population * one.classes for one in sizes)
    floor = Fraction(classes, people) if people else Fraction(0)
    average = _mean(journalist)
    return (
        AttackerRisk(
            attacker="prosecutor",
            highest=_highest(prosecutor),
            average=_mean(prosecutor),
            at_risk=_above(prosecutor, threshold),
        ),
        AttackerRisk(
            attacker="journalist",
            highest=_highest(journalist),
            average=max(average, floor),
            at_risk=_above(journalist, threshold),
        ),
        AttackerRisk(attacker="marketer", highest=None, average=average, at_risk=None),
    )


def _highest(chances: Sequence[tuple[Fraction, int]]) -> Fraction:
    return max((chance for chance, _ in chances), default=Fraction(0))


def _mean(chances: Sequence[tuple[Fraction, int]]) -> Fraction:
    rows = sum(many for _, many in chances)
    return (
        sum((chance * many for chance, many in chances), Fraction(0)) / rows
        if rows
        else Fraction(0)
    )


def _above(chances: Sequence[tuple[Fraction, int]], threshold: float) -> Fraction:
    rows = sum(many for _, many in chances)
    above = sum(many for chance, many in chances if chance > Fraction(threshold))
    return Fraction(above, rows) if rows else Fraction(0)
