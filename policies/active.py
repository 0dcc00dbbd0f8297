"""The set of declarations in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from policies.approvals import ApprovalKey, ApprovalPolicy
from policies.datasets import DatasetPolicy
from policies.documents import Document
from policies.gateway import GatewayPolicy
from policies.lattice import Layer
from policies.projects import ProjectPolicy

__all__ = ["PolicySet"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySet:
    """All declarations of one folder, with category lists read in.

    Attributes:
        datasets: By id, each under the gateway's ceilings.
        projects: By id.
        gateway: The ceilings; None for none.
        documents: The files, by the layer and the id of what they declare, so that a place in a
            declaration can be told by its line; their names are relative to the folder.
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
    gateway: GatewayPolicy | None = None
    documents: Mapping[tuple[Layer, str], Document] = field(default_factory=dict)
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
