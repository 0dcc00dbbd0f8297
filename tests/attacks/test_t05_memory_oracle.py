"""T5: a question that takes all memory if the victim is there, and next to none if not.

Attack: written series, cross joins and padded texts make very many rows of the victim's few, in
windows, groups and DISTINCT; that the engine ran out of memory is an exact bit for the price of one
question, and so is the time it took. Source: Haeberlen, Pierce and Narayan (2011), Differential
Privacy Under Fire, section 4, of time and failure as channels.

Pass: the largest questions of their kind that the parser lets through are answered with the victim,
in an eighth of the memory that a service has by default, or in a quarter where all her texts are of
ASCII and as long as declared; larger ones are refused from their text, and no question costs next
to nothing. Exact, so there are no false alarms.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from policies.datasets import DatasetPolicy
from policies.errors import UnsupportedQueryError
from query.engines.duckdb import EngineLimits
from tests.attacks.hospital import Estate, Site, estate, make_hospital, with_victim
from tests.fakes import StoredRows
from tests.limits import LIMITS

SERIES = "CROSS JOIN generate_series(1, {0}) a(n) CROSS JOIN generate_series(1, {0}) b(n)"
WIDE = "LPAD(CAST(a.n AS VARCHAR), 900, 'x') || CAST(b.n AS VARCHAR)"
COLUMNS = ", ".join(f"a.n * {k} + b.n AS c{k}" for k in range(1, 20))
SUMS = ", ".join(
    f"SUM(c{k}) OVER (PARTITION BY patient_id ORDER BY c{k + 1} ROWS BETWEEN 5 PRECEDING AND "
    f"CURRENT ROW) AS w{k}"
    for k in range(1, 7)
)
TOTAL = " + ".join(f"CLAMP(w{k}, 0, 1)" for k in range(1, 7))
LISTED = [
    (
        "SELECT COUNT(DISTINCT LPAD(CAST(a.n * 1000 + b.n AS VARCHAR), 900, 'x')) FROM patients p "
        "{series}"
    ),
    (
        f"SELECT COUNT(*) FROM (SELECT DISTINCT p.patient_id, {WIDE} AS t FROM patients p "
        "{series}) WHERE t LIKE '%7%'"
    ),
    (
        f"SELECT COUNT(*) FROM (SELECT patient_id, {SUMS} FROM (SELECT p.patient_id, {COLUMNS} "
        f"FROM patients p {{series}})) WHERE {TOTAL} > 3"
    ),
    (
        "SELECT COUNT(*) FROM (SELECT patient_id, t, ROW_NUMBER() OVER (PARTITION BY patient_id "
        f"ORDER BY t) AS r FROM (SELECT p.patient_id, {WIDE} AS t FROM patients p {{series}})) "
        "WHERE r % 7 = 3 AND t LIKE '%7%'"
    ),
]
JOINED = [
    "SELECT COUNT(DISTINCT v.class || l.code) FROM visits v JOIN labs l USING (patient_id)",
    (
        "SELECT COUNT(*) FROM (SELECT v.patient_id, ROW_NUMBER() OVER (PARTITION BY v.patient_id "
        "ORDER BY v.cost * l.value, w.cost) AS r FROM visits v JOIN visits w USING (patient_id) "
        "JOIN labs l USING (patient_id)) WHERE r % 7 = 3"
    ),
]

PADDED = "LPAD(free, 900, 'x')"
PAIRS = "FROM visits v JOIN visits w USING (patient_id)"
TEXTS = [
    f"SELECT COUNT(DISTINCT v.free || w.free) {PAIRS}",
    (
        f"SELECT COUNT(*) FROM (SELECT DISTINCT v.patient_id, v.free || w.free AS t {PAIRS}) "
        "WHERE t LIKE '%7%'"
    ),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    limits = replace(LIMITS, threads=1, memory_mib=128)
    with estate(tmp_path_factory.mktemp("memory")) as built:
        yield made(built, limits)


def made(built: Estate, limits: EngineLimits) -> Site:
    """One database whose victim has very many rows."""
    return built.site(with_victim((500, 60, 300, 1)), limits=limits, budget="100")


@pytest.mark.parametrize(
    "sql", [*(one.format(series=SERIES.format(100)) for one in LISTED), *JOINED]
)
def test_the_largest_questions_fit_into_little_memory(site: Site, sql: str) -> None:
    assert site.answer(sql).rows


@pytest.mark.parametrize("sql", LISTED)
def test_larger_ones_are_refused_from_their_text(site: Site, sql: str) -> None:
    before = len(site.engine.statements)
    with pytest.raises(UnsupportedQueryError) as refused:
        site.answer(sql.format(series=SERIES.format(101)))

    assert refused.value.code == "SQL-JOIN"
    assert len(site.engine.statements) == before


def with_texts(rows: StoredRows, characters: int) -> StoredRows:
    """Return the rows with another long text in each visit."""
    visits = [
        {**one, "free": f"{number:06} ".ljust(characters, "x")}
        for number, one in enumerate(rows["visits"])
    ]
    return {**rows, "visits": visits}


@pytest.mark.parametrize("sql", TEXTS)
def test_texts_as_long_as_declared_fit_into_little_memory(
    tmp_path_factory: pytest.TempPathFactory, sql: str
) -> None:
    rows = with_texts(with_victim((500, 60, 300, 1)), 200)
    with estate(tmp_path_factory.mktemp("texts")) as built:
        limits = replace(LIMITS, threads=1, memory_mib=256)
        site = built.site(rows, with_length(make_hospital(), 200), limits=limits)

        assert site.answer(sql).rows


@pytest.mark.parametrize("sql", TEXTS)
def test_longer_ones_are_refused_from_their_text(
    tmp_path_factory: pytest.TempPathFactory, sql: str
) -> None:
    """With 2,000 characters the victim's pairs took all memory, and without her there was room."""
    dataset = with_length(make_hospital(), 201)
    with estate(tmp_path_factory.mktemp("texts")) as built:
        site = built.site(with_victim((500, 60, 300, 1)), dataset)
        with pytest.raises(UnsupportedQueryError) as refused:
            site.answer(sql)

    assert refused.value.code == "SQL-JOIN"
    assert site.engine.statements == []


MARKS = " ".join(f"WHEN v.free LIKE '%{one} %' THEN '{str(one) * 1400}'" for one in range(9))
TEXTS_THAT_GROW = [
    (  # texts of categories that are put together counted as one, however long they became
        f"SELECT COUNT(DISTINCT LEFT(v.free, 20) || LEFT(w.free, 20) || g.t) {PAIRS} JOIN "
        f"(SELECT v.patient_id, STRING_AGG(DISTINCT CASE {MARKS} ELSE 'z' END) AS t FROM visits v "
        "GROUP BY 1) g USING (patient_id)"
    ),
    (  # a text of all rows stood in 200 rows
        "SELECT COUNT(DISTINCT t || CAST(n AS VARCHAR)) FROM (SELECT patient_id, STRING_AGG(free, "
        "',' ORDER BY free) AS t FROM visits GROUP BY 1) g CROSS JOIN range(200) r(n)"
    ),
    f"SELECT COUNT(DISTINCT {' || '.join([PADDED] * 36)}) FROM visits",
]


@pytest.mark.parametrize("sql", TEXTS_THAT_GROW)
def test_texts_that_grow_are_refused_from_their_text(
    tmp_path_factory: pytest.TempPathFactory, sql: str
) -> None:
    """Each took the memory that a service has by default, if a patient with many rows was there."""
    with estate(tmp_path_factory.mktemp("texts")) as built:
        site = built.site(with_victim((5, 1, 1, 1)))
        with pytest.raises(UnsupportedQueryError) as refused:
            site.answer(sql)

    assert refused.value.code in {"SQL-JOIN", "SQL-TYPE"}
    assert site.engine.statements == []


def with_length(dataset: DatasetPolicy, characters: int) -> DatasetPolicy:
    """Return the declaration whose visits have texts of so many characters."""
    visits = dataset.tables["visits"]
    free = visits.columns["free"]
    assert free.use is not None
    longer = replace(free, dp=replace(free.use, max_length=characters))
    table = replace(visits, columns={**visits.columns, "free": longer})
    spec = replace(dataset.spec, tables={**dataset.spec.tables, "visits": table})
    return replace(dataset, spec=spec)


def test_no_question_costs_next_to_nothing(site: Site) -> None:
    with pytest.raises(UnsupportedQueryError) as refused:
        site.answer("SELECT COUNT(*) FROM visits", "0.000999")

    assert refused.value.code == "SQL-PRICE"
    assert site.answer("SELECT COUNT(*) FROM visits", "0.001").rows
