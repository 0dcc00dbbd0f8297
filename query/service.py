"""The whole product in two functions: what a question would cost, and its answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from policies.active import PolicySet
from policies.datasets import DatasetPolicy
from policies.decide import decide_access, decide_use
from policies.decisions import QueryFacts, require
from policies.errors import GatewayError, InternalError, RefusalError, UnsupportedQueryError
from policies.privacy import PrivacyLoss
from query.answers import Answer, Quote, Request
from query.bound import Asked, bound, cells_of, price_asked
from query.canonical import cache_key, template
from query.compile import compile_plan
from query.documents import answer_document
from query.explain import quote_of
from query.mechanisms import BuiltMeasurement
from query.parse import parse
from query.plan import Plan
from query.ports import Charge, Denial, Engine, Ledger
from query.question import Question, column_uses
from query.release import Vectors, exact_vectors, released_rows
from query.traversal import scans

__all__ = ["OpenDataset", "Ports", "Stored", "answer", "quote"]

MAX_CONFIDENCE = 0.999999
"""Beyond it, the ends of intervals would lose their digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDataset:
    """A dataset that can be asked: its engine over one sealed snapshot, and the snapshot's name."""

    engine: Engine
    snapshot: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What answering needs from outside.

    Attributes:
        policies: Declarations in force.
        datasets: From dataset id to its open snapshot; raises KeyError for one that is not open.
        ledger: Charges, answers, denials.
        new_query_id: Returns 32 random hex digits.
    """

    policies: PolicySet
    datasets: Mapping[str, OpenDataset]
    ledger: Ledger
    new_query_id: Callable[[], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """A question that was allowed and priced."""

    dataset: DatasetPolicy
    plan: Plan
    measurement: BuiltMeasurement
    quote: Quote


def answer(request: Request, ports: Ports) -> Answer:
    """Answer one aggregate question, or raise; nothing is released that was not charged.

    Raises:
        UnsupportedQueryError: The SQL cannot be answered.
        PolicyDeniedError: A policy says no.
        BudgetExceededError: The budget does not cover the price.
        InternalError: Our fault; charged if rows may have been read.
    """
    with _refusals_recorded(request, ports):
        prepared = _prepared(request, ports.policies)
        opened = _opened(request, ports)
        charge = _charge(request, ports, prepared, opened.snapshot)
        stored = ports.ledger.recall(charge.project, charge.cache_key)
        if stored is not None:
            return replace(_repeated(prepared, charge, stored), receipt=ports.ledger.repeat(charge))
        statements = compile_plan(prepared.plan)
        ports.ledger.reserve(charge)  # durable from here
    try:
        results = [opened.engine.run(one.sql) for one in statements]  # reads private rows
        exact = exact_vectors(prepared.plan, statements, results)
        noisy = prepared.measurement.release(exact)  # draws randomness
        released = _answer(prepared, charge, noisy)
        receipt = ports.ledger.release(charge, Stored(released, noisy).to_bytes())
    except BaseException as error:
        with suppress(InternalError):  # a second failure does not hide the first
            ports.ledger.abandon(charge)  # the charge stays
        if isinstance(error, GatewayError) or not isinstance(error, Exception):
            raise
        raise InternalError(charge.query_id) from None  # a vendor's words may quote a row
    return replace(released, receipt=receipt)


def quote(request: Request, ports: Ports) -> Quote:
    """Price one question without charging or reading anything private.

    Raises:
        UnsupportedQueryError: The SQL cannot be answered.
        PolicyDeniedError: A policy says no.
    """
    return _prepared(request, ports.policies).quote


def _prepared(request: Request, policies: PolicySet) -> _Prepared:
    """Parse, decide and bound; depends on the text, the policies and the clock alone."""
    access_duties = require(decide_access(request.access, policies))
    dataset = policies.datasets[request.access.dataset]
    question = parse(request.sql, dataset)
    loss = price_asked(dataset, request.loss)
    duties = require(decide_use(request.access, _facts(question, loss), policies))
    asked = Asked(max_groups=request.max_groups, max_rows_per_group=request.max_rows_per_group)
    plan, measurement = bound(question, dataset, access_duties + duties, loss, asked)
    _check_price(request.confirm_price, measurement.loss)
    described = quote_of(plan, measurement, dataset, _confidence(request))
    return _Prepared(dataset=dataset, plan=plan, measurement=measurement, quote=described)


def _facts(question: Question, loss: PrivacyLoss) -> QueryFacts:
    return QueryFacts(
        tables=tuple(sorted({scan.table for scan in scans(question.relation)})),
        uses=column_uses(question),
        aggregates=frozenset(call.function.aggregate for call in question.aggregates),
        group_columns=len(question.keys),
        cells=cells_of(question),
        loss=loss,
    )


def _confidence(request: Request) -> float:
    if not 0 < request.confidence <= MAX_CONFIDENCE:
        raise UnsupportedQueryError(
            f"the confidence is not above 0 and at most {MAX_CONFIDENCE}",
            code="SQL-CONFIDENCE",
            remedy="give 0.95",
        )
    return request.confidence


def _check_price(confirmed: int | None, loss: PrivacyLoss) -> None:
    if confirmed is not None and confirmed != loss.amount:
        raise UnsupportedQueryError(
            f"the price is {loss.parameter:f}, not the one that was confirmed",
            code="SQL-PRICE-CHANGED",
            remedy="ask for a new quote",
        )


def _opened(request: Request, ports: Ports) -> OpenDataset:
    opened = ports.datasets.get(request.access.dataset)
    if opened is None:
        raise UnsupportedQueryError(
            "the dataset holds no data yet",
            code="SYS-NO-SNAPSHOT",
            remedy="ask the steward to run the ingest",
        )
    return opened


def _charge(request: Request, ports: Ports, prepared: _Prepared, snapshot: str) -> Charge:
    access, loss = request.access, prepared.measurement.loss
    return Charge(
        query_id=ports.new_query_id(),
        time=access.time,
        principal=access.principal,
        project=access.project,
        dataset=access.dataset,
        snapshot=snapshot,
        purpose=access.purpose,
        policy_digest=ports.policies.digest,
        template=prepared.quote.template,
        cache_key=cache_key(prepared.plan, access.dataset, snapshot, ports.policies.digest),
        loss=loss,
    )


def _answer(prepared: _Prepared, charge: Charge, noisy: Vectors) -> Answer:
    rows = released_rows(prepared.plan, noisy, prepared.quote.confidence)
    return Answer(
        query_id=charge.query_id,
        columns=tuple(output.name for output in prepared.plan.question.outputs),
        rows=rows.rows,
        suppressed=rows.suppressed,
        quote=prepared.quote,
        charged=charge.loss,
        repeated=False,
        policy_digest=charge.policy_digest,
        receipt=None,
    )


def _repeated(prepared: _Prepared, charge: Charge, stored: bytes) -> Answer:
    """Answer from stored noisy statistics: post-processing, so it costs nothing."""
    kept = json.loads(stored)
    noisy = tuple(tuple(int(value) for value in vector) for vector in kept["noisy"])
    answered = _answer(prepared, charge, noisy)
    free = PrivacyLoss(measure=charge.loss.measure, amount=0)
    return replace(answered, query_id=kept["answer"]["query_id"], charged=free, repeated=True)


@dataclass(frozen=True, slots=True)
class Stored:
    """What the ledger keeps of a release: the answer, and the noisy statistics it came from."""

    answer: Answer
    noisy: Vectors

    def to_bytes(self) -> bytes:
        """Return canonical JSON; integers as texts, since JSON readers lose digits above 2^53."""
        document = {
            "answer": answer_document(self.answer),
            "noisy": [[str(value) for value in vector] for vector in self.noisy],
        }
        return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


@contextmanager
def _refusals_recorded(request: Request, ports: Ports) -> Iterator[None]:
    """Append one entry for a refusal, then pass it on."""
    try:
        yield
    except RefusalError as error:
        ports.ledger.deny(_denial(request, ports, error))
        raise


def _denial(request: Request, ports: Ports, error: RefusalError) -> Denial:
    access = request.access
    return Denial(
        time=access.time,
        principal=access.principal,
        project=access.project,
        dataset=access.dataset,
        purpose=access.purpose,
        policy_digest=ports.policies.digest,
        template=_template(request, ports.policies),
        error=error,
    )


def _template(request: Request, policies: PolicySet) -> str:
    """Return the canonical text where the refusal came after parsing, else nothing."""
    dataset = policies.datasets.get(request.access.dataset)
    if dataset is None:
        return ""
    try:
        return template(parse(request.sql, dataset))
    except UnsupportedQueryError:
        return ""
