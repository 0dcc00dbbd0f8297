"""What several releases of one table tell together: classes that no release alone has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from anonymizers.risk.model import Node, QuasiIdentifier

__all__ = ["Classes", "classes_at", "smallest_joint"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """Which row of a table stands in which class of one release.

    Attributes:
        rows: Names of the rows that left, each once; the same row has the same name in each
            release.
        units: Whose they are.
        codes: A number for each class.
    """

    rows: pa.Array = field(repr=False)
    units: pa.Array = field(repr=False)
    codes: pa.Array = field(repr=False)


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
    places: dict[str, list[int | None]] = {}
    owners: dict[str, str] = {}
    for number, release in enumerate(releases):
        names, units = release.rows.to_pylist(), release.units.to_pylist()
        for name, unit, code in zip(names, units, release.codes.to_pylist(), strict=True):
            places.setdefault(name, [None] * len(releases))[number] = code
            owners[name] = unit
    alike: dict[tuple[int | None, ...], set[str]] = {}
    for name, codes in places.items():
        alike.setdefault(tuple(codes), set()).add(owners[name])
    return min(map(len, alike.values()), default=None)
