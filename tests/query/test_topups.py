"""Questions that are asked again, for as much, for less and for more."""

from __future__ import annotations

import json
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest

from policies.agreements import Retention
from policies.errors import InternalError, PolicyDeniedError, RefusalError, UnsupportedQueryError
from policies.privacy import Measure, PrivacyLoss
from query import allowed
from query.allowed import allowed_plan
from query.answers import Accuracy, Answer, Estimate, Request
from query.bound import bound, price_asked
from query.kept import CombinedNoise, Kept, combine_noises, combine_vectors
from query.mechanisms import Noise, Sensitivity, build
from query.offers import Offer, offer_of
from query.ports import ExactRow
from query.service import answer, quote
from tests.factories import make_dataset, make_policies, make_request
from tests.fakes import BlankEngine, PassingEngine
from tests.worlds import World, make_world

BAD_LOSS = b'{"answer": {"query_id": ""}, "noisy": [], "noises": [], "spent": {}, "covers": {}}'
BAD_NOISE = (
    b'{"answer": {"query_id": ""}, "noisy": [], "noises": [{"measure": "pure", "scale": null}]}'
)
COUNT = "SELECT class, COUNT(*) AS n FROM visits GROUP BY class"


@pytest.fixture(params=[Measure.PURE, Measure.ZCDP], ids=lambda one: one.value)
def measured(request: pytest.FixtureRequest) -> World:
    queries = {"measure": request.param.value}
    return make_world(make_policies(make_dataset(queries=queries)))


def ask(world: World, loss: str, sql: str = COUNT) -> Answer:
    return answer(make_request(sql, loss=loss), world.ports)


def numbers(given: Answer) -> list[float | None]:
    return [cell.value for row in given.rows for cell in row if isinstance(cell, Estimate)]


def errors(given: Answer) -> list[float | None]:
    return [cell.standard_error for row in given.rows for cell in row if isinstance(cell, Estimate)]


def spent(world: World) -> Decimal:
    return sum((charge.loss.parameter for charge in world.ledger.charges), Decimal(0))


class TestRepeats:
    @pytest.mark.parametrize("loss", ["0.4", "0.3", "0.001"])
    def test_as_much_or_less_is_the_better_stored_answer_for_nothing(
        self, measured: World, loss: str
    ) -> None:
        first = ask(measured, "0.4")
        again = ask(measured, loss)

        assert (again.repeated, again.charged.amount) == (True, 0)
        assert again.rows == first.rows
        assert again.quote.aggregates == first.quote.aggregates
        assert "for nothing" in again.quote.explanation[-1]
        assert spent(measured) == Decimal("0.4")
        assert measured.log == ["reserved", "read", "released", "repeated"]

    def test_the_quote_says_that_it_costs_nothing(self, measured: World) -> None:
        ask(measured, "0.4")
        price = quote(make_request(COUNT, loss="0.4"), measured.ports)

        assert price.loss.amount == 0
        assert price.spent is not None
        assert price.spent.parameter == Decimal("0.4")

    def test_what_is_free_is_given_whatever_price_was_confirmed(self, measured: World) -> None:
        ask(measured, "0.4")
        again = answer(
            make_request(COUNT, loss="0.4", confirm_price=Decimal("0.4")), measured.ports
        )

        assert again.repeated


DRAWN = ("reserved", "read", "released")


class TestAnswersThatAreTooOld:
    DAYS = 30

    def at(self, world: World, days: float, loss: str = "0.2", sql: str = COUNT) -> Answer:
        return answer(self.asked(days, loss, sql), world.ports)

    def asked(self, days: float, loss: str = "0.2", sql: str = COUNT) -> Request:
        request = make_request(sql, loss=loss)
        time = request.access.time + timedelta(days=days)
        return replace(request, access=replace(request.access, time=time))

    @pytest.fixture
    def limited(self) -> World:
        dataset = make_dataset()
        limit = Retention(answers_days=self.DAYS)
        return make_world(
            make_policies(replace(dataset, spec=replace(dataset.spec, retention=limit)))
        )

    def test_they_are_given_until_their_last_day_and_then_charged_anew(
        self, limited: World
    ) -> None:
        first = self.at(limited, 0)
        last = self.at(limited, self.DAYS - 0.01)
        price = quote(self.asked(self.DAYS), limited.ports)
        anew = self.at(limited, self.DAYS)

        assert (last.repeated, last.rows) == (True, first.rows)
        assert (price.loss, price.spent) == (first.charged, None)
        assert "charged anew" in price.explanation[-1]
        assert (anew.repeated, anew.charged, anew.query_id != first.query_id) == (
            False, first.charged, True,
        )  # fmt: skip
        assert limited.log == [*DRAWN, "repeated", *DRAWN]
        assert errors(anew) == errors(first)
        assert spent(limited) == Decimal("0.4")  # what was paid stays counted

    def test_a_higher_price_is_charged_whole_and_no_old_draw_is_in_the_answer(
        self, limited: World
    ) -> None:
        self.at(limited, 0, "0.1")
        more = self.at(limited, self.DAYS, "0.3")

        assert more.charged.parameter == Decimal("0.3")
        assert "draws combined" not in more.quote.aggregates[0].mechanism
        assert spent(limited) == Decimal("0.4")

    def test_what_was_added_to_has_a_day_of_its_own(self, limited: World) -> None:
        self.at(limited, 0, "0.1")
        more = self.at(limited, self.DAYS - 1, "0.3")
        again = self.at(limited, 2 * self.DAYS - 2, "0.3")

        assert (more.charged.parameter, again.repeated) == (Decimal("0.2"), True)

    def test_nothing_follows_from_them(self, limited: World) -> None:
        women = "SELECT COUNT(*) AS n FROM patients WHERE sex = 'F'"
        self.at(limited, 0, "0.3", "SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex")
        free = self.at(limited, self.DAYS - 1, "0.2", women)
        charged = self.at(limited, self.DAYS, "0.2", women)

        assert (free.repeated, charged.repeated) == (True, False)
        assert charged.charged.parameter == Decimal("0.2")

    def test_what_an_earlier_version_kept_without_a_day_is_not_given_where_days_count(
        self, limited: World
    ) -> None:
        self.at(limited, 0)
        for key, stored in limited.ledger.answers.items():
            document = json.loads(stored)
            del document["asked"]
            limited.ledger.answers[key] = json.dumps(document).encode()
        open_ended = replace(limited.ports, policies=make_policies(make_dataset()))

        assert answer(self.asked(1), open_ended).repeated
        assert not self.at(limited, 1).repeated


class TestTopUps:
    def test_only_the_rest_is_charged(self, measured: World) -> None:
        ask(measured, "0.1")
        price = quote(make_request(COUNT, loss="0.3"), measured.ports)
        more = ask(measured, "0.3")

        assert not more.repeated
        assert more.charged == price.loss == more.quote.loss
        assert more.charged.parameter == Decimal("0.2")
        assert spent(measured) == Decimal("0.3")
        assert price.spent is not None
        assert price.spent.parameter == Decimal("0.1")
        assert price.aggregates == more.quote.aggregates
        assert "only the rest is charged" in more.quote.explanation[-1]
        assert "2 draws combined" in more.quote.aggregates[0].mechanism
        assert measured.log == ["reserved", "read", "released"] * 2

    def test_the_combination_is_the_stored_answer_from_then_on(self, measured: World) -> None:
        ask(measured, "0.1")
        more = ask(measured, "0.3")

        assert ask(measured, "0.3").rows == more.rows
        assert ask(measured, "0.2").rows == more.rows
        assert ask(measured, "0.1").query_id == more.query_id
        assert len(measured.ledger.charges) == 2

    def test_errors_are_those_of_the_mean_by_inverse_variance(self, measured: World) -> None:
        first = errors(ask(measured, "0.1"))[0]
        second = errors(ask(measured, "0.2", f"{COUNT} ORDER BY n"))[0]
        alone = errors(ask(make_world(measured.policies), "0.1"))[0]
        third = errors(ask(measured, "0.9"))[0]
        assert first is not None
        assert second is not None
        assert third is not None

        assert first == alone
        assert second == pytest.approx(first / math.sqrt(2))
        last = errors(ask(make_world(measured.policies), "0.7"))[0]
        assert last is not None
        assert 1 / third**2 == pytest.approx(2 / first**2 + 1 / last**2)

    def test_a_combined_answer_is_nearer_to_the_truth_than_chance(self, measured: World) -> None:
        # at this price the noise is far below 1, whatever was there before
        ask(measured, "0.001")
        exact = ask(make_world(measured.policies), "1", COUNT)
        more = ask(measured, "1")

        for one, other, error in zip(numbers(more), numbers(exact), errors(exact), strict=True):
            assert one is not None
            assert other is not None
            assert error is not None
            assert abs(one - other) < 20 * error

    def test_many_small_top_ups_charge_exactly_their_sum(self, measured: World) -> None:
        for step in range(1, 21):
            ask(measured, f"{step / 20:.2f}")

        assert spent(measured) == Decimal(1)
        assert len(measured.ledger.charges) == 20

    def test_the_price_confirmed_is_what_is_charged_now(self, measured: World) -> None:
        ask(measured, "0.1")
        with pytest.raises(UnsupportedQueryError) as whole:
            answer(make_request(COUNT, loss="0.3", confirm_price=Decimal("0.3")), measured.ports)
        more = answer(make_request(COUNT, loss="0.3", confirm_price=Decimal("0.2")), measured.ports)

        assert whole.value.code == "SQL-PRICE-CHANGED"
        assert more.charged.parameter == Decimal("0.2")

    def test_the_policys_largest_price_holds_for_the_whole_answer(self, measured: World) -> None:
        ask(measured, "1")

        with pytest.raises(RefusalError):
            ask(measured, "1.1")

    @pytest.mark.parametrize(
        "other",
        [
            "SELECT class, COUNT(*) AS n FROM visits WHERE cost > 3 GROUP BY class",
            "SELECT class, COUNT(*) AS n, SUM(cost) FROM visits GROUP BY class",
        ],
    )
    def test_another_question_pays_its_whole_price(self, measured: World, other: str) -> None:
        ask(measured, "0.1")

        assert ask(measured, "0.3", other).charged.parameter == Decimal("0.3")

    def test_bounds_and_snapshot_make_it_another_question(self, world: World) -> None:
        ask(world, "0.1")
        narrower = answer(make_request(COUNT, loss="0.3", max_groups=1), world.ports)
        newer = replace(world.ports.datasets["clinic"], snapshot="2026-11-30")
        ports = replace(world.ports, datasets={"clinic": newer})
        later = answer(make_request(COUNT, loss="0.3"), ports)

        assert narrower.charged == later.charged
        assert narrower.charged.parameter == Decimal("0.3")

    def test_a_failed_top_up_is_charged_and_leaves_the_stored_answer(self) -> None:
        world = make_world()
        first = ask(world, "0.1")
        broken = replace(world.ports.datasets["clinic"], engine=Broken())
        ports = replace(world.ports, datasets={"clinic": broken})
        with pytest.raises(InternalError):
            answer(make_request(COUNT, loss="0.3"), ports)

        assert spent(world) == Decimal("0.3")
        assert ask(world, "0.1").rows == first.rows
        assert ask(world, "0.3").charged.parameter == Decimal("0.2")

    def test_the_answer_to_a_top_up_has_an_id_of_its_own(self, world: World) -> None:
        first, more = ask(world, "0.1"), ask(world, "0.2")

        assert first.query_id != more.query_id
        assert world.ledger.charges[1].follows == first.query_id


class TestAccuracy:
    """A wanted accuracy is that of one answer at its whole price; stored draws count for it."""

    def wanted(self, world: World, loss: str) -> Offer:
        accuracy = Accuracy(within=Decimal(1))
        allowed = allowed_plan(make_request(COUNT, loss=loss), world.policies)
        allowed = replace(allowed, request=replace(allowed.request, loss=None, accuracy=accuracy))
        return offer_of(allowed, "2026-10-31", world.ledger)

    def half_width(self, world: World, loss: str) -> float:
        plan = allowed_plan(make_request(COUNT, loss=loss), world.policies).plan
        return plan.noises[0].half_width(0.95)

    @pytest.mark.parametrize(("first", "whole"), [("0.1", "0.3"), ("0.29", "0.3"), ("0.01", "1")])
    def test_the_combination_is_as_exact_as_one_answer(
        self, measured: World, first: str, whole: str
    ) -> None:
        ask(measured, first)
        offer = self.wanted(measured, whole)
        width = self.half_width(measured, whole)

        assert offer.measurement is not None
        # the whole price is the most that is charged; the interval of a mean is known to 3 %
        assert 0.9 * width <= offer.plan.noises[0].half_width(0.95) <= 1.03 * width
        assert offer.quote.loss.parameter <= Decimal(whole)
        if offer.quote.loss.measure is Measure.ZCDP:
            rest = float(Decimal(whole) - Decimal(first))
            assert float(offer.quote.loss.parameter) == pytest.approx(rest, rel=0.02)

    def test_what_is_exact_enough_is_free(self, measured: World) -> None:
        ask(measured, "0.4")

        assert self.wanted(measured, "0.4").measurement is None
        assert self.wanted(measured, "0.2").quote.loss.amount == 0

    def test_two_halves_of_a_pure_price_are_not_as_exact_as_the_whole(self) -> None:
        world = make_world()
        ask(world, "0.2")
        ask(world, "0.4")

        assert ask(world, "0.4").repeated
        assert self.wanted(world, "0.4").quote.loss.parameter > Decimal("0.2")

    def test_the_policys_largest_price_holds_for_an_accuracy_too(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def dear(*args: Any) -> object:  # noqa: ANN401  the planner's own arguments
            question, dataset, duties, _, asked = args
            return bound(question, dataset, duties, price_asked(dataset, Decimal(2)), asked)

        monkeypatch.setattr(allowed, "bound", dear)
        accuracy = Accuracy(within=Decimal("0.001"))

        with pytest.raises(PolicyDeniedError):
            quote(make_request(COUNT, accuracy=accuracy), world.ports)


class TestThreads:
    def test_of_equal_questions_at_one_time_one_is_charged(self) -> None:
        world = make_world()
        ask(world, "0.1")
        meet = Barrier(4)
        opened = world.ports.datasets["clinic"]
        slow = replace(
            world.ports, datasets={"clinic": replace(opened, engine=PassingEngine(opened.engine))}
        )

        def top_up(_: int) -> str:
            meet.wait()
            try:
                given = answer(make_request(COUNT, loss="0.5"), slow)
            except RefusalError as refused:
                return refused.code
            return f"{given.charged.parameter.normalize():f}"

        with ThreadPoolExecutor(4) as threads:
            outcomes = sorted(threads.map(top_up, range(4)))

        assert outcomes.count("0.4") == 1
        assert set(outcomes) <= {"0.4", "0", "BUD-QUESTION-BUSY"}
        assert spent(world) == Decimal("0.5")
        assert ask(world, "0.5").repeated


class TestCombination:
    def test_two_equal_draws_have_half_the_variance_and_half_the_kurtosis(self) -> None:
        one = Noise(measure=Measure.PURE, scale=10.0)
        (both,) = combine_noises((one,), (one,))

        assert both.standard_error == pytest.approx(one.standard_error / math.sqrt(2))
        assert both.excess_kurtosis == pytest.approx(1.5)
        assert both.name == "discrete Laplace, 2 draws combined"

    def test_gaussian_draws_add_up_to_one_of_the_sum_of_rho(self) -> None:
        noises = [Noise(measure=Measure.ZCDP, scale=scale) for scale in (3.0, 4.0)]
        (both,) = combine_noises(noises[:1], noises[1:])

        assert both.scale == both.standard_error == pytest.approx(2.4)
        single = Noise(measure=Measure.ZCDP, scale=2.4)
        assert both.half_width(0.95) == pytest.approx(single.half_width(0.95))

    def test_without_noise_the_mean_is_the_value(self) -> None:
        none = Noise(measure=Measure.PURE, scale=0.001)
        kept = make_kept(noisy=((5,),), noises=(none,))

        assert none.standard_error == 0.0
        assert combine_vectors(kept, ((5,),), (none,)) == ((5.0,),)
        assert combine_noises((none,), (none,))[0].half_width(0.95) == 0.0

    def test_neither_large_values_nor_large_noise_overflow(self) -> None:
        wide = Noise(measure=Measure.PURE, scale=1e200)
        kept = make_kept(noisy=((2**63 - 1, -(2**63)),), noises=(wide,))
        (mean,) = combine_vectors(kept, ((-(2**63), 2**63 - 1),), (wide,))

        assert all(math.isfinite(value) for value in mean)
        assert math.isfinite(combine_noises((wide,), (wide,))[0].half_width(0.95))

    @pytest.mark.parametrize("measure", Measure)
    def test_intervals_of_a_combination_hold_what_they_promise(self, measure: Measure) -> None:
        """False alarms: below 1e-6 (binomial of 20,000 at 0.95, 0.9 % off)."""
        sensitivity, cells = [Sensitivity(groups=1, per_group=1)], 20_000
        losses = [PrivacyLoss.of_budget(measure, Decimal(one)) for one in ("0.05", "0.1", "0.03")]
        built = [build(measure, sensitivity, cells, loss) for loss in losses]
        exact = ((1000,) * cells,)
        kept = make_kept(noisy=built[0].release(exact), noises=built[0].noises)
        for further in built[1:]:
            noisy = combine_vectors(kept, further.release(exact), further.noises)
            noises = combine_noises(kept.noises, further.noises)
            kept = make_kept(noisy=noisy, noises=noises)
        half, error = kept.noises[0].half_width(0.95), kept.noises[0].standard_error
        off = [value - 1000 for value in kept.noisy[0]]

        assert sum(abs(one) <= half for one in off) / cells == pytest.approx(0.95, abs=0.009)
        assert sum(one * one for one in off) / cells == pytest.approx(error**2, rel=0.08)


class TestStored:
    def test_what_is_kept_is_read_back_as_it_was(self, world: World) -> None:
        given = ask(world, "0.1")
        kept = make_kept(
            noisy=((2**62, -(2**60) - 1), (0.1, -1e300)),
            noises=(
                Noise(measure=Measure.PURE, scale=0.1),
                CombinedNoise(
                    measure=Measure.ZCDP, scale=1 / 3, draws=3, error=1 / 3, kurtosis=0.1
                ),
            ),
        )

        assert Kept.parse(kept.to_bytes(replace(given, query_id=kept.query_id))) == kept

    @pytest.mark.parametrize(
        "stored", [b"", b"{", b"[]", b"{}", b'{"answer": {"query_id": 3}}', BAD_LOSS, BAD_NOISE]
    )
    def test_what_cannot_be_read_is_an_internal_error(self, stored: bytes) -> None:
        with pytest.raises(InternalError):
            Kept.parse(stored)


class Broken(BlankEngine):
    """An engine that fails."""

    def run(self, _: str, keys: int | None = None) -> list[ExactRow]:
        del keys
        raise InternalError("incident")


def make_kept(**changes: object) -> Kept:
    loss = PrivacyLoss(measure=Measure.PURE, amount=100_000)
    fields: dict[str, object] = {
        "query_id": "0" * 32,
        "noisy": ((1,),),
        "noises": (Noise(measure=Measure.PURE, scale=10.0),),
        "spent": loss,
        "covers": loss,
    }
    return Kept(**(fields | changes))  # type: ignore[arg-type]  # tests name real fields
