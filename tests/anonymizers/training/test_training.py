"""The path from seeds to a model that finds names, with a model of seconds."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from anonymizers.presidio.model import PhiModel
from anonymizers.presidio.network import Network
from anonymizers.training.__main__ import main
from anonymizers.training.fit import TINY, fit

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    path = tmp_path_factory.mktemp("model") / "tiny.npz"
    done = CliRunner().invoke(
        main, ["--tiny", "--out", str(path), "--texts", "20"], catch_exceptions=False
    )
    assert done.exit_code == 0
    return path, done.output


def test_the_command_writes_a_model_and_its_figures(written: tuple[Path, str]) -> None:
    path, output = written

    assert path.stat().st_size < 1_000_000
    assert "notes of unseen kinds: recall " in output
    assert "wrote " in output


def test_the_written_model_is_read_and_finds_something(written: tuple[Path, str]) -> None:
    with written[0].open("rb") as stream:
        model = PhiModel(Network.of(stream))

    spans = model.find("Patient: Maria Okafor\nMRN 00123456\nDOB: 01/02/1950, phone 617-555-0123")

    assert len(spans) >= 2


def test_equal_seeds_give_equal_models() -> None:
    first, second = (fit(TINY, 5, lambda _line: None).to_bytes() for _ in range(2))

    assert first == second
