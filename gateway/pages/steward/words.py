"""What the editor of declarations completes: the keys and the fixed values of their schema."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from policies.kinds import policy_schema

__all__ = ["declaration_words"]


@cache
def declaration_words() -> dict[str, list[str]]:
    """Return all keys of all declarations, and all values that are chosen from a list; sorted."""
    nodes = list(_nodes(policy_schema()))
    keys = {key for node in nodes for key in node.get("properties", {})}
    values = {one for node in nodes for one in _choices(node)}
    return {"keys": sorted(keys), "values": sorted(values)}


def _nodes(part: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401  JSON
    if isinstance(part, dict):
        yield part
    for inner in (
        part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    ):
        yield from _nodes(inner)


def _choices(node: dict[str, Any]) -> list[str]:
    found = [*node.get("enum", ()), node.get("const")]
    return [one for one in found if isinstance(one, str)]
