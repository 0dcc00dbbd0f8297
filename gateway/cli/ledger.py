"""``gateway ledger``: what the database of a ledger needs from whoever runs it."""

from __future__ import annotations

import click

from gateway.ledger.places import PostgresAddress

__all__ = ["command"]


@click.group(name="ledger")
def command() -> None:
    """Set up the database of the budget ledger and the audit log."""


@command.command()
@click.option("--role", required=True, help="The role that the service connects as.")
def sql(role: str) -> None:
    """Print the SQL that makes the tables in PostgreSQL, and the rights of the service's role.

    The owner of the database runs it once; the role has to exist.
    """
    PostgresAddress("").check_driver()
    from gateway.ledger.postgresql_tables import setup_script  # noqa: PLC0415  psycopg is optional

    click.echo(setup_script(role), nl=False)
