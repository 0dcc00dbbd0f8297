"""``gateway audit cosign``, ``tiles`` and ``verifier``: what others need to hold the log to it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Final

import click

from gateway.audit.checkpoint import parse_checkpoint
from gateway.audit.database import Connection, read_ledger
from gateway.audit.durable import put_file
from gateway.audit.errors import LogError
from gateway.audit.tile_files import places, tile_bytes
from gateway.cli.arguments import deployment_argument
from gateway.clock import SystemClock
from gateway.deployment import Deployment
from gateway.ledger.receipts import StoredTree
from gateway.opening import checkpoint_path
from gateway.settings import load_settings

__all__ = ["cosign", "tiles", "verifier"]

_FOLDER: Final = click.Path(file_okay=False, path_type=Path)
_VERIFIER: Final = ("gateway/__init__.py", "gateway/errors.py", "gateway/audit/*.py")
_ITS_ERRORS: Final = ("policies/__init__.py", "policies/errors.py")


@click.command()
@deployment_argument
@click.pass_context
def cosign(context: click.Context, folder: Path) -> None:
    """Ask the declared witnesses once to cosign the newest head of DIR.

    Exit codes: 0 a quorum has; 1 too few have.
    """
    with Deployment.open(folder, SystemClock(), paced=False) as deployment:
        for problem in deployment.witnessing.ask():
            click.echo(f"SYS-WITNESS {problem}", err=True)
        status = deployment.witnessing.status()
    if status.age_seconds is None:
        click.echo("Nobody has to cosign." if status.fresh else "Too few witnesses have cosigned.")
    else:
        click.echo(f"A quorum has cosigned {status.size} entries, {status.age_seconds} s ago.")
    context.exit(0 if status.fresh else 1)


@click.command()
@deployment_argument
@click.option("--out", required=True, type=_FOLDER, help="Folder; what is there is added to.")
def tiles(folder: Path, out: Path) -> None:
    """Write the log of DIR as C2SP tlog-tiles, for auditors and for static servers.

    Entries are in it: give it to auditors only. Tiles that are there already stay as they are.
    """
    settings = load_settings(folder)
    checkpoint = checkpoint_path(settings).read_text(encoding="utf-8")
    size, since = parse_checkpoint(checkpoint).size, _written(out / "checkpoint")
    with read_ledger(settings.ledger) as connection:

        @contextmanager
        def reading() -> Iterator[Connection]:
            yield connection

        def leaves(start: int, end: int) -> Sequence[bytes]:
            select = "SELECT leaf FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx"
            return [leaf for (leaf,) in connection.execute(select, (start, end))]

        tree = StoredTree(reading)
        for place in places(size, since):
            path = out / place.path()
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(tile_bytes(tree, leaves, place))
    put_file(out / "checkpoint", checkpoint.encode(), 0o644)
    click.echo(f"{size} entries, {size - since} of them new, in {out}")


@click.command()
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="A .pyz file."
)
def verifier(out: Path) -> None:
    """Write the verifier alone as one file, for auditors who do not install the gateway.

    It runs with Python and the package cryptography: python FILE verify --help.
    """
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for package, patterns in (("gateway", _VERIFIER), ("policies", _ITS_ERRORS)):
            with resources.as_file(resources.files(package)) as root:
                for pattern in patterns:
                    for path in sorted(root.parent.glob(pattern)):
                        archive.write(path, path.relative_to(root.parent).as_posix())
        archive.writestr(
            "__main__.py",
            "import sys\n\nfrom gateway.audit.__main__ import main\n\nsys.exit(main())\n",
        )
    click.echo(out)


def _written(checkpoint: Path) -> int:
    """How many entries a folder of tiles has already."""
    try:
        return parse_checkpoint(checkpoint.read_text(encoding="utf-8")).size
    except (FileNotFoundError, LogError):
        return 0
