"""PolicyTest: what a steward expects the declarations to answer, written beside them.

Tests are no part of the digest of a set: they say what is expected, not what is allowed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass as plain
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field
from pydantic.dataclasses import dataclass

from policies.documents import parse_document
from policies.errors import DeclarationError, Position
from policies.folders import PolicyFolder
from policies.model import STRICT, ApiVersion, Identifier, QuotedDecimal, invalid
from policies.privacy import Measure
from policies.record_facts import RecordCriteria, RecordRole, ReleaseFacts
from policies.validation import combined, validate

__all__ = [
    "Case",
    "ExpectAllow",
    "ExpectDeny",
    "Expectation",
    "PolicyTest",
    "RecordsAsked",
    "Scene",
    "Who",
    "load_tests",
]

MAX_SCENES: Final = 2000
"""Cases of a folder, with each value of ``for_each`` counted."""
MAX_QUERY_CHARS: Final = 16 * 1024


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class TestMetadata:
    """How a file of tests is called."""

    id: Identifier
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Who:
    """Who asks.

    Attributes:
        user: As members of projects are named.
        project: In which project.
        dataset: What is asked; may be left out where the project has one.
        purpose: Why; may be left out where the project has one.
    """

    user: str
    project: str
    dataset: str | None = None
    purpose: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ExpectAllow:
    """The question would be answered.

    Attributes:
        charge_at_most: At this price or less, in epsilon (rho in zcdp pools).
        sensitivity: From columns of the answer to what a quote says of their sensitivity.
    """

    decision: Literal["allow"]
    charge_at_most: QuotedDecimal | None = None
    sensitivity: Mapping[str, str] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ExpectDeny:
    """The question would be refused.

    Attributes:
        code: Why, such as ``POL-COLUMN-ROLE``.
        at: JSON Pointer to what decided; not looked at if it is left out.
    """

    decision: Literal["deny"]
    code: str
    at: str | None = None


Expectation: TypeAlias = ExpectAllow | ExpectDeny


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class RecordsAsked:
    """A release of records that is asked for, in place of a query; none is made.

    Attributes:
        table: Declared table.
        columns: What would leave, and as what.
        k: Privacy units of every class.
        l: Sensitive values of every class.
        t: Distance to the whole table that every class has at most; none if it is left out.
        suppression: Share of the rows that may be left out.
        recipient: Who would get it; by default who asks.
    """

    table: str
    columns: Annotated[Mapping[str, RecordRole], Field(min_length=1)]
    k: Annotated[int, Field(ge=1)]
    l: Annotated[int, Field(ge=1)] = 1  # noqa: E741  its name in the literature
    t: QuotedDecimal | None = None
    suppression: QuotedDecimal = Decimal(0)
    recipient: str | None = None

    def facts(self, asking: str) -> ReleaseFacts:
        """Return what a policy decides upon; no text is measured in a test, so none would leave.

        Args:
            asking: Who asks.
        """
        return ReleaseFacts(
            table=self.table,
            columns=self.columns,
            criteria=RecordCriteria(k=self.k, l=self.l, t=self.t, suppression=self.suppression),
            recipient=self.recipient or asking,
        )


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Case:
    """One question, or one release of records, and what is to become of it.

    Attributes:
        name: One line for people.
        asks: Who asks; the key is ``as``.
        at: On which day.
        query: The SQL.
        records: In its place, records that are asked for.
        for_each: One name and its values: the case stands for one case a value, in which the name
            in braces is replaced in ``query`` and ``expect.at``.
        epsilon: Price in pure pools; the default of the declarations if nothing is given.
        rho: Price in zcdp pools.
        expect: What is to become of it.
    """

    name: str
    asks: Annotated[Who, Field(alias="as")]
    at: date
    query: str = ""
    records: RecordsAsked | None = None
    expect: Annotated[Expectation, Field(discriminator="decision")]
    for_each: Annotated[Mapping[str, tuple[str, ...]], Field(max_length=1)] = Field(
        default_factory=dict
    )
    epsilon: QuotedDecimal | None = None
    rho: QuotedDecimal | None = None

    def __post_init__(self) -> None:
        if self.epsilon is not None and self.rho is not None:
            raise invalid("SQL-TWO-PRICES", "both epsilon and rho are given; keep one")
        if bool(self.query) == (self.records is not None):
            raise invalid("KEY-INVALID", "a case has a query or records; write one of the two")


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class PolicyTest:
    """A file of cases."""

    apiVersion: ApiVersion  # noqa: N815  the name that the files have
    kind: Literal["PolicyTest"]
    metadata: TestMetadata
    cases: Annotated[tuple[Case, ...], Field(min_length=1)]


@plain(frozen=True, slots=True, kw_only=True)
class Scene:
    """One case with its values put in, and where it stands.

    Attributes:
        name: Of the case, and which value.
        case: Who asks, when, at what price.
        query: The SQL to ask.
        expect: What is to become of it.
        file: Where it is written.
        position: The line.
    """

    name: str
    case: Case
    query: str
    expect: Expectation
    file: str
    position: Position

    @property
    def price(self) -> Decimal | None:
        """The price that is offered, in the pool's measure; None for the default."""
        return self.case.rho if self.case.epsilon is None else self.case.epsilon

    @property
    def measure(self) -> Measure | None:
        """The measure in which it is named; None for whatever the pool has."""
        if self.price is None:
            return None
        return Measure.ZCDP if self.case.epsilon is None else Measure.PURE


def load_tests(folder: Path) -> tuple[Scene, ...]:
    """Read ``tests/*.yaml`` of a folder of declarations.

    Raises:
        DeclarationError: If a file is wrong; its ``problems`` are all that were found.
    """
    files = PolicyFolder(root=folder)
    problems: list[DeclarationError] = []
    scenes: list[Scene] = []
    for name in files.files("tests", ".yaml"):
        try:
            document = parse_document(files.read(name), files.shown(name))
            test = validate(PolicyTest, document, document.tree)
        except DeclarationError as error:
            problems.append(error)
            continue
        for index, case in enumerate(test.cases):
            place = document.position(("cases", index))
            try:
                _check_size(case, len(scenes), document.file, place)
            except DeclarationError as error:
                problems.append(error)
                break
            scenes.extend(_scenes(case, document.file, place))
    if problems:
        raise combined(problems)
    return tuple(scenes)


def _check_size(case: Case, before: int, file: str, place: Position) -> None:
    """Refuse what would take hours to run, before it is written out.

    Raises:
        DeclarationError: If the cases are too many, or a query too long with its values put in.
    """
    ((name, values),) = case.for_each.items() or (("", ("",)),)
    times = case.query.count(f"{{{name}}}") if name else 0
    longest = len(case.query) + times * max(map(len, values), default=0)
    if before + len(values) > MAX_SCENES or longest > MAX_QUERY_CHARS:
        raise DeclarationError(
            f"there are more than {MAX_SCENES} cases, or a query has more than"
            f" {MAX_QUERY_CHARS} characters",
            code="TST-SIZE",
            remedy="test fewer values; one of each kind shows as much",
            file=file,
            position=place,
        )


def _scenes(case: Case, file: str, place: Position) -> Iterator[Scene]:
    if not case.for_each:
        yield Scene(
            name=case.name,
            case=case,
            query=case.query,
            expect=case.expect,
            file=file,
            position=place,
        )
    for name, values in case.for_each.items():
        for value in values:
            yield Scene(
                name=f"{case.name} ({value})",
                case=case,
                query=case.query.replace(f"{{{name}}}", value),
                expect=_expected(case.expect, f"{{{name}}}", value),
                file=file,
                position=place,
            )


def _expected(expect: Expectation, name: str, value: str) -> Expectation:
    if isinstance(expect, ExpectAllow) or expect.at is None:
        return expect
    return ExpectDeny(decision="deny", code=expect.code, at=expect.at.replace(name, value))
