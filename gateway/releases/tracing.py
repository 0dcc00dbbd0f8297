"""Whose release a file is, by the marks in its stand-ins."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from anonymizers.keys import bears_mark
from gateway.releases.making import mark_key
from gateway.releases.states import ReleaseState

__all__ = ["trace"]

_STAND_IN: Final = re.compile(r"[a-z2-7]{26}")
_LOOKED_AT: Final = 1000
"""Stand-ins of a column that are tried; one would do, others may be of another release."""


def trace(
    table: pa.Table, states: Mapping[str, ReleaseState], master: bytes
) -> tuple[ReleaseState, ...]:
    """Return the releases of which a table has stand-ins, destroyed ones as well.

    A table without stand-ins tells nothing: values that are equal in all releases bear no mark.

    Args:
        table: As text.
        states: All releases.
        master: Master secret of the deployment.
    """
    found: set[str] = set()
    for column in table.columns:
        found |= {one for one in pc.unique(column).to_pylist()[:_LOOKED_AT] if _is_stand_in(one)}
    return tuple(
        state
        for name, state in states.items()
        if any(bears_mark(mark_key(master, state.request.dataset, name), one) for one in found)
    )


def _is_stand_in(value: object) -> bool:
    return isinstance(value, str) and _STAND_IN.fullmatch(value) is not None
