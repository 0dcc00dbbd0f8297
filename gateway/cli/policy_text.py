"""``gateway policy schema`` and ``fmt``: declarations as editors and people read them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from gateway.cli.failures import FAILED
from gateway.cli.policy_lint import policies_of
from policies.formatting import formatted
from policies.kinds import schema_text

__all__ = ["fmt", "schema"]


@click.command()
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it into this file."
)
def schema(out: Path | None) -> None:
    """Print the JSON Schema of all declarations, for editors.

    An editor with a YAML language server uses it for files that start with
    "# yaml-language-server: $schema=PATH".
    """
    if out is None:
        click.echo(schema_text(), nl=False)
    else:
        out.write_text(schema_text(), encoding="utf-8")


@click.command()
@click.argument(
    "paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option("--check", is_flag=True, help="Change nothing, and fail if a file would change.")
@click.pass_context
def fmt(context: click.Context, paths: tuple[Path, ...], *, check: bool) -> None:
    """Write declarations in the one way of writing them: order of keys, quotes, layout.

    PATH is a file, a folder of policies or a deployment. Comments stay with their keys, and no
    file says anything else afterwards.
    """
    other = [path for given in paths for path in _files(given) if _rewrite(path, check=check)]
    for path in other:
        click.echo(f"{'would change' if check else 'changed'} {path}")
    if check and other:
        context.exit(FAILED)


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    within = policies_of(path)
    for folder in (within, within / "datasets", within / "projects"):
        yield from sorted(folder.glob("*.yaml"))


def _rewrite(path: Path, *, check: bool) -> bool:
    """Say whether a file is written otherwise, and write it unless it is only checked."""
    raw = path.read_bytes()
    text = formatted(raw, str(path)).encode()
    if text != raw and not check:
        path.write_bytes(text)
    return text != raw
