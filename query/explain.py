"""The plan in words, and what each column of the answer is worth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never

from policies.datasets import DatasetPolicy
from query.answers import Quote, QuotedAggregate
from query.canonical import template
from query.mechanisms import BuiltMeasurement
from query.noisy_columns import Origin, origins, plain_origins
from query.plan import Part, Plan, Statistic, StatisticKind
from query.question import LINEAR, AggregateCall
from query.relations import Grouped, Join, Relation
from query.traversal import nested, scans

__all__ = ["quote_of"]


def quote_of(
    plan: Plan, measurement: BuiltMeasurement, dataset: DatasetPolicy, confidence: float
) -> Quote:
    """Describe a plan; a function of query text, policy and declaration only."""
    return Quote(
        loss=measurement.loss,
        cells=plan.cells,
        aggregates=tuple(_quoted(plan, confidence)),
        max_groups=plan.bounds.max_groups,
        max_rows_per_group=plan.bounds.max_rows_per_group,
        confidence=confidence,
        explanation=tuple(_sentences(plan, dataset)),
        template=template(plan.question),
    )


def _sentences(plan: Plan, dataset: DatasetPolicy) -> list[str]:
    unit = dataset.spec.privacy_unit.name
    questions = plan.question.questions
    sentences: list[str] = []
    if len(questions) > 1:
        sentences.append(
            f"{len(questions)} answers are released and put together; their prices add up"
        )
    for place, question in enumerate(questions):
        tables = ", ".join(dict.fromkeys(scan.table for scan in scans(question.relation)))
        sentences.append(f"reads {tables}; each row belongs to one {unit}")
        sentences += [note for one in nested(question.relation) for note in _notes(one)]
        parts = [part for part in plan.parts if part.question == place]
        for part in parts:
            sentences += _of_part(part, unit, several=len(parts) > 1)
    if any(question.keys for question in questions):
        sentences.append(f"every one of {_counted(plan.cells, 'cell')} is released, empty or not")
    if plan.suppress_below:
        sentences.append(f"cells with a noisy count below {plan.suppress_below} are withheld")
    return sentences


def _of_part(part: Part, unit: str, *, several: bool) -> list[str]:
    bounds = part.bounds
    sentences: list[str] = []
    if several:
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


def _notes(relation: Relation) -> tuple[str, ...]:
    return relation.notes if isinstance(relation, Join | Grouped) else ()


def _quoted(plan: Plan, confidence: float) -> Iterator[QuotedAggregate]:
    """Yield what each column that depends on an aggregate is worth."""
    questions = plan.question.questions
    for column, name in enumerate(plan.columns):
        found = list(origins(plan.report, column, questions))
        if not found:
            continue
        calls = [questions[one.question].aggregates[one.aggregate] for one in found]
        measured = _statistics(plan, found)
        yield QuotedAggregate(
            column=name,
            aggregate=", ".join(_named(call) for call in calls),
            mechanism="; ".join(_mechanism(part, place) for part, place in measured),
            sensitivity="; ".join(_moved(part, place) for part, place in measured),
            expected_error=_expected_error(plan, column, confidence),
        )


def _statistics(plan: Plan, origins_found: Iterable[Origin]) -> list[tuple[Part, int]]:
    """Return the statistics under aggregates, in the finest grouping set, each once."""
    places: set[tuple[int, int]] = set()
    for origin in origins_found:
        at = plan.finest(origin.question)
        places |= {(at, place) for place in plan.parts[at].components[origin.aggregate]}
    return [(plan.parts[at], place) for at, place in sorted(places)]


def _mechanism(part: Part, place: int) -> str:
    noise, step = part.noises[place], part.statistics[place].step
    return f"{noise.name}, scale {noise.scale * float(step):.6g}"


def _moved(part: Part, place: int) -> str:
    statistic = part.statistics[place]
    sensitivity = part.bounds.sensitivity(statistic)
    groups = _counted(sensitivity.groups, "group")
    return f"{_amount(sensitivity.per_group, statistic)} in each of {groups}"


def _expected_error(plan: Plan, column: int, confidence: float) -> float | None:
    """Return the half-width of a column of counts or sums; others depend on the data."""
    found = plain_origins(plan.report, column, plan.question.questions)
    calls = [plan.question.questions[one.question].aggregates[one.aggregate] for one in found]
    if not found or not all(call.function in LINEAR for call in calls):
        return None
    return max(
        part.noises[place].half_width(confidence) * float(part.statistics[place].step)
        for part, place in _statistics(plan, found)
    )


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
