"""What can go wrong with what is kept of jobs."""

from __future__ import annotations

from gateway.problems import new_incident
from policies.errors import InternalError

__all__ = ["JobsFaultError"]


class JobsFaultError(InternalError):
    """The file of jobs cannot be read or written, such as on a full disk; no charge is in it."""

    code = "SYS-JOBS"

    def __init__(self) -> None:
        super().__init__(new_incident())
