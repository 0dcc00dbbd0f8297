"""Declarations beside the files that they were read from, so that what is wrong has its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from policies.approvals import ApprovalKey, ApprovalPolicy
from policies.datasets import DatasetPolicy
from policies.documents import Document
from policies.gateway import GatewayPolicy
from policies.model import Metadata
from policies.projects import ProjectPolicy

__all__ = ["Declarations", "Declared", "Policy"]

Policy = TypeVar("Policy", DatasetPolicy, ProjectPolicy, GatewayPolicy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared(Generic[Policy]):
    """A declaration and the file that it was read from.

    Attributes:
        policy: What is declared.
        document: The file, with positions.
        path: The file's name, relative to the folder of the policies.
    """

    policy: Policy
    document: Document
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Declarations:
    """All declarations of one folder, each valid by itself.

    Attributes:
        gateway: The ceilings; None where there is no such file.
        datasets: In the order of their files.
        projects: In the order of their files.
        digest: Of all files that were read; see ``policies.folders.PolicyFolder.digest``.
        approvals: Whether changes need approval; None where nothing says so.
        approvals_document: The file that says so.
        keys: Public keys of those who approve, by id.
        files: Bytes of all files read, by path relative to the folder.
    """

    gateway: Declared[GatewayPolicy] | None
    datasets: tuple[Declared[DatasetPolicy], ...]
    projects: tuple[Declared[ProjectPolicy], ...]
    digest: str
    approvals: ApprovalPolicy | None = None
    approvals_document: Document | None = None
    keys: Mapping[str, ApprovalKey] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)

    def dated(self) -> Iterator[tuple[Document, Metadata]]:
        """Give each dataset's and each project's file with the days that it declares."""
        yield from ((one.document, one.policy.metadata) for one in self.datasets)
        yield from ((one.document, one.policy.metadata) for one in self.projects)
