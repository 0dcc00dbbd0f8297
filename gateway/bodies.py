"""From the body of a request to a typed question."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Final, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
)
from pydantic.dataclasses import dataclass

from gateway.errors import BodyError, FieldProblem
from gateway.membership import member_project
from policies.active import PolicySet
from policies.decisions import Access
from policies.errors import PolicyDeniedError
from policies.model import STRICT, Identifier, QuotedDecimal, invalid
from policies.privacy import Measure
from policies.projects import ProjectPolicy
from query.answers import Accuracy, Request

__all__ = [
    "MAX_BODY_BYTES",
    "MAX_SQL_BYTES",
    "AccuracyBody",
    "QuestionBody",
    "parse_body",
    "parse_question",
    "question_of",
]

MAX_BODY_BYTES: Final = 256 * 1024
MAX_SQL_BYTES: Final = 16 * 1024


def _short(sql: str) -> str:
    if len(sql.encode()) > MAX_SQL_BYTES:
        raise invalid("REQ-SQL-TOO-LONG", "the SQL is longer than 16 KiB; shorten it")
    return sql


def _written_as(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern})


def _plain(pattern: str) -> BeforeValidator:
    form = re.compile(pattern)

    def check(value: object) -> object:
        if isinstance(value, str) and form.fullmatch(value) is None:
            raise invalid("REQ-AMOUNT", 'an amount is written with digits, such as "0.25"')
        return value

    return BeforeValidator(check)


# Digits only, as many as integer arithmetic can bear; what is read is what is described.
_PLAIN: Final = r"^[0-9]{1,6}(\.[0-9]{1,12})?$"
_POSITIVE: Final = r"^(?=.*[1-9])[0-9]{1,6}(\.[0-9]{1,12})?$"
_BELOW_ONE: Final = r"^0\.(?=.*[1-9])[0-9]{1,18}$"
_Amount = Annotated[QuotedDecimal, _plain(_POSITIVE), _written_as(_POSITIVE)]
_Delta = Annotated[QuotedDecimal, _plain(_BELOW_ONE), _written_as(_BELOW_ONE)]
_Price = Annotated[QuotedDecimal, _plain(_PLAIN), _written_as(_PLAIN)]
_Confidence = Annotated[float, Field(gt=0, lt=1)]
_ColumnName = Annotated[str, Field(min_length=1, max_length=200)]
_Weight = Annotated[float, Field(gt=0, le=10**9, allow_inf_nan=False)]
_MAX_WEIGHTS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class AccuracyBody:
    """How exact an answer shall be.

    Attributes:
        within: Half-width of the interval of every noisy count and sum, in its unit.
        confidence: Of that interval, above 0 and below 1.
    """

    within: Annotated[float, Field(gt=0, le=1e15, allow_inf_nan=False)]
    confidence: _Confidence = 0.95


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class QuestionBody:
    """Body of ``queries`` and ``queries:price``.

    Attributes:
        sql: One SELECT, at most 16 KiB of UTF-8.
        dataset: What is asked; may be left out where the project has one dataset.
        purpose: Why; may be left out where the project has one purpose.
        epsilon: Price that may be charged, in pools of pure differential privacy, as a string.
        rho: The same in zCDP pools; at most one of the two is given.
        max_groups: Narrows the bound on groups of one privacy unit; 1 or more.
        max_rows_per_group: Narrows the bound on rows of one unit in one group; 1 or more.
        bounding: ``stored`` chooses a unit's rows before the question's filters, where ingest has
            done so; ``exact``, the default, after them.
        accuracy: In place of a price: how exact the answer shall be.
        weights: From a column of the answer to how much its error matters, above 0.
        confidence: Of the intervals, above 0 and below 1.
        confirm_price: Refuse if the price is not exactly this, in epsilon or rho, as a string.
        delta: Most that a threshold of private keys may use up, above 0 and below 1, as a string.
    """

    sql: Annotated[str, Field(min_length=1, max_length=MAX_SQL_BYTES), AfterValidator(_short)]
    dataset: Identifier | None = None
    purpose: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    epsilon: _Amount | None = None
    rho: _Amount | None = None
    max_groups: Annotated[int, Field(ge=1, le=10**9)] | None = None
    max_rows_per_group: Annotated[int, Field(ge=1, le=10**9)] | None = None
    bounding: Literal["exact", "stored"] | None = None
    accuracy: AccuracyBody | None = None
    weights: Annotated[Mapping[_ColumnName, _Weight], Field(max_length=_MAX_WEIGHTS)] = field(
        default_factory=dict
    )
    confidence: _Confidence | None = None
    confirm_price: _Price | None = None
    delta: _Delta | None = None

    def __post_init__(self) -> None:
        prices = (self.epsilon, self.rho, self.accuracy)
        if sum(one is not None for one in prices) > 1:
            raise invalid(
                "REQ-TWO-PRICES", "more than one of epsilon, rho and accuracy is given; keep one"
            )


_QUESTION: Final = TypeAdapter(QuestionBody)
_Body = TypeVar("_Body")


def parse_question(body: bytes) -> QuestionBody:
    """Read the body of a question; see ``parse_body``."""
    return parse_body(_QUESTION, body)


def parse_body(model: TypeAdapter[_Body], body: bytes) -> _Body:
    """Read a body of JSON by its model.

    A field that stands twice is refused: readers differ in which of the two they take.

    Raises:
        BodyError: If it is not as documented; names every wrong field, repeats no content.
    """
    try:
        read = model.validate_json(body)
        json.loads(body, object_pairs_hook=_once)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        raise _wrong_body(
            *(
                FieldProblem(pointer=_pointer(problem["loc"]), detail=problem["msg"])
                for problem in problems
            )
        ) from None
    except _TwiceError:
        raise _wrong_body(FieldProblem(pointer="", detail="a field is given twice")) from None
    return read


class _TwiceError(ValueError):
    """A field stands twice in one object."""


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise _TwiceError
    return fields


def _wrong_body(*fields: FieldProblem) -> BodyError:
    return BodyError(
        "the body is not as documented",
        remedy="correct the fields under 'errors'; docs/api.md shows a whole body",
        fields=fields,
    )


def question_of(
    body: QuestionBody, active: PolicySet, *, user: str, project_id: str, time: datetime
) -> Request:
    """Return the question that a body asks, with what may be left out filled in.

    Somebody who is not a member gets an unfilled question, which the policy then denies and the
    audit log keeps; nothing here tells them whether the project exists.

    Raises:
        BodyError: If something is left out that the project has several of, or the amount is in
            another measure than the dataset's.
    """
    try:
        project = member_project(active, user, project_id, time)
    except PolicyDeniedError:
        project = None
    dataset, purpose, measure = body.dataset or "", body.purpose or "", None
    if project is not None:
        granted = tuple(grant.id for grant in project.spec.datasets)
        dataset = body.dataset or _only("dataset", granted)
        purpose = body.purpose or _only("purpose", project.spec.purposes)
        measure = _measure(active, project, dataset)
    if measure is not None:
        _check_measure(body, measure)
    access = Access(principal=user, project=project_id, dataset=dataset, purpose=purpose, time=time)
    return Request(
        access=access,
        sql=body.sql,
        loss=body.epsilon if body.epsilon is not None else body.rho,
        measure=measure,
        accuracy=_accuracy(body.accuracy),
        max_groups=body.max_groups,
        max_rows_per_group=body.max_rows_per_group,
        bounding=body.bounding,
        weights=body.weights,
        confidence=body.confidence,
        confirm_price=_price(body.confirm_price, measure),
        delta=body.delta,
    )


def _only(field: str, choices: tuple[str, ...]) -> str:
    if len(choices) != 1:
        raise _wrong_field(field, f"name one of: {', '.join(choices)}")
    return choices[0]


def _measure(active: PolicySet, project: ProjectPolicy, dataset: str) -> Measure | None:
    declared = active.datasets.get(dataset)
    return None if declared is None or project.grant(dataset) is None else declared.measure


def _check_measure(body: QuestionBody, measure: Measure) -> None:
    wrong = "rho" if measure is Measure.PURE else "epsilon"
    if getattr(body, wrong) is not None:
        raise _wrong_field(wrong, f"this dataset's budget counts in {measure.symbol}; give that")


def _accuracy(body: AccuracyBody | None) -> Accuracy | None:
    if body is None:
        return None
    return Accuracy(within=Decimal(repr(body.within)), confidence=body.confidence)


def _price(price: Decimal | None, measure: Measure | None) -> Decimal | None:
    if price is None or measure is None:
        return None
    units = price * measure.units
    if units != units.to_integral_value():
        raise _wrong_field(
            "confirm_price", f"a price has at most {len(str(measure.units)) - 1} decimal places"
        )
    return price


def _wrong_field(field: str, detail: str) -> BodyError:
    return BodyError(
        f"the field {field} is not as it must be here",
        remedy=detail,
        fields=(FieldProblem(pointer=f"/{field}", detail=detail),),
    )


def _pointer(location: tuple[int | str, ...]) -> str:
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in location)
    return "".join(f"/{part}" for part in parts)
