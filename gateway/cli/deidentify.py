"""``gateway deidentify``: text and tables without what identifies, and evidence of how well."""

from __future__ import annotations

import click

from gateway.cli.deidentify_evidence import canary, detect, score
from gateway.cli.deidentify_fhir import fhir
from gateway.cli.deidentify_reveal import reveal
from gateway.cli.deidentify_table import table
from gateway.cli.deidentify_text import text

__all__ = ["command"]


@click.group(name="deidentify")
def command() -> None:
    """De-identify text and tables, and measure how well."""


for one in (text, table, fhir, reveal, detect, score, canary):
    command.add_command(one)
