from __future__ import annotations

import pyarrow as pa

from gateway.ingest.minimize import _roomy


def test_texts_get_offsets_that_hold_more_than_two_gibibytes() -> None:
    assert _roomy(pa.chunked_array([["a"]])).type == pa.large_string()
    assert _roomy(pa.chunked_array([[1, 2]])).type == pa.int64()


def test_texts_are_the_same_after_it() -> None:
    column = pa.chunked_array([["a", None], ["ü"]])

    assert _roomy(column).take(pa.array([2, 1, 0])).to_pylist() == ["ü", None, "a"]
