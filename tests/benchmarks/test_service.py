from __future__ import annotations

import json
from typing import Any

import pytest

from benchmarks.clients import KINDS
from benchmarks.service import main
from benchmarks.settled import Settled


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Ten clients for five seconds; the exit code is among what was found."""
    found = tmp_path_factory.mktemp("load") / "found.json"
    code = main(["--clients", "10", "--seconds", "5", "--json", str(found)])
    load: dict[str, Any] = json.loads(found.read_text(encoding="utf-8"))
    return {**load, "code": code}


def test_many_clients_find_nothing_amiss(short: dict[str, Any]) -> None:
    assert short["faults"] == []
    assert short["failures"] == 0
    assert short["code"] == 0


def test_every_kind_of_request_was_made_and_charges_were(short: dict[str, Any]) -> None:
    assert {"fresh question", "same again", "price"} <= set(short["kinds"]) <= set(KINDS)
    assert short["charges"] >= 10
    assert short["replies"] >= 50


def test_memory_was_watched(short: dict[str, Any]) -> None:
    first, last, most = short["memory_mib"]

    assert 50 < first <= most
    assert last <= most


def test_lost_doubled_and_changed_charges_are_found_out() -> None:
    found = Settled(
        charged={"a": 1, "b": 1, "c": 2, "e": 1},  # type: ignore[dict-item]  # equal to decimals
        released=frozenset("abc"),
        verified=True,
        report="",
    )
    told: Any = {"a": 1, "c": 1, "d": 1}

    assert found.unlike(told) == [
        "1 answers that the log does not have",
        "1 charged answers that nobody was told",
        "1 answers at another price than the ledger's",
        "1 charges without an answer",
    ]
