"""The plan in words, and what each column of the answer is worth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never

from policies.datasets import DatasetPolicy
from policies.privacy import DELTA_UNITS, PrivacyLoss
from query.answers import Quote, QuotedAggregate
from query.bound import Measurement
from query.canonical import template
from query.intervals import half_width
from query.noisy_columns import Origin, origins, plain_origins
from query.plan import Part, Plan, Statistic, StatisticKind
from query.question import LINEAR, AggregateCall, Question
from query.reading import relations_of
from query.relations import Grouped, Join, Relation, Scan, Values
from query.traversal import references

__all__ = ["quote_of"]


def quote_of(
    plan: Plan, measurement: Measurement, dataset: DatasetPolicy, confidence: float
) -> Quote:
    """Describe a plan; a function of query text, policy and declaration only."""
    return Quote(
        loss=measurement.loss,
        cells=plan.cells,
        aggregates=tuple(_quoted(plan, confidence)),
        max_groups=plan.bounds.max_groups,
        max_rows_per_group=plan.bounds.max_rows_per_group,
        confidence=confidence,
        explanation=(*_sentences(plan, dataset), *_selected(plan, measurement.loss, dataset)),
        template=template(plan.question),
        threshold=plan.parts[0].threshold,
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
        relations = list(relations_of(question))
        tables = dict.fromkeys(one.table for one in relations if isinstance(one, Scan))
        sentences.append(f"reads {', '.join(tables)}; each row belongs to one {unit}")
        sentences += dict.fromkeys(note for one in relations for note in _notes(one, unit))
        parts = [part for part in plan.parts if part.question == place]
        for part in parts:
            sentences += _of_part(part, unit, several=len(parts) > 1)
            sentences += _beyond_written(question, part, unit)
        sentences += _without_nulls(question)
    if any(question.keys for question in questions) and not plan.is_keyed:
        done = "measured" if plan.suppress_below else "released"
        sentences.append(f"every one of {_counted(plan.cells, 'cell')} is {done}, empty or not")
    if plan.suppress_below:
        sentences.append(
            f"a row is left out where the noisy count kept for that is below {plan.suppress_below}"
        )
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
        if enforced == "enforced" and bounds.kept is None:
            sentences.append(
                f"to enforce it, the rows of each {unit} are added up first, which takes several "
                "times as long as the plain question; see `bounding` for what was stored for that"
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


def _without_nulls(question: Question) -> Iterator[str]:
    """Say of which keys NULL is no group, so that the groups hold fewer rows than there are."""
    keys = enumerate(question.keys, 1)
    which = [str(n) for n, key in keys if key.expression.domain.nullable and not key.has_null]
    if which:
        yield (
            f"rows in which group key {', '.join(which)} is NULL are left out, as the policy says "
            "of the columns that it is computed from"
        )


def _beyond_written(question: Question, part: Part, unit: str) -> Iterator[str]:
    """Say where rows that the query writes give more groups than a unit may add to."""
    most, read = part.bounds.max_groups, _relations_under(question, part)
    if part.bounds.groups_proved:
        return
    for one in relations_of(question):
        if isinstance(one, Values) and one.alias in read and len(one.rows) > most:
            yield (
                f"the {len(one.rows)} rows that the query writes can put one {unit} into as many "
                f"groups, of which {most} count: write fewer, or one aggregate with FILTER for each"
            )


def _relations_under(question: Question, part: Part) -> set[str]:
    """Return our names of the relations that the group keys are computed from."""
    columns = [one for key in part.keys for one in references(question.keys[key].expression)]
    seen: set[tuple[str, str]] = set()
    while columns:
        column = columns.pop()
        if (column.alias, column.column) not in seen and column.origin is not None:
            columns += references(column.origin)
        seen.add((column.alias, column.column))
    return {alias for alias, _ in seen}


def _notes(relation: Relation, unit: str) -> tuple[str, ...]:
    if isinstance(relation, Scan) and relation.cap is not None:
        return (f"at most {relation.cap:,} rows of one {unit} are read of {relation.table}",)
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
    questions = plan.question.questions
    found = plain_origins(plan.report, column, questions)
    calls = [questions[one.question].aggregates[one.aggregate] for one in found]
    if not found or not all(call.function in LINEAR for call in calls):
        return None
    return max(_half_width(plan, one, confidence) for one in found)


def _half_width(plan: Plan, origin: Origin, confidence: float) -> float:
    part = plan.parts[plan.finest(origin.question)]
    places = part.components[origin.aggregate]
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
