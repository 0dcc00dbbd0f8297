"""Make an environment for each peer: ``python -m benchmarks.peers.install``.

Each peer gets a virtual environment of its own, with the versions pinned in ``requirements/``; none
is ever installed beside the gateway. Run again, it makes them anew.
"""

from __future__ import annotations

import argparse
import subprocess
import venv
from dataclasses import dataclass
from pathlib import Path

__all__ = ["FOLDER", "PEERS", "Peer", "main"]

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "peers"
"""Where the environments go unless another folder is given; ignored by git."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A tool, and what it promises.

    Attributes:
        name: Of its environment and of its requirements file.
        title: As its makers write it.
        module: Its worker.
        guarantee: What it bounds and draws, as configured here.
    """

    name: str
    title: str
    module: str
    guarantee: str

    def python(self, folder: Path) -> Path:
        """Return its interpreter, whether it is there or not."""
        return folder / self.name / "bin" / "python"


PEERS = (
    Peer(
        name="smartnoise",
        title="SmartNoise SQL",
        module="benchmarks.peers.workers.smartnoise",
        guarantee=(
            "epsilon per noisy column; L0 x m rows of a patient drawn anew per query; sums and "
            "noise on doubles, so floating-point attacks are not excluded for sums; classes "
            "taken from the data (censoring of rare ones is off)"
        ),
    ),
    Peer(
        name="opendp",
        title="OpenDP Polars context",
        module="benchmarks.peers.workers.opendp_polars",
        guarantee=(
            "epsilon per query, proved by OpenDP's map; rows and groups truncated per patient; "
            "discrete noise for counts, float noise with its rounding in the map for sums; "
            "asked for one group more than the others, since it keeps one fewer than told"
        ),
    ),
    Peer(
        name="pipelinedp",
        title="PipelineDP (local backend)",
        module="benchmarks.peers.workers.pipelinedp",
        guarantee=(
            "epsilon per query; rows and partitions sampled per patient; Google's secure Laplace "
            "through PyDP; public partitions"
        ),
    ),
)


def main() -> None:
    """Make the environments."""
    parser = argparse.ArgumentParser(description="Install the tools that are compared with.")
    parser.add_argument("--into", type=Path, default=FOLDER, help="folder of the environments")
    folder = parser.parse_args().into
    for peer in PEERS:
        print(f"{peer.title}: {folder / peer.name}", flush=True)
        venv.create(folder / peer.name, clear=True, with_pip=True)
        requirements = Path(__file__).parent / "requirements" / f"{peer.name}.txt"
        subprocess.run(  # noqa: S603  our own arguments
            [peer.python(folder), "-m", "pip", "install", "--quiet", "-r", requirements], check=True
        )


if __name__ == "__main__":
    main()
