"""Functions of numbers by their names, over plain Python values; slow and obvious."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from query.domains import Kind
from query.expressions import Call

__all__ = ["NUMBERS"]

Values = Sequence[Any]
BIGGEST = 2**63
WIDE = 2**127


def _away(value: Fraction) -> int:
    return math.trunc(value + (Fraction(1, 2) if value >= 0 else Fraction(-1, 2)))


def _half_away(value: float) -> int:
    return int(math.copysign(math.floor(abs(value) + 0.5), value))


_EXACT: dict[str, Callable[[Fraction], int]] = {
    "floor": math.floor, "ceil": math.ceil, "trunc": math.trunc, "round": _away,
}  # fmt: skip
_REAL: dict[str, Callable[[float], int]] = {
    "floor": math.floor, "ceil": math.ceil, "trunc": math.trunc, "round": _half_away,
}  # fmt: skip


def _whole(name: str, value: Any, unit: Fraction) -> Fraction | None:  # noqa: ANN401
    if not isinstance(value, float):
        return _EXACT[name](Fraction(value) / unit) * unit
    scaled = value * float(unit.denominator) / float(unit.numerator)
    if not math.isfinite(scaled):
        return None
    count = _REAL[name](scaled)
    return count * unit if -BIGGEST <= count < BIGGEST else None


def _digits(call: Call, args: Values) -> Fraction | None:
    return _whole(call.name, args[0], Fraction(10) ** -int(args[1]))


def _band(call: Call, args: Values) -> Fraction | None:
    del call
    return _whole("floor", args[0], Fraction(args[1]))


def _bucket(call: Call, args: Values) -> Fraction | None:
    del call
    found = _whole("floor", args[0], Fraction(args[1]))
    return None if found is None else found / Fraction(args[1])


def _width_bucket(call: Call, args: Values) -> Fraction:
    del call
    value, low, high, count = args[1:]
    edges = [low + (high - low) * place / count for place in range(int(count) + 1)]
    return Fraction(sum(value >= edge for edge in edges))


def _quotient(call: Call, args: Values) -> Fraction | None:
    del call
    if args[1] == 0:
        return None
    return Fraction(math.trunc(Fraction(args[0]) / Fraction(args[1])))


def _remainder(call: Call, args: Values) -> Fraction | float | None:
    if isinstance(args[0], float):
        finite = math.isfinite(args[0]) and math.isfinite(args[1]) and args[1] != 0
        return math.fmod(args[0], args[1]) if finite else None
    whole = _quotient(call, args)
    return None if whole is None else args[0] - args[1] * whole


def _inside(low: float, high: float, image: Callable[[float], float]) -> Callable[..., Any]:
    def compute(call: Call, args: Values) -> float | None:
        del call
        return image(args[0]) if low <= args[0] <= high else None

    return compute


def _power(call: Call, args: Values) -> float | None:
    del call
    base, to = args[0], float(args[1])
    reach = 10.0 ** (300 / max(abs(to), 1.0))
    if not abs(base) <= reach or (to < 0 and abs(base) < 1 / reach):
        return None
    if base < 0 and not to.is_integer():
        return None
    return float(base**to)


def _logarithm(call: Call, args: Values) -> float:
    del call
    return float(args[1] / math.log(args[0]))


def _sign(call: Call, args: Values) -> Fraction:
    del call
    return Fraction((args[0] > 0) - (args[0] < 0))


def _to_whole(call: Call, args: Values) -> Fraction | None:
    bits = {"TINYINT": 7, "SMALLINT": 15, "INTEGER": 31, "BIGINT": 63}
    limit = 2 ** next(size for name, size in bits.items() if f" {name})" in call.text)
    match args[0]:
        case str() as text:
            if re.fullmatch(r" *[+-]?\d+(\.\d+)? *", text) is None:
                return None
            found = _away(Fraction(text.strip()))
        case float() as real:
            if not math.isfinite(real):
                return None
            found = round(real)
        case value:
            found = _away(Fraction(value))
    return Fraction(found) if -limit <= found < limit else None


def _to_real(call: Call, args: Values) -> float | None:
    del call
    try:
        found = float(args[0])
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _to_decimal(call: Call, args: Values) -> Fraction | None:
    del call
    value, precision, scale = args
    unit = Fraction(1, 10 ** int(scale))
    if isinstance(value, str):
        if re.fullmatch(r" *[+-]?\d+(\.\d+)? *", value) is None:
            return None
        value = Fraction(value.strip())
    found = _whole("round", value, unit)
    return found if found is not None and abs(found) / unit < 10 ** int(precision) else None


def _to_boolean(call: Call, args: Values) -> bool | None:
    if call.args[0].domain.kind is Kind.TEXT:
        words = {
            **dict.fromkeys(("true", "t", "yes", "y", "1", "on"), True),
            **dict.fromkeys(("false", "f", "no", "n", "0", "off"), False),
        }
        return words.get(args[0].lower())
    return bool(args[0] != 0)


NUMBERS: dict[str, Callable[[Call, Values], Any]] = {
    "floor": _digits, "ceil": _digits, "trunc": _digits, "round": _digits,
    "age_band": _band, "bucket": _bucket,
    "floor_divide": _quotient, "modulo": _remainder,
    "sqrt": _inside(0.0, 1.7e308, math.sqrt),
    "ln": _inside(5e-324, 1.7e308, math.log),
    "log2": _inside(5e-324, 1.7e308, math.log2),
    "log10": _inside(5e-324, 1.7e308, math.log10),
    "exp": lambda _, args: 0.0 if args[0] < -700 else math.exp(args[0]) if args[0] <= 700 else None,
    "power": _power, "log": _logarithm, "sign": _sign,
    "to_whole": _to_whole, "to_real": _to_real, "to_decimal": _to_decimal,
    "to_boolean": _to_boolean, "width_bucket": _width_bucket,
}  # fmt: skip
