"""A document becomes a typed declaration, or every problem in it with its line."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from policies.documents import Document, Tree, TreePath
from policies.errors import CombinedDeclarationError, DeclarationError
from policies.schema import allowed_keys, child

__all__ = ["combined", "validate"]

Declared = TypeVar("Declared")

_NEEDS: Final[Mapping[str, str]] = {
    "bool_type": "true or false",
    "dataclass_type": "a mapping",
    "date_from_datetime_parsing": "a date such as 2026-01-31",
    "date_parsing": "a date such as 2026-01-31",
    "date_type": "a date such as 2026-01-31",
    "decimal_parsing": "a number",
    "decimal_type": "a number",
    "dict_type": "a mapping",
    "enum": "one of {expected}",
    "finite_number": "a finite number",
    "float_type": "a number",
    "greater_than": "more than {gt}",
    "greater_than_equal": "{ge} or more",
    "int_from_float": "a whole number",
    "int_type": "a whole number",
    "less_than": "less than {lt}",
    "less_than_equal": "{le} or less",
    "literal_error": "{expected}",
    "missing": "longer",  # a list of fixed length; a missing key is told otherwise
    "model_attributes_type": "a mapping",
    "string_pattern_mismatch": "text of the form {pattern}",
    "string_too_long": "text of at most {max_length} characters",
    "string_too_short": "text of at least {min_length} characters",
    "string_type": "text; quote it if it is a number or a code",
    "too_long": "a list of at most {max_length}",
    "too_short": "a list of at least {min_length}",
    "tuple_type": "a list",
    "union_tag_invalid": "of a kind among {expected_tags}",
    "union_tag_not_found": "a mapping with a kind",
}
"""What a value must be, by the validator's name for what is wrong."""

_SHAPES: Final = {
    "dataclass_type",
    "dict_type",
    "literal_error",
    "model_attributes_type",
    "tuple_type",
}
"""Errors that say that a value is not of an alternative's shape at all."""


@dataclass(frozen=True, slots=True)
class _Problem:
    """One of the validator's errors, placed in the document.

    Attributes:
        detail: What the validator said.
        path: Where in the document.
        choices: The alternatives that were tried on the way: where, and which.
    """

    detail: ErrorDetails
    path: TreePath
    choices: tuple[tuple[TreePath, str | int], ...]


def validate(kind: type[Declared], document: Document, tree: Tree) -> Declared:
    """Return what a document declares.

    Args:
        kind: ``DatasetPolicy`` or ``ProjectPolicy``.
        document: The file, for names and positions.
        tree: Its content, with category lists read in.

    Raises:
        DeclarationError: If it is not such a declaration; one for one problem, a
            ``CombinedDeclarationError`` for several.
    """
    try:
        return TypeAdapter(kind).validate_json(json.dumps(tree))
    except ValidationError as error:
        details = error.errors(include_url=False)
    settled = _settle([_placed(detail, tree) for detail in details], depth=0)
    raise combined([_told(kind, document, tree, problems) for problems in settled])


def combined(problems: Sequence[DeclarationError]) -> DeclarationError:
    """Return one error for one problem, and one that holds them all for several.

    They are sorted by place, and what two readers of one list both found is told once.
    """
    singles = {str(single): single for problem in problems for single in problem.problems}
    flat = sorted(singles.values(), key=_order)
    return flat[0] if len(flat) == 1 else CombinedDeclarationError(flat)


def _order(problem: DeclarationError) -> tuple[str, int, int]:
    place = problem.position
    return (problem.file, *((0, 0) if place is None else (place.line, place.column)))


def _placed(detail: ErrorDetails, tree: Tree) -> _Problem:
    """Follow an error's location through the document; what is not in it names alternatives."""
    location = detail["loc"][:-1] if detail["type"] == "missing" else detail["loc"]
    path: TreePath = ()
    choices: list[tuple[TreePath, str | int]] = []
    for part in location:
        if found := child(tree, part):
            (tree,) = found
            path = (*path, part)
        else:
            choices.append((path, part))
    return _Problem(detail, path, tuple(choices))


def _settle(problems: Sequence[_Problem], depth: int) -> list[list[_Problem]]:
    """Keep, of alternatives that all failed, the one that the steward most likely meant.

    Returns:
        Lists of problems; those in one list are the same problem seen by several alternatives.
    """
    settled = [[problem] for problem in problems if len(problem.choices) <= depth]
    places: dict[TreePath, dict[str | int, list[_Problem]]] = {}
    for problem in problems:
        if len(problem.choices) > depth:
            place, choice = problem.choices[depth]
            places.setdefault(place, {}).setdefault(choice, []).append(problem)
    for place, branches in places.items():
        fitting = [
            branch for branch in branches.values() if not any(_misfit(one, place) for one in branch)
        ]
        if fitting:
            settled.extend(_settle(min(fitting, key=len), depth + 1))
        else:
            settled.append([branch[0] for branch in branches.values()])
    return settled


def _misfit(problem: _Problem, place: TreePath) -> bool:
    return problem.path == place and problem.detail["type"] in _SHAPES


def _told(
    kind: type, document: Document, tree: Tree, problems: Sequence[_Problem]
) -> DeclarationError:
    """Return our error for one problem, as seen by one or more alternatives."""
    problem = problems[0]
    detail, path = problem.detail, problem.path
    if detail["type"] == "missing" and isinstance(detail["loc"][-1], str):
        return document.error(
            f"{_subject(path)} has no key {detail['loc'][-1]}",
            code="KEY-MISSING",
            remedy="add it",
            path=path,
            key=True,
        )
    if detail["type"] == "unexpected_keyword_argument":
        return _unknown_key(kind, document, tree, path)
    if detail["type"][0].isupper():  # raised by policies.model.invalid
        return document.error(
            f"{_subject(path)}: {detail['ctx']['message']}",
            code=detail["type"],
            path=(*path, *detail["ctx"]["path"]),
        )
    needs = ", or ".join(dict.fromkeys(_need(one.detail) for one in problems))
    return document.error(
        f"{_subject(path)} must be {needs}",
        code="KEY-INVALID",
        remedy=_nearest(detail["input"], problems),
        path=path,
    )


def _unknown_key(kind: type, document: Document, tree: Tree, path: TreePath) -> DeclarationError:
    key = str(path[-1])
    allowed = allowed_keys(kind, tree, path[:-1])
    near = difflib.get_close_matches(key, allowed, n=1)
    return document.error(
        f"{_subject(path[:-1])} has no key {key}",
        code="KEY-UNKNOWN",
        remedy=f"write {near[0]}" if near else f"allowed here: {', '.join(allowed)}",
        path=path,
        key=True,
    )


def _need(detail: ErrorDetails) -> str:
    wording = _NEEDS.get(detail["type"])
    return "another value" if wording is None else wording.format(**detail.get("ctx", {}))


def _nearest(found: object, problems: Sequence[_Problem]) -> str:
    """Suggest the name that is spelled most like what was found."""
    contexts = [problem.detail.get("ctx", {}) for problem in problems]
    found = contexts[0].get("tag", found)
    lists = (context.get("expected", context.get("expected_tags", "")) for context in contexts)
    names = [name for names in lists for name in str(names).split("'")[1::2]]
    near = difflib.get_close_matches(found, names, n=1) if isinstance(found, str) else ()
    return f"write {near[0]}" if near else ""


def _subject(path: TreePath) -> str:
    """Name a place for a person: its last key, with the numbers that follow it."""
    names = [index for index, part in enumerate(path) if isinstance(part, str)]
    if not names:
        return "the file"
    return str(path[names[-1]]) + "".join(f"[{part}]" for part in path[names[-1] + 1 :])
