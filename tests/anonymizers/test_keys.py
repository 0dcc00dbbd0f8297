from __future__ import annotations

import base64
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymizers.keys import (
    DateShift,
    bears_mark,
    date_shift_days,
    derive_key,
    keyed_bytes,
    marked_pseudonym,
    opaque_key,
    pseudonym,
    salt,
)
from policies.errors import DeclarationError

MASTER = bytes(range(32))
KEY = b"k" * 32


def test_derives_what_rfc_5869_gives_for_the_joined_info_string() -> None:
    extracted = hmac.digest(bytes(32), MASTER, "sha256")
    expanded = hmac.digest(extracted, b"pseudonyms|demo|p1\x01", "sha256")

    assert derive_key(MASTER, purpose="pseudonyms", dataset="demo", scope="p1") == expanded


@pytest.mark.parametrize(
    "other",
    [
        {"purpose": "date-shift", "dataset": "demo", "scope": "p1"},
        {"purpose": "pseudonyms", "dataset": "demo2", "scope": "p1"},
        {"purpose": "pseudonyms", "dataset": "demo", "scope": "p2"},
    ],
)
def test_another_purpose_dataset_or_scope_gives_another_key(other: dict[str, str]) -> None:
    key = derive_key(MASTER, purpose="pseudonyms", dataset="demo", scope="p1")

    purpose, dataset, scope = other.values()
    assert derive_key(MASTER, purpose=purpose, dataset=dataset, scope=scope) != key


def test_refuses_a_short_master_secret() -> None:
    with pytest.raises(DeclarationError, match=r"KEY-SHORT .* 31 bytes; give 32 or more"):
        derive_key(MASTER[:31], purpose="p", dataset="d")


def test_refuses_a_separator_inside_a_part() -> None:
    with pytest.raises(DeclarationError, match="KEY-NAME"):
        derive_key(MASTER, purpose="p|d", dataset="x")


def test_a_pseudonym_is_26_characters_of_lower_case_base32() -> None:
    name = pseudonym(KEY, "patient-1")

    assert len(name) == 26
    assert base64.b32decode(name.upper() + "A" * 6)
    assert name == name.lower()


def test_no_two_lists_of_values_share_a_message() -> None:
    assert keyed_bytes(KEY, "a", "b", "c") != keyed_bytes(KEY, "a", "bc")
    assert keyed_bytes(KEY, "a", "b") != keyed_bytes(KEY, "ab")
    assert keyed_bytes(KEY, "a", "1:b") != keyed_bytes(KEY, "a", "", "b")


@given(value=st.text(max_size=30))
def test_stand_ins_stay_in_their_ranges_and_depend_on_the_key(value: str) -> None:
    assert 0 <= opaque_key(KEY, value) < 2**62
    assert 0 <= salt(KEY, value) < 2**31
    assert opaque_key(KEY, value) == opaque_key(KEY, value)
    assert opaque_key(KEY, value) != opaque_key(MASTER, value)
    assert pseudonym(KEY, value) != pseudonym(MASTER, value)


@given(unit=st.text(max_size=10), most=st.integers(1, 400))
def test_a_shift_is_never_zero_and_never_too_far(unit: str, most: int) -> None:
    days = date_shift_days(KEY, unit, most)

    assert days != 0
    assert -most <= days <= most


def test_every_allowed_shift_occurs() -> None:
    drawn = {date_shift_days(KEY, str(unit), 3) for unit in range(200)}

    assert drawn == {-3, -2, -1, 1, 2, 3}


def test_a_date_shift_hides_its_key_and_moves_as_the_function_does() -> None:
    shift = DateShift(key=KEY, max_days=30)

    assert "kkk" not in repr(shift)
    assert shift.days("u") == date_shift_days(KEY, "u", 30)


@given(st.text(), st.binary(min_size=32, max_size=32))
def test_a_marked_stand_in_is_told_by_its_key_alone(value: str, other: bytes) -> None:
    stand_in = marked_pseudonym(KEY, value)

    assert len(stand_in) == len(pseudonym(KEY, value)) == 26
    assert stand_in[:16] == pseudonym(KEY, value)[:16]
    assert bears_mark(KEY, stand_in)
    assert other == KEY or not bears_mark(other, stand_in)
    assert not bears_mark(KEY, stand_in[1:] + "a")
    assert not bears_mark(KEY, pseudonym(KEY, value))
    assert not bears_mark(KEY, "")
