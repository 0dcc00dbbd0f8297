"""The set of declarations in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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
    """

    datasets: Mapping[str, DatasetPolicy] = field(default_factory=dict)
    projects: Mapping[str, ProjectPolicy] = field(default_factory=dict)
    digest: str = ""
