"""The privacy units of a dataset: who they are, and under what number they are stored."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from anonymizers.keys import keyed_bytes, salt

__all__ = ["Units"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """All units that are stored.

    Attributes:
        texts: The source's name of each; its place here is its stored number, from 0.
        salts: 31 bits of an HMAC of each, as int32.
        source: The names of all units in the source, also of those whose rows were rejected.
    """

    texts: pa.Array = field(repr=False)
    salts: pa.Array = field(repr=False)
    source: pa.Array = field(repr=False)

    @classmethod
    def of(cls, stored: pa.Array, source: pa.Array, *, key: bytes) -> Units:
        """Number the units in the order of a keyed hash, which says nothing of who they are.

        Args:
            stored: Names of the units to store; may repeat.
            source: Names of all units of the source.
            key: Secret of the order and of the salts.
        """
        names = pc.unique(stored).to_pylist()
        names.sort(key=lambda name: keyed_bytes(key, "unit order", name))
        return cls(
            texts=pa.array(names, pa.string()),
            salts=pa.array([salt(key, name) for name in names], pa.int32()),
            source=source,
        )

    def __len__(self) -> int:
        return len(self.texts)

    def numbers(self, texts: pa.Array | pa.ChunkedArray) -> pa.ChunkedArray:
        """Return the stored number of each unit, as int64; NULL for one that is not stored."""
        return pc.cast(pc.index_in(texts, value_set=self.texts), pa.int64())

    def in_source(self, texts: pa.Array | pa.ChunkedArray) -> pa.ChunkedArray:
        """Say of each unit whether the source's list of units has it."""
        return pc.is_in(texts, value_set=self.source)
