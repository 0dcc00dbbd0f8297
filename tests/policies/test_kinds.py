from __future__ import annotations

from pathlib import Path

import pytest

import policies
from policies.documents import parse_document
from policies.kinds import KINDS, SCHEMA_FILE, policy_schema, schema_text
from tests.policies.declarations import DATASET, PROJECT, changed
from tests.policies.json_schema import valid
from tests.policies.lint_cases import GATEWAY

ROOT = Path(policies.__path__[0])
SHIPPED = [
    path
    for path in sorted((ROOT / "examples").rglob("*.yaml"))
    if path.parent.name in {"datasets", "projects"} or path.name == "gateway.yaml"
]
SCHEMA = policy_schema()


def admitted(text: str) -> bool:
    return valid(SCHEMA, SCHEMA, parse_document(text.encode(), "x.yaml").tree)


def test_the_shipped_schema_is_the_one_of_the_declared_kinds() -> None:
    assert (ROOT / SCHEMA_FILE).read_text("utf-8") == schema_text(), (
        "run: gateway policy schema --out policies/" + SCHEMA_FILE
    )
    assert SCHEMA["$schema"].endswith("2020-12/schema")
    assert set(KINDS) <= set(SCHEMA["$defs"])


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_every_shipped_declaration_is_valid_and_says_where_the_schema_is(path: Path) -> None:
    text = path.read_text("utf-8")
    modeline, _, _ = text.partition("\n")

    assert admitted(text)
    assert modeline.startswith("# yaml-language-server: $schema=")
    assert (path.parent / modeline.partition("=")[2]).resolve() == ROOT / SCHEMA_FILE


def test_there_are_declarations_of_every_kind() -> None:
    kinds = {parse_document(path.read_bytes(), "x").tree["kind"] for path in SHIPPED}

    assert len(SHIPPED) >= 12
    assert kinds == set(KINDS)


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        (DATASET, "role: privacy_unit}\n        ssn", "rule: privacy_unit}\n        ssn"),
        (DATASET, "max_cells: 100", "max_cells: many"),
        (DATASET, "max_cells: 100", "max_cells: 0"),
        (DATASET, 'epsilon: "10"', "epsilon: 10"),
        (DATASET, "kind: DatasetPolicy", "kind: ProjectPolicy"),
        (DATASET, "outside: clamp", "outside: clip"),
        (DATASET, "expires_at: 2027-12-31", "expires_at: never"),
        (PROJECT, "purposes: [epidemiology]", "purposes: []"),
        (PROJECT, "role: researcher", "role: reader"),
        (GATEWAY, "max_cells: 10000", "max_cell: 10000"),
        (GATEWAY, "title: Site, ", ""),
    ],
)
def test_the_schema_refuses_what_the_lint_refuses(text: str, old: str, new: str) -> None:
    assert admitted(text)
    assert not admitted(changed(text, old, new))
