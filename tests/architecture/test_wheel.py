"""What is installed holds all that the program reads, and nothing that only maintainers need."""

from __future__ import annotations

import pytest
from hatchling.builders.wheel import WheelBuilder

from tests.architecture.sources import ROOT, versioned


@pytest.fixture(scope="module")
def packed() -> set[str]:
    """Names of the files of the wheel, apart from its metadata."""
    builder = WheelBuilder(str(ROOT))
    return {file.distribution_path for file in builder.recurse_included_files()}


def test_every_file_of_the_pages_is_in_the_wheel(packed: set[str]) -> None:
    needed = {
        path.as_posix()
        for path in versioned()
        if path.is_relative_to("gateway/pages")
        and {"templates", "static"} & set(path.parts)
        and path.suffix != ".py"
    }

    assert len(needed) >= 25
    assert needed <= packed


def test_what_the_pages_scripts_are_built_with_is_not(packed: set[str]) -> None:
    assert [name for name in packed if "node_modules" in name] == []
    assert [name for name in packed if name.startswith("gateway/pages/ui/")] == []


def test_nothing_else_than_our_packages_is(packed: set[str]) -> None:
    folders = {name.partition("/")[0] for name in packed}

    assert folders == {"policies", "anonymizers", "query", "gateway"}
