from __future__ import annotations

from pathlib import Path

import pytest

import policies
from policies.load import load_policies

EXAMPLES = Path(policies.__path__[0]) / "examples"
FOLDERS = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())


def test_there_are_examples() -> None:
    assert "demo" in FOLDERS
    assert len(FOLDERS) >= 4


@pytest.mark.parametrize("name", FOLDERS)
def test_every_shipped_example_loads_and_grants_something(name: str) -> None:
    active = load_policies(EXAMPLES / name)

    assert active.datasets
    assert all(project.spec.members for project in active.projects.values())
    assert {grant.id for one in active.projects.values() for grant in one.spec.datasets} == set(
        active.datasets
    )
