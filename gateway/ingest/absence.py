"""Whose rows are passed over as if they were not in the source: the erased, and who opted out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from gateway.ingest.sources import SourceTable
from gateway.ingest.sources.csv_files import Dialect, csv_batches, csv_header
from gateway.storage.tombstones import Tombstones, unit_mark
from policies.datasets import DatasetPolicy
from policies.errors import SourceError

__all__ = ["Absent", "absent_units"]

_LIST: Final = Dialect(encoding="utf-8", delimiter=",", null_tokens=("",))


class Absent:
    """Knows units by their marks alone.

    Args:
        key: Of the marks.
        marks: Of the units that are passed over.
    """

    def __init__(self, key: bytes, marks: frozenset[bytes] = frozenset()) -> None:
        self._key = key
        self._marks = marks
        self._known: dict[str, bool] = {}

    def present(self, units: pa.Array) -> pa.Array | None:
        """Return which rows stay, one bool each; None where all do.

        Args:
            units: The unit of each row, as text; NULL stays.
        """
        if not self._marks:
            return None
        absent = [one for one in pc.unique(units.drop_null()).to_pylist() if self._is_absent(one)]
        if not absent:
            return None
        return pc.invert(pc.is_in(units, value_set=pa.array(absent, pa.string())))

    def _is_absent(self, unit: str) -> bool:
        if unit not in self._known:
            self._known[unit] = unit_mark(self._key, unit) in self._marks
        return self._known[unit]


def absent_units(
    dataset: DatasetPolicy,
    sources: Mapping[str, SourceTable],
    folder: Path,
    key: bytes,
    tombstones: Tombstones,
) -> Absent:
    """Return whose rows are passed over.

    Args:
        dataset: The declaration, which may say where opt-outs are.
        sources: Its tables.
        folder: The data folder.
        key: Of the marks.
        tombstones: Who was erased.

    Raises:
        SourceError: ``SRC-MISSING`` if a declared list of opt-outs is not there.
    """
    opted = {unit_mark(key, unit) for unit in _opted_out(dataset, sources, folder)}
    return Absent(key, tombstones.marks | opted)


def _opted_out(
    dataset: DatasetPolicy, sources: Mapping[str, SourceTable], folder: Path
) -> Iterable[str]:
    unit = dataset.spec.privacy_unit
    if unit.opt_out is None:
        return ()
    if unit.opt_out.file is not None:
        base = folder / dataset.spec.source.path
        return _listed((base if base.is_dir() else base.parent) / unit.opt_out.file)
    table = sources[unit.table]
    names = (unit.column, str(unit.opt_out.column))
    key, said = (table.table.columns[name].derived_from or name for name in names)
    return _saying_no(table, key, said, unit.opt_out.takes_part)


def _saying_no(table: SourceTable, key: str, said: str, yes: tuple[str, ...]) -> set[str]:
    """Return the units of which some row does not say that they take part."""
    found: set[str] = set()
    for batch in table.batches(tuple(dict.fromkeys((key, said)))):
        says = pc.cast(batch.column(said), pa.string())
        no = pc.invert(pc.fill_null(pc.is_in(says, value_set=pa.array(yes)), fill_value=False))
        units = pc.cast(batch.column(key), pa.string()).filter(no)
        found.update(pc.unique(units.drop_null()).to_pylist())
    return found


def _listed(path: Path) -> set[str]:
    if not path.is_file():
        raise SourceError(
            "the list of who opted out is missing",
            code="SRC-MISSING",
            remedy="put it there, if only with its header, or take opt_out out of the declaration",
            file=path.name,
        )
    first = csv_header(path, _LIST)[:1]
    return {
        unit
        for batch in csv_batches(path, first, _LIST)
        for unit in batch.column(0).drop_null().to_pylist()
    }
