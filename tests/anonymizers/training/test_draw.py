from __future__ import annotations

from collections import Counter

from anonymizers.training.draw import Draw, is_held_out

NAMES = tuple(f"Name{number}" for number in range(2_000))


def test_equal_seeds_give_equal_streams() -> None:
    first, second, other = Draw(1), Draw(1), Draw(2)

    drawn = [first.pick(NAMES) for _ in range(20)]

    assert drawn == [second.pick(NAMES) for _ in range(20)]
    assert drawn != [other.pick(NAMES) for _ in range(20)]


def test_one_in_eight_names_is_held_out_in_any_letter_case() -> None:
    share = sum(map(is_held_out, NAMES)) / len(NAMES)

    assert 0.09 < share < 0.16
    assert all(is_held_out(name) == is_held_out(name.upper()) for name in NAMES)


def test_no_name_is_in_both_halves() -> None:
    training, validating = Draw(1).split(NAMES), Draw(1, held_out=True).split(NAMES)

    assert not set(training) & set(validating)
    assert len(training) + len(validating) == len(NAMES)


def test_patterns_are_filled_and_the_rest_is_kept() -> None:
    filled = Draw(3).filled("?-##%x")

    assert filled[0].isupper()
    assert filled[1] == "-"
    assert filled[2:4].isdigit()
    assert filled[4] in "123456789"
    assert filled[5] == "x"


def test_weights_are_shares() -> None:
    draw = Draw(4)

    counts = Counter(draw.weighted(((3, "a"), (1, "b"))) for _ in range(4_000))

    assert 2_850 < counts["a"] < 3_150


def test_numbers_reach_both_ends() -> None:
    draw = Draw(5)

    assert {draw.number(1, 3) for _ in range(100)} == {1, 2, 3}
