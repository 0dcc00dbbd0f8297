"""Data permits as text: of a new project, or an existing one with other members."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.errors import RequestError
from policies.documents import Document, Tree, parse_document
from policies.errors import DeclarationError
from policies.kinds import SCHEMA_FILE

__all__ = [
    "DraftedProject",
    "MemberRow",
    "members_of",
    "project_file",
    "project_id_of",
    "with_members",
]

_FIELDS: Final = ("user", "role", "until")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_FILE: Final = "project.yaml"
_COMMENT: Final = re.compile(r"(?:^|\s)#")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """One member as somebody typed it; what is wrong in it is for the lint to say."""

    user: str
    role: str
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftedProject:
    """A project as somebody typed it; what is wrong in it is for the lint to say.

    Attributes:
        id: Stable name.
        title: One line for people.
        owner: Who answers for it.
        effective_from: First day.
        expires_at: Last day.
        permit: From the kind of a permit to its number or words.
        dataset: What it may use.
        tables: From table to columns of it.
        private_keys: ``allowed`` or ``denied``.
        releases: Likewise.
        purposes: Why.
        members: Who.
        budget: From ``epsilon`` and ``per_researcher`` to amounts; those left out are empty.
    """

    id: str
    title: str
    owner: str
    effective_from: str
    expires_at: str
    permit: Mapping[str, str]
    dataset: str
    tables: Mapping[str, Sequence[str]]
    private_keys: str
    releases: str
    purposes: Sequence[str]
    members: Sequence[MemberRow]
    budget: Mapping[str, str]


def project_file(drafted: DraftedProject) -> str:
    """Return the declaration of a new project."""
    lines = [
        f"# yaml-language-server: $schema=../{SCHEMA_FILE}",
        "apiVersion: gateway.policy/v1",
        "kind: ProjectPolicy",
        "metadata:",
        f"  id: {_said(drafted.id)}",
        "  version: 1",
        f"  title: {_said(drafted.title)}",
        f"  owner: {_said(drafted.owner)}",
        f"  effective_from: {_day(drafted.effective_from)}",
        f"  expires_at: {_day(drafted.expires_at)}",
        "spec:",
        f"  permit: {_flow(drafted.permit)}",
        "  datasets:",
        f"    - id: {_said(drafted.dataset)}",
        "      tables:" + ("" if drafted.tables else " {}"),
        *(
            f"        {_said(table)}: [{', '.join(map(_said, columns))}]"
            for table, columns in drafted.tables.items()
        ),
        f"      private_keys: {_said(drafted.private_keys)}",
        f"      releases: {_said(drafted.releases)}",
        f"  purposes: [{', '.join(map(_said, drafted.purposes))}]",
        *_member_lines(drafted.members, {}, "  "),
        f"  budget: {_flow({name: said for name, said in drafted.budget.items() if said})}",
    ]
    return "\n".join(lines) + "\n"


def project_id_of(text: str) -> str | None:
    """Return the id of the project that a text declares; None if it declares none."""
    try:
        document = parse_document(text.encode(), _FILE)
    except DeclarationError:
        return None
    metadata = document.tree.get("metadata")
    if document.tree.get("kind") != "ProjectPolicy" or not isinstance(metadata, dict):
        return None
    return str(metadata.get("id", ""))


def members_of(text: str) -> tuple[MemberRow, ...]:
    """Return the members of a project's declaration.

    Raises:
        RequestError: If it cannot be read as one.
    """
    return tuple(
        MemberRow(**{name: str(one.get(name, "")) for name in _FIELDS})
        for one in _members(_parsed(text))
    )


def with_members(text: str, members: Sequence[MemberRow], *, version: int) -> str:
    """Return a project's declaration with other members; all else stays as it was typed.

    What is said of a member beside name, role and last day stays with them.

    Args:
        text: The declaration.
        members: All that there are to be.
        version: Which it has at least from now on.

    Raises:
        RequestError: If something would be lost, such as a comment among the members.
    """
    document = _parsed(text)
    known = {str(one["user"]): one for one in _members(document)}
    lines = _versioned(text.splitlines(), document, version)
    key = document.keys["spec", "members"]
    start, indent = key.line - 1, lines[key.line - 1][: key.column - 1]
    end = _end(lines, start, indent)
    if indent.strip() or any(_COMMENT.search(line) for line in lines[start:end]):
        raise _by_hand()
    block = _member_lines(members, known, indent)
    changed = "\n".join([*lines[:start], *block, *lines[end:]]) + "\n"
    if _without(_parsed(changed)) != _without(document):
        raise _by_hand()
    return changed


def _versioned(lines: Sequence[str], document: Document, version: int) -> list[str]:
    metadata = document.tree.get("metadata")
    known = metadata.get("version") if isinstance(metadata, dict) else None
    if not isinstance(known, int):
        raise _by_hand()
    place = document.values["metadata", "version"]
    row, column = place.line - 1, place.column - 1
    line = lines[row]
    raised = line[:column] + re.sub(r"^\d+", str(max(known, version)), line[column:])
    return [*lines[:row], raised, *lines[row + 1 :]]


def _end(lines: Sequence[str], start: int, indent: str) -> int:
    """Return the line after the last one of a block; empty lines after it are not of it."""
    end = start + 1
    while end < len(lines) and re.match(rf"{indent}(?:\s|- )|\s*$", lines[end]):
        end += 1
    while not lines[end - 1].strip():
        end -= 1
    return end


def _member_lines(
    members: Sequence[MemberRow], known: Mapping[str, Mapping[str, Tree]], indent: str
) -> Iterator[str]:
    yield f"{indent}members:" + ("" if members else " []")
    for one in members:
        more = {name: said for name, said in known.get(one.user, {}).items() if name not in _FIELDS}
        rest = "".join(f", {_said(name)}: {json.dumps(more[name])}" for name in more)
        yield (
            f"{indent}  - {{user: {_said(one.user)}, role: {_said(one.role)}, "
            f"until: {_day(one.until)}{rest}}}"
        )


def _parsed(text: str) -> Document:
    try:
        document = parse_document(text.encode(), _FILE)
    except DeclarationError:
        raise _by_hand() from None
    if document.tree.get("kind") != "ProjectPolicy" or ("spec", "members") not in document.keys:
        raise _by_hand()
    return document


def _members(document: Document) -> list[dict[str, Tree]]:
    spec = document.tree["spec"]
    found = spec["members"] if isinstance(spec, dict) else None
    if not isinstance(found, list) or not all(
        isinstance(one, dict) and "user" in one for one in found
    ):
        raise _by_hand()
    return [one for one in found if isinstance(one, dict)]


def _without(document: Document) -> object:
    """Return all that is declared but members and version."""
    spec, metadata = document.tree.get("spec"), document.tree.get("metadata")
    kept = [
        {name: said for name, said in part.items() if name not in {"members", "version"}}
        for part in (spec, metadata)
        if isinstance(part, dict)
    ]
    rest = {name: said for name, said in document.tree.items() if name not in {"spec", "metadata"}}
    return kept, rest


def _by_hand() -> RequestError:
    return RequestError(
        "the form cannot change this declaration without losing something in it",
        remedy="change it in the editor; comments among the members stay only there",
    )


def _flow(said: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{_said(name)}: {_said(text)}" for name, text in said.items()) + "}"


def _said(text: str) -> str:
    """Return a text as YAML; always quoted, so that no word of it means something else."""
    return json.dumps(text, ensure_ascii=False)


def _day(text: str) -> str:
    return text if _DAY.fullmatch(text) else _said(text)
