"""T8: ask the same question again and again, and take the mean of the noise away.

Attack: repeats, and variants that mean the same, of one question. Sources: Dinur and Nissim (2003),
Revealing Information while Preserving Privacy; for noise that is a function of the question's text,
Gadotti, Houssiau, Rocher, Livshits and de Montjoye (2019), When the Signal is in the Noise, and
Asghar and Kaafar (2020), Averaging Attacks on Bounded Noise-based Disclosure Control.

Pass: a repeat has identical bytes and is free; a variant is either the same release or is charged
in full and has noise of its own. 200 repeats by default, 1,000 with GATEWAY_FULL_ATTACKS=1. The
false-alarm rate of the statistical test is 1e-6.
"""

from __future__ import annotations

import json
import statistics
from dataclasses import replace

import pytest

from policies.errors import BudgetExceededError, RefusalError
from query.documents import answer_document
from query.service import answer, quote
from tests.attacks.hospital import Estate, Site, sized
from tests.attacks.observations import exact_vectors_of, values
from tests.factories import make_access

REPEATS = sized(200, 1_000)
COUNT = "SELECT class, COUNT(*) AS n FROM visits WHERE cost >= 38 AND urgent GROUP BY class"
ABOUT_THE_REPEAT = {"charged", "repeated", "receipt"}
ABOUT_THE_PRICE = {"loss", "spent", "explanation"}
SAME_TEXT = [
    COUNT.lower(),
    COUNT.replace(" ", "\n\t "),
    f"/* a comment */ {COUNT} -- another",
    f"{COUNT};",
    COUNT.replace("visits", "VISITS AS elsewhere"),
    COUNT.replace("AS n", "AS other_name"),
    COUNT.replace("GROUP BY class", "GROUP BY 1"),
    COUNT.replace("GROUP BY class", "GROUP BY ALL"),
    COUNT.replace("cost >= 38 AND urgent", "urgent AND cost >= 38"),
    COUNT.replace("cost >= 38 AND urgent", "(urgent AND (cost >= 38.00))"),
    COUNT.replace("cost >= 38 AND urgent", "urgent AND cost >= 38 AND urgent"),
    f"{COUNT} ORDER BY n DESC LIMIT 2",
    f"{COUNT} HAVING COUNT(*) > 5",
    COUNT.replace("COUNT(*)", "COUNT(*) * 2 + 1"),
    "SELECT COUNT(*) FROM visits WHERE cost >= 38 AND urgent GROUP BY class",
]
SAME_MEANING = [
    COUNT.replace("WHERE", "WHERE 1 = 1 AND"),
    COUNT.replace("cost >= 38", "38 <= cost"),
    COUNT.replace("cost >= 38", "NOT cost < 38"),
    COUNT.replace("cost >= 38", "cost > 37.99"),
    COUNT.replace("cost >= 38", "cost + 0 >= 38"),
    COUNT.replace("cost >= 38", "cost * 2 >= 76"),
    COUNT.replace("cost >= 38", "cost BETWEEN 38 AND 1000"),
    COUNT.replace("cost >= 38", "(cost >= 38 OR cost >= 39)"),
    COUNT.replace("urgent", "urgent = TRUE"),
    COUNT.replace("urgent", "urgent IS TRUE"),
    COUNT.replace("urgent", "(urgent OR FALSE)"),
    COUNT.replace("urgent", "NOT NOT urgent"),
    COUNT.replace("urgent", "urgent AND class IS NOT NULL"),
    COUNT.replace("urgent", "urgent AND free = free OR FALSE"),
    COUNT.replace("COUNT(*)", "COUNT(*) FILTER (WHERE TRUE)"),
    COUNT.replace("COUNT(*)", "COUNT(1)"),
    f"({COUNT})",
    COUNT.replace("COUNT(*)", "SUM(1)"),
    COUNT.replace("FROM visits", "FROM visits JOIN patients USING (patient_id)"),
    f"SELECT class, n FROM ({COUNT}) AS inner_one",
    f"WITH c AS ({COUNT}) SELECT class, n FROM c",
]


def bare(document: object) -> str:
    """An answer's bytes without what says that it is a repeat and where it stands in the log."""
    assert isinstance(document, dict)
    kept = {name: document[name] for name in document if name not in ABOUT_THE_REPEAT}
    quoted = kept["quote"]
    kept["quote"] = {name: quoted[name] for name in quoted if name not in ABOUT_THE_PRICE}
    return json.dumps(kept, sort_keys=True)


def test_a_repeat_has_identical_bytes_and_is_free(neighbors: tuple[Site, Site]) -> None:
    site = neighbors[0].refilled()
    first = bare(answer_document(site.answer(COUNT)))
    read = len(site.engine.statements)

    again = [site.answer(COUNT) for _ in range(REPEATS)]

    assert {bare(answer_document(one)) for one in again} == {first}
    assert len({json.dumps(answer_document(one)["quote"]) for one in again}) == 1
    assert all(one.repeated and one.charged.amount == 0 for one in again)
    assert site.spent() == 500_000
    assert len(site.engine.statements) == read


@pytest.mark.parametrize("sql", SAME_TEXT)
def test_another_way_to_write_it_is_the_same_release(
    neighbors: tuple[Site, Site], sql: str
) -> None:
    site = neighbors[0].refilled()
    first = site.answer(COUNT)

    again = site.answer(sql)

    assert again.repeated
    assert again.query_id == first.query_id
    assert site.spent() == 500_000


@pytest.mark.parametrize("sql", SAME_MEANING)
def test_another_question_of_the_same_meaning_is_the_same_release_or_is_charged(
    neighbors: tuple[Site, Site], sql: str
) -> None:
    """Either no new noise for nothing, or new noise at its price; nothing in between."""
    site = neighbors[0].refilled()
    first = site.answer(COUNT)
    price = site.spent()
    try:
        asked = quote(site.request(sql), site.ports).loss.amount
        given = site.answer(sql)
    except RefusalError:
        assert site.spent() == price
        return

    if given.repeated:
        assert (given.query_id, site.spent(), asked) == (first.query_id, price, 0)
    else:
        assert asked > 400_000
        assert site.spent() == price + asked == price + given.charged.amount


def test_noise_is_not_a_function_of_the_question(neighbors: tuple[Site, Site]) -> None:
    """Variants that are charged draw anew: their spread is that of the noise, and no less.

    The same variants in two ledgers differ too, so that no text or seed decides the noise.
    """
    site, other = neighbors[0].refilled(), neighbors[0].refilled()
    _, exact = exact_vectors_of(COUNT, site.dataset, site.engine)
    variants = [COUNT.replace("urgent", f"urgent AND cost > {-1 - n}") for n in range(60)]
    ours, theirs = (
        [values(one.refilled().answer(sql), 1)[0] for sql in variants] for one in (site, other)
    )
    noise = [value - exact[0][0] for value in ours if value is not None]

    assert ours != theirs
    # scale 12: 60 draws whose mean square is below a quarter of 2 * 12^2 have a chance < 1e-6
    assert statistics.fmean(one * one for one in noise) > 72


def test_two_members_of_a_project_share_a_release_and_its_price(
    neighbors: tuple[Site, Site],
) -> None:
    site = neighbors[0].refilled()
    spec = site.policies.projects["study"].spec
    both = (*spec.members, replace(spec.members[0], user="u|bob"))
    study = replace(site.policies.projects["study"], spec=replace(spec, members=both))
    ports = replace(site.ports, policies=replace(site.policies, projects={"study": study}))
    first = site.answer(COUNT)
    again = answer(replace(site.request(COUNT), access=make_access(principal="u|bob")), ports)

    assert again.repeated
    assert again.rows == first.rows
    assert site.spent() == 500_000


def test_averaging_ends_with_the_budget(hospitals: Estate) -> None:
    site = hospitals.neighbors()[0]
    variants = [COUNT.replace("urgent", f"urgent AND cost > {-1 - number}") for number in range(25)]
    for sql in variants[:20]:
        site.answer(sql)
    for sql in variants[20:]:
        with pytest.raises(BudgetExceededError):
            site.answer(sql)

    assert site.spent() == 10_000_000
