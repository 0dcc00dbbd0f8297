"""From the workbench's form to the body of a question, and the prices that its slider offers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from gateway.bodies import QuestionBody, parse_question
from gateway.errors import BodyError, FieldProblem
from policies.datasets import DatasetPolicy
from policies.privacy import Measure
from query.fields import Document

__all__ = ["Prices", "prices_of", "question_body", "told_at_form"]

_LADDER: Final = tuple(map(Decimal, ("1", "2", "5")))
_DECADES: Final = 3
_MOST_DIGITS: Final = 18
_TEXTS: Final = ("sql", "dataset", "purpose", "bounding")
_COUNTS: Final = ("max_groups", "max_rows_per_group")
_NUMBER: Final = re.compile(r"[+-]?[0-9]*\.?[0-9]*(e[+-]?[0-9]+)?", re.ASCII | re.IGNORECASE)
_THOUSANDS: Final = re.compile(r"[1-9][0-9]{0,2},[0-9]{3}", re.ASCII)
_PRICE: Final = "write a price with digits, such as 0.25; it is above 0"
_WHOLE: Final = "write a whole number, 1 or more"
_SAID: Final[Mapping[str, str]] = {
    "/epsilon": _PRICE,
    "/rho": _PRICE,
    "/accuracy/within": "write the largest error as a number above 0, such as 25",
    "/max_groups": _WHOLE,
    "/max_rows_per_group": _WHOLE,
    "/dataset": "choose one of the list",
    "/purpose": "choose one of the list",
    "/bounding": "choose one of the list",
}
_LABELS: Final[Mapping[str, str]] = {
    "/sql": "SQL",
    "/dataset": "Dataset",
    "/purpose": "Purpose",
    "/epsilon": "Exact price",
    "/rho": "Exact price",
    "/accuracy/within": "Accuracy, within ±",
    "/step": "Price or accuracy",
    "/max_groups": "Groups a patient adds to",
    "/max_rows_per_group": "Rows of a patient in a group",
    "/bounding": "Rows are chosen",
}
"""From a field of the body to how the form names it."""


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
        BodyError: If a field is not as it must be, or it is not clear which price is meant.
    """
    body: dict[str, object] = {name: form[name].strip() for name in _TEXTS if form.get(name)}
    for name in _COUNTS:
        if form.get(name):
            body[name] = _whole(form[name].strip())
    if form.get("pay") == "accuracy":
        within = _pointed(form.get("within", ""), "/accuracy/within")
        body["accuracy"] = {"within": _number(within)}
    else:
        body[prices.measure.symbol] = _price(form, prices)
    body["sql"] = form.get("sql", "")
    try:
        return parse_question(json.dumps(body).encode())
    except BodyError as error:
        told = (FieldProblem(pointer=one.pointer, detail=_said(one, form)) for one in error.fields)
        raise _unclear(*told) from None


def told_at_form(problem: Document) -> Document:
    """Return a problem of the body as it is told at the form: with its titles for the fields."""
    errors = [
        {"label": _LABELS.get(one["pointer"], ""), **one} for one in problem.get("errors", [])
    ]
    return {**problem, "title": "The form is not filled in as it must be", "errors": errors}


def _price(form: Mapping[str, str], prices: Prices) -> str:
    """Return what may be charged; refuses where the form shows another price than it would be."""
    symbol = prices.measure.symbol
    if form.get("within", "").strip():
        raise _unclear(
            FieldProblem(
                pointer="/step",
                detail="a price is chosen, and an accuracy is typed; choose the accuracy, or"
                " empty its field",
            )
        )
    if form.get("priced", "") != form.get("dataset", "") and form.get("priced"):
        raise _unclear(
            FieldProblem(
                pointer="/step",
                detail=f"the dataset was changed, and each has prices of its own; look at this"
                f" one's, in {symbol}, and ask again",
            )
        )
    return _pointed(form.get("amount", ""), f"/{symbol}") or f"{prices.at(form.get('step', '')):f}"


def _unclear(*fields: FieldProblem) -> BodyError:
    return BodyError(
        "nothing was asked", remedy="correct what is named here, and send it again", fields=fields
    )


def _said(problem: FieldProblem, form: Mapping[str, str]) -> str:
    if problem.pointer == "/sql" and not form.get("sql"):
        return "write a question"
    return _SAID.get(problem.pointer, problem.detail)


def _pointed(text: str, pointer: str) -> str:
    """Return a number with a decimal point for one with a decimal comma.

    Raises:
        BodyError: If the comma may be meant to set off thousands.
    """
    number = text.strip()
    if _THOUSANDS.fullmatch(number):
        raise _unclear(
            FieldProblem(
                pointer=pointer,
                detail="it is not clear whether the comma sets off thousands; write a point"
                " before decimals, and nothing between thousands",
            )
        )
    return number.replace(",", ".") if number.count(",") == 1 and "." not in number else number


def _whole(text: str) -> int | str:
    """A whole number, or the text itself, which is then refused in its field's words."""
    plain = text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS
    return int(text) if plain else text


def _number(text: str) -> object:
    try:
        return float(text) if _NUMBER.fullmatch(text) else text
    except ValueError:
        return text
