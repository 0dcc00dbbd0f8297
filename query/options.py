"""A request with its options in one place: those of the prefix join those of the fields."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from policies.errors import UnsupportedQueryError
from policies.privacy import Measure
from query.answers import Request
from query.parse.options import Options, split_options

__all__ = ["BEFORE_FILTER", "DEFAULT_CONFIDENCE", "check_measure", "confidence_of", "with_options"]

DEFAULT_CONFIDENCE = 0.95
BEFORE_FILTER = {"stored": True, "exact": False}
"""Whether rows may be chosen before the filters, by the word of the option."""
MAX_CONFIDENCE = 0.999999
"""Beyond it, the ends of intervals would lose their digits."""


def with_options(request: Request) -> Request:
    """Return the request with the options of its prefix as fields, and the prefix blanked.

    Raises:
        UnsupportedQueryError: If the prefix is not as documented, says again what a field says,
            or makes the request name two prices.
    """
    options, sql = split_options(request.sql)
    _check_once(request, options)
    price, measure = _price(options)
    merged = replace(
        request,
        sql=sql,
        loss=request.loss if price is None else price,
        measure=request.measure if measure is None else measure,
        accuracy=options.accuracy or request.accuracy,
        max_groups=options.max_groups or request.max_groups,
        max_rows_per_group=options.max_rows_per_group or request.max_rows_per_group,
        bounding=options.bounding or request.bounding,
        weights=options.weights or request.weights,
        confidence=request.confidence if options.confidence is None else options.confidence,
        confirm_price=request.confirm_price
        if options.confirm_price is None
        else options.confirm_price,
        delta=request.delta if options.delta is None else options.delta,
    )
    prices = (options.epsilon, options.rho, request.loss, merged.accuracy)
    if sum(one is not None for one in prices) > 1:
        raise UnsupportedQueryError(
            "the request names more than one of epsilon, rho and accuracy",
            code="SQL-TWO-PRICES",
            remedy="keep one of them",
        )
    return merged


def check_measure(request: Request, measure: Measure) -> None:
    """Check that a price was named in the pool's measure.

    Raises:
        UnsupportedQueryError: If it was named in the other.
    """
    if request.measure not in {None, measure}:
        raise UnsupportedQueryError(
            f"this dataset's budget counts in {measure.symbol}",
            code="SQL-MEASURE",
            remedy=f"give {measure.symbol}, or an accuracy",
        )


def confidence_of(request: Request) -> float:
    """Return the confidence of the intervals.

    Raises:
        UnsupportedQueryError: If it is outside its range.
    """
    wanted = DEFAULT_CONFIDENCE if request.confidence is None else request.confidence
    if not 0 < wanted <= MAX_CONFIDENCE:
        raise UnsupportedQueryError(
            f"the confidence is not above 0 and at most {MAX_CONFIDENCE}",
            code="SQL-CONFIDENCE",
            remedy="give 0.95",
        )
    return wanted


def _check_once(request: Request, options: Options) -> None:
    """Check that nothing is said both beside the SQL and in it, even if the two are equal."""
    symbol = None if request.measure is None else request.measure.symbol
    beside = {
        symbol or "epsilon": request.loss,
        "accuracy": request.accuracy,
        "max_groups": request.max_groups,
        "max_rows_per_group": request.max_rows_per_group,
        "bounding": request.bounding,
        "weights": request.weights or None,
        "confidence": request.confidence,
        "confirm_price": request.confirm_price,
        "delta": request.delta,
    }
    for name, place in options.places.items():
        if beside.get(name) is not None:
            raise UnsupportedQueryError(
                f"{name} is given both in OPTIONS and beside the SQL",
                code="SQL-OPTION-TWICE",
                remedy="keep one of the two",
                position=place,
            )


def _price(options: Options) -> tuple[Decimal | None, Measure | None]:
    if options.epsilon is not None:
        return options.epsilon, Measure.PURE
    return options.rho, None if options.rho is None else Measure.ZCDP
