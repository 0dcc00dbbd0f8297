"""From what the engine returned to noisy statistics: the one step that draws randomness."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from query.bound import Measurement
from query.compile import Statement
from query.kept import NoisyVectors
from query.mechanisms import BuiltKeyed, ExactVectors, Key
from query.plan import Part, Plan
from query.ports import ExactRow
from query.private_keys import is_known
from query.release import exact_vectors, measured

__all__ = ["Candidates", "Drawn", "candidates_of", "draw"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What one draw released.

    Attributes:
        noisy: One vector for each statistic, in the order of the cells or of the keys.
        keys: Private keys that were selected, as the engine writes them; None where keys are
            public.
    """

    noisy: NoisyVectors
    keys: tuple[Key, ...] | None = None


def draw(
    plan: Plan,
    measurement: Measurement,
    statements: Sequence[Statement],
    results: Sequence[Sequence[ExactRow]],
    max_keys: int,
) -> Drawn:
    """Draw the noise of a plan, once.

    Args:
        plan: What was computed.
        measurement: Releases it.
        statements: What was run.
        results: The rows of each statement.
        max_keys: Private keys of one answer at most: those with the largest noisy counts.
    """
    if not isinstance(measurement, BuiltKeyed):
        return Drawn(noisy=measurement.release(exact_vectors(plan, statements, results)))
    found = candidates_of(plan, statements, results)
    released, vectors = measurement.release(found.counts, found, max_keys)
    raised = plan.parts[0].least - 1
    return Drawn(
        noisy=(tuple(count + raised for count in released.values()), *vectors),
        keys=tuple(released),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidates(Mapping[Key, ExactVectors]):
    """From keys with enough units to the vectors of all statistics but the first.

    Attributes:
        part: Their grouping.
        counts: For each key, by how many its units are more than one below ``least``. One unit
            changes it by at most 1, as it does the number of units itself.
        entries: For each key, what the engine returned: place of a statistic, bucket and integer
            of one entry after the other, since there may be millions.
    """

    part: Part
    counts: dict[Key, int]
    entries: dict[Key, array[int]] = field(repr=False)

    def __getitem__(self, key: Key) -> ExactVectors:
        """Return one vector for each statistic that is measured over the selected keys."""
        flat = self.entries[key]
        vectors = [[0] * one.buckets for one in self.part.statistics]
        for place, bucket, value in zip(flat[::3], flat[1::3], flat[2::3], strict=True):
            vectors[place][bucket] = value
        pairs = zip(vectors[1:], self.part.statistics[1:], strict=True)
        return tuple(measured(vector, one) for vector, one in pairs)

    def __iter__(self) -> Iterator[Key]:
        return iter(self.counts)

    def __len__(self) -> int:
        return len(self.counts)


def candidates_of(
    plan: Plan, statements: Sequence[Statement], results: Sequence[Sequence[ExactRow]]
) -> Candidates:
    """Gather the rows of all statements by key.

    Keys outside what is declared, or outside the calendar, are left out: whether a key is depends
    on the key alone.
    """
    (part,) = plan.parts
    width = len(part.keys)
    known = is_known(plan.question.keys)
    entries: dict[Key, array[int] | None] = {}
    counts: dict[Key, int] = {}
    for statement, rows in zip(statements, results, strict=True):
        for row in rows:
            key = tuple(row[:width])
            if key not in entries:
                entries[key] = array("q") if known(key) else None
            of_key = entries[key]
            if of_key is None:
                continue
            bucket, values = 0, row[width:]
            if statement.has_buckets:
                bucket, *values = (int(value or 0) for value in values)
            for place, value in zip(statement.statistics, values, strict=True):
                if place == 0:
                    counts[key] = int(value or 0) - part.least + 1
                of_key.extend((place, bucket, int(value or 0)))
    return Candidates(
        part=part,
        counts={key: count for key, count in counts.items() if count > 0},
        entries={key: one for key, one in entries.items() if one is not None},
    )
