"""Functions of noisy numbers: smooth ones carry the error along, steps keep it as it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, Final

from query.estimates import Uncertain
from query.functions.reals import MAX_EXPONENT
from query.functions.rounding import half_away
from query.released_values import Arguments, Evaluated, certain, plain, uncertain

__all__ = ["RELEASED_NUMBERS"]


def _smooth(
    value: Callable[[float], float], slope: Callable[[float], float], turns: Sequence[float] = ()
) -> Callable[[Arguments], Evaluated]:
    return lambda args: certain(uncertain(args[0]).through(value, slope, turns))


def _stepped(image: Callable[[Fraction], int]) -> Callable[[Arguments], Evaluated]:
    """Round to the digits of the second argument; the error stays that of the number."""

    def compute(args: Arguments) -> Evaluated:
        digits = int(plain(args[1]))
        return _counted(uncertain(args[0]), Fraction(10) ** -digits, image)

    return compute


def _counted(number: Uncertain, unit: Fraction, image: Callable[[Fraction], int]) -> Evaluated:
    def step(value: float) -> float:
        # a double such as 0.285 stands for the decimal that it is written as
        return float(image(Fraction(repr(value)) / unit) * unit)

    stepped = number.through(step, lambda _: 1.0)
    return stepped if stepped.value is None else certain(stepped)


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
    return _smooth(
        lambda x: math.pow(x, to),
        lambda x: to * math.pow(x, to - 1) if to else 0.0,
        turns=(0.0,),
    )(args)


def _root(args: Arguments) -> Evaluated:
    number = uncertain(args[0])
    return certain(number.root() if (number.value or 0.0) >= 0 else Uncertain(None))


def _sign(args: Arguments) -> Evaluated:
    value = plain(args[0])
    return None if value is None else (value > 0) - (value < 0)


def _extreme(pick: Callable[..., Any]) -> Callable[[Arguments], Evaluated]:
    def compute(args: Arguments) -> Evaluated:
        known = [arg for arg in args if plain(arg) is not None]
        noisy = [one for one in known if isinstance(one, Uncertain) and not one.is_exact]
        if len(noisy) == 1 and len(known) > 1:  # held by the others, and so is its interval
            bound = float(pick(plain(one) for one in known if one is not noisy[0]))
            return noisy[0].through(lambda value: pick(value, bound), lambda _: 1.0)
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
    "abs": _smooth(abs, lambda x: math.copysign(1.0, x), turns=(0.0,)),
    "sqrt": _root,
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
