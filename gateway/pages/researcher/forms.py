"""From the workbench's form to the body of a question, and the prices that its slider offers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from gateway.bodies import QuestionBody, parse_question
from policies.datasets import DatasetPolicy
from policies.privacy import Measure

__all__ = ["Prices", "prices_of", "question_body"]

_LADDER: Final = tuple(map(Decimal, ("1", "2", "5")))
_DECADES: Final = 3
_MOST_DIGITS: Final = 18
_TEXTS: Final = ("sql", "dataset", "purpose", "bounding")
_COUNTS: Final = ("max_groups", "max_rows_per_group")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What the slider between price and accuracy offers.

    Attributes:
        measure: Of the dataset's budget.
        steps: Amounts in the measure's parameter, ascending; the last is the policy's largest.
        start: Index of the policy's default.
    """

    measure: Measure
    steps: tuple[Decimal, ...]
    start: int

    def at(self, step: str) -> Decimal:
        """Return the amount of a step as a form sends it; the default for anything else."""
        place = _whole(step)
        if isinstance(place, str) or place >= len(self.steps):
            return self.steps[self.start]
        return self.steps[place]


def prices_of(dataset: DatasetPolicy) -> Prices:
    """Return round prices over three decades, up to what the policy allows for one question."""
    rules = dataset.spec.queries
    most, default = rules.max_loss_per_query, rules.default_loss
    top = most.adjusted()
    rounds = (
        one.scaleb(exponent) for exponent in range(top - _DECADES + 1, top + 1) for one in _LADDER
    )
    steps = tuple(
        sorted({*(one for one in rounds if rules.min_loss_per_query <= one < most), most})
    )
    start = min(range(len(steps)), key=lambda place: abs(steps[place] - default))
    return Prices(measure=rules.measure, steps=steps, start=start)


def question_body(form: Mapping[str, str], prices: Prices) -> QuestionBody:
    """Return the body that the interface would be sent.

    Args:
        form: Fields of the form; those that are empty count as left out.
        prices: Of the dataset that is asked.

    Raises:
        BodyError: If a field is not as it must be.
    """
    body: dict[str, object] = {name: form[name].strip() for name in _TEXTS if form.get(name)}
    for name in _COUNTS:
        if form.get(name):
            body[name] = _whole(form[name].strip())
    if form.get("pay") == "accuracy":
        body["accuracy"] = {"within": _number(form.get("within", ""))}
    else:
        amount = form.get("amount", "").strip() or f"{prices.at(form.get('step', '')):f}"
        body[prices.measure.symbol] = amount
    body["sql"] = form.get("sql", "")
    return parse_question(json.dumps(body).encode())


def _whole(text: str) -> int | str:
    """A whole number, or the text itself, which is then refused in its field's words."""
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else text


def _number(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text
