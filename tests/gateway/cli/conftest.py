"""Running the command line as a user does, in this process."""

from __future__ import annotations

import io
import json
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway.cli import main
from tests.gateway.clinic import PLAN, make_clinic
from tests.gateway.deployments import make_full


@dataclass(frozen=True)
class Outcome:
    """What a run left behind."""

    code: int
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    def run_gateway(*arguments: object, stdin: str = "") -> Outcome:
        capsys.readouterr()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), "utf-8"))
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        shown = capsys.readouterr()
        assert "Traceback" not in shown.out + shown.err
        return Outcome(int(ended.value.code or 0), shown.out, shown.err)

    return run_gateway


@pytest.fixture(scope="session")
def shared_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A deployment that can be asked, for tests that do not mind what others spent."""
    return make_full(tmp_path_factory.mktemp("shared"))


@dataclass(frozen=True)
class Clinic:
    """A site, and the commands of those who work with it."""

    run: Run
    site: Path

    @property
    def folder(self) -> Path:
        return self.site.parent

    def request(self, *more: object, plan: str = PLAN) -> Outcome:
        file = self.folder / "plan.yaml"
        file.write_text(plan, encoding="utf-8")
        return self.run(
            "release", "request", self.site, "--as", "uni|ann", "--purpose", "research",
            "--project", "cohort", "--dataset", "clinic", "--table", "patients", "--plan", file,
            *more,
        )  # fmt: skip

    def requested(self, *more: object, plan: str = PLAN) -> str:
        outcome = self.request(*more, plan=plan)
        assert outcome.code == 0, outcome.err
        found = re.search(r"release ([0-9a-f]{32})", outcome.out)
        assert found is not None
        return found[1]

    def approve(self, release: str, person: str) -> Outcome:
        key = self.folder / "drawer" / f"{person}.pem"
        return self.run("release", "approve", release, self.site, "--key", key)

    def approved(self, *more: object, plan: str = PLAN) -> str:
        release = self.requested(*more, plan=plan)
        for person in ("bea", "cid"):
            outcome = self.approve(release, person)
            assert outcome.code == 0, outcome.err
        return release

    def export(self, release: str, name: str = "out") -> Outcome:
        return self.run("release", "export", release, self.site, "--out", self.folder / name)

    def verify(self) -> Outcome:
        return self.run("audit", "verify", self.site)

    def state(self, release: str) -> dict[str, Any]:
        outcome = self.run("release", "list", self.site, "--json")
        (found,) = (one for one in json.loads(outcome.out) if one["release"] == release)
        return dict(found)

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.site / "policies" / file
        text = path.read_text("utf-8")
        assert text.count(old) == 1
        path.write_text(text.replace(old, new), "utf-8")


@pytest.fixture(scope="session")
def made_clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clinic(tmp_path_factory.mktemp("clinic"))


@pytest.fixture
def clinic(made_clinic: Path, run: Run, tmp_path: Path) -> Clinic:
    """A copy of its own for each test: the log and the declarations change."""
    shutil.copytree(made_clinic.parent, tmp_path, dirs_exist_ok=True)
    site = tmp_path / "site"
    settings = site / "gateway.toml"
    settings.write_text(settings.read_text().replace(str(made_clinic.parent), str(tmp_path)))
    return Clinic(run, site)
