"""``python -m anonymizers.training``: train the PHI model, measure it and write it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from anonymizers.evaluation import Score, evaluate
from anonymizers.presidio.model import PhiModel
from anonymizers.spans import Label, Span
from anonymizers.training.corpus import measured, without_professions
from anonymizers.training.fit import FULL, TINY, fit

__all__ = ["main"]

_DEFAULT = Path(__file__).parent.parent / "models" / "phi_en.npz"
_THRESHOLD = 0.3


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default=_DEFAULT, help="The file to write.")
@click.option("--seed", default=17, show_default=True, help="Equal seeds give equal models.")
@click.option("--tiny", is_flag=True, help="A model of seconds, to see that the path works.")
@click.option("--texts", default=400, show_default=True, help="Validation texts of each sort.")
def main(out: Path, seed: int, *, tiny: bool, texts: int) -> None:
    """Train the model that ships, from generated text; no data and no network are needed."""
    started = time.monotonic()
    network = fit(TINY if tiny else FULL, seed, click.echo)
    model = PhiModel(network)
    for name, gold in measured(seed + 1, texts).items():
        click.echo(_line(name, evaluate(without_professions(gold), _standard(model))))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(network.to_bytes())
    size, minutes = out.stat().st_size / 1e6, (time.monotonic() - started) / 60
    click.echo(f"wrote {size:.1f} MB after {minutes:.1f} minutes")


def _standard(model: PhiModel) -> Callable[[str], Sequence[Span]]:
    """Detect as the standard profile does, with the model alone."""
    return lambda text: [
        span
        for span in model.find(text)
        if span.score >= _THRESHOLD and span.label is not Label.PROFESSION
    ]


def _line(name: str, score: Score) -> str:
    unit = score.entities
    return (
        f"{name}: recall {unit.recall:.3f}, precision {unit.precision:.3f}, "
        f"{score.leaking}/{score.texts} leak, {score.touched}/{score.clean} clean ones touched"
    )


if __name__ == "__main__":
    main()
