"""Texts: a function of categories has categories, so what it makes can be a group key."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import partial

from query.domains import TEXT, Kind, Scalar, number
from query.expressions import Call, Expression, Literal, walk
from query.functions.building import (
    Builder,
    as_text,
    call,
    expect,
    literal_text,
    literal_whole,
    longer,
    places,
    predicate,
    refuse,
)
from query.functions.casting import to_text
from query.functions.images import IMAGES
from query.text_lengths import copies_of

__all__ = ["MAX_CATEGORIES", "TEXTS", "check_growth", "images", "text_call"]

MAX_CATEGORIES = 10_000
"""Combinations of categories whose images are computed; beyond it, nothing is known of a result."""

MAX_REPLACEMENT_CHARS = 100
"""Longest text that replaces a shorter one, in characters."""

MAX_TEXT_CHARS = 1_000
"""Largest place in a text, and largest width of a padded one, in characters."""


def images(
    name: str, args: tuple[Expression, ...], *, ascii_only: bool, skips_nulls: bool = False
) -> tuple[Scalar, ...] | None:
    """Return all values that a text function can take, or None where they are not known.

    Args:
        name: Of the image.
        args: Texts with or without categories; written whole numbers.
        ascii_only: Whether DuckDB and Python are known to agree on ASCII texts only.
        skips_nulls: Whether the function has a value where an argument is NULL.
    """
    sets: list[tuple[Scalar, ...]] = []
    for arg in args:
        known: tuple[Scalar, ...] | None = arg.domain.categories
        if isinstance(arg, Literal):
            known = (arg.value,) if arg.value is not None or skips_nulls else None
        if known is None:
            return None
        if ascii_only and not all(one.isascii() for one in known if isinstance(one, str)):
            return None
        sets.append((*known, None) if skips_nulls and arg.domain.nullable else known)
    if math.prod(map(len, sets)) > MAX_CATEGORIES:
        return None
    return tuple(dict.fromkeys(itertools.starmap(IMAGES[name], itertools.product(*sets))))


def text_call(
    name: str,
    form: str,
    args: tuple[Expression, ...],
    *,
    ascii_only: bool = False,
    computed: bool = True,
) -> Call:
    """Make a call that gives a text; NULL where an argument is.

    Args:
        name: In the allow-list, and of its image.
        form: Of its SQL, and of its canonical text where that says the same.
        args: Texts, and written whole numbers.
        ascii_only: Whether DuckDB and Python are known to agree on ASCII texts only.
        computed: Whether to compute what categories become.
    """
    found = images(name, args, ascii_only=ascii_only) if computed else None
    domain = replace(
        TEXT,
        copies=max(arg.domain.copies for arg in args),
        nullable=any(arg.domain.nullable for arg in args),
        categories=None if found is None else tuple(str(one) for one in found),
        keeps_nulls=any(arg.domain.keeps_nulls for arg in args),
    )
    return call(name, form, form, args, domain)


def _folded(name: str, args: tuple[Expression, ...]) -> Expression:
    """LOWER and UPPER."""
    (value,) = _texts(args, name)
    return text_call(name.lower(), f"{name}({{0}})", (value,), ascii_only=True)


def length(args: tuple[Expression, ...]) -> Expression:
    """Return the number of characters."""
    return _counted("length", "LENGTH", _texts(args, "LENGTH"))


def strpos(args: tuple[Expression, ...]) -> Expression:
    """Return where the first text holds the second: 1 at its start, 0 nowhere."""
    return _counted("strpos", "STRPOS", _texts(args, "STRPOS"))


def _counted(name: str, word: str, args: tuple[Expression, ...]) -> Expression:
    found = images(name, args, ascii_only=False)
    counts = [one for one in found or () if isinstance(one, int)]
    upper = Fraction(max(counts)) if counts else None
    lower = Fraction(min(counts)) if counts else Fraction(0)
    form = f"{word}({places(args)})"
    nullable = any(arg.domain.nullable for arg in args)
    return call(name, form, form, args, number(lower, upper, nullable=nullable))


def substring(args: tuple[Expression, ...]) -> Expression:
    """Return characters from a written start, of a written number or up to the end."""
    (value,) = _texts(args[:1], "SUBSTRING")
    wholes = [literal_whole(args[1], "SUBSTRING", -MAX_TEXT_CHARS, MAX_TEXT_CHARS)]
    wholes += [literal_whole(one, "SUBSTRING", 0, MAX_TEXT_CHARS) for one in args[2:]]
    parts = (value, *wholes)
    form = f"SUBSTRING({places(parts)})"
    made = text_call("substring", form, parts)
    return _shortened(made, wholes[1]) if len(wholes) > 1 else made


def _end(name: str, args: tuple[Expression, ...]) -> Expression:
    """LEFT and RIGHT."""
    (value,) = _texts(args[:1], name)
    parts = (value, literal_whole(args[1], name, 0, MAX_TEXT_CHARS))
    return _shortened(text_call(name.lower(), f"{name}({{0}}, {{1}})", parts), parts[1])


def _shortened(made: Call, size: Literal) -> Call:
    """Return a text that is known to have so many characters at most."""
    assert isinstance(size.value, int)  # noqa: S101  it was read as a whole number
    copies = min(made.domain.copies, copies_of(size.value))
    return replace(made, domain=replace(made.domain, copies=copies))


def _trimmed(name: str, args: tuple[Expression, ...]) -> Expression:
    """TRIM, LTRIM and RTRIM, of blanks or of written characters."""
    parts = _texts(args, name)
    if len(parts) > 1 and not literal_text(parts[1], name):
        raise refuse(f"{name} has no characters to remove", "write them, or leave them out")
    form = f"{name}({places(parts)})"
    # without characters, DuckDB removes all blanks of Unicode
    return text_call(name.lower(), form, parts, ascii_only=True)


def _padded(name: str, args: tuple[Expression, ...]) -> Expression:
    """LPAD and RPAD, to a written width with a written text."""
    (value, fill) = _texts((args[0], args[2]), name)
    if not literal_text(fill, name):
        raise refuse(f"{name} has nothing to fill with", "write a text such as '0'")
    size = literal_whole(args[1], name, 0, MAX_TEXT_CHARS)
    made = text_call(name.lower(), f"{name}({{0}}, {{1}}, {{2}})", (value, size, fill))
    made = replace(made, sql=f"{name}({{0}}, CAST({{1}} AS INTEGER), {{2}})")
    assert isinstance(size.value, int)  # noqa: S101  it was read as a whole number
    widest = max(len(one.encode()) for one in literal_text(fill, name))
    return longer(made, max(value.domain.copies, copies_of(size.value * widest)))


def replaced(args: tuple[Expression, ...]) -> Expression:
    """Return the first text with the second, wherever it stands, replaced by a written third."""
    parts = _texts(args, "REPLACE")
    old = parts[1].value if isinstance(parts[1], Literal) else ""
    if len(literal_text(parts[2], "REPLACE")) > max(len(str(old)), 1):
        check_growth(parts[0], parts[2], "REPLACE")
    form = f"REPLACE({places(parts)})"
    put = literal_text(parts[2], "REPLACE").encode()
    growth = -(-len(put) // max(len(str(old).encode()), 1))
    return longer(text_call("replace", form, parts), parts[0].domain.copies * max(growth, 1))


def check_growth(value: Expression, new: Expression, name: str) -> None:
    """Check that a text grows once at most: else few calls would make texts of any length.

    Raises:
        UnsupportedQueryError: If the replacement is long, or inside of the text is another one.
    """
    if len(literal_text(new, name)) > MAX_REPLACEMENT_CHARS:
        raise refuse(f"{name} puts in a text of more than 100 characters", "give a shorter one")
    for part in walk(value):
        if isinstance(part, Call) and part.name in {"replace", "regexp_replace"}:
            old, put = part.args[1:3]
            grows = part.name != "replace" or _longest(put) > max(_longest(old), 1)
            if grows and _longest(put):
                raise refuse(
                    f"{name} makes a text longer that another {part.name.upper()} made longer",
                    "replace with texts that are no longer than what they replace",
                )


def _longest(text: Expression) -> int:
    value = text.value if isinstance(text, Literal) else None
    return len(value) if isinstance(value, str) else 0


def piped(args: tuple[Expression, ...]) -> Expression:
    """Return two texts, one after the other; NULL where either is."""
    parts = tuple(_written(arg, "||") for arg in args)
    return longer(text_call("pipe", "({0} || {1})", parts), _together(parts))


def _concatenated(name: str, args: tuple[Expression, ...]) -> Expression:
    """CONCAT and CONCAT_WS, which leave out what is NULL."""
    parts = tuple(_written(arg, name) for arg in args)
    if name == "CONCAT_WS":
        literal_text(parts[0], name)
    if len(parts) < 1 + (name == "CONCAT_WS"):
        raise refuse(f"{name} has nothing to join", "give it texts")
    found = images(name.lower(), parts, ascii_only=False, skips_nulls=True)
    categories = None if found is None else tuple(str(one) for one in found)
    form = f"{name}({places(parts)})"
    copies = _together(parts)
    if name == "CONCAT_WS":  # the separator stands between all others
        copies += parts[0].domain.copies * (len(parts) - 3)
    domain = replace(TEXT, nullable=False, categories=categories)
    return longer(call(name.lower(), form, form, parts, domain), copies)


def _together(parts: tuple[Expression, ...]) -> int:
    """Return how many texts are put together."""
    return sum(part.domain.copies for part in parts)


def split_part(args: tuple[Expression, ...]) -> Expression:
    """Return the n-th of the parts between written separators; empty where there are fewer."""
    parts = _texts(args[:2], "SPLIT_PART")
    if not literal_text(parts[1], "SPLIT_PART"):
        raise refuse("SPLIT_PART has no separator", "write one such as '.'")
    place = literal_whole(args[2], "SPLIT_PART", 1, MAX_TEXT_CHARS)
    form = "SPLIT_PART({0}, {1}, {2})"
    return text_call("split_part", form, (*parts, place))


def _holds(name: str, args: tuple[Expression, ...]) -> Expression:
    """STARTS_WITH, ENDS_WITH and CONTAINS."""
    form = f"{name}({{0}}, {{1}})"
    return predicate(name.lower(), form, form, _texts(args, name))


def _like(name: str, symbol: str, args: tuple[Expression, ...]) -> Expression:
    """LIKE and ILIKE with a written pattern, and a written escape character if there is one."""
    parts = _texts(args, symbol)
    pattern = literal_text(parts[1], symbol)
    if len(parts) == 2:  # noqa: PLR2004  no escape
        return predicate(name, f"({{0}} {symbol} {{1}})", f"({{0}} {symbol} {{1}})", parts)
    escape = literal_text(parts[2], "ESCAPE")
    if len(escape) != 1 or not escape.isascii():
        raise refuse("ESCAPE is not one character of ASCII", "write one such as '!'")
    if len(list(itertools.takewhile(escape.__eq__, reversed(pattern)))) % 2:
        raise refuse(f"a pattern of {symbol} ends with its escape character", "complete it")
    form = f"({{0}} {symbol} {{1}} ESCAPE {{2}})"
    return predicate(name, form, form, parts)


def _texts(args: tuple[Expression, ...], name: str) -> tuple[Expression, ...]:
    expect(args, Kind.TEXT, name=name)
    return tuple(as_text(arg) for arg in args)


def _written(arg: Expression, name: str) -> Expression:
    """Return a value as a text, as DuckDB writes it."""
    expect((arg,), Kind.TEXT, Kind.NUMBER, Kind.BOOLEAN, Kind.DATE, name=name)
    return as_text(arg) if arg.domain.kind in {Kind.TEXT, Kind.NULL} else to_text((arg,))


def _named(
    words: tuple[str, ...], build: Callable[..., Expression]
) -> Iterator[tuple[str, Builder]]:
    return ((word.lower(), partial(build, word)) for word in words)


TEXTS: dict[str, Builder] = {
    **dict(_named(("LOWER", "UPPER"), _folded)),
    "length": length,
    "strpos": strpos,
    "substring": substring,
    **dict(_named(("LEFT", "RIGHT"), _end)),
    **dict(_named(("TRIM", "LTRIM", "RTRIM"), _trimmed)),
    **dict(_named(("LPAD", "RPAD"), _padded)),
    "replace": replaced,
    "pipe": piped,
    **dict(_named(("CONCAT", "CONCAT_WS"), _concatenated)),
    "split_part": split_part,
    **dict(_named(("STARTS_WITH", "ENDS_WITH", "CONTAINS"), _holds)),
    "like": partial(_like, "like", "LIKE"),
    "ilike": partial(_like, "ilike", "ILIKE"),
}
