"""A declaration as its single statements: every key that has no key below it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import TypeAdapter

from policies.datasets import DatasetPolicy
from policies.documents import TreePath
from policies.gateway import GatewayPolicy
from policies.projects import ProjectPolicy

__all__ = ["leaves", "matches"]


def leaves(
    policy: DatasetPolicy | ProjectPolicy | GatewayPolicy,
) -> Iterator[tuple[TreePath, object]]:
    """Give each statement of a declaration with its path, those by default as well.

    Lists are one statement: their order may matter.
    """
    document = TypeAdapter(type(policy)).dump_python(policy, mode="json")
    return _below((), document)


def _below(path: TreePath, node: Any) -> Iterator[tuple[TreePath, object]]:  # noqa: ANN401  JSON
    if isinstance(node, Mapping) and node:
        for key, value in node.items():
            yield from _below((*path, key), value)
    else:
        yield path, node


def matches(path: TreePath, pattern: str) -> bool:
    """Say whether a path is of the form ``a/*/b``, where ``*`` stands for any one key."""
    parts = pattern.split("/")
    return len(path) == len(parts) and all(
        want in {"*", part} for want, part in zip(parts, path, strict=True)
    )
