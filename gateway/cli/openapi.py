"""``gateway openapi``: the description of the HTTP API."""

from __future__ import annotations

import json

import click

from gateway.app import api_document

__all__ = ["command"]


@click.command(name="openapi")
def command() -> None:
    """Print the description of the HTTP API (OpenAPI 3.1), as GET /v1/openapi.json gives it.

    It has the addresses under /presidio too, which a deployment may have switched off.
    """
    click.echo(json.dumps(api_document(), indent=2, ensure_ascii=False))
