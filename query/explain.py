"""The plan in words, and what each column of the answer is worth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from policies.datasets import DatasetPolicy
from policies.privacy import DELTA_UNITS, PrivacyLoss
from query.answers import Quote, QuotedAggregate
from query.bound import Measurement
from query.canonical import template
from query.expressions import AggregateRef, walk
from query.intervals import half_width
from query.plan import Part, Plan, Statistic, StatisticKind
from query.question import LINEAR, AggregateCall, Output, relations_of
from query.relations import Grouped, Join, Relation, Scan

__all__ = ["quote_of"]


def quote_of(
    plan: Plan, measurement: Measurement, dataset: DatasetPolicy, confidence: float
) -> Quote:
    """Describe a plan; a function of query text, policy and declaration only."""
    return Quote(
        loss=measurement.loss,
        cells=plan.cells,
        aggregates=tuple(
            _quoted(plan, output, confidence)
            for output in plan.question.outputs
            if any(isinstance(part, AggregateRef) for part in walk(output.expression))
        ),
        max_groups=plan.bounds.max_groups,
        max_rows_per_group=plan.bounds.max_rows_per_group,
        confidence=confidence,
        explanation=(*_sentences(plan, dataset), *_selected(plan, measurement.loss, dataset)),
        template=template(plan.question),
        threshold=plan.parts[0].threshold,
    )


def _sentences(plan: Plan, dataset: DatasetPolicy) -> list[str]:
    unit = dataset.spec.privacy_unit.name
    relations = list(relations_of(plan.question))
    tables = dict.fromkeys(one.table for one in relations if isinstance(one, Scan))
    sentences = [f"reads {', '.join(tables)}; each row belongs to one {unit}"]
    sentences += dict.fromkeys(note for one in relations for note in _notes(one, unit))
    for part in plan.parts:
        sentences += _of_part(plan, part, unit)
    if plan.question.keys and not plan.is_keyed:
        sentences.append(f"every one of {_counted(plan.cells, 'cell')} is released, empty or not")
    if plan.suppress_below:
        sentences.append(f"cells with a noisy count below {plan.suppress_below} are withheld")
    return sentences


def _selected(plan: Plan, loss: PrivacyLoss, dataset: DatasetPolicy) -> Iterator[str]:
    """Yield how private keys are selected; nothing where keys are public."""
    if not plan.is_keyed:
        return
    (part,), units = plan.parts, f"{dataset.spec.privacy_unit.name}s"
    private = [index for index, key in enumerate(plan.question.keys, 1) if key.is_private]
    which = ", ".join(str(index) for index in private)
    yield (
        f"no public domain is known of group key {which}: keys appear only where a noisy number "
        f"of {units} is {part.threshold} or more, and which those are is not known beforehand"
    )
    if part.least > 1:
        yield f"keys of fewer than {part.least} {units} never appear"
    yield (
        f"delta {loss.delta / DELTA_UNITS:.3g} is charged: the probability that a key of one "
        f"{dataset.spec.privacy_unit.name} appears is no more"
    )
    yield (
        f"at most {_counted(dataset.spec.queries.max_cells, 'key')} are released, those with the "
        "largest noisy numbers"
    )


def _of_part(plan: Plan, part: Part, unit: str) -> list[str]:
    bounds = part.bounds
    sentences: list[str] = []
    if len(plan.parts) > 1:
        sentences.append(f"for {_counted(len(part.keys), 'group key')} of them:")
    sentences += bounds.reasons
    if not bounds.single_row:
        enforced = "proved" if bounds.groups_proved and bounds.rows_proved else "enforced"
        sentences.append(
            f"one {unit} adds to at most {_counted(bounds.max_groups, 'group')}, with the weight "
            f"of at most {_counted(bounds.max_rows_per_group, 'row')} in each ({enforced})"
        )
    for statistic, noise in zip(part.statistics, part.noises, strict=True):
        sensitivity = bounds.sensitivity(statistic)
        sentences.append(
            f"{_described(statistic, unit)}: one {unit} moves it by at most "
            f"{_amount(sensitivity.per_group, statistic)} in each of "
            f"{_counted(sensitivity.groups, 'group')}; {noise.name} noise with standard error "
            f"{noise.standard_error * float(statistic.step):.6g}"
        )
    return sentences


def _notes(relation: Relation, unit: str) -> tuple[str, ...]:
    if isinstance(relation, Scan) and relation.cap is not None:
        return (f"at most {relation.cap:,} rows of one {unit} are read of {relation.table}",)
    return relation.notes if isinstance(relation, Join | Grouped) else ()


def _quoted(plan: Plan, output: Output, confidence: float) -> QuotedAggregate:
    indices = [part.index for part in walk(output.expression) if isinstance(part, AggregateRef)]
    calls = [plan.question.aggregates[index] for index in indices]
    part = plan.parts[0]
    places = sorted({place for index in indices for place in part.components[index]})
    statistics = [part.statistics[place] for place in places]
    noises = [part.noises[place] for place in places]
    amounts = [
        f"{_amount(part.bounds.sensitivity(one).per_group, one)} in each of "
        f"{_counted(part.bounds.sensitivity(one).groups, 'group')}"
        for one in statistics
    ]
    return QuotedAggregate(
        column=output.name,
        aggregate=", ".join(_named(call) for call in calls),
        mechanism="; ".join(
            f"{noise.name}, scale {noise.scale * float(one.step):.6g}"
            for noise, one in zip(noises, statistics, strict=True)
        ),
        sensitivity="; ".join(amounts),
        expected_error=_expected_error(plan, output, confidence),
    )


def _expected_error(plan: Plan, output: Output, confidence: float) -> float | None:
    """Return the half-width of an output that is one count or sum; others depend on the data."""
    if not isinstance(output.expression, AggregateRef):
        return None
    call, part = plan.question.aggregates[output.expression.index], plan.parts[0]
    if call.function not in LINEAR:
        return None
    places = part.components[output.expression.index]
    steps = [float(part.statistics[place].step) for place in places]
    if len(places) > 1:  # a sum of differences from a center, and a count of it
        steps[1] = steps[0] * part.statistics[places[0]].center
    parts = {(place, 0): step for place, step in zip(places, steps, strict=True)}
    return half_width(parts, part.noises, confidence)


def _named(call: AggregateCall) -> str:
    name = call.function.value
    text = name if "(" in name else f"{name}(…)"
    return text if call.where is None else f"{text} FILTER"


def _described(statistic: Statistic, unit: str) -> str:  # noqa: PLR0911  one a kind
    match statistic.kind:
        case StatisticKind.ROWS:
            return "number of rows"
        case StatisticKind.UNITS:
            return f"number of {unit}s"
        case StatisticKind.DISTINCT:
            return "number of different values"
        case StatisticKind.BUCKETS if statistic.tree is not None:
            levels = _counted(statistic.tree.levels, "level")
            return f"rows in a tree of {_counted(statistic.buckets, 'bucket')} and {levels}"
        case StatisticKind.BUCKETS:
            return f"rows in each of {_counted(statistic.buckets, 'bin')}"
        case StatisticKind.SUM if statistic.center:
            middle = float(statistic.center * statistic.step)
            return f"sum of differences from {middle:.6g}"
        case StatisticKind.SUM:
            return "sum"
        case _:
            assert_never(statistic.kind)


def _amount(steps: int, statistic: Statistic) -> str:
    return f"{float(steps * statistic.step):.6g}"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
