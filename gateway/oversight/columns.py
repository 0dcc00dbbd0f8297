"""The columns of notes of the datasets in force, and the pipeline of each without its keys."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

from anonymizers.keys import KEY_BYTES, DateShift
from anonymizers.operators import REVERSIBLE_KEY_BYTES
from anonymizers.text import TextDeidentifier, stricter
from gateway.settings import Settings
from policies.active import PolicySet
from policies.datasets import DatasetPolicy
from policies.shifts import shift_of
from policies.text_operators import Profile
from policies.transforms import DeidentifyText

__all__ = ["NotesColumn", "ThrowawayKeys", "notes_columns"]


@dataclass(frozen=True, slots=True)
class ThrowawayKeys:
    """Keys of no dataset: stand-ins that are shown tell nothing of those that are stored."""

    text: bytes = field(default_factory=lambda: secrets.token_bytes(KEY_BYTES), repr=False)
    shift: bytes = field(default_factory=lambda: secrets.token_bytes(KEY_BYTES), repr=False)
    reversible: bytes = field(
        default_factory=lambda: secrets.token_bytes(REVERSIBLE_KEY_BYTES), repr=False
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NotesColumn:
    """A column of notes, as it is declared.

    Attributes:
        dataset: Its dataset.
        table: Its table.
        name: Its name.
        transform: What ingest does to it.
        least_profile: Operating point of the deployment below which nothing goes.
    """

    dataset: DatasetPolicy = field(repr=False)
    table: str
    name: str
    transform: DeidentifyText
    least_profile: Profile

    @property
    def profile(self) -> Profile:
        """The operating point at which it is read."""
        return stricter(self.transform.profile, self.least_profile)

    def pipeline(self, settings: Settings, keys: ThrowawayKeys) -> TextDeidentifier:
        """Return how ingest reads it, but for what the tables say of each patient."""
        return TextDeidentifier(
            key=keys.text,
            shift=DateShift.of(keys.shift, shift_of(self.dataset)),
            profile=self.profile,
            operator=self.transform.operator,
            operators=self.transform.operators,
            reversible=keys.reversible if self.transform.reversible else None,
            engine=settings.text_engine,
        )


def notes_columns(policies: PolicySet, settings: Settings) -> Iterator[NotesColumn]:
    """Give all columns of notes that are stored, dataset by dataset, as they are declared."""
    for _, dataset in sorted(policies.datasets.items()):
        for table_name, table in dataset.tables.items():
            for name, column in table.stored_columns.items():
                transform = column.effective_transform
                if isinstance(transform, DeidentifyText):
                    yield NotesColumn(
                        dataset=dataset,
                        table=table_name,
                        name=name,
                        transform=transform,
                        least_profile=settings.least_profile,
                    )
