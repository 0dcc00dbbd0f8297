from __future__ import annotations

import ast
import re

import pytest
from coverage import Coverage

from tests.architecture.sources import PACKAGES, ROOT, modules, named, tree, versioned

TEXT = {".py", ".md", ".toml", ".yaml", ".yml", ".csv", ".txt", ".html", ".css", ".js", ".sql"}
# Written apart, so that this file does not find itself.
MACHINE_PATH = re.compile("|".join(("/" + "home/", "/" + "Users/", "/" + "work/", "C:" + r"\\")))
UNFINISHED = re.compile("|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X:")))
UNEXPLAINED = re.compile(
    r"#\s*(noqa(?!: ?[A-Z]+[0-9]+(, ?[A-Z]+[0-9]+)*\s+\S)"
    r"|type: ?ignore(?!\[[a-z-]+(, ?[a-z-]+)*\]\s*#\s*\S)"
    r"|pragma: ?no)"
)


def lines_with(pattern: re.Pattern[str], folders: tuple[str, ...] | None = None) -> list[str]:
    return [
        f"{path}:{number}"
        for path in versioned()
        if (path.suffix in TEXT or path.name == "run")
        and (folders is None or path.parts[0] in folders)
        for number, line in enumerate((ROOT / path).read_text("utf-8").splitlines(), start=1)
        if pattern.search(line)
    ]


def test_enough_files_were_searched() -> None:
    assert len(versioned()) >= 50


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    assert not lines_with(MACHINE_PATH)


def test_nothing_is_marked_as_unfinished() -> None:
    assert not lines_with(UNFINISHED)


def test_every_exemption_names_its_rule_and_its_reason() -> None:
    assert not lines_with(UNEXPLAINED, PACKAGES)


def test_the_search_for_exemptions_finds_them() -> None:
    hash_sign = "#"
    for wrong in (
        "noqa",
        "noqa: E501",
        "type: ignore",
        "type: ignore[arg-type]",
        "pragma: no cover",
    ):
        assert UNEXPLAINED.search(f"x = 1  {hash_sign} {wrong}"), wrong
    for right in ("noqa: E501  a link", "type: ignore[arg-type]  # why", "a comment"):
        assert not UNEXPLAINED.search(f"x = 1  {hash_sign} {right}"), right


def test_no_exception_is_caught_bare_or_swallowed() -> None:
    swallowed = [
        f"{named(path)}:{node.lineno}"
        for path in modules(*PACKAGES)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler)
        and (
            node.type is None
            or (
                isinstance(node.type, ast.Name)
                and node.type.id in {"Exception", "BaseException"}
                and all(isinstance(step, ast.Pass | ast.Continue) for step in node.body)
            )
        )
    ]
    assert not swallowed


def test_only_settings_reads_the_environment() -> None:
    readers = {
        named(path)
        for path in modules(*PACKAGES)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv"}
    }
    assert readers <= {"gateway/settings.py"}


def test_no_import_hides_behind_type_checking() -> None:
    hidden = [
        f"{named(path)}:{node.lineno}"
        for path in modules(*PACKAGES)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
    ]
    assert not hidden


def test_every_public_module_lists_its_names() -> None:
    without = [
        named(path)
        for path in modules(*PACKAGES)
        if path.name not in {"__init__.py", "__main__.py"}
        and not any(
            isinstance(node, ast.Assign | ast.AnnAssign) and "id='__all__'" in ast.dump(node)
            for node in tree(path).body
        )
    ]
    assert not without


@pytest.mark.unwatched
def test_what_is_not_watched_is_watched_by_nothing() -> None:
    assert Coverage.current() is None
