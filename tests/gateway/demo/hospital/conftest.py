from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from gateway.demo.hospital import HospitalSummary, write_hospital


@dataclass(frozen=True)
class Hospital:
    """A made-up hospital as somebody else would read it: from its files."""

    summary: HospitalSummary

    @property
    def folder(self) -> Path:
        return self.summary.folder

    def table(self, name: str) -> list[dict[str, str]]:
        with (self.folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    @cached_property
    def gold(self) -> list[dict[str, Any]]:
        lines = (self.folder / "notes.gold.jsonl").read_text(encoding="utf-8").split("\n")
        return [json.loads(line) for line in lines if line]


@pytest.fixture(scope="session")
def make_hospital(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int, int], Hospital]:
    def make(patients: int, seed: int) -> Hospital:
        folder = tmp_path_factory.mktemp("hospital")
        return Hospital(write_hospital(folder, patients=patients, seed=seed))

    return make


@pytest.fixture(scope="session")
def hospital(make_hospital: Callable[[int, int], Hospital]) -> Hospital:
    return make_hospital(1500, 11)
