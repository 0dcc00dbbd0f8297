from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.demo.hospital import identities
from gateway.demo.hospital.draws import Draws
from gateway.demo.hospital.lists import records, words

seeds = st.integers(0, 100_000)


def is_luhn(digits: str) -> bool:
    """The check as ISO/IEC 7812-1 tells it: from the right, every second digit is doubled."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(sum(map(int, str(one))) for one in doubled) % 10 == 0


@given(seed=seeds)
def test_provider_numbers_check_out_and_are_of_the_unused_range(seed: int) -> None:
    number = identities.npi(Draws(seed))

    assert re.fullmatch(r"2\d{9}", number)
    assert is_luhn("80840" + number)


@given(seed=seeds)
def test_social_security_numbers_are_none_that_was_ever_issued(seed: int) -> None:
    area, group, serial = identities.ssn(Draws(seed)).split("-")

    assert 900 <= int(area) <= 999
    assert 1 <= int(group) <= 49
    assert 1 <= int(serial) <= 9999


@given(seed=seeds, state=st.sampled_from(["MN", "WI", "IA", "ND", "SD"]))
def test_telephone_numbers_are_of_the_exchange_of_films(seed: int, state: str) -> None:
    number = identities.phone(Draws(seed), state)

    assert re.fullmatch(r"\d{3}-555-\d{4}", number)
    assert number[8:] != "1212"


@given(seed=seeds)
def test_mail_addresses_lead_nowhere(seed: int) -> None:
    draws = Draws(seed)
    address = identities.email(draws, "Zoë Mary", "O'Brien-Núñez")

    assert re.fullmatch(r"[a-z0-9._]+@example\.(com|org|net)", address)
    assert identities.email(draws, "Zoë", "Ng", "here.example.org") == "zoe.ng@here.example.org"


@given(seed=seeds, sex=st.sampled_from("FMX"))
def test_names_come_from_the_lists(seed: int, sex: str) -> None:
    draws = Draws(seed)
    given_name, family = identities.given_name(draws, sex), identities.family_name(draws)

    assert given_name in {*words("given_female"), *words("given_male")}
    assert family in words("family") or set(family.split("-")) <= set(words("family"))


@pytest.mark.parametrize(
    ("name", "least"),
    [("given_female", 200), ("given_male", 200), ("family", 400), ("streets", 150)],
)
def test_word_lists_are_broad_and_clean(name: str, least: int) -> None:
    found = words(name)

    assert len(found) >= least
    assert len(set(found)) == len(found)
    assert all(word == word.strip() and word and word[0].isalpha() for word in found)


def test_names_are_of_many_forms() -> None:
    families = " ".join(words("family"))

    for form in ("-", "'", "ñ", "é", "De la ", "van den "):
        assert form in families


def test_towns_have_states_with_telephone_areas() -> None:
    for row in records("cities"):
        assert identities.phone(Draws(1), row["state"])
        assert re.fullmatch(r"\d{3}", row["zip3"])


def test_letters_lose_their_accents_only() -> None:
    assert identities.plain("Muñoz O'Brien-Zoë") == "Munoz O'Brien-Zoe"
