"""Hypothesis strategies for SQL over the tables of ``tests.wards``.

The grammar is wider than what is supported, on purpose: what is refused must be refused well, and
what looks like a proof but is none (a join on the wrong alias, an ON that says more) must show.
"""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

__all__ = ["queries"]

_KEY = "patient_id"
_NUMBERS = {
    "patients": ["age"],
    "visits": ["cost"],
    "labs": ["value", "raw"],
    "codes": ["weight"],
    "enrolled": ["score"],
    "stays": ["days"],
}
_BOOLEANS = {"visits": ["urgent"], "stays": ["icu"]}
_TEXTS = {
    "patients": [("sex", "F")],
    "visits": [("class", "emergency"), ("free", "x_1")],
    "labs": [("code", "C2")],
    "codes": [("part", "it''s {0}"), ("code", "C1")],
    "enrolled": [("arm", "a")],
}
_DATES = {"visits": ["day"], "labs": ["at", "noted"]}
_PRIVATE = ("patients", "visits", "labs", "enrolled", "stays")
_LITERALS = ["0", "1", "7", "-3", "2.5", "0.01", "100", "1e3", "999999999999"]


@dataclass(frozen=True)
class _Tables:
    """Aliases in scope with their tables."""

    aliases: tuple[tuple[str, str], ...]

    def columns(self, of: dict[str, list[str]]) -> list[str]:
        return [f"{alias}.{one}" for alias, table in self.aliases for one in of.get(table, ())]

    def texts(self) -> list[tuple[str, str]]:
        return [
            (f"{alias}.{column}", value)
            for alias, table in self.aliases
            for column, value in _TEXTS.get(table, ())
        ]

    def units(self) -> list[str]:
        return [f"{alias}.{_KEY}" for alias, table in self.aliases if table in _PRIVATE]


@st.composite
def queries(draw: st.DrawFn) -> str:
    """Draw one aggregate query."""
    source, tables = draw(_sources())
    keys = draw(st.lists(_keys(tables), max_size=2))
    aggregates = draw(st.lists(_aggregates(tables), min_size=1, max_size=3))
    where = f" WHERE {draw(_conditions(tables, 2))}" if draw(st.booleans()) else ""
    items = ", ".join([*keys, *aggregates])
    group = f" GROUP BY {', '.join(keys)}" if keys else ""
    return f"SELECT {items} FROM {source}{where}{group}"


@st.composite
def _sources(draw: st.DrawFn) -> tuple[str, _Tables]:
    first = draw(st.sampled_from(["patients", "visits", "labs", "enrolled", "stays", "codes"]))
    aliases = [("t", first)]
    text = f"{first} t"
    for alias in draw(st.sampled_from([(), ("u",), ("u", "w"), ("u", "w", "x")])):
        table = draw(st.sampled_from([*_PRIVATE, "codes"]))
        kind = draw(st.sampled_from(["JOIN", "LEFT JOIN"]))
        earlier = _Tables(tuple(aliases))
        aliases.append((alias, table))
        both = _Tables(tuple(aliases))
        if table in _PRIVATE and draw(st.integers(0, 4)) == 0:
            text += f" {kind} {table} {alias} USING ({_KEY})"
            continue
        parts = draw(st.lists(_pairs(alias, table, earlier), min_size=1, max_size=2))
        if draw(st.integers(0, 2)) == 0:
            parts.append(draw(_conditions(both, 1)))
        text += f" {kind} {table} {alias} ON {' AND '.join(draw(st.permutations(parts)))}"
    return text, _Tables(tuple(aliases))


def _pairs(alias: str, table: str, earlier: _Tables) -> st.SearchStrategy[str]:
    """Draw what joins two tables: mostly the equality of units, and many near misses."""
    if table == "codes":
        codes = [f"{one}.code" for one, name in earlier.aliases if name in {"labs", "codes"}]
        exact = [f"{alias}.code = {code}" for code in codes]
        return st.sampled_from([*exact, f"{alias}.weight > 3", f"{alias}.code = {alias}.code"])
    units = [f"{unit} = {alias}.{_KEY}" for unit in earlier.units()]
    traps = [f"{one} = {other}" for one in earlier.units() for other in earlier.units()]
    traps.append(f"{alias}.{_KEY} = {alias}.{_KEY}")
    keys = [
        f"{one}.visit_id = {alias}.visit_id"
        for one, name in earlier.aliases
        if {name, table} <= {"visits", "labs"}
    ]
    if table in {"visits", "labs"}:
        own = "visit_id" if table == "visits" else "lab_id"
        traps.append(f"{alias}.{own} = {alias}.{own}")
    if table == "labs":
        traps.append(f"{(earlier.units() or ['t.code'])[0]} = {alias}.relative_id")
    good = st.sampled_from(units * 3 + keys * 2) if units or keys else st.just("TRUE")
    return st.one_of(good, good, good, st.sampled_from(traps))


def _numbers(tables: _Tables, depth: int) -> st.SearchStrategy[str]:
    leaves = st.sampled_from([*tables.columns(_NUMBERS) * 3, *_LITERALS])
    if depth == 0:
        return leaves
    inner = _numbers(tables, depth - 1)
    conditions = _conditions(tables, depth - 1)
    widths = st.sampled_from(["1", "2", "0.5", "10", "3"])
    return st.one_of(
        leaves,
        leaves,
        st.builds("({} {} {})".format, inner, st.sampled_from(["+", "-", "*", "/"]), inner),
        st.builds("({} {} {})".format, inner, st.sampled_from(["//", "%"]), widths),
        st.builds("CASE WHEN {} THEN {} ELSE {} END".format, conditions, inner, inner),
        st.builds("CASE WHEN {} THEN {} END".format, conditions, inner),
        st.builds("{}({})".format, st.sampled_from(["ABS", "FLOOR", "-", "ROUND"]), inner),
        st.builds("ROUND({}, {})".format, inner, st.sampled_from(["-1", "0", "1"])),
        st.builds("age_band({}, {})".format, inner, widths),
        st.builds("{}({}, {})".format, st.sampled_from(["COALESCE", "NULLIF"]), inner, inner),
        st.builds("{}({}, {})".format, st.sampled_from(["GREATEST", "LEAST"]), inner, inner),
        st.builds("CAST({} AS INTEGER)".format, conditions),
        st.builds("CLAMP({}, -5, 9.5)".format, inner),
        *_of_dates(tables),
        *([st.sampled_from([f"LENGTH({one})" for one, _ in tables.texts()])] * bool(tables.texts())),
    )


def _of_dates(tables: _Tables) -> list[st.SearchStrategy[str]]:
    if not tables.columns(_DATES):
        return []
    dates = _dates(tables)
    parts = st.sampled_from(["YEAR", "MONTH", "QUARTER", "WEEK", "DAY", "DAYOFWEEK", "HOUR"])
    return [
        st.builds("{}({})".format, parts, dates),
        st.builds("DATE_DIFF('day', {}, {})".format, dates, dates),
        st.builds("({} - {})".format, dates, dates),
    ]


def _dates(tables: _Tables) -> st.SearchStrategy[str]:
    columns = st.sampled_from(tables.columns(_DATES))
    amounts = st.sampled_from(["1 DAY", "40 DAY", "1 MONTH", "13 MONTH", "2 YEAR", "1 WEEK"])
    return st.one_of(
        columns,
        st.builds("({} {} INTERVAL {})".format, columns, st.sampled_from("+-"), amounts),
        st.builds("CAST({} AS DATE)".format, columns),
        st.builds(
            "DATE_TRUNC('{}', {})".format,
            st.sampled_from(["year", "quarter", "month", "week", "day"]),
            columns,
        ),
        st.sampled_from(["DATE '2024-02-29'", "TIMESTAMP '2024-06-01 12:00:00'"]),
    )


def _conditions(tables: _Tables, depth: int) -> st.SearchStrategy[str]:
    options: list[st.SearchStrategy[str]] = []
    numbers = _numbers(tables, 0 if depth < 2 else 1)
    compare = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
    options.append(st.builds("{} {} {}".format, numbers, compare, numbers))
    options.append(st.builds("{} IS NULL".format, numbers))
    options.append(st.builds("{} BETWEEN {} AND {}".format, numbers, numbers, numbers))
    options.append(st.builds("{} IN ({}, {}, NULL)".format, numbers, numbers, numbers))
    if booleans := tables.columns(_BOOLEANS):
        options.append(st.sampled_from([*booleans, *(f"{one} IS NOT TRUE" for one in booleans)]))
    for column, value in tables.texts():
        options.append(st.sampled_from([f"{column} = '{value}'", f"{column} <> 'no such'"]))
        options.append(st.sampled_from([f"{column} IN ('{value}', 'other')", f"{column} > 'b'"]))
        options.append(st.sampled_from([f"{column} LIKE '%a_b%'", f"{column} IS NOT NULL"]))
    if tables.columns(_DATES):
        options.append(st.builds("{} {} {}".format, _dates(tables), compare, _dates(tables)))
    if units := tables.units():
        options.append(st.builds("{} IS NULL".format, st.sampled_from(units)))
        options.append(st.builds("{} = {}".format, *[st.sampled_from(units)] * 2))
    if depth == 0:
        return st.one_of(options)
    inner = _conditions(tables, depth - 1)
    options.append(st.builds("({} {} {})".format, inner, st.sampled_from(["AND", "OR"]), inner))
    options.append(st.builds("(NOT {})".format, inner))
    return st.one_of(options)


def _keys(tables: _Tables) -> st.SearchStrategy[str]:
    options: list[st.SearchStrategy[str]] = [
        _conditions(tables, 1),
        st.builds("age_band(CLAMP({}, 0, 90), 30)".format, _numbers(tables, 1)),
        st.builds("CASE WHEN {} THEN 'yes' ELSE 'no' END".format, _conditions(tables, 1)),
        st.builds("CASE WHEN {} THEN 'yes' END".format, _conditions(tables, 1)),
        st.builds("FLOOR(CLAMP({}, -2, 2))".format, _numbers(tables, 1)),
    ]
    if booleans := tables.columns(_BOOLEANS):
        options.append(st.sampled_from(booleans))
    if texts := tables.texts():
        words = st.sampled_from([column for column, _ in texts])
        options += [words, words, st.builds("LOWER({})".format, words)]
        options.append(st.builds("COALESCE({}, 'none')".format, words))
    if dates := tables.columns(_DATES):
        grains = st.sampled_from(["year", "quarter", "month"])
        options.append(st.builds("DATE_TRUNC('{}', {})".format, grains, st.sampled_from(dates)))
        options.append(st.builds("{}({})".format, st.sampled_from(["YEAR", "QUARTER"]), _dates(tables)))
    return st.one_of(options)


def _aggregates(tables: _Tables) -> st.SearchStrategy[str]:
    numbers = _numbers(tables, 2)
    held = st.one_of(numbers, st.builds("CLAMP({}, -10, 300)".format, numbers))
    plain = st.one_of(
        st.just("COUNT(*)"),
        st.builds("COUNT({})".format, numbers),
        st.builds("SUM({})".format, held),
        st.builds("AVG({})".format, held),
        _counted_units(tables),
    )
    filtered = st.builds("{} FILTER (WHERE {})".format, plain, _conditions(tables, 1))
    return st.one_of(plain, plain, filtered)


def _counted_units(tables: _Tables) -> st.SearchStrategy[str]:
    units = tables.units()
    if not units:
        return st.just("COUNT(*)")
    chosen = st.sampled_from(units)
    return st.one_of(
        st.builds("COUNT(DISTINCT {})".format, chosen),
        st.builds(
            "COUNT(DISTINCT CASE WHEN {} THEN {} END)".format, _conditions(tables, 1), chosen
        ),
    )
