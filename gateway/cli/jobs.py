"""``gateway jobs``: questions that a service answers later."""

from __future__ import annotations

import click

from gateway.cli.arguments import service_url
from gateway.cli.asking import remote
from gateway.cli.rendering import answer_text, text_table
from gateway.client import Job

__all__ = ["command"]

_PROJECT = click.option("--project", required=True, help="The project that is charged.")
_JOB = click.argument("job_id", metavar="JOB")


@click.group(name="jobs")
def command() -> None:
    """List, show, wait for and cancel your jobs; 'gateway query --job' makes them."""


@command.command(name="list")
@_PROJECT
@service_url
def listed(project: str, url: str) -> None:
    """List your last hundred jobs, the newest first."""
    with remote(url) as gateway:
        jobs = gateway.jobs(project)
    rows = [[one.id, one.state, _price(one), str(one.document.get("created", ""))] for one in jobs]
    click.echo(text_table(["job", "state", "charged", "created"], rows))


@command.command()
@_PROJECT
@_JOB
@service_url
def show(project: str, job_id: str, url: str) -> None:
    """Tell how far a job is, and its answer if it is done."""
    with remote(url) as gateway:
        job = gateway.job(project, job_id)
        click.echo(_line(job))
        if job.has_ended:
            click.echo(answer_text(job.result().answer))


@command.command()
@_PROJECT
@_JOB
@service_url
def wait(project: str, job_id: str, url: str) -> None:
    """Wait for the answer of a job."""
    with remote(url) as gateway:
        result = gateway.job(project, job_id).wait(progress=_tell)
    click.echo(answer_text(result.answer))


@command.command()
@_PROJECT
@_JOB
@service_url
def cancel(project: str, job_id: str, url: str) -> None:
    """Cancel a job; what was charged stays charged."""
    with remote(url) as gateway:
        job = gateway.job(project, job_id).cancel()
    click.echo(_line(job) if job.has_ended else f"job {job.id}: to be cancelled")


def _tell(job: Job) -> None:
    click.echo(_line(job), err=True)


def _line(job: Job) -> str:
    return f"job {job.id}: {job.state}, charged {_price(job)}"


def _price(job: Job) -> str:
    match job.document.get("charged"):
        case {"measure": "pure", "epsilon": amount}:
            return f"epsilon {amount}"
        case {"measure": "zcdp", "rho": amount}:
            return f"rho {amount}"
        case _:
            return "nothing"
