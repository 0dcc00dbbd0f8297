"""What can go wrong with the sealed store, for whoever runs the gateway."""

from __future__ import annotations

from gateway.errors import OperatorError

__all__ = ["StoreError"]


class StoreError(OperatorError):
    """The sealed store cannot be written or opened; never shown to a researcher in these words.

    Codes: ``STO-SEAL`` a sealed file does not open; ``STO-ABSENT`` nothing was ingested yet;
    ``STO-LAYOUT`` the snapshot was made under other declarations; ``STO-RAM`` there is no
    RAM-backed folder, or it is not ours, or it is full; ``STO-BUSY`` another ingest runs;
    ``STO-WRITE`` the store could not be written; ``STO-ERASED`` the snapshot may hold who was
    erased since; ``STO-LIST`` the list of who was erased cannot be read, or is older than the log
    says; ``STO-NO-UNITS`` nobody can be found in the snapshot.
    """

    code = "STO-WRITE"
