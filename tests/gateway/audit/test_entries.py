from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.audit.entries import (
    MAX_ENTRY_BYTES,
    SALTED,
    Entry,
    Stamp,
    encode_entry,
    new_salt,
    parse_entry,
    time_text,
)
from gateway.audit.errors import LogError
from gateway.audit.events import EVENTS, Event, QueryReserved, SystemRecovered
from gateway.audit.fields import FIELDS, MAX_INTEGER, Number, Text

STAMP = Stamp(seq=7, time="2026-11-21T12:00:00.000000Z", behind_ms=0, boot="0" * 32, mono=5)
ENTRY = Entry(STAMP, SystemRecovered(abandoned=2))
LEAF = encode_entry(ENTRY)
SALTED_LEAF = encode_entry(Entry(replace(STAMP, v=SALTED, salt="5a" * 16), ENTRY.event))


def values(name: str) -> st.SearchStrategy[object]:
    """What a field may hold."""
    rule = FIELDS[name]
    if isinstance(rule, Number):
        return st.integers(rule.least, rule.most)
    return st.from_regex(rule.form, fullmatch=True).filter(
        lambda text: len(text) < 1000 and text.isprintable()
    )


def events() -> st.SearchStrategy[Event]:
    return st.sampled_from(EVENTS).flatmap(
        lambda event: st.builds(
            event, **{field.name: values(field.name) for field in fields(event)}
        )
    )


@settings(max_examples=60, deadline=None)
@given(events())
def test_an_entry_reads_as_it_was_written(event: Event) -> None:
    entry = Entry(STAMP, event)

    leaf = encode_entry(entry)

    assert parse_entry(leaf) == entry
    assert (
        leaf
        == json.dumps(
            json.loads(leaf), sort_keys=True, separators=(",", ":"), ensure_ascii=False
        ).encode()
    )


def test_an_entry_is_canonical_json() -> None:
    assert LEAF == (
        b'{"abandoned":2,"behind_ms":0,"boot":"00000000000000000000000000000000",'
        b'"kind":"system.recover","mono":5,"seq":7,"time":"2026-11-21T12:00:00.000000Z","v":1}'
    )


def test_an_entry_of_the_second_version_has_a_salt() -> None:
    assert (
        LEAF.replace(b'"seq":7', b'"salt":"5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a","seq":7').replace(
            b'"v":1', b'"v":2'
        )
        == SALTED_LEAF
    )
    assert parse_entry(SALTED_LEAF).stamp == replace(STAMP, v=2, salt="5a" * 16)
    assert parse_entry(LEAF).stamp.salt == ""


def test_each_salt_is_drawn_anew() -> None:
    salts = [new_salt() for _ in range(100)]

    assert len({*salts}) == 100
    assert all(FIELDS["salt"].allows(salt) for salt in salts)


@pytest.mark.parametrize(
    "leaf",
    [
        b"",
        b"null",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"kind":"x.y"}',
        b"{}",
        LEAF + b" ",
        LEAF.replace(b":2", b": 2"),
        LEAF.replace(b'"v":1', b'"v":2'),
        LEAF.replace(b'"v":1', b'"v":true'),
        LEAF.replace(b'"v":1', b'"v":1.0'),
        LEAF.replace(b'"v":1', b'"v":1,"w":1'),
        LEAF.replace(b'"v":1', b'"v":3'),
        LEAF.replace(b'"seq":7', b'"salt":"","seq":7'),
        LEAF.replace(b'"seq":7', b'"salt":"' + b"0" * 32 + b'","seq":7'),
        SALTED_LEAF.replace(b'"v":2', b'"v":1'),
        SALTED_LEAF.replace(b"5a", b"5A"),
        SALTED_LEAF.replace(b'"salt":"' + b"5a" * 16 + b'",', b""),
        LEAF.replace(b'"v":1', b'"v":1,"v":1'),
        LEAF.replace(b'"abandoned":2,', b""),
        LEAF.replace(b":2", b":0"),
        LEAF.replace(b":2", b":9007199254740992"),
        LEAF.replace(b":2", b':"2"'),
        LEAF.replace(b"system.recover", b"system.start"),
        LEAF.replace(b'"seq":7', b'"seq":-7'),
        LEAF.replace(b"T12", b" 12"),
        LEAF.replace(b":2", b":" + b"2" * 5000),
        LEAF.replace(b"{", b'{"a":NaN,'),
    ],
)
def test_what_is_not_exactly_an_entry_is_refused_without_its_words(leaf: bytes) -> None:
    with pytest.raises(LogError) as refused:
        parse_entry(leaf)

    assert refused.value.code == "LOG-ENTRY"
    assert "\n" not in str(refused.value)


RESERVED = QueryReserved(
    query_id="0" * 32,
    actor="ann",
    project="heart",
    purpose="research",
    dataset="visits",
    snapshot="2026",
    policy="sha256:" + "0" * 64,
    asked=STAMP.time,
    request="SELECT 1",
    request_digest="sha256:" + "0" * 64,
    cache_key="0" * 64,
    pool="clinic",
    measure="pure",
    amount=1,
    delta="0",
)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", 0),
        ("amount", -1),
        ("amount", MAX_INTEGER + 1),
        ("amount", True),
        ("amount", 1.0),
        ("delta", "-1"),
        ("delta", "01"),
        ("delta", 0),
        ("delta", "1" * 19),
        ("policy", ""),
        ("project", "Jane Doe"),
        ("actor", ""),
        ("actor", "x" * 201),
        ("actor", "a\nb"),
        ("query_id", "0" * 31),
        ("query_id", "0" * 32 + "\n"),
        ("measure", "renyi"),
        ("asked", "yesterday"),
        ("request", "\ud800"),
        ("request", "x" * 49_153),
        ("request", "\n" * 49_152),
    ],
)
def test_an_event_with_what_it_may_not_hold_is_refused_without_its_words(
    field: str, value: object
) -> None:
    bad = replace(RESERVED, **{field: value})  # type: ignore[arg-type]  # wrong types on purpose

    with pytest.raises(LogError) as refused:
        encode_entry(Entry(STAMP, bad))

    assert "Jane" not in str(refused.value)


def test_the_largest_request_fits_into_an_entry() -> None:
    leaf = encode_entry(Entry(STAMP, replace(RESERVED, request="x" * 49_152)))

    assert len(leaf) < MAX_ENTRY_BYTES


def test_every_field_of_every_event_is_on_the_allow_list_in_its_type() -> None:
    assert len(EVENTS) == 30
    used = {"kind"}
    for owner in (Stamp, *EVENTS):
        for field in fields(owner):
            used.add(field.name)
            expected = Text if field.type == "str" else Number
            assert isinstance(FIELDS[field.name], expected), field.name
            assert field.type in {"str", "int"}
    assert used == set(FIELDS)


def test_kinds_are_unique_and_have_the_documented_form() -> None:
    kinds = [event.kind for event in EVENTS]

    assert len(set(kinds)) == len(kinds)
    assert all(FIELDS["kind"].allows(kind) for kind in kinds)
    assert not {"kind"} & {field.name for event in EVENTS for field in fields(event)}


def test_time_is_told_in_utc_with_microseconds() -> None:
    noon = datetime(2026, 11, 21, 12, tzinfo=timezone(timedelta(hours=2)))

    assert time_text(noon) == "2026-11-21T10:00:00.000000Z"
    assert time_text(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00.000000Z"
    with pytest.raises(LogError, match="no zone"):
        time_text(noon.replace(tzinfo=None))
