"""What a release and the earlier ones tell together, kept for those who approve it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from gateway.releases.folder import REVIEW, ReleaseFolder, write_private

__all__ = ["Together", "read_together", "write_together"]

_FILE: Final = "together.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """The joint classes of several releases of one table.

    Attributes:
        k: Units in the smallest class that they have together, when the newest was made; None
            where there is no earlier release of the table.
        l: Of so many units at most one has the same sensitive value, in the worst of these
            classes; None where none of the releases has such a column.
        t: Largest distance of a class to the distribution in the whole table, in decimals; None
            likewise.
        releases: Ids of the earlier ones.
    """

    k: int | None
    releases: tuple[str, ...]
    l: int | None = None  # noqa: E741  its name in the literature
    t: str | None = None


def write_together(draft: Path, together: Together) -> None:
    """Write it beside the report; an exact count, which goes when the release is destroyed."""
    write_private(draft / REVIEW / _FILE, json.dumps(asdict(together)).encode() + b"\n")


def read_together(folder: ReleaseFolder) -> Together | None:
    """Read it; None where it is gone, or an earlier version made the release."""
    try:
        raw = (folder.path / REVIEW / _FILE).read_bytes()
        return TypeAdapter(Together).validate_json(raw)
    except (OSError, ValidationError):
        return None
