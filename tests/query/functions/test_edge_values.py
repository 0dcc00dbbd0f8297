from __future__ import annotations

import math
from datetime import date
from fractions import Fraction

import pytest

from query.domains import Domain, Kind
from query.expressions import Expression
from query.functions import FUNCTIONS
from query.functions.moments import midnight
from tests.query.functions.edge_table import EdgeTable, parsed

TABLE = EdgeTable()
EXPRESSIONS = (
    """
n + cost; n - cost; n * cost; cost / n; cost // n; big // n; big // big; cost % n; big % n; n // 3; cost % 0.3
-big; ABS(big); -cost; n // sure; n % sure; big // -1; big % -1; cost // sure; sure // cost
FLOOR(cost); CEIL(cost); CEILING(cost); TRUNC(cost); ROUND(cost); ROUND(cost, 1); ROUND(cost, -1); TRUNC(cost, 1)
FLOOR(cost / 3); CEIL(cost / 3); TRUNC(cost / 3); ROUND(cost / 3); ROUND(cost / 3, 1); FLOOR(big); ROUND(big, -3)
ROUND(big, 2); CEIL(big / 7); ROUND(n / 2); TRUNC(n / 2); TRUNC(big, -4); CEIL(n, 0) IS NULL
SIGN(cost); SIGN(cost / 3); SIGN(big); SQRT(cost); SQRT(n); LN(n); LN(cost); LN(cost / 3); LOG(n); LOG10(n); LOG2(n)
LOG(3, n); LOG(2, sure); EXP(n); EXP(cost); EXP(big); SQRT(big); LN(big); POWER(n, 2); POWER(n, 3); POW(cost, 0.5)
POWER(n, -1); n ** 2; n ^ 2; POWER(big, 20); POWER(n, 0); POWER(n, -0.5); EXP(-big); POWER(sure, -2); LN(sure)
SQRT(EXP(big)); LN(EXP(n) - EXP(n)); EXP(LN(big)); LOG(0.5, sure)
WIDTH_BUCKET(cost, 0, 100, 5); WIDTH_BUCKET(cost / 3, -1, 1, 3); WIDTH_BUCKET(big, 0, 10, 10); age_band(cost, 7)
age_band(cost / 3, 0.5); age_band(big, 10); CLAMP(cost, -1, 1); GREATEST(n, cost); LEAST(n, cost, 3)
GREATEST(day, until); LEAST(day, at); GREATEST(code, 'E12', name); LEAST(day, DATE '2024-02-01'); GREATEST(n, sure)
CAST(cost AS INTEGER); cost::BIGINT; big::INT; big::TINYINT; n::SMALLINT; (cost / 3)::INT; (n / 2)::INT; flag::INT
free::INT; free::BIGINT; free::DOUBLE; free::DECIMAL(6, 2); free::DATE; free::TIMESTAMP; free::BOOLEAN; code::INT
big::DECIMAL(5, 1); cost::DECIMAL(3, 1); cost::NUMERIC; (cost / 3)::DECIMAL(6, 3); n::DOUBLE; flag::DOUBLE; n::BOOLEAN
(cost / 3)::BOOLEAN; n::VARCHAR; big::VARCHAR; flag::VARCHAR; day::VARCHAR; noted::VARCHAR; code::VARCHAR; day::TIMESTAMP
noted::TIMESTAMP; at::DATE; flag::BOOLEAN; TRY_CAST(free AS INTEGER); cost::FLOAT; at::TIMESTAMP; big::HUGEINT
CASE WHEN flag THEN n END; CASE code WHEN 'I10' THEN 1 WHEN NULL THEN 2 ELSE 3 END; IF(flag, code, name)
IFF(flag, 1, 2); IFF(flag, 1); IFNULL(n, 9); NVL(cost, 1); NULLIF(n, 0); NULLIF(code, 'A'); COALESCE(day, at); code ISNULL
n NOTNULL; n IS DISTINCT FROM cost; code IS NOT DISTINCT FROM name; n IS DISTINCT FROM NULL
code IS DISTINCT FROM 'zzz'; n IN (0, NULL, 1); n NOT IN (0, NULL, 1); code NOT IN ('A', 'zzz'); flag IS UNKNOWN
n NOT BETWEEN 0 AND 2; flag IS NOT TRUE; CASE WHEN n > 0 THEN CASE WHEN flag THEN 1 ELSE 2 END ELSE 3 END
LOWER(code); UPPER(code); LCASE(free); LENGTH(code); LENGTH(name); LEN(free); LEFT(code, 3); RIGHT(name, 2); LEFT(name, 0)
SUBSTRING(code, 2); SUBSTRING(name, 2, 2); SUBSTR(code, -2); SUBSTR(code, -2, 1); SUBSTRING(free, 0, 2); SUBSTR(name, 0)
SUBSTRING(name FROM 2 FOR 1); SUBSTR(code, -9, 8); RIGHT(free, 0); SUBSTR(free, 5, 0)
TRIM(code); LTRIM(code); RTRIM(code); TRIM(code, 'Ab '); TRIM(BOTH 'z' FROM code); LTRIM(free, 'ab'); RTRIM(code, '9Z')
REPLACE(code, '-', '.'); REPLACE(free, 'a', ''); REPLACE(free, '', 'x'); REPLACE(name, 'B', free)
code || name; code || '-' || flag; code || n; day || '!'; CONCAT(code, name, n); CONCAT(free, 1); CONCAT_WS('-', code, name)
CONCAT_WS(', ', free, flag); SPLIT_PART(code, '.', 1); SPLIT_PART(code, '.', 2); SPLIT_PART(code, '-', 2)
SPLIT_PART(name, 'ß', 2); SPLIT_PART(free, '.', 3); LPAD(code, 4, '0x'); RPAD(name, 3, 'é'); LPAD(free, 0, '0')
STRPOS(code, '-'); INSTR(name, 'B'); POSITION('9' IN code); STRPOS(free, free)
STARTS_WITH(code, 'E'); code ^@ 'I'; PREFIX(code, 'I'); ENDS_WITH(code, '9'); SUFFIX(code, 'Z'); CONTAINS(code, '.')
code LIKE '%1%'; code NOT LIKE 'I__'; code LIKE '10!%!_!!' ESCAPE '!'; code ILIKE 'Z-%z'; free LIKE '\\'; name LIKE '_'
code NOT ILIKE 'i%' ESCAPE 'x'; code SIMILAR TO '[A-Z]\\d+'; code ~ '[A-Z]\\d+'; code !~ '^[A-Z]'; code ~* '^Z'
REGEXP_MATCHES(free, 'a.b'); REGEXP_MATCHES(free, 'a.b', 's'); REGEXP_MATCHES(code, 'z$', 'i'); code NOT SIMILAR TO 'A'
REGEXP_FULL_MATCH(code, '.'); REGEXP_EXTRACT(code, '^[A-Z](\\d+)', 1); REGEXP_EXTRACT(code, '[a-z]+')
REGEXP_EXTRACT(code, '^[A-Z]\\d+', 0, 'i'); REGEXP_REPLACE(code, '\\d', '#'); REGEXP_REPLACE(code, '\\d', '#', 'g')
REGEXP_REPLACE(free, '(a)(b)?', '<\\2\\1>', 'gi'); REGEXP_REPLACE(code, '([a-z])', '\\0\\1', 'g')
YEAR(day); QUARTER(day); MONTH(day); DAY(day); DAYOFMONTH(day); DAYOFWEEK(day); WEEKDAY(day); ISODOW(day); DAYOFYEAR(day)
WEEK(day); WEEKOFYEAR(noted); ISOYEAR(day); ISOYEAR(noted); YEARWEEK(day); DECADE(noted); DECADE(day); HOUR(at); HOUR(day)
MINUTE(at); SECOND(at); EPOCH(at); EPOCH(day); EPOCH(noted); EXTRACT(doy FROM at); DATE_PART('dow', until); YEAR(noted)
DATE_TRUNC('decade', day); DATE_TRUNC('year', at); DATE_TRUNC('quarter', day); DATE_TRUNC('week', until)
DATE_TRUNC('hour', at); DATE_TRUNC('minute', at); DATE_TRUNC('second', at); DATE_TRUNC('hour', day)
LAST_DAY(day); LAST_DAY(at); LAST_DAY(noted); MAKE_DATE(YEAR(day), MONTH(until), DAY(until)); MAKE_DATE(big, 1, 1)
MAKE_DATE(2024, n, sure); STRFTIME(day, '%Y-%m'); STRFTIME(until, '%d.%m.%y'); STRFTIME(at, '%H:%M:%S'); STRFTIME(at, '%Y')
STRFTIME(day, '%a %A %b %B %j %u %w'); STRFTIME(day, '%G-W%V %%'); STRFTIME('%-d/%-m', until); MONTHNAME(day); DAYNAME(at)
STRFTIME(DATE_TRUNC('week', day), '%Y-%m-%d')
"""
    + "; ".join(
        f"{name}('{unit}', {first}, {second})"
        for name in ("DATE_DIFF", "DATE_SUB")
        for unit in ("year", "quarter", "month", "week", "day", "hour", "minute", "second")
        for first, second in (("day", "until"), ("until", "day"), ("at", "day"), ("noted", "until"))
    )
    + """
; DATEDIFF('month', day, until); DATE_PART('year', AGE(until, day)); EXTRACT(year FROM AGE(day, until)); YEAR(AGE(at, day))
DATE_PART('year', AGE(until, noted)); until - day; at - day; day + 3; day - 3; day + n; day + INTERVAL 3 DAY
day - INTERVAL '3 months'; day + INTERVAL (n) MONTH; day + INTERVAL (n) DAYS; until + INTERVAL n YEAR; INTERVAL 1 WEEK + day
at + INTERVAL 90 MINUTE; day + INTERVAL 6 HOUR; at - INTERVAL 1 QUARTER; noted + INTERVAL 1 DAY; noted - INTERVAL 1 YEAR
DATE_ADD(day, INTERVAL 2 WEEK); day + INTERVAL (big) DAY; at + INTERVAL (n) SECOND; until + INTERVAL (sure) QUARTER
day < at; day = '2024-02-29'; day + INTERVAL 1 MONTH > until; (day + INTERVAL 1 MONTH) - day; DATE(at); n > 2.5; n = 1e1
n <> cost OR flag; NOT flag
"""
)  # noqa: ISC003  a long list
TEXTS = [
    text.strip() for line in EXPRESSIONS.split("\n") for text in line.split("; ")
    if text.strip() and text.strip() != "CEIL(n, 0) IS NULL"
]  # fmt: skip


def test_every_function_of_the_allow_list_is_tried() -> None:
    def names(expression: Expression) -> set[str]:
        inner = [names(arg) for arg in getattr(expression, "args", ())]
        return {getattr(expression, "name", "")}.union(*inner)

    tried = set().union(*(names(parsed(text, TABLE.dataset)) for text in TEXTS))
    composed = {"between", "to_date", "to_tinyint", "to_smallint", "to_integer", "to_bigint"}

    assert len(TEXTS) > 300
    assert set(FUNCTIONS) - composed - tried == set()


@pytest.mark.parametrize("text", TEXTS)
def test_the_engine_agrees_with_the_reference_and_with_the_domain(text: str) -> None:
    expression = parsed(text, TABLE.dataset)
    rows = TABLE.computed(expression)

    assert rows
    for row, found, expected in rows:
        assert _same(found, expected), (row, found, expected)
        assert _lies_in(expected, expression.domain), (row, expected, expression.domain)


def _same(found: object, expected: object) -> bool:
    if isinstance(expected, float) and isinstance(found, float):
        both_nan = math.isnan(expected) and math.isnan(found)
        return both_nan or math.isclose(found, expected, rel_tol=1e-14)
    # True is not 1, and a date is not its midnight
    exact = isinstance(found, Fraction) and type(expected) in {int, Fraction}
    return found == expected and (exact or type(found) is type(expected))


def _lies_in(value: object, domain: Domain) -> bool:
    if value is None:
        return domain.nullable
    if isinstance(value, str):
        return domain.categories is None or value in domain.categories
    if isinstance(value, float) and not math.isfinite(value):
        return domain.bounds is None
    if isinstance(value, bool):
        return domain.kind is Kind.BOOLEAN
    if isinstance(value, date):
        low, high = domain.lower, domain.upper
        listed = value in domain.values() if domain.size() is not None else True
        if not isinstance(low, date) or not isinstance(high, date):
            return listed
        if domain.kind is Kind.TIMESTAMP:
            return midnight(low) <= midnight(value) and value.date() <= date(*high.timetuple()[:3])  # type: ignore[attr-defined]
        return listed and value <= high
    assert isinstance(value, int | float | Fraction)
    bounds = domain.bounds
    inside = bounds is None or bounds[0] <= Fraction(value) <= bounds[1]
    stepped = domain.kind is not Kind.NUMBER or (Fraction(value) / domain.step).denominator == 1
    return inside and stepped
