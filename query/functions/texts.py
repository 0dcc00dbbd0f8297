"""Texts: categories stay categories where each has one image."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from query.domains import Kind, number
from query.expressions import Expression, Literal
from query.functions.building import Builder, as_text, call, expect, predicate, refuse

__all__ = ["TEXTS"]


def _mapped(name: str, image: Callable[[str], str]) -> Builder:
    def build(args: tuple[Expression, ...]) -> Expression:
        expect(args, Kind.TEXT, name=name)
        value = as_text(args[0])
        known = value.domain.categories
        # beyond ASCII, Python and DuckDB do not agree on every image
        same = known is not None and all(one.isascii() for one in known)
        images = tuple(dict.fromkeys(map(image, known or ()))) if same else None
        form = f"{name}({{0}})"
        return call(name.lower(), form, form, (value,), replace(value.domain, categories=images))

    return build


def length(args: tuple[Expression, ...]) -> Expression:
    """Return the number of characters."""
    expect(args, Kind.TEXT, name="LENGTH")
    form = "LENGTH({0})"
    return call("length", form, form, (as_text(args[0]),), number(Fraction(0), None))


def _like(name: str, symbol: str) -> Builder:
    def build(args: tuple[Expression, ...]) -> Expression:
        expect(args, Kind.TEXT, name=symbol)
        value, pattern = args
        if not isinstance(pattern, Literal) or not isinstance(pattern.value, str):
            raise refuse(f"the pattern of {symbol} is not a text", "write the pattern itself")
        form = f"({{0}} {symbol} {{1}})"
        return predicate(name, form, form, (as_text(value), pattern))

    return build


TEXTS: dict[str, Builder] = {
    "lower": _mapped("LOWER", str.lower),
    "upper": _mapped("UPPER", str.upper),
    "length": length,
    "like": _like("like", "LIKE"),
    "ilike": _like("ilike", "ILIKE"),
}
