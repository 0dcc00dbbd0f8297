from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from matplotlib import pyplot as plt

from gateway.answers import results
from gateway.answers.results import Result
from gateway.audit.checkpoint import Signer, parse_vkey
from gateway.audit.errors import LogError
from gateway.client.views import Budgets, Catalog
from gateway.deployment import Deployment
from gateway.errors import NotFoundError, RequestError, UnavailableError
from gateway.keyring import KeyRing
from gateway.local import LocalGateway
from gateway.settings import load_settings
from query.answers import Answer, Estimate, Value
from tests.gateway.deployments import COUNTS, PROJECT, USER, make_full
from tests.gateway.made_up import make_answer, make_quote

mpl.use("Agg")


def estimate(value: float, width: float = 10) -> Estimate:
    return Estimate(value=value, standard_error=width / 2, lower=value - width, upper=value + width)


def answer(columns: tuple[str, ...], *rows: tuple[Value, ...]) -> Result:
    given: Answer = replace(
        make_answer(), columns=columns, rows=rows, quote=make_quote("n", "mean"), suppressed=0
    )
    return Result(given)


@pytest.fixture(autouse=True)
def _closed_figures() -> Any:  # noqa: ANN401  a generator
    yield
    plt.close("all")


def spans(ax: Any) -> list[list[float]]:  # noqa: ANN401  matplotlib's
    """The lower and upper end of every error bar."""
    (bars,) = [one for one in ax.collections if type(one).__name__ == "LineCollection"]
    return [[float(point[1]) for point in segment] for segment in bars.get_segments()]


def test_categories_are_bars_with_their_intervals() -> None:
    ax = answer(("sex", "n"), ("F", estimate(41)), ("M", estimate(60, 5))).plot()

    assert [bar.get_height() for bar in ax.patches] == [41, 60]
    assert spans(ax) == [[31, 51], [55, 65]]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["F", "M"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("sex", "n, intervals at 95%")


@pytest.mark.parametrize("keys", [(2020, 2018, 2019), ("2020-01-01", "2018-01-01", "2019-01-01")])
def test_numbers_and_dates_are_a_line_in_their_order(keys: tuple[Value, ...]) -> None:
    rows = tuple((key, estimate(number)) for key, number in zip(keys, (3, 1, 2), strict=True))
    ax = answer(("year", "n"), *rows).plot()

    assert [float(y) for y in ax.lines[0].get_ydata()] == [1, 2, 3]
    assert spans(ax) == [[-9, 11], [-8, 12], [-7, 13]]
    assert not ax.patches


def test_two_keys_are_a_heat_map_with_each_error() -> None:
    given = answer(
        ("sex", "band", "n"),
        ("F", "40s", estimate(41)),
        ("M", "50s", estimate(60, 5)),
        ("M", "40s", Estimate(value=None, standard_error=None, lower=None, upper=None)),
    )
    ax = given.plot()

    assert {text.get_text() for text in ax.texts} == {"41\n± 10", "60\n± 5"}
    assert ax.images[0].get_array().shape == (2, 2)


def test_a_column_may_be_chosen_and_the_axes_given() -> None:
    ax = plt.subplots()[1]
    given = answer(("n", "mean"), (estimate(41), estimate(7)))

    assert given.plot("mean", ax=ax) is ax
    assert [bar.get_height() for bar in ax.patches] == [7]


def test_withheld_numbers_leave_a_gap() -> None:
    withheld = Estimate(value=None, standard_error=None, lower=None, upper=None)
    ax = answer(("sex", "n"), ("F", withheld), (None, estimate(60))).plot()

    assert [bar.get_height() for bar in ax.patches] == [60]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["(none)"]


def test_what_cannot_be_drawn_is_refused_with_what_can() -> None:
    given = answer(("a", "b", "c", "n"), ("x", "y", "z", estimate(1)))

    with pytest.raises(RequestError) as three:
        given.plot()
    with pytest.raises(RequestError) as unknown:
        given.plot("m")
    with pytest.raises(RequestError):
        answer(("sex", "n"), ("F", estimate(1))).plot(kind="heat map")
    assert three.value.code == "REQ-CHART"
    assert unknown.value.remedy == "name one of: n"


@pytest.mark.parametrize("method", ["to_pandas", "to_polars", "plot"])
def test_a_missing_extra_is_named(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "find_spec", lambda _: None)

    with pytest.raises(UnavailableError, match="is not installed") as missing:
        getattr(Result(make_answer()), method)()
    assert "clinical-gateway[" in missing.value.remedy


def test_polars_gets_the_same_columns_as_arrow() -> None:
    result = Result(make_answer())

    assert result.to_polars().columns == result.to_arrow().column_names


def test_a_notebook_shows_numbers_with_their_errors_and_no_markup_of_the_data() -> None:
    shown = answer(("sex", "n"), ("<b>F</b>", estimate(41)), (None, estimate(60.5)))._repr_html_()

    assert "<td>&lt;b&gt;F&lt;/b&gt;</td><td>41 ± 10</td>" in shown
    assert "<td></td><td>60.5 ± 10</td>" in shown
    assert "charged epsilon 0.2" in shown
    assert "withheld" in Result(make_answer())._repr_html_()


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, str, Catalog, Budgets]:
    site = make_full(tmp_path_factory.mktemp("asked"))
    with Deployment.open(site, paced=False) as deployment:
        gateway = LocalGateway(deployment, USER)
        result = gateway.query(PROJECT, COUNTS, epsilon="0.1")
        catalog, budget = gateway.catalog(PROJECT), gateway.budget(PROJECT)
    settings = load_settings(site)
    vkey = KeyRing.open(settings.keys).signer(settings.id).verifier.text()
    return result, vkey, Catalog(catalog), Budgets(budget)


Asked = tuple[Result, str, Catalog, Budgets]


def test_a_receipt_is_checked_offline(asked: Asked) -> None:
    result, vkey, *_ = asked
    facts = result.check_receipt(vkey)

    assert (facts["kind"], facts["query_id"]) == ("query.release", result.answer.query_id)
    assert facts["amount"] == 100_000


def test_a_receipt_that_another_key_has_signed_says_what_to_do(asked: Asked) -> None:
    result, vkey, *_ = asked
    key = Ed25519PrivateKey.generate()
    other = Signer(origin=parse_vkey(vkey).name, key=key).verifier.text()
    with pytest.raises(LogError) as refused:
        result.check_receipt(other)

    assert refused.value.code == "LOG-CHECKPOINT"
    assert "key in force" in refused.value.message
    assert "--growth" in refused.value.remedy


def test_a_receipt_of_another_answer_is_found_out(asked: Asked) -> None:
    result, vkey, *_ = asked
    rows = (("F", estimate(1)), *result.answer.rows[1:])

    with pytest.raises(LogError):
        Result(replace(result.answer, rows=rows)).check_receipt(vkey)
    with pytest.raises(NotFoundError):
        Result(replace(result.answer, receipt=None)).check_receipt(vkey)


def test_a_saved_receipt_is_checked_by_the_verifier_alone(asked: Asked, tmp_path: Path) -> None:
    result, vkey, *_ = asked
    result.save_receipt(tmp_path / "count.proof")
    command = [sys.executable, "-m", "gateway", "audit", "check", str(tmp_path / "count.proof")]
    answered = ["--answer", str(tmp_path / "count.proof.json"), "--vkey", vkey]
    done = subprocess.run([*command, *answered], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_a_receipt_is_saved_where_a_text_says(asked: Asked, tmp_path: Path) -> None:
    result, *_ = asked
    result.save_receipt(str(tmp_path / "count.proof"))

    assert result.receipt is not None
    assert (tmp_path / "count.proof").read_text("utf-8") == result.receipt.proof
    assert (tmp_path / "count.proof.json").read_bytes() == result.to_json()


def test_catalog_and_budget_are_tables_in_a_notebook(asked: Asked) -> None:
    *_, catalog, budget = asked

    assert "<td>patients</td><td>sex</td><td>string</td><td>" in catalog._repr_html_()
    assert "<td>example</td><td>pool</td>" in budget._repr_html_()


def test_the_client_loads_no_engine_and_no_model() -> None:
    heavy = ("duckdb", "opendp", "spacy", "sqlglot", "flask", "presidio_analyzer", "pyarrow",
             "pandas", "polars", "matplotlib", "numpy", "cryptography", "waitress")  # fmt: skip
    code = f"import sys, gateway.client; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
