"""T19: SQL that is read in one way by the checker, and in another by the engine.

Attack: comments, quotes inside quotes, unicode, several statements, PRAGMA, COPY, ATTACH, file
readers and variables, so that text of the researcher reaches the engine. Found in gateways that
rewrite the text, or pass on what they do not know.

Pass: whatever is sent, each statement that the engine is given was made by ``compile_plan``, and is
one SELECT over declared tables with functions of a fixed list; text of the researcher stands in it
as a literal at most. 250 generated texts by default, 20,000 with GATEWAY_FULL_ATTACKS=1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import sqlglot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from policies.errors import RefusalError
from query import service
from query.compile import Statement, compile_plan
from query.plan import Plan
from query.ports import ExactRow
from query.service import OpenDataset, Ports, answer
from tests.attacks.constructs import RELATIONS
from tests.attacks.hospital import make_hospital, make_set, sized
from tests.case_files import sql_cases
from tests.factories import make_request
from tests.fakes import DuckDbMemoryEngine, MemoryLedger, PassingEngine
from tests.strategies import queries
from tests.wards import make_rows

TEXTS = sized(250, 20_000)
FUNCTIONS = {
    *("abs", "and", "case", "cast", "ceil", "coalesce", "count", "date_part", "date_diff"),
    *("datediff", "extract", "floor", "greatest", "if", "least", "length", "lower", "upper"),
    *("md5", "nullif", "or", "row_number", "sum", "timestamp_trunc", "date_trunc", "datetrunc"),
    *("timestamptrunc", "try", "try_cast", "trycast", "min", "max", "round", "rownumber"),
    # over the rows of one unit: groups, windows, ARG_MAX
    *("avg", "median", "quantile", "logical_or", "logical_and", "rank", "dense_rank", "lag"),
    *("lead", "first_value", "last_value", "struct_pack", "struct", "structextract", "exists"),
    *("percentiledisc", "percentilecont", "first", "last", "anyvalue", "mode", "groupconcat"),
    *("nthvalue", "ntile", "percentrank", "cumedist"),
    # the keyed order of groups
    *("enum_code", "unnest", "explode"),
    # texts, patterns, numbers and dates of the allow-list
    *("concat", "regexp_matches", "regexplike", "replace", "substring", "ln", "sqrt"),
    *("sign", "date_sub", "left"),
}
"""Functions that statements of ours may call."""

HOSTILE = [
    "SELECT COUNT(*) FROM visits; DROP TABLE visits",
    "SELECT COUNT(*) FROM visits; COPY visits TO 'out.csv'",
    "COPY (SELECT * FROM visits) TO 'out.csv'",
    "ATTACH 'other.duckdb' AS other",
    "INSTALL httpfs; LOAD httpfs",
    "PRAGMA database_list",
    "SET lock_configuration = false",
    "SET VARIABLE x = 1",
    "CALL pragma_version()",
    "EXPLAIN SELECT COUNT(*) FROM visits",
    "SHOW TABLES",
    "FROM visits",
    "FROM visits SELECT COUNT(*)",
    "TABLE visits",
    "VALUES (1)",
    "PIVOT visits ON class USING COUNT(*)",
    "SELECT COUNT(*) FROM read_csv('/etc/passwd')",
    "SELECT COUNT(*) FROM '/etc/passwd'",
    'SELECT COUNT(*) FROM "/etc/passwd"',
    "SELECT COUNT(*) FROM read_text('/etc/passwd') JOIN visits ON TRUE",
    "SELECT COUNT(*) FROM glob('*')",
    "SELECT COUNT(*) FROM sniff_csv('x')",
    "SELECT COUNT(*) FROM query('SELECT 1')",
    "SELECT COUNT(*) FROM query_table('visits')",
    "SELECT COUNT(*) FROM main.visits",
    "SELECT COUNT(*) FROM memory.main.visits",
    "SELECT COUNT(*) FROM information_schema.columns",
    "SELECT COUNT(*) FROM duckdb_settings()",
    "SELECT COUNT(*) FROM sqlite_master",
    "SELECT COUNT(*) FROM __facts",
    'SELECT COUNT(*) FROM "all visits"',
    "SELECT COUNT(*) FROM visits WHERE getvariable('removed') IS NULL",
    "SELECT COUNT(*) FROM visits WHERE getenv('HOME') = 'x'",
    "SELECT COUNT(*) FROM visits WHERE current_setting('threads') = '1'",
    "SELECT COUNT(*) FROM visits WHERE random() < 0.5",
    "SELECT COUNT(*) FROM visits WHERE now() > day",
    "SELECT COUNT(*) FROM visits WHERE current_date > day",
    "SELECT COUNT(*) FROM visits WHERE nextval('s') > 1",
    "SELECT COUNT(*) FROM visits WHERE write_log('x') IS NULL",
    "SELECT COUNT(*) FROM visits WHERE free = $1",
    "SELECT COUNT(*) FROM visits WHERE free = ?",
    "SELECT COUNT(*) FROM visits WHERE free = :name",
    "SELECT COUNT(*) FROM visits WHERE free = $$x$$",
    "SELECT COUNT(*) FROM visits WHERE free = $tag$'); DROP TABLE visits; --$tag$",
    "SELECT COUNT(*) FROM visits WHERE free = E'\\'); DROP TABLE visits; --'",
    "SELECT COUNT(*) FROM visits WHERE free = 'x''); DROP TABLE visits; --'",
    "SELECT COUNT(*) FROM visits WHERE free = '{0}' OR free = '{u}' OR free = '%s'",
    "SELECT COUNT(*) FROM visits WHERE free LIKE '\\' OR 1=1 --'",
    "SELECT COUNT(*) FROM visits WHERE free = '\u2019 OR 1=1 --'",
    "SELECT COUNT(*) FROM visits WHERE free = U&'\\0027 OR 1=1'",
    'SELECT COUNT(*) AS "x""); DROP TABLE visits; --" FROM visits',
    'SELECT COUNT(*) FROM visits AS "a b""); --" WHERE "a b""); --".urgent',
    "SELECT COUNT(*) /* */ FROM /* '; */ visits -- ; DROP TABLE visits",
    "SELECT COUNT(*) FROM visits /* unended",
    "SELECT COUNT(*) FROM visits WHERE urgent --\u2028 OR TRUE",
    "SELECT COUNT(*) FROM \uff56isits",
    "SELECT COUNT(*) FROM v\u0456sits",
    "S\u0415LECT COUNT(*) FROM visits",
    "SELECT COUNT(*) FROM visits\x00; DROP TABLE visits",
    "SELECT COUNT(*) FROM visits WHERE (free).x = 1",
    "SELECT COUNT(*) FROM visits WHERE free COLLATE NOCASE = 'x'",
    "SELECT COUNT(*) FROM visits WHERE list_filter([1], x -> x = cost) = [1]",
    "SELECT COUNT(*) FROM visits WHERE COLUMNS('c.*') > 1",
    "SELECT COUNT(*) FROM visits WHERE eval('1') = 1",
    "WITH RECURSIVE x AS (SELECT 1) SELECT COUNT(*) FROM visits",
    "CREATE MACRO count(x) AS x",
    "SELECT COUNT(*) FROM visits ORDER BY (SELECT 1)",
    "SELECT COUNT(*) FROM visits LIMIT (SELECT 1)",
    "SELECT COUNT(*) INTO OUTFILE 'x' FROM visits",
]
PIECES = [
    *("(", ")", "'", '"', "--", "/*", "*/", ";", ",", "::", "{0}", "$$", "\\", "\x00", "\u2019"),
    *(" UNION SELECT ", " FROM read_csv('x') ", " JOIN visits ", "; PRAGMA x;", " getenv('x') "),
    *(" random() ", " WHERE ", " OR TRUE ", " free ", " __salt ", " rowid ", " [1] ", " x -> x "),
    *("''", '""', "E'", "U&'", "$1", "?", ":a", "@x", "#1", "\u2028", "\ufeff", "\uff07"),
]
SEEDS = RELATIONS + [
    statement
    for name in ("answered.sql", "refused.sql", "traps.sql")
    for case in sql_cases(name)
    for statement in case.statements
]


@dataclass
class Guard(PassingEngine):
    """The only way to the engine: lets through what was compiled, and looks at it."""

    tables: frozenset[str]
    compiled: set[str] = field(default_factory=set)
    passed: int = 0

    def prepare(self, statement: str) -> None:
        assert statement in self.compiled, "a statement did not come from compile_plan"
        super().prepare(statement)

    def run(self, statement: str, keys: int | None = None) -> list[ExactRow]:
        assert statement in self.compiled, "a statement did not come from compile_plan"
        check_statement(statement, self.tables)
        self.passed += 1
        return self.inner.run(statement, keys)


def check_statement(statement: str, tables: frozenset[str]) -> None:
    """Check that it is one SELECT over declared tables with functions of the list."""
    parsed = sqlglot.parse(statement, read="duckdb")
    assert len(parsed) == 1
    root = parsed[0]
    assert isinstance(root, exp.Select)
    named = {cte.alias for cte in root.find_all(exp.CTE)}
    for node in root.walk():
        assert not isinstance(node, exp.DDL | exp.DML | exp.Command | exp.Pragma | exp.Set)
        assert not isinstance(node, exp.Parameter | exp.Placeholder | exp.Lambda)
        if isinstance(node, exp.Table):
            assert isinstance(node.this, exp.Identifier), node.sql()
            assert node.name in tables | named, node.name
            assert not node.db
            assert not node.catalog
        elif isinstance(node, exp.Anonymous):
            assert node.name.lower() in FUNCTIONS, node.name
        elif isinstance(node, exp.Func):
            assert node.sql_name().lower() in FUNCTIONS or node.key in FUNCTIONS, node.key


@pytest.fixture(scope="module")
def guarded() -> Iterator[tuple[Guard, Ports]]:
    dataset = make_hospital()
    policies = make_set(dataset)
    inner = DuckDbMemoryEngine(dataset, make_rows(7, [(4, 6, 3, 1), (2, 5, 2, 0)]))
    guard = Guard(inner=inner, tables=frozenset(dataset.tables))

    def recorded(plan: Plan) -> tuple[Statement, ...]:
        statements = compile_plan(plan)
        guard.compiled.update(one.sql for one in statements)
        return statements

    ports = Ports(
        policies=policies,
        datasets={"clinic": OpenDataset(engine=guard, snapshot="2026-10-31")},
        ledger=MemoryLedger(policies=policies),
        new_query_id=lambda: "0" * 32,
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(service, "compile_plan", recorded)
        yield guard, ports
    inner.close()


def attacked(guarded: tuple[Guard, Ports], sql: str) -> bool:
    """Send a text; say whether it was answered. Failures of any other kind pass through."""
    guard, ports = guarded
    guard.compiled.clear()
    ledger = ports.ledger
    assert isinstance(ledger, MemoryLedger)
    ledger.charges.clear()
    ledger.answers.clear()
    ledger.last.clear()
    try:
        answer(make_request(sql, loss="0.1"), ports)
    except RefusalError:
        return False
    return True


@pytest.mark.parametrize("sql", HOSTILE)
def test_hostile_text_never_reaches_the_engine(guarded: tuple[Guard, Ports], sql: str) -> None:
    before = guarded[0].passed
    answered = attacked(guarded, sql)

    assert guarded[0].passed == before + answered


@pytest.mark.parametrize("sql", RELATIONS)
def test_every_construct_is_answered_within_the_list(
    guarded: tuple[Guard, Ports], sql: str
) -> None:
    assert attacked(guarded, sql)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    sql = draw(st.one_of(st.sampled_from(SEEDS), st.sampled_from(HOSTILE), queries()))
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2, 3]))):  # most mutations do not parse
        start = draw(st.integers(0, len(sql)))
        end = min(start + draw(st.integers(0, 6)), len(sql))
        sql = sql[:start] + draw(st.sampled_from(PIECES)) + sql[end:]
    return sql


@settings(max_examples=TEXTS, deadline=None, suppress_health_check=list(HealthCheck))
@given(sql=mutated())
def check_fuzzed(guarded: tuple[Guard, Ports], sql: str) -> None:
    if sql.upper().count("JOIN") < 4:
        attacked(guarded, sql)


def test_no_text_reaches_the_engine_but_as_a_literal(guarded: tuple[Guard, Ports]) -> None:
    before = guarded[0].passed
    check_fuzzed(guarded)

    assert guarded[0].passed >= before + TEXTS // 20, "the fuzz must get through now and then"


def test_all_that_is_answered_in_the_case_files_keeps_to_the_list(
    guarded: tuple[Guard, Ports],
) -> None:
    answered = sum(attacked(guarded, sql) for sql in SEEDS)

    assert answered >= 100


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT COUNT(*) FROM read_csv('/etc/passwd')",
        "SELECT COUNT(*) FROM visits; SELECT 1",
        "SELECT COUNT(*) FROM secrets",
        "SELECT getenv('HOME') FROM visits",
        "SELECT random() FROM visits",
        "SELECT COUNT(*) FROM main.visits",
        "DROP TABLE visits",
        "SELECT * FROM visits WHERE free = $1",
    ],
)
def test_the_guard_would_notice(statement: str) -> None:
    with pytest.raises(AssertionError):
        check_statement(statement, frozenset({"visits"}))
