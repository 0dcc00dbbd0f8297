"""The kinds of declarations, and the one JSON Schema of all of them, for editors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from pydantic import TypeAdapter

from policies.datasets import DatasetPolicy
from policies.gateway import GatewayPolicy
from policies.projects import ProjectPolicy

__all__ = ["KINDS", "SCHEMA_FILE", "policy_schema", "schema_text"]

KINDS: Final[Mapping[str, type]] = MappingProxyType(
    {kind.__name__: kind for kind in (DatasetPolicy, ProjectPolicy, GatewayPolicy)}
)
"""From the word after ``kind:`` to what it declares."""
SCHEMA_FILE: Final = "gateway-policy-v1.schema.json"
"""How the file is called that editors read; the shipped one lies beside this module."""


def policy_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of every kind of declaration.

    What it admits may still be refused: it knows each key by itself, and not what keys say of each
    other. What it refuses is always refused.
    """
    inputs: list[tuple[str, Any, TypeAdapter[Any]]] = [
        (name, "validation", TypeAdapter(kind)) for name, kind in KINDS.items()
    ]
    _, joint = TypeAdapter.json_schemas(inputs)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:gateway:{SCHEMA_FILE}",
        "title": "Declarations of a gateway",
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in KINDS],
        "$defs": joint["$defs"],
    }


@cache
def schema_text() -> str:
    """Return the schema as the file has it."""
    return json.dumps(policy_schema(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
