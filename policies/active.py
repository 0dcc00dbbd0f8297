"""The set of declarations in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from policies.approvals import ApprovalKey, ApprovalPolicy
from policies.datasets import DatasetPolicy
from policies.projects import ProjectPolicy

__all__ = ["PolicySet"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySet:
    """All declarations of one folder, with category lists read in.

    Attributes:
        datasets: By id.
        projects: By id.
        digest: ``sha256:`` and 64 hex digits over the sorted (path, SHA-256 of bytes) of all
            files read; it is in every decision, answer and audit entry.
        approvals: Whether changes need approval; None where nothing says so.
        keys: Public keys of those who approve, by id.
        files: Bytes of all files read, by path relative to the folder.
        suspended: What is stopped for now, as ``dataset/ID`` and ``project/ID``; not part of any
            file, and set for each request by whoever serves.
    """

    datasets: Mapping[str, DatasetPolicy] = field(default_factory=dict)
    projects: Mapping[str, ProjectPolicy] = field(default_factory=dict)
    digest: str = ""
    approvals: ApprovalPolicy | None = None
    keys: Mapping[str, ApprovalKey] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False, compare=False)
    suspended: frozenset[str] = frozenset()

    @property
    def needs_approval(self) -> bool:
        """Whether nothing takes the place of this set without signatures."""
        return self.approvals is not None and self.approvals.required

    def with_suspended(self, suspended: Iterable[str]) -> PolicySet:
        """Return the same set, in which these datasets and projects are stopped."""
        stopped = frozenset(suspended)
        return self if stopped == self.suspended else replace(self, suspended=stopped)
