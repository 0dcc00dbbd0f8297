"""JSON values: typed reading, where another type is an error without content; and one byte form.

Bytes have sorted keys and no spaces, so that equal documents have equal bytes and digests.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import DecimalException
from typing import Any, Final, TypeAlias

from policies.errors import GatewayError

__all__ = [
    "MALFORMED",
    "Document",
    "DocumentError",
    "a_boolean",
    "a_number",
    "a_text",
    "an_array",
    "an_integer",
    "an_object",
    "document_bytes",
    "json_bytes",
    "malformed",
]

Document: TypeAlias = dict[str, Any]
"""A JSON object: only str, int, float, bool, None, list and dict inside."""


class DocumentError(GatewayError):
    """A document is not one that this version writes; the message holds none of its content."""

    code = "SYS-DOCUMENT"


MALFORMED: Final = (KeyError, TypeError, ValueError, DecimalException, GatewayError)
"""What reading a document may raise where it is not one of ours."""


def malformed(what: str) -> DocumentError:
    """Return the error to raise where a document is not ``what`` it should be."""
    return DocumentError(
        f"the document is not {what} that this version reads",
        remedy="use the same version of gateway and client",
    )


def document_bytes(document: Document) -> bytes:
    """Return a document's one byte form: sorted keys, no spaces, UTF-8.

    Raises:
        DocumentError: If a number is not finite, or a text is not valid Unicode.
    """
    return json_bytes(document)


def json_bytes(value: object) -> bytes:
    """Return any JSON value in that form; raises as ``document_bytes`` does."""
    try:
        return json.dumps(
            value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        ).encode()
    except ValueError as error:
        raise malformed("a document of finite numbers and valid text") from error


def an_object(value: object) -> dict[str, Any]:
    """Return a JSON object.

    Raises:
        TypeError: If the value is anything else.
    """
    if not isinstance(value, Mapping):
        raise TypeError
    return dict(value)


def an_array(value: object) -> Sequence[object]:
    """Return a JSON array.

    Raises:
        TypeError: If the value is anything else.
    """
    if not isinstance(value, list):
        raise TypeError
    return value


def a_text(value: object) -> str:
    """Return a JSON string.

    Raises:
        TypeError: If the value is anything else.
    """
    if not isinstance(value, str):
        raise TypeError
    return value


def an_integer(value: object) -> int:
    """Return a JSON integer.

    Raises:
        TypeError: If the value is anything else.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    return value


def a_boolean(value: object) -> bool:
    """Return a JSON boolean.

    Raises:
        TypeError: If the value is anything else.
    """
    if not isinstance(value, bool):
        raise TypeError
    return value


def a_number(value: object) -> float | None:
    """Return a JSON number as a float, or null as None.

    Raises:
        TypeError: If the value is anything else.
    """
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError
    return float(value)
