"""Regular expressions over texts: the pattern is written out and was read before any row is."""

from __future__ import annotations

from dataclasses import replace

from query.domains import Kind
from query.expressions import Call, Expression
from query.functions.building import (
    Builder,
    as_text,
    expect,
    literal_text,
    literal_whole,
    longer,
    places,
    predicate,
)
from query.functions.regex import Regex, check_replacement, parse_options, parse_regex
from query.functions.texts import check_growth, text_call

__all__ = ["PATTERNS"]

MAX_ATTEMPTS = 1_000_000
"""Steps of matching that images of categories may cost; beyond it they are not computed."""


def matches(args: tuple[Expression, ...]) -> Expression:
    """Return whether a pattern is found anywhere in a text; options i and s may follow it."""
    parts, _ = _read(args, "REGEXP_MATCHES")
    if len(parts) == 3:  # noqa: PLR2004  options are given
        parse_options(literal_text(parts[2], "REGEXP_MATCHES"), "is")
    form = f"REGEXP_MATCHES({places(parts)})"
    return predicate("regexp_matches", form, form, parts)


def matches_whole(args: tuple[Expression, ...]) -> Expression:
    """Return whether a whole text is what a pattern says; so does SIMILAR TO in DuckDB."""
    parts, _ = _read(args, "REGEXP_FULL_MATCH")
    form = "REGEXP_FULL_MATCH({0}, {1})"
    return predicate("regexp_full_match", form, form, parts)


def extracted(args: tuple[Expression, ...]) -> Expression:
    """Return what a pattern, or a written group of it, finds first; empty where nothing is."""
    name = "REGEXP_EXTRACT"
    parts, regex = _read((*args[:2], *args[3:]), name)
    group = literal_whole(args[2], name, 0, regex.groups)
    if len(parts) == 3:  # noqa: PLR2004  options are given
        parse_options(literal_text(parts[2], name), "is")
    made = _mapped("regexp_extract", (*parts[:2], group, *parts[2:]), regex)
    return replace(made, sql=made.sql.replace("{2}", "CAST({2} AS INTEGER)"))


def replaced(args: tuple[Expression, ...]) -> Expression:
    """Return a text with the first match of a pattern replaced; with the option g, every one."""
    name = "REGEXP_REPLACE"
    parts, regex = _read(args, name)
    check_replacement(literal_text(parts[2], name), regex.groups)
    if literal_text(parts[2], name):
        check_growth(parts[0], parts[2], name)
    if len(parts) == 4:  # noqa: PLR2004  options are given
        parse_options(literal_text(parts[3], name), "gis")
    growth = 1 + len(literal_text(parts[2], name).encode())  # nothing may be found at every place
    return longer(_mapped("regexp_replace", parts, regex), parts[0].domain.copies * growth)


def _read(args: tuple[Expression, ...], name: str) -> tuple[tuple[Expression, ...], Regex]:
    expect(args, Kind.TEXT, name=name)
    return tuple(as_text(arg) for arg in args), parse_regex(literal_text(args[1], name))


def _mapped(name: str, parts: tuple[Expression, ...], regex: Regex) -> Call:
    """Make a call whose images are computed where a matcher that backtracks is quick."""
    known = parts[0].domain.categories or ()
    longest = max((len(one) for one in known), default=0) + 1
    attempts = len(known) * longest ** (regex.choices + 1)
    quick = not regex.repeats_group and attempts <= MAX_ATTEMPTS
    form = f"{name.upper()}({places(parts)})"
    return text_call(name, form, parts, ascii_only=True, computed=quick)


PATTERNS: dict[str, Builder] = {
    "regexp_matches": matches,
    "regexp_full_match": matches_whole,
    "regexp_extract": extracted,
    "regexp_replace": replaced,
}
