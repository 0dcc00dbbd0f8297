"""Python's text functions, from which domains are computed, are DuckDB's on any text."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from policies.errors import UnsupportedQueryError
from query.functions.images import IMAGES
from query.functions.regex import parse_regex, translated

ANY = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
ASCII = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12)
SHORT = st.text("ab-.%_!é😀", max_size=5)
PLACES = st.integers(-8, 8)
UNITS = st.integers(0, 9)
quick = partial(settings, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        yield connection


@pytest.mark.parametrize(
    ("name", "sql", "arguments"),
    [
        ("lower", "lower(?)", [ASCII]),
        ("upper", "upper(?)", [ASCII]),
        ("length", "length(?)", [ANY]),
        ("substring", "substring(?, ?)", [ANY, PLACES]),
        ("substring", "substring(?, ?, ?)", [ANY, PLACES, UNITS]),
        ("left", "left(?, ?)", [ANY, UNITS]),
        ("right", "right(?, ?)", [ANY, UNITS]),
        ("trim", "trim(?)", [ASCII]),
        ("trim", "trim(?, ?)", [SHORT, st.sampled_from(["a", "ab", ".-"])]),
        ("ltrim", "ltrim(?, ?)", [SHORT, st.sampled_from(["a", "ab", "-%"])]),
        ("rtrim", "rtrim(?, ?)", [SHORT, st.sampled_from(["a", "ab", "_!"])]),
        ("replace", "replace(?, ?, ?)", [SHORT, SHORT, ANY]),
        ("pipe", "? || ?", [ANY, ANY]),
        ("concat", "concat(?, ?)", [ANY | st.none(), ANY | st.none()]),
        ("concat_ws", "concat_ws(?, ?, ?)", [ANY, ANY | st.none(), ANY | st.none()]),
        ("split_part", "split_part(?, ?, ?)", [SHORT, st.sampled_from(["a", "-", "ab", "é"]),
                                               st.integers(1, 5)]),
        ("lpad", "lpad(?, ?::INT, ?)", [ANY, UNITS, st.sampled_from(["0", "xy", "é"])]),
        ("rpad", "rpad(?, ?::INT, ?)", [ANY, UNITS, st.sampled_from(["0", "xy", "é"])]),
        ("strpos", "strpos(?, ?)", [SHORT, SHORT]),
        ("starts_with", "starts_with(?, ?)", [SHORT, SHORT]),
        ("ends_with", "ends_with(?, ?)", [SHORT, SHORT]),
        ("contains", "contains(?, ?)", [SHORT, SHORT]),
        ("like", "? LIKE ?", [SHORT, SHORT]),
        ("ilike", "? ILIKE ?", [ASCII, st.text("aAbB%_ ", max_size=6)]),
        ("like", "? LIKE ? ESCAPE ?", [SHORT, st.text("ab%_", max_size=6), st.just("!")]),
    ],
)  # fmt: skip
def test_images_are_what_duckdb_makes(
    engine: duckdb.DuckDBPyConnection,
    name: str,
    sql: str,
    arguments: list[st.SearchStrategy[object]],
) -> None:
    @quick(max_examples=60)
    @given(st.tuples(*arguments))
    def agrees(values: tuple[object, ...]) -> None:
        (found,) = engine.execute(f"SELECT {sql}", list(values)).fetchone() or (None,)

        assert found == IMAGES[name](*values)

    agrees()


PIECES = [
    *("a", "b", "c", ".", "\\d", "\\w", "\\s", "\\.", "[ab]", "[^a]", "[a-c]", "[\\d.]", "\\b"),
    *("^", "$", "(", ")", "(?:", "|", "*", "+", "?", "{2}", "{1,3}", "{2,}", "{", "}", "]", "["),
    *("\\", "-", "*?", "+?", "??", "\\D", "[^\\w]", "[-]", "A", "é", "\\x", "[a\\-z]", "{0}"),
    *("(?i)", "\\1"),
]
PATTERNS = st.lists(st.sampled_from(PIECES), max_size=9).map("".join)


@quick(max_examples=600)
@given(PATTERNS | ASCII, st.text("aAbc1. -\n", max_size=8), st.sampled_from(["", "i", "s"]))
@example("[]a]", "a", "")
@example("a{2,1}", "a", "")
@example("a$", "a\n", "")
def test_an_accepted_pattern_compiles_and_finds_the_same(
    engine: duckdb.DuckDBPyConnection, pattern: str, text: str, options: str
) -> None:
    try:
        regex = parse_regex(pattern)
    except UnsupportedQueryError:
        return
    quoted = [one.replace("'", "''") for one in (text, pattern, options)]
    row = engine.execute(
        "SELECT regexp_extract('{}', '{}', 0, '{}'), regexp_matches('{}', '{}', '{}')".format(
            *quoted, *quoted
        )
    ).fetchone()

    assert row is not None
    if not regex.repeats_group:  # what a repeated group that may be empty finds first differs
        assert row[0] == IMAGES["regexp_extract"](text, pattern, 0, options)
    assert regex.python == translated(pattern)


@quick(max_examples=600)
@given(PATTERNS, st.text("aAbc1. -\n", max_size=8), st.sampled_from(["", "g", "gi", "gs"]))
@example("[a-c]??", "ab", "g")
@example("a*|b", "ab", "g")
@example("\\B", "", "g")
def test_an_accepted_pattern_replaces_the_same(
    engine: duckdb.DuckDBPyConnection, pattern: str, text: str, options: str
) -> None:
    """Where nothing is a match too, RE2 and Python go on from it in different ways."""
    try:
        regex = parse_regex(pattern)
    except UnsupportedQueryError:
        return
    quoted = [one.replace("'", "''") for one in (text, pattern, options)]
    row = engine.execute(
        "SELECT regexp_replace('{}', '{}', '<\\0>', '{}')".format(*quoted)
    ).fetchone()

    assert row is not None
    if not regex.repeats_group:
        assert row[0] == IMAGES["regexp_replace"](text, pattern, "<\\0>", options)


@pytest.mark.parametrize(
    "pattern",
    [
        "(", ")", "a)", "[", "[]", "[z-a]", "[a-\\d]", "a**", "*a", "+", "a{101}", "a{3,2}", "{2}",
        "(a{50}){3}", "\\1", "\\x41", "\\pL", "(?i)a", "(?=a)", "(?<n>a)", "a" * 201, "\\", "[\\x]",
        "a{", "a{,3}", "[[:alpha:]]", "a+++", "^*", "\\b+", "(" * 12 + ")" * 12, "[\\", "}", "]",
    ],
)  # fmt: skip
def test_other_patterns_are_refused_before_any_row_is_read(pattern: str) -> None:
    with pytest.raises(UnsupportedQueryError) as refusal:
        parse_regex(pattern)

    assert refusal.value.code == "SQL-TYPE"
    assert len(pattern) < 3 or pattern not in str(refusal.value)


@pytest.mark.parametrize(
    ("new", "text"), [("\\0\\0", "aa-b"), ("\\1x", "ax-b"), ("\\\\", "\\-b"), ("", "-b")]
)
def test_replacements_name_groups(engine: duckdb.DuckDBPyConnection, new: str, text: str) -> None:
    row = engine.execute(f"SELECT regexp_replace('a-b', '(a)', '{new}')").fetchone()

    assert row == (text,)
    assert IMAGES["regexp_replace"]("a-b", "(a)", new) == text
