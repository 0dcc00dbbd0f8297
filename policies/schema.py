"""JSON Schema of the declared kinds, for editors and for telling which keys are allowed where."""

from __future__ import annotations

from functools import cache
from typing import Any, Final, cast

from pydantic import TypeAdapter

from policies.documents import Tree, TreePath

__all__ = ["allowed_keys", "child", "json_schema"]

_Node = dict[str, Any]
_BRANCHES: Final = ("anyOf", "oneOf", "allOf")


def child(tree: Tree, part: str | int) -> tuple[Tree] | tuple[()]:
    """Return what a key or an index leads to, alone in a tuple, or nothing."""
    if isinstance(tree, dict) and isinstance(part, str) and part in tree:
        return (tree[part],)
    if isinstance(tree, list) and isinstance(part, int) and part < len(tree):
        return (tree[part],)
    return ()


@cache
def json_schema(kind: type) -> _Node:
    """Return the JSON Schema (draft 2020-12) of ``DatasetPolicy`` or ``ProjectPolicy``."""
    return TypeAdapter(kind).json_schema()


def allowed_keys(kind: type, tree: Tree, path: TreePath) -> tuple[str, ...]:
    """Return the keys that the mapping at ``path`` may have, in declared order.

    Args:
        kind: What is declared, such as ``DatasetPolicy``.
        tree: The whole file, whose ``kind`` keys choose between variants.
        path: Where in it.

    Returns:
        Declared names; none where any name may stand.
    """
    root = json_schema(kind)
    nodes = _variants(root, root, tree)
    for part in path:
        (tree,) = child(tree, part) or (None,)
        nodes = [variant for node in nodes for variant in _variants(root, _step(node, part), tree)]
    return tuple(dict.fromkeys(key for node in nodes for key in node.get("properties", ())))


def _step(node: _Node, part: str | int) -> _Node:
    if isinstance(part, int):
        fixed = node.get("prefixItems", ())
        return cast("_Node", fixed[part] if part < len(fixed) else node.get("items", {}))
    named = node.get("properties", {}).get(part)
    if named is not None:
        return cast("_Node", named)
    other = node.get("additionalProperties", {})
    return other if isinstance(other, dict) else {}


def _variants(root: _Node, node: _Node, tree: Tree) -> list[_Node]:
    """Return the plain nodes that a node stands for, without references and alternatives."""
    if "$ref" in node:
        return _variants(root, root["$defs"][node["$ref"].rpartition("/")[2]], tree)
    chosen = node.get("discriminator", {}).get("mapping", {})
    tag = tree.get("kind") if isinstance(tree, dict) else None
    if isinstance(tag, str) and tag in chosen:
        return _variants(root, {"$ref": chosen[tag]}, tree)
    branches = [branch for name in _BRANCHES for branch in node.get(name, ())]
    return [node, *(found for branch in branches for found in _variants(root, branch, tree))]
