"""What would become of a question under some declarations: planned and decided, never asked."""

from __future__ import annotations

from dataclasses import dataclass

from policies.active import PolicySet
from policies.decisions import QueryFacts
from policies.errors import RefusalError
from query.allowed import Allowed, allowed_plan, facts_of
from query.answers import Quote, Request
from query.bound import price_asked, with_keys_delta
from query.explain import quote_of
from query.options import confidence_of, with_options
from query.planning import question_asked

__all__ = ["Trial", "try_question"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The outcome; no ledger was asked, so budgets and stored answers are not looked at.

    Attributes:
        refusal: Why it would be refused; None where it would be answered.
        facts: What the question uses; None where it cannot be read, or there is no such dataset.
        quote: Price and worth, as if asked for the first time; None where it would be refused.
    """

    refusal: RefusalError | None
    facts: QueryFacts | None
    quote: Quote | None


def try_question(request: Request, policies: PolicySet) -> Trial:
    """Decide and plan a question as the service does, without data and without charge."""
    try:
        allowed = allowed_plan(request, policies)
    except RefusalError as error:
        return Trial(refusal=error, facts=_facts(request, policies), quote=None)
    return Trial(
        refusal=None,
        facts=facts_of(allowed.question, allowed.dataset, allowed.measurement.loss),
        quote=_quote(allowed),
    )


def _quote(allowed: Allowed) -> Quote:
    confidence = confidence_of(allowed.request)
    return quote_of(allowed.plan, allowed.measurement, allowed.dataset, confidence)


def _facts(request: Request, policies: PolicySet) -> QueryFacts | None:
    """Return what a refused question uses, where it could be read."""
    dataset = policies.datasets.get(request.access.dataset)
    if dataset is None:
        return None
    try:
        request = with_options(request)
        question = question_asked(request.sql, dataset, request.access)
        loss = price_asked(dataset, request.loss)
        return facts_of(question, dataset, with_keys_delta(loss, question, dataset, request.delta))
    except (RefusalError, RecursionError):
        return None
