"""What the files say differently, statement by statement, with the line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from policies.active import PolicySet
from policies.datasets import DatasetPolicy
from policies.documents import Document, Tree, TreePath
from policies.lattice import Layer
from policies.pointers import pointer

__all__ = ["Edit", "edits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One statement that is written otherwise.

    Attributes:
        place: ``file:line:column`` where it stands, in the new file where it stands there.
        at: JSON Pointer (RFC 6901) into the declaration; empty for the file as a whole.
        before: What was written, as JSON; empty for nothing.
        after: What is written then; the same.
    """

    place: str
    at: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.place} {self.at or 'file'}: {self.before or '-'} → {self.after or '-'}"


def edits(before: PolicySet, after: PolicySet) -> tuple[Edit, ...]:
    """Return what is written otherwise, sorted by file; both sets were read from files.

    A list of categories in a file of its own is one statement, told by its length.
    """
    keys = sorted({*before.documents, *after.documents}, key=lambda key: (key[0].value, key[1]))
    found: list[Edit] = []
    for key in keys:
        old, new = before.documents.get(key), after.documents.get(key)
        found.extend(_of_file(old, new))
        if old is not None and new is not None and key[0] is Layer.DATASET:
            found.extend(_of_lists(new, before.datasets[key[1]], after.datasets[key[1]]))
    return tuple(found)


def _of_file(before: Document | None, after: Document | None) -> Iterator[Edit]:
    if before is None:
        assert after is not None  # noqa: S101  a key is that of a file, before or after
        yield Edit(place=f"{after.file}:1:1", at="", before="", after="new")
    elif after is None:
        yield Edit(place=f"{before.file}:1:1", at="", before="there", after="")
    else:
        old, new = dict(_statements(before.tree)), dict(_statements(after.tree))
        for path in dict.fromkeys((*new, *old)):
            if path not in old or path not in new or old[path] != new[path]:
                document = after if path in new else before
                yield Edit(
                    place=f"{document.file}:{document.position(path, key=True)}",
                    at=pointer(*path),
                    before=_written(old, path),
                    after=_written(new, path),
                )


def _statements(tree: Tree, path: TreePath = ()) -> Iterator[tuple[TreePath, Tree]]:
    """Give each statement; a list of plain values is one."""
    if isinstance(tree, dict) and tree:
        for key, value in tree.items():
            yield from _statements(value, (*path, key))
    elif isinstance(tree, list) and any(isinstance(one, dict) for one in tree):
        for index, value in enumerate(tree):
            yield from _statements(value, (*path, index))
    else:
        yield path, tree


def _written(statements: dict[TreePath, Tree], path: TreePath) -> str:
    return json.dumps(statements[path], ensure_ascii=False) if path in statements else ""


def _of_lists(document: Document, before: DatasetPolicy, after: DatasetPolicy) -> Iterator[Edit]:
    for name, table in after.tables.items():
        for key, column in table.columns.items():
            path = ("spec", "tables", name, "columns", key, "dp", "categories_ref")
            old = before.tables.get(name)
            was = None if old is None else old.columns.get(key)
            if path not in document.keys or was is None or was.use is None or column.use is None:
                continue
            if was.use.categories != column.use.categories:
                yield Edit(
                    place=f"{document.file}:{document.position(path, key=True)}",
                    at=pointer(*path),
                    before=f"{len(was.use.categories)} categories",
                    after=f"{len(column.use.categories)} categories",
                )
