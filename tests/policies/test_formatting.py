from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import policies
from policies.documents import parse_document
from policies.errors import DeclarationError
from policies.formatting import formatted
from tests.policies.declarations import DATASET, PROJECT
from tests.policies.lint_cases import GATEWAY

EXAMPLES = Path(policies.__path__[0]) / "examples"
SHIPPED = [
    path
    for path in sorted(EXAMPLES.rglob("*.yaml"))
    if path.parent.name in {"datasets", "projects"} or path.name == "gateway.yaml"
]
SHUFFLED = """\
# Of the ward.
kind: ProjectPolicy

# Which version of the form.
apiVersion: 'gateway.policy/v1'
spec:
  # Why.
  purposes: [epidemiology]
  datasets:
  # Only one.
  - tables: {patients: [sex]}   # few columns
    id: ward
  members: []
  budget: {epsilon: '2'}


metadata:
      title: Sugar
      version: 1
      # Stable.
      id: sugar
"""
TIDY = """\
# Of the ward.
# Which version of the form.
apiVersion: "gateway.policy/v1"
kind: ProjectPolicy

metadata:
  # Stable.
  id: sugar
  version: 1
  title: Sugar
spec:
  datasets:
    # Only one.
    - id: ward
      tables: {patients: [sex]} # few columns
  # Why.
  purposes: [epidemiology]
  members: []
  budget: {epsilon: "2"}
"""


def tidy(text: str) -> str:
    return formatted(text.encode(), "x.yaml")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_every_shipped_declaration_is_tidy(path: Path) -> None:
    assert formatted(path.read_bytes(), path.name) == path.read_text("utf-8")


def test_keys_are_put_in_order_and_comments_stay_with_them() -> None:
    assert tidy(SHUFFLED) == TIDY
    assert tidy(TIDY) == TIDY


def test_long_lists_are_broken_below_their_key() -> None:
    words = ", ".join(f"epidemiology-{number}" for number in range(12))
    text = tidy(PROJECT.replace("[epidemiology]", f'[{words}, "a \\"b\\", c"]'))
    (lines,) = re.findall(r"  purposes:\n((?:    .*\n)+)  members", text)

    assert lines.startswith("    [epidemiology-0, ")
    assert lines.endswith('"a \\"b\\", c"]\n')
    assert all(len(line) <= 100 for line in lines.splitlines())
    assert tidy(text) == text


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([DATASET, PROJECT, GATEWAY, SHUFFLED]), st.integers(0, 10**6))
def test_tidying_twice_is_tidying_once_and_says_the_same(text: str, seed: int) -> None:
    mixed = with_noise(text, random.Random(seed))  # noqa: S311  blanks and comments
    once = tidy(mixed)

    assert tidy(once) == once
    assert parse_document(once.encode(), "x").tree == parse_document(mixed.encode(), "x").tree
    assert sorted(re.findall("# .*", once)) == sorted(
        found.rstrip() for found in re.findall("# .*", mixed)
    )


def with_noise(text: str, draw: random.Random) -> str:
    """Put comments, blank lines and spaces where they change nothing."""
    lines = []
    for line in text.splitlines():
        indent = " " * (len(line) - len(line.lstrip()))
        if draw.random() < 0.2:
            lines.append(f"{indent}# note {draw.randrange(9)}")
        if draw.random() < 0.1:
            lines.append("")
        lines.append(line + " " * draw.randrange(3))
    return "\n".join(lines) + "\n" * draw.randrange(4)


@pytest.mark.parametrize(
    "text",
    [
        PROJECT.replace("[epidemiology]", "[epidemiology, # why\n    planning]"),
        PROJECT.replace("purposes: [epidemiology]", "purposes: {a: 1, # why\n    b: 2}"),
    ],
)
def test_a_comment_is_never_lost(text: str) -> None:
    try:
        told = tidy(text)
    except DeclarationError as error:
        told = f"{error.code} # why" if error.code == "YAML-COMMENT" else ""

    assert "# why" in told


def test_what_the_writer_would_change_is_left_alone() -> None:
    with pytest.raises(DeclarationError) as caught:
        tidy("kind: Other\na: 2026-13-45\n")

    assert caught.value.code == "YAML-COMMENT"


@settings(max_examples=300, deadline=None)
@given(st.text("ab:-'\"#[]{}, \n|>0.=~!2", max_size=40))
def test_whatever_is_written_is_tidied_or_refused(text: str) -> None:
    try:
        once = tidy(text)
    except DeclarationError:
        return

    assert parse_document(once.encode(), "x").tree == parse_document(text.encode(), "x").tree
    assert tidy(once) == once


def test_what_cannot_be_read_is_told_as_by_the_lint() -> None:
    with pytest.raises(DeclarationError) as caught:
        tidy("a: 1\na: 2\n")

    assert caught.value.code == "YAML-DUP"


def test_other_kinds_are_laid_out_and_keep_their_order() -> None:
    assert tidy("kind: Other\nb: 1\na:   'x'\n") == 'kind: Other\nb: 1\na: "x"\n'
