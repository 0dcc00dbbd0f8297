"""T5: an expression that fails on the victim's row, and on no other.

Attack: division by zero, casts, overflows and their kind raise an error that depends on a value, so
that a failure, or its message, is an exact bit. Source: Haeberlen, Pierce and Narayan (2011),
Differential Privacy Under Fire, section 4; errors as raised by DuckDB 2.0.

Pass: each of these, in every place where an expression can stand, is refused from its text or is
answered; what the researcher sees, pays and leaves in the log is the same with the victim, on
whose rows all of them fail, and without. Exact, so there are no false alarms.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests.attacks.hospital import (
    Estate,
    Site,
    make_hospital,
    units_of,
    with_victim,
    without,
    write_snapshot,
)
from tests.attacks.observations import seen
from tests.fakes import StoredRows
from tests.wards import LARGEST

# A failure in DuckDB 2.0 on the victim's row, and on none of the others'.
FAILING = [
    "CAST(v.free AS INTEGER)",
    "CAST(CASE WHEN v.free = '1' THEN '2024-01-01' ELSE v.free END AS DATE)",
    "CAST(v.free AS DOUBLE)",
    "(CASE WHEN v.free = '1' THEN '2024-01-01' ELSE v.free END)::TIMESTAMP",
    "CAST(l.raw AS SMALLINT)",
    "CAST(l.raw AS DECIMAL(18, 9))",
    "l.raw * l.raw",
    "l.raw + l.raw",
    "l.raw - 900000000000000000 * 10",
    "-(l.raw - 1)",
    "ABS(l.raw - 1)",
    "CAST(l.raw AS HUGEINT) * l.raw * l.raw * l.raw",
    "CASE WHEN l.raw < 0 THEN error(v.free) ELSE 'fine' END",
    "strptime(v.free, '%d')",
    "chr(CAST(l.raw % 1000000007 AS INTEGER) * 100)",
    "(SELECT w.raw FROM labs w WHERE w.raw < l.raw)",
    "l.noted + INTERVAL 290000 YEAR",
    "l.noted + INTERVAL 106000000 DAY",
    "DATE_TRUNC('week', l.noted + INTERVAL 290000 YEAR)",
    "regexp_matches('a', v.free)",
    "json_extract(v.free, '$.a')",
    "make_date(l.raw, 1, 1)",
    "list_resize([1], l.raw)",
    "repeat(v.free, -l.raw)",
    "bit_count(CAST(v.free AS BIT))",
    "CAST(v.free AS BOOLEAN)",
    "factorial(CAST(ABS(l.raw // 10000000000) AS INTEGER))",
]
# No failure, but NaN, infinity or NULL, which must not show either.
SILENT = [
    "l.raw // (l.raw + 9223372036854775807)",
    "l.raw % (l.raw + 9223372036854775807)",
    "7 / (l.raw + 9223372036854775807 + 1)",
    "v.cost / (v.cost - v.cost)",
    "sqrt(l.raw)",
    "ln(l.raw)",
    "exp(l.raw)",
    "pow(l.raw, l.raw)",
    "TRY_CAST(v.free AS INTEGER)",
    "DATE_DIFF('day', l.noted, v.day)",
    "l.raw * 1e15 * 1e15",
    "-l.raw * l.raw // 3 % 7",
    "ROUND(l.raw * l.raw, -3)",
    "age_band(l.raw * 10, 0.1)",
    "FLOOR(l.raw / 0.000000000001)",
    "COALESCE(NULLIF(l.raw, 7), l.raw * 3)",
    "GREATEST(l.raw, 0.000001)",
    "LENGTH(v.free)",
    "YEAR(l.noted + INTERVAL 100000 YEAR)",
    "(l.noted - v.day) * (l.noted - v.day)",
]
_FROM = "FROM visits v JOIN labs l ON v.patient_id = l.patient_id"
PLACES = {
    "select": f"SELECT COUNT({{0}}) {_FROM}",
    "sum": f"SELECT SUM(CLAMP({{0}}, 0, 1)), AVG(CLAMP({{0}}, 0, 1)) {_FROM}",
    "where": f"SELECT COUNT(*) {_FROM} WHERE ({{0}}) IS NOT NULL",
    "number": f"SELECT COUNT(*) {_FROM} WHERE ({{0}}) > 3",
    "number group": f"SELECT ({{0}}) > 3, COUNT(*) {_FROM} GROUP BY 1",
    "number filter": f"SELECT COUNT(*) FILTER (WHERE ({{0}}) <= 3) {_FROM}",
    "text": f"SELECT COUNT(*) {_FROM} WHERE ({{0}}) = 'x'",
    "date": f"SELECT COUNT(*) {_FROM} WHERE ({{0}}) > DATE '2024-01-01'",
    "guarded": f"SELECT COUNT(*) {_FROM} WHERE l.raw = 5 AND ({{0}}) IS NOT NULL",
    "filter": f"SELECT COUNT(*) FILTER (WHERE ({{0}}) IS NULL) {_FROM}",
    "case": f"SELECT COUNT(CASE WHEN ({{0}}) IS NULL THEN 1 END) {_FROM}",
    "group": f"SELECT ({{0}}) IS NULL, COUNT(*) {_FROM} GROUP BY 1",
    "having": f"SELECT v.urgent, COUNT(*) {_FROM} GROUP BY 1 HAVING COUNT({{0}}) > -1e9",
    "order": f"SELECT v.urgent, COUNT(*) {_FROM} GROUP BY 1 ORDER BY COUNT({{0}}) * 0, 1",
    "join": f"SELECT COUNT(*) {_FROM} AND ({{0}}) IS NOT NULL",
    "left join": (
        "SELECT COUNT(*) FROM visits v LEFT JOIN labs l "
        "ON v.patient_id = l.patient_id AND ({0}) IS NOT NULL"
    ),
    "cte": (
        f"WITH c AS (SELECT v.patient_id, {{0}} AS x {_FROM}) "
        "SELECT COUNT(x) FROM c WHERE x IS NOT NULL"
    ),
    "derived": f"SELECT COUNT(x) FROM (SELECT v.patient_id, {{0}} AS x {_FROM}) d",
    "per patient": (
        f"SELECT COUNT(m) FROM (SELECT v.patient_id, MAX({{0}}) AS m {_FROM} "
        "GROUP BY v.patient_id) d"
    ),
    "exists": (
        "SELECT COUNT(*) FROM patients p WHERE EXISTS "
        f"(SELECT 1 {_FROM} AND v.patient_id = p.patient_id WHERE ({{0}}) IS NOT NULL)"
    ),
    "in": (
        "SELECT COUNT(*) FROM patients p WHERE p.patient_id IN "
        f"(SELECT v.patient_id {_FROM} WHERE ({{0}}) IS NOT NULL)"
    ),
}


def trapped() -> StoredRows:
    """The victim's rows make every expression fail; nobody else's do."""
    rows = with_victim((60, 8, 3, 1))
    victim = units_of(rows) - 1
    for row in rows["visits"]:
        assert isinstance(row, dict)
        row["free"] = "C12 ((" if row["patient_id"] == victim else "1"
        row["day"] = date(2024, 5, 5)
    for row in rows["labs"]:
        assert isinstance(row, dict)
        row["raw"] = -LARGEST if row["patient_id"] == victim else 5
        row["noted"] = date(9999, 12, 31) if row["patient_id"] == victim else date(2024, 5, 5)
    return rows


@pytest.fixture(scope="module")
def traps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Site]]:
    built = Estate(tmp_path_factory.mktemp("traps"))
    yield built.neighbors(trapped())
    built.close()


@pytest.mark.parametrize("expression", [*FAILING, *SILENT])
def test_what_would_fail_on_the_victim_looks_the_same_without_her(
    traps: tuple[Site, Site], expression: str
) -> None:
    for text in PLACES.values():
        sql = text.format(expression)
        shown = [seen(site.refilled(), sql) for site in traps]

        assert shown[0] == shown[1], sql


def test_enough_of_them_are_answered_to_show_more_than_refusals(
    traps: tuple[Site, Site],
) -> None:
    answered = 0
    for expression in (*FAILING, *SILENT):
        shown = seen(traps[0].refilled(), PLACES["where"].format(expression))
        assert isinstance(shown, dict)
        answered += "columns" in shown

    assert answered >= 15


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT SUM(CLAMP(age / 3, 1e29, 1e29)) FROM patients",
        "SELECT AVG(CLAMP(age / 3, 1e24, 1e24)), STDDEV(CLAMP(age / 3, 1e18, 1e18)) FROM patients",
        "SELECT MEDIAN(CLAMP(age / 3, -1e29, -1e28)) FROM patients",
        (
            "SELECT AVG(CLAMP(s, 0, 1)) FROM (SELECT patient_id, "
            "SUM(CLAMP(cost / 3, 1e24, 1e24)) AS s FROM visits GROUP BY 1) v"
        ),
        (
            "SELECT AVG(CLAMP(s, 0, 1)) FROM (SELECT patient_id, "
            "AVG(CLAMP(cost / 3, 1e25, 1e26)) AS s FROM visits GROUP BY 1) v"
        ),
    ],
)
def test_bounds_far_from_0_overflow_nothing_on_a_row(traps: tuple[Site, Site], sql: str) -> None:
    """A real is counted in steps of its range, and BIGINT holds no such count of 1e29."""
    for site in traps:
        shown = seen(site.refilled(), sql)

        assert isinstance(shown, dict)
        assert "columns" in shown, shown


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder, rows = tmp_path_factory.mktemp("raw"), trapped()
    rest = without(rows, units_of(rows) - 1)
    return (
        write_snapshot(folder / "whole.duckdb", make_hospital(), rows),
        write_snapshot(folder / "rest.duckdb", make_hospital(), rest),
    )


@pytest.mark.parametrize("expression", FAILING)
def test_the_engine_alone_would_be_the_oracle(files: tuple[Path, Path], expression: str) -> None:
    """Raw DuckDB fails on the victim and on nobody else: the trap is one."""
    assert [fails(file, expression) for file in files] == [True, False]


def fails(file: Path, expression: str) -> bool:
    connection = duckdb.connect(str(file), read_only=True, config={"memory_limit": "256MiB"})
    try:
        connection.execute(f"SELECT ({expression}) {_FROM}").fetchall()
    except duckdb.Error:
        return True
    finally:
        connection.close()
    return False
