"""Public category lists: read from CSV files beside the declarations and put in their place."""

from __future__ import annotations

import copy
import csv
import io
from collections.abc import Iterator
from pathlib import PurePosixPath

from policies.documents import Document, Tree, TreePath
from policies.errors import DeclarationError, Position
from policies.folders import PolicyFolder

__all__ = ["read_categories", "with_categories"]


def with_categories(
    document: Document, folder: PolicyFolder
) -> tuple[dict[str, Tree], tuple[DeclarationError, ...]]:
    """Return a dataset's tree in which each ``categories_ref`` has become ``categories``.

    Args:
        document: The declaration; it is left as it is.
        folder: Where the references lead.

    Returns:
        The tree, and what is wrong with the lists that stay references: they are missing,
        outside the folder, or not proper lists.
    """
    tree = copy.deepcopy(document.tree)
    problems: list[DeclarationError] = []
    for path, use in _uses(tree):
        reference = use.get("categories_ref")
        if not isinstance(reference, str) or "categories" in use:
            continue
        try:
            use["categories"] = list(_follow(reference, document, path, folder))
            del use["categories_ref"]
        except DeclarationError as error:
            problems.append(error)
    return tree, tuple(problems)


def read_categories(folder: PolicyFolder, path: str) -> tuple[str, ...]:
    """Return the first column of a CSV file, without its header, in the order of the file.

    Args:
        folder: The folder of the policies.
        path: Relative to it.

    Raises:
        DeclarationError: With a code ``REF-…`` and the line, if the file is not UTF-8, not CSV
            (RFC 4180), empty, or names a category twice or an empty one; ``FILE-…`` if it cannot
            be read.
    """
    shown = folder.shown(path)
    try:
        text = folder.read(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DeclarationError(
            "the list is not UTF-8", code="REF-UTF8", remedy="save it as UTF-8", file=shown
        ) from None
    found: dict[str, int] = {}
    for line, row in _rows(text, shown):
        category = row[0]
        if not category.strip():
            raise _wrong(shown, line, "REF-EMPTY", "a category is empty", "fill or delete the line")
        if category in found:
            message = f"the category already stands in line {found[category]}"
            raise _wrong(shown, line, "REF-REPEAT", message, "delete one of the two")
        found[category] = line
    if not found:
        raise _wrong(shown, 1, "REF-EMPTY", "the list has no categories", "add one below a header")
    return tuple(found)


def _rows(text: str, shown: str) -> Iterator[tuple[int, list[str]]]:
    """Give each row after the header with the line on which it ends; blank lines are left out."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader if row]
    except csv.Error:
        line = reader.line_num
        raise _wrong(shown, line, "REF-CSV", "the line is not CSV", "look at its quotes") from None
    yield from rows[1:]


def _uses(tree: dict[str, Tree]) -> Iterator[tuple[TreePath, dict[str, Tree]]]:
    """Give each column's ``dp`` that is a mapping; whatever else is there is not looked at."""
    spec = tree.get("spec")
    tables = spec.get("tables") if isinstance(spec, dict) else None
    for table, declared in tables.items() if isinstance(tables, dict) else ():
        columns = declared.get("columns") if isinstance(declared, dict) else None
        for name, column in columns.items() if isinstance(columns, dict) else ():
            use = column.get("dp") if isinstance(column, dict) else None
            if isinstance(use, dict):
                yield ("spec", "tables", table, "columns", name, "dp"), use


def _follow(
    reference: str, document: Document, path: TreePath, folder: PolicyFolder
) -> tuple[str, ...]:
    place = (*path, "categories_ref")
    parts = PurePosixPath(reference).parts
    if "\\" in reference or not parts or parts[0] == "/" or ".." in parts:
        raise document.error(
            "the list is outside the folder of the policies",
            code="FILE-OUTSIDE",
            remedy="copy it to refdata/ and write refdata/NAME.csv",
            path=place,
        )
    if not reference.endswith(".csv"):
        raise document.error(
            "the list is not a CSV file",
            code="FILE-NAME",
            remedy="save it as refdata/NAME.csv",
            path=place,
        )
    try:
        return read_categories(folder, reference)
    except DeclarationError as error:
        if error.code != "FILE-MISSING":
            raise
        raise document.error(
            f"there is no file {reference} in the folder of the policies",
            code=error.code,
            remedy="add it, or correct the name",
            path=place,
        ) from None


def _wrong(shown: str, line: int, code: str, message: str, remedy: str) -> DeclarationError:
    return DeclarationError(
        message, code=code, remedy=remedy, file=shown, position=Position(line, 1)
    )
