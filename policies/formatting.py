"""One way of writing a declaration: keys in the order of the docs, comments kept with their keys.

The layout is the vendor's, who keeps comments while writing; the order of keys is ours, by moving
whole lines. What comes out is read again and compared with what went in, comments too: a file that
would not say the same is left as it is.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, SingleQuotedScalarString

from policies.documents import MAX_BYTES, Document, Tree, TreePath, parse_document
from policies.kinds import KINDS
from policies.schema import allowed_keys

__all__ = ["MAX_WIDTH", "formatted"]

MAX_WIDTH: Final = 100
"""Columns after which a list in brackets is broken."""
_ITEM: Final = r'"(?:[^"\\]|\\.)*"|[^\s,"\[\]{}#][^,"\[\]{}#]*'
_LONG_LIST: Final = re.compile(
    rf"(?P<indent> *)(?P<key>[^\s:#]+): \[(?P<items>(?:{_ITEM})(?:, (?:{_ITEM}))*)\]"
)
_COMMENT: Final = re.compile(r"(?:^|(?<=\s))#.*")


def formatted(raw: bytes, file: str) -> str:
    """Return a declaration in the one way of writing it; doing so twice is doing so once.

    Args:
        raw: The file's bytes.
        file: Its name, for messages.

    Raises:
        DeclarationError: ``YAML-…`` if it cannot be read; ``YAML-COMMENT`` if it would not say the
            same, or lose a comment.
    """
    document, given = parse_document(raw, file), raw.decode("utf-8-sig")
    try:
        text = _ordered(_laid_out(given), file)
        text = _spaced("\n".join(_above(text.splitlines())))  # again: what follows has changed
        same = parse_document(text.encode(), file).tree == document.tree
    except Exception:  # noqa: BLE001  the vendor reads more into texts than we do, such as dates
        text, same = "", False
    if not same or _comments(text) != _comments(given):
        raise document.error(
            "the file cannot be tidied without losing something",
            code="YAML-COMMENT",
            remedy="put comments on lines of their own, outside of brackets, and quote odd texts",
        )
    return text


def _comments(text: str) -> Counter[str]:
    """Return what may be a comment; text that only looks like one is the same before and after."""
    return Counter(found.rstrip() for line in text.splitlines() for found in _COMMENT.findall(line))


def _laid_out(text: str) -> str:
    yaml = YAML(typ="rt", pure=True)
    yaml.preserve_quotes = True
    yaml.width = MAX_BYTES  # the vendor breaks lines where it hurts to read
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    yaml.dump(_quoted(yaml.load(text)), out)
    return "\n".join(_above(_broken(line.rstrip()) for line in out.getvalue().splitlines()))


def _spaced(text: str) -> str:
    """Return the text with at most one empty line between others, and none at its ends."""
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"


def _above(lines: Iterable[str]) -> list[str]:
    """Return lines in which each comment is as far in as what it stands above."""
    indent, told = "", []
    for line in reversed(list(lines)):
        text = line.lstrip()
        if text and not text.startswith("#"):
            indent = line[: len(line) - len(text)]
        told.append(f"{indent}{text}" if text.startswith("#") else line)
    return told[::-1]


def _broken(line: str) -> str:
    """Return a line as it is, or a long list of plain words below its key."""
    found = _LONG_LIST.fullmatch(line) if len(line) > MAX_WIDTH else None
    if found is None:
        return line
    indent = " " * (len(found["indent"]) + 2)
    rows = [f"{indent}["]
    for item in re.findall(_ITEM, found["items"]):
        if len(rows[-1]) + len(item) + 2 > MAX_WIDTH:
            rows.append(f"{indent} ")
        rows[-1] += f"{item}, "
    filled = "\n".join(row.rstrip() for row in rows)
    return f"{found['indent']}{found['key']}:\n{filled[:-1]}]"


def _quoted(node: object) -> object:
    """Return the vendor's tree with double quotes in place of single ones."""
    if isinstance(node, SingleQuotedScalarString):
        return DoubleQuotedScalarString(node)
    if isinstance(node, CommentedMap):
        for key, value in node.items():
            node[key] = _quoted(value)
    if isinstance(node, CommentedSeq):
        for index, value in enumerate(node):
            node[index] = _quoted(value)
    return node


def _ordered(text: str, file: str) -> str:
    """Return the text with the keys of each block in declared order, one block after another."""
    document = parse_document(text.encode(), file)
    lines = text.splitlines()
    for path in [path for path, tree in _mappings(document.tree) if len(tree) > 1]:
        moved = _sorted_block(document, path, lines)
        if moved != lines:
            lines = moved
            document = parse_document("\n".join(lines).encode(), file)
    return "\n".join(lines) + "\n"


def _mappings(tree: Tree, path: TreePath = ()) -> Iterator[tuple[TreePath, dict[str, Tree]]]:
    if isinstance(tree, dict):
        yield path, tree
        for key, value in tree.items():
            yield from _mappings(value, (*path, key))
    if isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from _mappings(value, (*path, index))


def _sorted_block(document: Document, path: TreePath, lines: list[str]) -> list[str]:
    """Return all lines with one mapping's keys in order, or as they are if it has no block."""
    kind = KINDS.get(str(document.tree.get("kind")))
    order = () if kind is None else allowed_keys(kind, document.tree, path)
    starts = {
        path_of[-1]: place
        for path_of, place in document.keys.items()
        if path_of[:-1] == path and len(path_of) == len(path) + 1
    }
    rows = [place.line - 1 for place in starts.values()]
    indent = next(iter(starts.values())).column - 1
    before = [lines[row][:indent].strip() for row in rows]
    in_block = before[0] in {"", "-"} and not any(before[1:]) and len(set(rows)) == len(rows)
    if not in_block or not set(starts) <= set(order):
        return lines
    dash = lines[rows[0]].index("-") if before[0] else None
    if dash is not None:  # of a list's item: it stays with whatever is the first key
        lines = _with(lines, rows[0], dash, " ")
    first = [_with_comments(lines, row, indent, top=not path) for row in rows]
    last = [*first[1:], _end(lines, rows[-1], indent)]
    parts = zip(starts, rows, first, last, strict=True)
    ranked = sorted(parts, key=lambda part: order.index(part[0]))
    moved = [*lines[: first[0]], *(line for *_, a, b in ranked for line in lines[a:b])]
    if dash is not None:
        _, row, start, _ = ranked[0]
        moved = _with(moved, first[0] + row - start, dash, "-")
    return [*moved, *lines[last[-1] :]]


def _with(lines: list[str], row: int, column: int, sign: str) -> list[str]:
    """Return lines with one character exchanged."""
    line = lines[row]
    return [*lines[:row], f"{line[:column]}{sign}{line[column + 1 :]}", *lines[row + 1 :]]


def _with_comments(lines: list[str], row: int, indent: int, *, top: bool) -> int:
    """Return the first line of the comments right above a key; those at the very top stay there."""
    start = row
    while start > 0 and re.match(rf" {{{indent}}}#", lines[start - 1]):
        start -= 1
    return row if top and start == 0 else start


def _end(lines: list[str], row: int, indent: int) -> int:
    """Return the line after the last one that belongs to a key's value."""
    end = row + 1
    while end < len(lines) and (re.match(rf" {{{indent + 1}}}", lines[end]) or not lines[end]):
        end += 1
    return end
