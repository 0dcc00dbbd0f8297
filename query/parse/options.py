"""``OPTIONS (epsilon = 0.2, max_groups = 3)`` before a SELECT: what a question says beside itself.

The grammar, with amounts as numbers or as texts, and names in DuckDB's two ways of writing::

    prefix  = OPTIONS ( option , … )
    option  = name (= | :) value
    value   = number | text | { option , … }

It is read by itself, since it is no part of SQL, and leaves blanks of the same shape behind, so
that places in the rest of the text stay what they are.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Final, NoReturn, TypeAlias

from policies.errors import Position, UnsupportedQueryError
from query.answers import Accuracy

__all__ = ["OPTION_NAMES", "Options", "split_options"]

OPTION_NAMES: Final = (
    *("epsilon", "rho", "accuracy", "max_groups", "max_rows_per_group"),
    *("bounding", "weights", "confidence", "confirm_price", "delta"),
)
"""Everything that may stand in the prefix."""

_PREFIX = re.compile(r"\s*OPTIONS\s*\(", re.IGNORECASE)
_TOKEN = re.compile(
    r"""\s*(?:
    (?P<name>[A-Za-z_]\w*|"(?:[^"]|"")+")
  | (?P<text>'(?:[^']|'')*')
  | (?P<number>[0-9]{1,18}(?:\.[0-9]{0,18})?(?:[eE][+-]?[0-9]{1,2})?|\.[0-9]{1,18})
  | (?P<mark>[(){},=:])
    )""",
    re.VERBOSE,
)
_NUMBER = re.compile(r"[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18}")
_MAX_COUNT: Final = 10**9

_Value: TypeAlias = "str | Decimal | Mapping[str, _Value]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What stood in the prefix; None or empty for what did not.

    Attributes:
        epsilon: Price in pure pools; above 0.
        rho: Price in zCDP pools; above 0.
        accuracy: How exact the answer shall be.
        max_groups: Bound on groups per unit; 1 or more.
        max_rows_per_group: Bound on rows per unit and group; 1 or more.
        bounding: ``exact`` or ``stored``.
        weights: From a column of the answer to how much its error matters; finite, above 0.
        confidence: Of the intervals; its range is checked where it is used.
        confirm_price: The price that was confirmed; 0 or more.
        delta: Most that a threshold of private keys may use up; above 0 and below 1.
        places: Where the name of each option stands.
    """

    epsilon: Decimal | None = None
    rho: Decimal | None = None
    accuracy: Accuracy | None = None
    max_groups: int | None = None
    max_rows_per_group: int | None = None
    bounding: str | None = None
    weights: Mapping[str, float] = field(default_factory=dict)
    confidence: float | None = None
    confirm_price: Decimal | None = None
    delta: Decimal | None = None
    places: Mapping[str, Position] = field(default_factory=dict)


def split_options(sql: str) -> tuple[Options, str]:
    """Read the prefix, and return the rest of the text with blanks in its place.

    Raises:
        UnsupportedQueryError: If the prefix is not as documented; with the place.
    """
    start = _PREFIX.match(sql)
    if start is None:
        return Options(), sql
    reader = _Reader(sql=sql, at=start.end())
    given, places = reader.options(")")
    for name in given:
        if name not in OPTION_NAMES:
            _refuse("there is no such option", f"use: {', '.join(OPTION_NAMES)}", places[name])
    blank = re.sub(r"[^\r\n]", " ", sql[: reader.at])
    return _typed(given, places), blank + sql[reader.at :]


@dataclass(slots=True, kw_only=True)
class _Reader:
    """Reads the text of the prefix from left to right."""

    sql: str
    at: int
    before: int = 0

    def options(self, end: str, depth: int = 0) -> tuple[dict[str, _Value], dict[str, Position]]:
        """Read options up to a closing mark, which is read too."""
        given: dict[str, _Value] = {}
        places: dict[str, Position] = {}
        while True:
            place = self._place(self._start())
            name = self._name(depth)
            if name in given:
                _refuse("an option is given twice", "keep one of the two", place, _TWICE)
            self._mark("=:")
            given[name], places[name] = self._value(depth), place
            if self._mark("," + end) == end:
                return given, places

    def _name(self, depth: int) -> str:
        kind, text = self._next()
        if kind == "name":
            # the names of options are ours, those of columns the researcher's
            return text[1:-1].replace('""', '"') if text[0] == '"' else _folded(text, depth)
        if kind == "text" and depth:
            return text[1:-1].replace("''", "'")
        return self._unexpected("write a name and a value, such as epsilon = 0.2")

    def _value(self, depth: int) -> _Value:
        kind, text = self._next()
        if kind == "number":
            return Decimal(text)
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if text == "{" and depth == 0:
            return self.options("}", depth + 1)[0]
        return self._unexpected("write a number, or {name: number, …}")

    def _mark(self, allowed: str) -> str:
        kind, text = self._next()
        if kind != "mark" or text not in allowed:
            self._unexpected(f"write one of: {' '.join(allowed)}")
        return text

    def _next(self) -> tuple[str, str]:
        found = _TOKEN.match(self.sql, self.at)
        self.before = self._start()
        if found is None:
            self._unexpected("write OPTIONS (name = value, …) and then the SELECT")
        self.at = found.end()
        kind = str(found.lastgroup)
        return kind, found[kind]

    def _start(self) -> int:
        """Where the next token begins."""
        blank = re.compile(r"\s*").match(self.sql, self.at)
        return self.at if blank is None else blank.end()

    def _place(self, at: int) -> Position:
        before = self.sql[:at]
        return Position(before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)

    def _unexpected(self, remedy: str) -> NoReturn:
        _refuse("this is not how options are written", remedy, self._place(self.before))


_TWICE: Final = "SQL-OPTION-TWICE"


def _folded(name: str, depth: int) -> str:
    return name if depth else name.lower()


def _typed(given: Mapping[str, _Value], places: Mapping[str, Position]) -> Options:
    counts = {
        name: _count(given[name], places[name])
        for name in ("max_groups", "max_rows_per_group")
        if name in given
    }
    amounts = {
        name: _amount(given[name], places[name])
        for name in ("epsilon", "rho", "confirm_price", "delta")
        if name in given
    }
    for name in ("epsilon", "rho"):
        if amounts.get(name) == 0:
            _refuse("a price is not above 0", "give a number above 0", places[name])
    if not 0 < amounts.get("delta", Decimal("0.5")) < 1:
        _refuse("delta is outside its range", "give a number such as 1e-8", places["delta"])
    confidence = given.get("confidence")
    return Options(
        **counts,  # type: ignore[arg-type]  # the names are those of the fields
        **amounts,  # type: ignore[arg-type]  # the same
        accuracy=_accuracy(given["accuracy"], places["accuracy"]) if "accuracy" in given else None,
        bounding=_bounding(given["bounding"], places["bounding"]) if "bounding" in given else None,
        weights=_weights(given["weights"], places["weights"]) if "weights" in given else {},
        confidence=None if confidence is None else float(_amount(confidence, places["confidence"])),
        places=MappingProxyType(dict(places)),
    )


def _amount(value: _Value, place: Position) -> Decimal:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return Decimal(value)
    if not isinstance(value, Decimal):
        _refuse("the value is not a number", "write a number, such as 0.2", place)
    return value


def _count(value: _Value, place: Position) -> int:
    number = _amount(value, place)
    if not (1 <= number <= _MAX_COUNT and number == number.to_integral_value()):
        _refuse("the value is not a whole number of 1 or more", "write one, such as 3", place)
    return int(number)


def _accuracy(value: _Value, place: Position) -> Accuracy:
    remedy = "write accuracy = {within: 25, confidence: 0.95}"
    if isinstance(value, str | Decimal) or not {"within"} <= set(value) <= {"within", "confidence"}:
        _refuse("this is not how an accuracy is written", remedy, place)
    within = _amount(value["within"], place)
    confidence = float(_amount(value.get("confidence", Decimal("0.95")), place))
    if within == 0 or not 0 < confidence < 1:
        _refuse("an accuracy is outside its range", "within is above 0, confidence below 1", place)
    return Accuracy(within=within, confidence=confidence)


def _bounding(value: _Value, place: Position) -> str:
    if value not in ("exact", "stored"):
        _refuse("there is no such bounding", "write bounding = 'stored' or 'exact'", place)
    return str(value)


def _weights(value: _Value, place: Position) -> Mapping[str, float]:
    if isinstance(value, str | Decimal):
        _refuse(
            "this is not how weights are written", "write weights = {n: 2, mean_cost: 1}", place
        )
    weights = {name: float(_amount(one, place)) for name, one in value.items()}
    if not all(math.isfinite(one) and one > 0 for one in weights.values()):
        _refuse("a weight is not above 0", "give numbers above 0", place)
    return MappingProxyType(weights)


def _refuse(message: str, remedy: str, place: Position, code: str = "SQL-OPTION") -> NoReturn:
    raise UnsupportedQueryError(message, code=code, remedy=remedy, position=place)
