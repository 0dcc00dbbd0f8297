"""A slow, obvious validator of the part of JSON Schema (2020-12) that our schema uses."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

Node = Mapping[str, Any]


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


TYPES: dict[str, Callable[[object], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": is_number,
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
}


def is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


SAID_ELSEWHERE = {
    *("$schema", "$id", "$defs", "title", "description", "default", "discriminator"),
}


def valid(root: Node, node: Node, value: Any) -> bool:  # noqa: ANN401  JSON
    """Say whether a value is valid; a keyword that is not known here is an error."""
    return all(
        CHECKS[keyword](root, node, value) for keyword in node if keyword not in SAID_ELSEWHERE
    )


def _of_object(root: Node, node: Node, value: Any) -> bool:  # noqa: ANN401  JSON
    if not isinstance(value, dict):
        return True
    named = node.get("properties", {})
    formed = node.get("patternProperties", {})
    other = node.get("additionalProperties", True)
    for key, each in value.items():
        nodes = [named[key]] if key in named else []
        nodes += [one for pattern, one in formed.items() if re.search(pattern, key)]
        rest = [other] if isinstance(other, dict) else []
        if not (nodes or other) or not all(valid(root, one, each) for one in nodes or rest):
            return False
    return True


def _count(root: Node, nodes: list[Node], value: Any) -> int:  # noqa: ANN401  JSON
    return sum(valid(root, node, value) for node in nodes)


def _items(root: Node, node: Node, value: Any) -> bool:  # noqa: ANN401  JSON
    if not isinstance(value, list):
        return True
    fixed = node.get("prefixItems", [])
    rest = node.get("items", {})
    return all(valid(root, one, each) for one, each in zip(fixed, value, strict=False)) and all(
        valid(root, rest, each) for each in value[len(fixed) :]
    )


CHECKS: dict[str, Callable[[Node, Node, Any], bool]] = {
    "$ref": lambda root, node, value: valid(
        root, root["$defs"][node["$ref"].removeprefix("#/$defs/")], value
    ),
    "type": lambda _, node, value: TYPES[node["type"]](value),
    "const": lambda _, node, value: value == node["const"],
    "enum": lambda _, node, value: value in node["enum"],
    "anyOf": lambda root, node, value: _count(root, node["anyOf"], value) > 0,
    "oneOf": lambda root, node, value: _count(root, node["oneOf"], value) == 1,
    "required": lambda _, node, value: (
        not isinstance(value, dict) or set(node["required"]) <= set(value)
    ),
    "properties": _of_object,
    "patternProperties": _of_object,
    "additionalProperties": _of_object,
    "propertyNames": lambda root, node, value: (
        not isinstance(value, dict) or all(valid(root, node["propertyNames"], key) for key in value)
    ),
    "items": _items,
    "prefixItems": _items,
    "minItems": lambda _, node, value: (
        not isinstance(value, list) or len(value) >= node["minItems"]
    ),
    "maxItems": lambda _, node, value: (
        not isinstance(value, list) or len(value) <= node["maxItems"]
    ),
    "minLength": lambda _, node, value: (
        not isinstance(value, str) or len(value) >= node["minLength"]
    ),
    "maxLength": lambda _, node, value: (
        not isinstance(value, str) or len(value) <= node["maxLength"]
    ),
    "pattern": lambda _, node, value: (
        not isinstance(value, str) or re.search(node["pattern"], value) is not None
    ),
    "format": lambda _, __, value: not isinstance(value, str) or is_date(value),
    "minimum": lambda _, node, value: not is_number(value) or value >= node["minimum"],
    "maximum": lambda _, node, value: not is_number(value) or value <= node["maximum"],
    "exclusiveMinimum": lambda _, node, value: (
        not is_number(value) or value > node["exclusiveMinimum"]
    ),
    "exclusiveMaximum": lambda _, node, value: (
        not is_number(value) or value < node["exclusiveMaximum"]
    ),
    "minProperties": lambda _, node, value: (
        not isinstance(value, dict) or len(value) >= node["minProperties"]
    ),
}
