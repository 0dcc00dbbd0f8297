from __future__ import annotations

from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.audit.encoding import base64_bytes, base64_text, canonical_json
from gateway.audit.fields import MAX_INTEGER

TEXTS = st.text(st.characters(codec="utf-8"))
VALUES = st.recursive(
    TEXTS | st.integers(-MAX_INTEGER, MAX_INTEGER), lambda inner: st.lists(inner, max_size=3)
)
NAMES = st.from_regex(r"[a-z_]{1,9}", fullmatch=True)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_what_entries_hold_is_written_as_the_standard_says(document: dict[str, object]) -> None:
    values: Any = document

    assert canonical_json(document) == rfc8785.dumps(values)


def test_what_is_not_unicode_is_not_written() -> None:
    with pytest.raises(UnicodeEncodeError):
        canonical_json({"a": "\ud800"})


@given(st.binary())
def test_base64_reads_as_it_was_written(blob: bytes) -> None:
    assert base64_bytes(base64_text(blob)) == blob


@pytest.mark.parametrize("text", ["A", "AB==", "AA=", "AAAA ", "AA\nAA", "-_-_", "ÄAAA"])
def test_base64_that_is_not_canonical_is_none(text: str) -> None:
    assert base64_bytes(text) is None
