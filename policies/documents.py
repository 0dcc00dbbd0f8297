"""Strict YAML: a steward's bytes become one plain tree, or an error with file, line and column.

The reader takes less than YAML 1.2 allows, because what it leaves out changes meaning silently:
repeated keys, anchors, aliases and merge keys, tags, directives, tabs, several documents, numbers
with leading zeros, underscores or more digits than a binary float keeps. Dates, ``NO`` and
``12:30`` stay text; the declared types say what they are.

The vendor's parser gives events with positions, and the tree is built here: so nothing recurses
over what a file nests, and no vendor's constructor decides what a word means.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final, NoReturn, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from policies.errors import DeclarationError, Position
from policies.scalars import Scalar, plain_scalar

__all__ = ["MAX_BYTES", "MAX_DEPTH", "Document", "Tree", "TreePath", "parse_document"]

MAX_BYTES: Final = 256 * 1024
"""Largest file that is read, in bytes."""
MAX_DEPTH: Final = 12
"""Mappings and lists inside each other at most, the whole file counted as the first."""

Tree: TypeAlias = "Scalar | list[Tree] | dict[str, Tree]"
TreePath: TypeAlias = tuple[str | int, ...]

_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
"""Characters that make a text look other than it is (Boucher and Anderson 2021)."""
_MAX_KEY_CHARS: Final = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One file as a plain tree, with the place of everything in it.

    Attributes:
        file: The file as it is named in messages.
        tree: Mappings with text keys, lists, texts, numbers, booleans and nulls.
        keys: Where the key of each mapping entry stands, by path from the root.
        values: Where each value starts, by path from the root; the root's path is ``()``.
    """

    file: str
    tree: dict[str, Tree]
    keys: Mapping[TreePath, Position]
    values: Mapping[TreePath, Position]

    def position(self, path: TreePath, *, key: bool = False) -> Position:
        """Return where a value (or its key) stands, or the nearest thing around it."""
        if key and path in self.keys:
            return self.keys[path]
        while path not in self.values:
            path = path[:-1]
        return self.values[path]

    def error(
        self, message: str, *, code: str, remedy: str = "", path: TreePath = (), key: bool = False
    ) -> DeclarationError:
        """Return an error that points at a path; the caller raises or collects it."""
        return DeclarationError(
            message,
            code=code,
            remedy=remedy,
            file=self.file,
            position=self.position(path, key=key),
        )


def parse_document(raw: bytes, file: str) -> Document:
    """Read the bytes of one YAML file.

    Args:
        raw: The file's bytes; at most 256 KiB of UTF-8.
        file: Its name, for messages.

    Returns:
        The document; its root is a mapping. Its tree is the caller's own.

    Raises:
        DeclarationError: Whatever the bytes are, if they are not such a file; the code starts
            with ``YAML-``.

    Source: YAML 1.2.2, sections 5 to 9; scalars by section 10.3.2 (core schema), narrowed.
    """
    try:
        document = _composed(raw)
    except DeclarationError as error:
        error.file = file
        raise
    return replace(document, file=file, tree=copy.deepcopy(document.tree))


@lru_cache(maxsize=64)
def _composed(raw: bytes) -> Document:
    """Compose a document, once for the same bytes: all are read anew for each page."""
    composer = _Composer()
    for event in _events(_decode(raw)):
        composer.take(event)
    return composer.document()


def _decode(raw: bytes) -> str:
    if len(raw) > MAX_BYTES:
        raise DeclarationError(
            f"the file has {len(raw)} bytes, and {MAX_BYTES} are allowed",
            code="YAML-SIZE",
            remedy="move long lists to a CSV file and name it in categories_ref",
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DeclarationError(
            f"byte {error.start + 1} is not UTF-8",
            code="YAML-UTF8",
            remedy="save the file as UTF-8",
        ) from None
    if (tab := text.find("\t")) >= 0:
        raise DeclarationError(
            "a tab was found",
            code="YAML-TAB",
            remedy='use spaces; inside quoted text write "\\t"',
            position=_place(text, tab),
        )
    if (unseen := _UNSEEN.search(text)) is not None:
        raise DeclarationError(
            "a character that cannot be seen was found",
            code="YAML-TEXT",
            remedy="remove it",
            position=_place(text, unseen.start()),
        )
    return text


def _place(text: str, index: int) -> Position:
    return Position(text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index))


def _events(text: str) -> Iterator[Event]:
    try:
        yield from YAML(typ="safe", pure=True).parse(text)
    except Exception as error:  # noqa: BLE001  the vendor's scanner raises more than its own errors
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        raise DeclarationError(
            "the text cannot be read as YAML",
            code="YAML-SYNTAX",
            remedy="look at the indentation, quotes and brackets here and just above",
            position=None if mark is None else Position(mark.line + 1, mark.column + 1),
        ) from None


@dataclass(slots=True, kw_only=True)
class _Level:
    """A mapping or list that is still open."""

    content: dict[str, Tree] | list[Tree]
    path: TreePath
    key: str | None = None


@dataclass(slots=True, kw_only=True)
class _Composer:
    """Builds the tree from events; every refusal of this module's docstring is made here."""

    documents: int = 0
    root: Tree = None
    keys: dict[TreePath, Position] = field(default_factory=dict)
    values: dict[TreePath, Position] = field(default_factory=dict)
    levels: list[_Level] = field(default_factory=list)

    def take(self, event: Event) -> None:
        self._check_plain(event)
        match event:
            case DocumentStartEvent():
                self._open_document(event)
            case MappingStartEvent():
                self._open(event, {})
            case SequenceStartEvent():
                self._open(event, [])
            case MappingEndEvent() | SequenceEndEvent():
                self.levels.pop()
            case ScalarEvent():
                self._scalar(event)
            case _:
                pass  # the ends of documents and of the stream say nothing more

    def document(self) -> Document:
        if not isinstance(self.root, dict):
            raise DeclarationError(
                "the file is not a mapping",
                code="YAML-ROOT",
                remedy="start with apiVersion, kind, metadata and spec",
                position=self.values.get((), Position(1, 1)),
            )
        return Document(file="", tree=self.root, keys=self.keys, values=self.values)

    def _check_plain(self, event: Event) -> None:
        if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
            self._refuse(event, "YAML-ALIAS", "an anchor or alias was found", "write it out")
        if getattr(event, "tag", None) is not None:
            self._refuse(event, "YAML-TAG", "a tag was found", "remove it, or quote the text")

    def _open_document(self, event: DocumentStartEvent) -> None:
        self.documents += 1
        if self.documents > 1:
            self._refuse(
                event, "YAML-MANY", "a second document starts here", "give each a file of its own"
            )
        if event.version is not None or event.tags:
            self._refuse(event, "YAML-DIRECTIVE", "a directive was found", "remove the % line")

    def _open(self, event: Event, content: dict[str, Tree] | list[Tree]) -> None:
        if len(self.levels) == MAX_DEPTH:
            self._refuse(
                event, "YAML-DEPTH", f"more than {MAX_DEPTH} levels are nested", "flatten the file"
            )
        path = self._put(event, content)
        self.levels.append(_Level(content=content, path=path))

    def _scalar(self, event: ScalarEvent) -> None:
        if _UNSEEN.search(event.value):
            self._refuse(
                event, "YAML-TEXT", "a character cannot be seen", "remove its escape sequence"
            )
        level = self.levels[-1] if self.levels else None
        plain = not event.style
        value = self._plain(event) if plain else str(event.value)
        if level is None or isinstance(level.content, list) or level.key is not None:
            path = self._put(event, value)
            if plain and event.value == "" and path in self.keys:
                self.values[path] = self.keys[path]  # what is left empty stands at its key
            return
        if plain and value == "<<":
            self._refuse(event, "YAML-ALIAS", "a merge key was found", "write the keys out")
        if not isinstance(value, str):
            self._refuse(event, "YAML-KEY", "the key is not text", "quote it")
        if not value.isprintable() or len(value) > _MAX_KEY_CHARS:
            self._refuse(
                event, "YAML-KEY", "the key is not one line of printable text", "shorten it"
            )
        if value in level.content:
            self._refuse(
                event, "YAML-DUP", f"the key {value} is given twice", "keep one of the two"
            )
        level.key = value
        self.keys[(*level.path, value)] = _position(event)

    def _put(self, event: Event, value: Tree) -> TreePath:
        """Store a value where the innermost open level expects it; return its path."""
        path: TreePath = ()
        if not self.levels:
            self.root = value
        else:
            level = self.levels[-1]
            if isinstance(level.content, list):
                path = (*level.path, len(level.content))
                level.content.append(value)
            elif level.key is not None:
                path = (*level.path, level.key)
                level.content[level.key] = value
                level.key = None
            else:
                self._refuse(event, "YAML-KEY", "a key is a list or a mapping", "use a text")
        self.values[path] = _position(event)
        return path

    def _plain(self, event: ScalarEvent) -> Scalar:
        try:
            return plain_scalar(str(event.value))
        except DeclarationError as error:
            self._refuse(event, error.code, error.message, error.remedy)

    def _refuse(self, event: Event, code: str, message: str, remedy: str) -> NoReturn:
        raise DeclarationError(message, code=code, remedy=remedy, position=_position(event))


def _position(event: Event) -> Position:
    return Position(event.start_mark.line + 1, event.start_mark.column + 1)
