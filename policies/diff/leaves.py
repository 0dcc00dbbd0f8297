"""A declaration as its single statements: every key that has no key below it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from pydantic import TypeAdapter

from policies.datasets import DatasetPolicy
from policies.documents import TreePath
from policies.gateway import GatewayPolicy
from policies.projects import ProjectPolicy

__all__ = ["Forms", "leaves"]

_Below: TypeAlias = dict[str | int | None, "_Below"]


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


class Forms:
    """Paths of the forms ``a/*/b``, where ``*`` stands for any one key."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._below: _Below = {}
        for pattern in patterns:
            below = self._below
            for part in pattern.split("/"):
                below = below.setdefault(part, {})
            below[None] = {}  # a path may end here

    def __contains__(self, path: TreePath) -> bool:
        found = [self._below]
        for part in path:
            found = [below[key] for below in found for key in {part, "*"} if key in below]
        return any(None in below for below in found)
