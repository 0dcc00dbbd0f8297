"""Functions of noisy numbers: smooth ones carry the error along, steps keep it as it is."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final

from query.estimates import Uncertain
from query.functions.reals import MAX_EXPONENT
from query.functions.rounding import half_away
from query.released_values import Arguments, Evaluated, certain, plain, uncertain

__all__ = ["RELEASED_NUMBERS"]


def _smooth(
    value: Callable[[float], float], slope: Callable[[float], float]
) -> Callable[[Arguments], Evaluated]:
    return lambda args: certain(uncertain(args[0]).through(value, slope))


def _stepped(image: Callable[[Fraction], int]) -> Callable[[Arguments], Evaluated]:
    """Round to the digits of the second argument; the error stays that of the number."""

    def compute(args: Arguments) -> Evaluated:
        digits = int(plain(args[1]))
        return _counted(uncertain(args[0]), Fraction(10) ** -digits, image)

    return compute


def _counted(number: Uncertain, unit: Fraction, image: Callable[[Fraction], int]) -> Evaluated:
    if number.value is None or not math.isfinite(number.value):
        return Uncertain(None)
    # a double such as 0.285 stands for the decimal that it is written as
    exact = Fraction(repr(number.value))
    try:
        return certain(Uncertain(float(image(exact / unit) * unit), number.parts))
    except OverflowError:  # rounded up beyond the largest double
        return Uncertain(None)


def _band(args: Arguments) -> Evaluated:
    return _counted(uncertain(args[0]), Fraction(plain(args[1])), math.floor)


def _bucket(args: Arguments) -> Evaluated:
    width = plain(args[1])
    return _counted(uncertain(args[0]) / Uncertain(float(width)), Fraction(1), math.floor)


def _divided(args: Arguments) -> Evaluated:
    return _counted(uncertain(args[0]) / uncertain(args[1]), Fraction(1), math.trunc)


def _remainder(args: Arguments) -> Evaluated:
    first, second = uncertain(args[0]), uncertain(args[1])
    whole = plain(_divided(args))
    if whole is None:
        return Uncertain(None)
    return certain(first - Uncertain(float(whole)) * second)


def _logarithm(args: Arguments) -> Evaluated:
    # the second argument is the natural logarithm already
    return certain(uncertain(args[1]) / Uncertain(math.log(plain(args[0]))))


def _power(args: Arguments) -> Evaluated:
    to = float(plain(args[1]))
    assert abs(to) <= MAX_EXPONENT  # noqa: S101  the builder refuses others
    return _smooth(lambda x: math.pow(x, to), lambda x: to * math.pow(x, to - 1) if to else 0.0)(
        args
    )


def _sign(args: Arguments) -> Evaluated:
    value = plain(args[0])
    return None if value is None else (value > 0) - (value < 0)


def _extreme(pick: Callable[..., Any]) -> Callable[[Arguments], Evaluated]:
    def compute(args: Arguments) -> Evaluated:
        known = [arg for arg in args if plain(arg) is not None]
        return pick(known, key=plain) if known else None

    return compute


def _number(value: Evaluated) -> Uncertain:
    """Return a number, or a text as the number that it says."""
    if not isinstance(value, str):
        return uncertain(value)
    try:
        found = float(value)
    except ValueError:
        return Uncertain(None)
    return Uncertain(found if math.isfinite(found) else None)


def _real(args: Arguments) -> Evaluated:
    return certain(_number(args[0]))


def _whole(args: Arguments) -> Evaluated:
    value = args[0]
    if isinstance(value, bool):
        return int(value)
    return _counted(_number(value), Fraction(1), half_away)


def _decimal(args: Arguments) -> Evaluated:
    precision, scale = int(plain(args[1])), int(plain(args[2]))
    rounded = _counted(_number(args[0]), Fraction(1, 10**scale), half_away)
    found = plain(rounded)
    fits = found is not None and abs(found) < 10 ** (precision - scale)
    return rounded if fits else Uncertain(None)


def _truth(args: Arguments) -> Evaluated:
    value = plain(args[0])
    if isinstance(value, str):
        return _WORDS.get(value.lower())
    return None if value is None else value != 0


_WORDS: Final = {
    **dict.fromkeys(("true", "t", "yes", "y", "1", "on"), True),
    **dict.fromkeys(("false", "f", "no", "n", "0", "off"), False),
}


RELEASED_NUMBERS: Final[dict[str, Callable[[Arguments], Evaluated]]] = {
    "abs": _smooth(abs, lambda x: math.copysign(1.0, x)),
    "sqrt": _smooth(math.sqrt, lambda x: 0.5 / math.sqrt(x)),
    "ln": _smooth(math.log, lambda x: 1 / x),
    "log2": _smooth(math.log2, lambda x: 1 / (x * math.log(2))),
    "log10": _smooth(math.log10, lambda x: 1 / (x * math.log(10))),
    "log": _logarithm,
    "exp": _smooth(math.exp, math.exp),
    "power": _power,
    "sign": _sign,
    "floor": _stepped(math.floor),
    "ceil": _stepped(math.ceil),
    "trunc": _stepped(math.trunc),
    "round": _stepped(half_away),
    "floor_divide": _divided,
    "modulo": _remainder,
    "age_band": _band,
    "bucket": _bucket,
    "width_bucket": lambda args: args[0],
    "greatest": _extreme(max),
    "least": _extreme(min),
    "to_whole": _whole,
    "to_real": _real,
    "to_decimal": _decimal,
    "to_boolean": _truth,
}
