"""Whatever an error tells people to set can be set."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

from tests.architecture.sources import PACKAGES, ROOT, modules, named, tree

SETTINGS = frozenset(
    re.findall(
        r"^\| `([a-z_.]+)` \|", (ROOT / "docs" / "settings.md").read_text("utf-8"), re.MULTILINE
    )
)
SECTIONS = "|".join(sorted({name.partition(".")[0] for name in SETTINGS if "." in name}))
NAME = re.compile(rf"\bset `?([a-z]+(?:[._][a-z]+)+)|(?<![\w./-])((?:{SECTIONS})\.[a-z_]+)")
FILES = frozenset({"log.checkpoint"})
"""What has the form of a setting's name, and is a file's."""


def declared(schema: Any) -> Iterator[str]:  # noqa: ANN401  as JSON has it
    """Yield the names of all fields that declarations have."""
    if isinstance(schema, dict):
        yield from schema.get("properties", ())
        schema = [*schema.values()]
    if isinstance(schema, list):
        for part in schema:
            yield from declared(part)


def remedies() -> Iterator[tuple[str, str]]:
    """Yield what errors tell people to do, each with its place."""
    for path in modules(*PACKAGES):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.keyword) and node.arg == "remedy":
                texts = [
                    part.value
                    for part in ast.walk(node.value)
                    if isinstance(part, ast.Constant) and isinstance(part.value, str)
                ]
                yield " ".join(texts), f"{named(path)}:{node.value.lineno}"
    page = (ROOT / "docs" / "errors.md").read_text("utf-8").splitlines()
    for number, line in enumerate(page, 1):
        if line.startswith("| `"):
            yield line.rsplit("|", 2)[1], f"docs/errors.md:{number}"


def test_every_setting_that_a_remedy_names_exists() -> None:
    schema = json.loads((ROOT / "policies" / "gateway-policy-v1.schema.json").read_text("utf-8"))
    known = SETTINGS | frozenset(declared(schema)) | FILES
    found = {
        (one or other, place) for text, place in remedies() for one, other in NAME.findall(text)
    }

    assert len(found) >= 10
    assert {(name, place) for name, place in found if name not in known} == set()
