"""What several releases of one table tell together: classes that no release alone has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from anonymizers.risk.counting import ClassCounter, Diversity
from anonymizers.risk.model import Criteria, Node, QuasiIdentifier, Sensitive, encoded

__all__ = ["Classes", "classes_at", "joint_diversity", "smallest_joint"]

_Alike: TypeAlias = tuple[int | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """Which row of a table stands in which class of one release.

    Attributes:
        rows: Names of the rows of the table, each once; the same row has the same name in each
            release.
        units: Whose they are.
        codes: A number for each class; NULL for a row that is left out.
        sensitive: What the release tells of each row beside its class, that of rows which are left
            out included, since all of them are the distribution that a class is compared with;
            None where it tells of no sensitive column.
    """

    rows: pa.Array = field(repr=False)
    units: pa.Array = field(repr=False)
    codes: pa.Array = field(repr=False)
    sensitive: Sensitive | None = None


def classes_at(columns: Sequence[QuasiIdentifier], node: Node) -> pa.Array:
    """Return the class of each row at a node, as whole numbers."""
    codes = pa.array([0] * len(columns[0].codes), pa.int64())
    for column, step in zip(columns, node, strict=True):
        at = pc.take(pa.array(column.table[step], pa.int64()), column.codes)
        wide = pc.add(pc.multiply(codes, len(column.labels[step])), at)
        # Numbered anew each time: a product over many columns has no bound.
        codes = wide.dictionary_encode().indices.cast(pa.int64())
    return codes


def smallest_joint(releases: Sequence[Classes]) -> int | None:
    """Return how few units share their classes in all releases; None where no row left at all.

    Whoever knows a person's quasi-identifiers knows their class in each release, and knows in
    which the person is left out. Two releases are k-anonymous together if those who are alike in
    both, absence included, are k or none: the common refinement of their partitions. Rows that
    left nowhere tell nothing.

    Source: Ganta, Kasiviswanathan and Smith (2008), intersection attacks.
    """
    owners = {
        name: unit
        for release in releases
        for name, unit in zip(release.rows.to_pylist(), release.units.to_pylist(), strict=True)
    }
    alike: dict[_Alike, set[str]] = {}
    for name, codes in _refined(releases).items():
        alike.setdefault(codes, set()).add(owners[name])
    return min(map(len, alike.values()), default=None)


def joint_diversity(releases: Sequence[Classes], told: Classes) -> Diversity | None:
    """Return the worst of what one release tells of its sensitive column, in the classes of all.

    Args:
        releases: Those that are looked at together.
        told: One of them. Only its own rows count: of those that it leaves out it tells nothing.

    Returns:
        None if the release has no sensitive column, or no class of two units or more: of smaller
        ones ``smallest_joint`` tells.
    """
    if told.sensitive is None:
        return None
    refined, numbers = _refined(releases), dict[_Alike, str]()
    # A row that is left out counts for the whole table alone: its own class is too small to judge.
    names = [
        f"{name} left out" if code is None else numbers.setdefault(refined[name], str(len(numbers)))
        for name, code in zip(told.rows.to_pylist(), told.codes.to_pylist(), strict=True)
    ]
    column = encoded("class", pa.array(names, pa.string()), lambda name: (name,), ("class",))
    units = told.units.dictionary_encode().indices
    counter = ClassCounter([column], units=units, sensitive=told.sensitive)
    return counter.diversity((0,), Criteria(k=2))


def _refined(releases: Sequence[Classes]) -> Mapping[str, _Alike]:
    """Return the class in each release, or None, of each row that is in any of them."""
    places: dict[str, list[int | None]] = {}
    for number, release in enumerate(releases):
        for name, code in zip(release.rows.to_pylist(), release.codes.to_pylist(), strict=True):
            if code is not None:
                places.setdefault(name, [None] * len(releases))[number] = code
    return {name: tuple(codes) for name, codes in places.items()}
