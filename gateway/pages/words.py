"""Numbers, days and amounts as pages write them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from gateway.answers.explanations import number_text
from query.answers import Estimate

__all__ = ["ago_text", "amount_text", "day_text", "interval_text", "moment_text", "sentence"]


def ago_text(moment: datetime, now: datetime) -> str:
    """Return how long ago something was, in the largest unit of which there is a whole one."""
    age = now - moment
    for unit, name in (
        (timedelta(days=1), "d"),
        (timedelta(hours=1), "h"),
        (timedelta(minutes=1), "min"),
    ):
        if age >= unit:
            return f"{age // unit} {name} ago"
    return "less than a minute ago"


def amount_text(amount: Decimal) -> str:
    """Return an amount of a budget without needless zeros."""
    return f"{amount.normalize():f}"


def day_text(moment: date | datetime) -> str:
    """Return a day, such as 3 May 2026."""
    return f"{moment.day} {moment:%B %Y}"


def moment_text(moment: datetime) -> str:
    """Return a time to the minute, in UTC."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def interval_text(estimate: Estimate) -> str:
    """Return the interval of an estimate; empty where there is none."""
    if estimate.lower is None or estimate.upper is None:
        return ""
    return f"{number_text(estimate.lower)} to {number_text(estimate.upper)}"


def sentence(text: str) -> str:
    """Return a message with a capital at its start; what begins with a name of code stays."""
    return text[:1].upper() + text[1:] if text[:1].isalpha() else text
