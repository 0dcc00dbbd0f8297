"""The whole product in two functions: what a question would cost, and its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import cast

from policies.active import PolicySet
from policies.errors import GatewayError, InternalError, RefusalError, UnsupportedQueryError
from query.allowed import Allowed, allowed_plan
from query.answers import Answer, Quote, Request
from query.canonical import template
from query.compile import Statement, compile_plan
from query.draws import draw
from query.kept import Kept
from query.offers import Offer, offer_of
from query.parse import parse
from query.parse.options import split_options
from query.ports import Charge, Denial, Engine, Ledger
from query.release import Vectors, released_rows
from query.reuse import wording_of

__all__ = ["OpenDataset", "Ports", "answer", "quote"]


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


def answer(request: Request, ports: Ports) -> Answer:
    """Answer one aggregate question, or raise; nothing is released that was not charged.

    Raises:
        UnsupportedQueryError: The SQL cannot be answered.
        PolicyDeniedError: A policy says no.
        BudgetExceededError: The budget does not cover the price.
        RefusalError: The same question is being answered now.
        InternalError: Our fault or the engine's; charged if rows may have been read.
    """
    with _refusals_recorded(request, ports):
        allowed = allowed_plan(request, ports.policies)  # parse, decide, bound
        opened = _opened(request, ports)
        offer = offer_of(allowed, opened.snapshot, ports.ledger)  # less what was paid before
        charge = _charge(allowed, offer, opened.snapshot, ports)
        if offer.measurement is None:
            return _repeated(offer, charge, ports.ledger)
        statements = _prepared(offer, opened)  # what the engine cannot plan is not charged
        _reserve(charge, ports.ledger)  # durable from here
    try:
        results = [opened.engine.run(one.sql, one.keys) for one in statements]  # reads private rows
        most = allowed.dataset.spec.queries.max_cells
        drawn = draw(offer.plan, offer.measurement, statements, results, most)  # the randomness
        release = offer.with_drawn(drawn, charge.query_id)
        released = _answer(offer, charge, release)
        receipt = ports.ledger.release(charge, release.to_bytes(released))
    except BaseException as error:
        with suppress(InternalError):  # a second failure does not hide the first
            ports.ledger.abandon(charge)  # the charge stays
        if isinstance(error, GatewayError) or not isinstance(error, Exception):
            raise
        raise InternalError(charge.query_id) from None  # a vendor's words may quote a row
    return replace(released, receipt=receipt)


def _reserve(charge: Charge, ledger: Ledger) -> None:
    """Charge; where it fails after the debit, as on a full disk, nobody waits for its answer."""
    try:
        ledger.reserve(charge)
    except RefusalError:
        raise  # nothing was debited
    except BaseException:
        with suppress(GatewayError):  # a second failure does not hide the first
            ledger.abandon(charge)  # the charge stays, if there is one
        raise


def quote(request: Request, ports: Ports) -> Quote:
    """Price one question without charging or reading anything private.

    Raises:
        UnsupportedQueryError: The SQL cannot be answered.
        PolicyDeniedError: A policy says no.
    """
    allowed = allowed_plan(request, ports.policies)
    opened = ports.datasets.get(request.access.dataset)  # none before the first ingest
    offer = offer_of(allowed, None if opened is None else opened.snapshot, ports.ledger)
    if opened is not None and offer.measurement is not None:
        _prepared(offer, opened)
    return offer.quote


def _prepared(offer: Offer, opened: OpenDataset) -> tuple[Statement, ...]:
    """Return the statements of a plan, each of which the engine can plan."""
    statements = compile_plan(offer.plan)
    for one in statements:
        opened.engine.prepare(one.sql)
    return statements


def _opened(request: Request, ports: Ports) -> OpenDataset:
    opened = ports.datasets.get(request.access.dataset)
    if opened is None:
        raise UnsupportedQueryError(
            "the dataset holds no data yet",
            code="SYS-NO-SNAPSHOT",
            remedy="ask the steward to run the ingest",
        )
    return opened


def _charge(allowed: Allowed, offer: Offer, snapshot: str, ports: Ports) -> Charge:
    access = allowed.request.access
    related = allowed.related(snapshot, ports.ledger)
    return Charge(
        query_id=ports.new_query_id(),
        time=access.time,
        principal=access.principal,
        project=access.project,
        dataset=access.dataset,
        snapshot=snapshot,
        purpose=access.purpose,
        policy_digest=allowed.policy_digest,
        template=offer.quote.template,
        cache_key=offer.derived_from or allowed.key(snapshot),
        loss=offer.quote.loss,
        follows=offer.follows,
        family=related.family(allowed.question),
        wording=wording_of(allowed.request, allowed.plan.suppress_below),
        derived=offer.derived_from is not None,
    )


def _answer(offer: Offer, charge: Charge, release: Kept) -> Answer:
    # a combination's values are doubles, and all that is done with them is arithmetic
    noisy = cast("Vectors", release.noisy)
    rows = released_rows(offer.plan, noisy, offer.quote.confidence, release.keys)
    return Answer(
        query_id=release.query_id,
        columns=offer.plan.columns,
        rows=rows.rows,
        suppressed=rows.suppressed,
        quote=offer.quote,
        charged=charge.loss,
        repeated=offer.measurement is None,
        policy_digest=charge.policy_digest,
        receipt=None,
    )


def _repeated(offer: Offer, charge: Charge, ledger: Ledger) -> Answer:
    """Answer from stored noisy statistics: post-processing, so it costs nothing."""
    assert offer.kept is not None  # noqa: S101  without a kept release there is a draw missing
    return replace(_answer(offer, charge, offer.kept), receipt=ledger.repeat(charge))


@contextmanager
def _refusals_recorded(request: Request, ports: Ports) -> Iterator[None]:
    """Append one entry for a refusal, then pass it on."""
    try:
        yield
    except RefusalError as error:
        receipt = ports.ledger.deny(_denial(request, ports, error))
        error.entry, error.proof = receipt.index, receipt.proof
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
        return template(parse(split_options(request.sql)[1], dataset))
    except UnsupportedQueryError:
        return ""
