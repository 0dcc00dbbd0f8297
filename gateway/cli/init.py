"""``gateway init``: the folder of a new deployment."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

import click

from gateway.founding import make_deployment
from gateway.settings import default_key_folder

__all__ = ["command"]


@click.command(name="init")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--id", "deployment", help="Stable name; by default the folder's, and six digits.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True)
@click.option(
    "--keys",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the key ring; by default under the user's configuration, outside DIR.",
)
@click.option("--no-example", is_flag=True, help="No declarations, for 'gateway policy draft'.")
def command(
    folder: Path, deployment: str | None, port: int, keys: Path | None, *, no_example: bool
) -> None:
    """Make the folder of a new deployment: settings, keys, ceilings and a starter policy."""
    name = deployment or _name_of(folder)
    key_folder = (keys or default_key_folder(name)).absolute()
    make_deployment(folder, name, port=port, keys=key_folder, example=not no_example)
    click.echo(
        f"{folder} is made; its keys are in {key_folder}, which needs a backup of its own\n"
        "approvals: none: whoever can write its policies decides alone, see docs/approvals.md"
    )
    if no_example:
        click.echo(f"next: gateway policy draft YOUR_FILES --out {folder}")
        return
    click.echo(
        f"next: edit {folder / 'policies'}, then run\n"
        f"  gateway policy lint {folder}\n"
        f"  gateway ingest {folder} --dataset example --source FOLDER_OF_YOUR_FILES\n"
        f"  gateway key create {folder} --user researcher:change.me\n"
        f"  gateway serve {folder}"
    )


def _name_of(folder: Path) -> str:
    """Return a name that is not used again when a folder of the same name is made anew."""
    words = re.sub(r"[^a-z0-9]+", "-", folder.absolute().name.lower()).strip("-")
    return f"{words[:50] or 'gateway'}-{secrets.token_hex(3)}"
