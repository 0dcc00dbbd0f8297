"""The header Idempotency-Key: two requests that carry the same are one.

Source: draft-ietf-httpapi-idempotency-key-header-07, sections 2.1 to 2.7.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Final

from gateway.errors import RequestError
from query.fields import json_bytes

__all__ = ["Claim", "form_claim", "parse_claim"]

_STRING: Final = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\]){1,255})"')
"""An RFC 9651 string; quotes and backslashes in it are escaped."""
_BARE: Final = re.compile(r"[!#-\[\]-~]{1,255}")
"""The same without its quotes, as many clients send it."""

_ONCE: Final = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """That requests with the same scope are the same; neither key nor body can be read from it.

    Attributes:
        scope: SHA-256 over API key, project and Idempotency-Key: nobody else's key meets it.
        fingerprint: HMAC-SHA-256 of the body under the Idempotency-Key.
    """

    scope: bytes
    fingerprint: bytes


def parse_claim(header: str | None, *, key_id: str, project: str, body: bytes) -> Claim | None:
    """Return what a request claims; None where it has no such header.

    Args:
        header: As it was sent, with or without quotes.
        key_id: Of the API key that was shown.
        project: Whose budget the request would charge.
        body: As it was sent.

    Raises:
        RequestError: If the header is not of the form.
    """
    if header is None:
        return None
    key = _key_of(header.strip())
    return Claim(
        scope=hashlib.sha256(json_bytes([key_id, project, key])).digest(),
        fingerprint=hmac.new(key.encode(), body, hashlib.sha256).digest(),
    )


def form_claim(once: str, *, key_id: str, project: str, body: bytes) -> Claim | None:
    """Return what a form of a page claims; None where it carries nothing random.

    Other than with the header, the body is part of the key: a form that is sent with another
    question is another request.

    Args:
        once: What the page put into its form at random.
        key_id: Of the person's session.
        project: Whose budget the request would charge.
        body: The question, as the form has it.
    """
    if _ONCE.fullmatch(once) is None:
        return None
    key = f"form {once} {hashlib.sha256(body).hexdigest()}"
    return parse_claim(f'"{key}"', key_id=key_id, project=project, body=body)


def _key_of(header: str) -> str:
    quoted = _STRING.fullmatch(header)
    if quoted is not None:
        return re.sub(r'\\(["\\])', r"\1", quoted[1])
    if _BARE.fullmatch(header) is None:
        raise RequestError(
            "the header Idempotency-Key is not a string of 1 to 255 printing characters",
            code="REQ-KEY-FORM",
            remedy='send a random UUID, as Idempotency-Key: "8e03978e-40d5-43dd-bc93-6894a57f9324"',
        )
    return header
