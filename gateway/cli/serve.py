"""``gateway serve``: the HTTP API."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from gateway.app import create_app
from gateway.cli.arguments import deployment_argument
from gateway.deployment import Deployment
from gateway.metrics import Metrics, metrics_served
from gateway.operations_log import operations_log
from gateway.serving import serve
from gateway.verifying.head import head_kept, log_rechecked

__all__ = ["command"]


@click.command(name="serve")
@deployment_argument
@click.option("--host", help="By default that of gateway.toml.")
@click.option("--port", type=click.IntRange(0, 65535), help="The same; 0 for any free one.")
def command(folder: Path, host: str | None, port: int | None) -> None:
    """Serve the HTTP API of the deployment in DIR, until SIGTERM or Ctrl-C.

    Writes a JSON line for each request to standard error; it holds no SQL and no values.
    """
    log = operations_log()
    with Deployment.open(folder) as deployment:
        settings = deployment.settings.service
        settings = replace(
            settings,
            host=settings.host if host is None else host,
            port=settings.port if port is None else port,
        )

        def started(bound: int) -> None:
            policies = deployment.policies
            log.info(
                "serving",
                deployment=deployment.settings.id,
                host=settings.host,
                port=bound,
                policy=policies.digest,
                approvals="required" if policies.needs_approval else "none",
            )
            click.echo(f"http://{settings.host}:{bound}")

        http, metrics = deployment.settings.http, Metrics(settings.time_bucket_ms)
        app = create_app(deployment, log=log, metrics=metrics)
        with (
            deployment.witnessing.repeatedly(log),
            head_kept(deployment.checkpoint, log),
            log_rechecked(deployment.recheck, log, deployment.settings.log.check_seconds),
            metrics_served(metrics, http),
        ):
            serve(app, settings, started, trusted_proxy=http.trusted_proxy, log=log)
    log.info("stopped", deployment=deployment.settings.id)
