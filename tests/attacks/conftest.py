from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.attacks.hospital import Estate, Site, estate


@pytest.fixture
def hospitals(tmp_path: Path) -> Iterator[Estate]:
    with estate(tmp_path) as built:
        yield built


@pytest.fixture(scope="module")
def neighbors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Site]]:
    """The hospital with a patient of 944 visits, and without her."""
    with estate(tmp_path_factory.mktemp("neighbors")) as built:
        yield built.neighbors()
