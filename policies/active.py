"""The set of declarations in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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
    """

    datasets: Mapping[str, DatasetPolicy] = field(default_factory=dict)
    projects: Mapping[str, ProjectPolicy] = field(default_factory=dict)
    gateway: GatewayPolicy | None = None
    documents: Mapping[tuple[Layer, str], Document] = field(default_factory=dict)
    digest: str = ""
