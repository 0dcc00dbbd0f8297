"""Exact vectors of private keys, laid side by side so that two databases can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import TypeAlias

from query.compile import compile_plan
from query.draws import Candidates, candidates_of
from query.mechanisms import Key
from query.plan import Plan
from query.private_keys import scalar_keys
from query.release import Vectors
from tests.fakes import DuckDbMemoryEngine

__all__ = ["ByKey", "aligned", "by_key", "candidates", "shown"]

ByKey: TypeAlias = Mapping[Key, Vectors]
"""For each key that occurs, one vector for each statistic, that of its units first."""


def candidates(plan: Plan, engine: DuckDbMemoryEngine) -> Candidates:
    """Return what the keys are selected from."""
    statements = compile_plan(plan)
    return candidates_of(plan, statements, [engine.run(one.sql) for one in statements])


def by_key(plan: Plan, engine: DuckDbMemoryEngine) -> ByKey:
    """Return the vectors of all keys, those of too few units included."""
    found = candidates(replace(plan, parts=(replace(plan.parts[0], least=1),)), engine)
    return {key: ((count,), *found[key]) for key, count in found.counts.items()}


def aligned(plan: Plan, *sides: ByKey) -> list[Vectors]:
    """Return dense vectors over the keys of all sides; a key that one lacks is 0 there."""
    keys = sorted({key for side in sides for key in side}, key=repr)
    lengths = [one.entries for one in plan.statistics]
    nothing = tuple((0,) * length for length in lengths)
    return [
        tuple(
            tuple(entry for key in keys for entry in side.get(key, nothing)[place])
            for place in range(len(lengths))
        )
        for side in sides
    ]


def shown(plan: Plan, found: ByKey) -> dict[tuple[str, ...], Vectors]:
    """Return the same by what researchers would see of the keys, as texts."""
    keys = list(found)
    scalars = scalar_keys(plan.question, keys)
    return {
        tuple(map(_text, scalar)): found[key] for key, scalar in zip(keys, scalars, strict=True)
    }


def _text(value: object) -> str:
    return str(Fraction(value)) if isinstance(value, int | Fraction) else str(value)
