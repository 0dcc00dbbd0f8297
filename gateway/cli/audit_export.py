"""``gateway audit export``: the log in the forms of others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

import click

from gateway.audit.checkpoint import parse_checkpoint
from gateway.audit.durable import replacing
from gateway.audit.verify import verify_log
from gateway.cli.arguments import deployment_argument
from gateway.clock import SystemClock
from gateway.errors import OperatorError
from gateway.exports.crate import Crate, write_crate
from gateway.exports.fhir import fhir_lines
from gateway.exports.plain import csv_lines, ndjson_lines, release_lines
from gateway.exports.reading import LoggedEntry, read_log
from gateway.governing.activated import ActivatedSets
from gateway.keyring import KeyRing
from gateway.opening import checkpoint_path, witnessed_path
from gateway.releases.listing import Approvers, audited_document
from gateway.releases.states import release_states
from gateway.settings import Settings, load_settings
from policies.active import PolicySet

__all__ = ["export"]

_Lines = Callable[[Iterable[LoggedEntry], str], Iterator[bytes]]
_FORMS: Final[dict[str, _Lines]] = {
    "ndjson": lambda entries, _: ndjson_lines(entries),
    "csv": lambda entries, _: csv_lines(entries),
    "fhir": fhir_lines,
}
_OUT: Final = click.Path(dir_okay=False, path_type=Path)


@click.command()
@deployment_argument
@click.option(
    "--format", "form", type=click.Choice((*_FORMS, "releases", "ro-crate")), default="ndjson"
)
@click.option("--project", help="Only what is about this project; needed of a crate.")
@click.option("--out", required=True, type=_OUT, help="File to write.")
def export(folder: Path, form: str, project: str | None, out: Path) -> None:
    """Write the log of DIR as JSON lines, CSV, FHIR R4 AuditEvents, or a Five Safes RO-Crate.

    Or, as ``releases``, a table of the records that left: to whom, with which k, when.

    The entries of a log are for auditors: see whom you give the file.
    """
    settings = load_settings(folder)
    if form == "ro-crate":
        if project is None:
            raise click.UsageError("--format ro-crate needs --project")
        count = _write_crate(settings, project, out)
    elif form == "releases":
        count = _write_releases(settings, project, out)
    else:
        with (
            read_log(settings.ledger) as log,
            replacing(out) as draft,
            draft.open("wb") as file,
        ):
            count = 0
            entries = log.entries(project)
            for line in _FORMS[form](entries, settings.id):
                file.write(line)
                count += 1
            count -= form == "csv"
    click.echo(f"{count} entries in {out}")


def _write_releases(settings: Settings, project: str | None, out: Path) -> int:
    approvers, now = Approvers(ActivatedSets(settings.activated)), SystemClock().now()
    documents = [
        audited_document(state, now, approvers)
        for state in release_states(settings.ledger).values()
        if project is None or state.request.project == project
    ]
    out.write_bytes(b"".join(release_lines(documents)))
    return len(documents)


def _write_crate(settings: Settings, project: str, out: Path) -> int:
    witnessed = witnessed_path(settings)
    last = checkpoint_path(settings)
    key = KeyRing.open(settings.keys).signer(settings.id).verifier
    report = verify_log(settings.ledger, key=key, checkpoint=last)
    if not report.is_sound:
        raise OperatorError(
            "the log is not sound, so a crate would prove nothing",
            remedy="run 'gateway audit verify', and read what it finds",
        )
    policies = ActivatedSets(settings.activated).find(report.policy) if report.policy else None
    text = last.read_text(encoding="utf-8")
    if witnessed.exists():  # the same head with cosignatures, where it is not an older one
        cosigned = witnessed.read_text(encoding="utf-8")
        text = cosigned if parse_checkpoint(cosigned).size >= parse_checkpoint(text).size else text
    declared = None if policies is None else policies.projects.get(project)
    crate = Crate(
        project=project,
        title="" if declared is None else declared.metadata.title,
        origin=settings.id,
        key=key,
        checkpoint=text,
        declarations=_declarations(policies, project),
        time=SystemClock().now(),
    )
    with read_log(settings.ledger) as log, replacing(out) as draft:
        return write_crate(draft, log, crate)


def _declarations(policies: PolicySet | None, project: str) -> dict[str, bytes]:
    """The files of the project and of its datasets, as they are in force."""
    if policies is None or project not in policies.projects:
        return {}
    wanted = {("project", project)}
    wanted |= {("dataset", grant.id) for grant in policies.projects[project].spec.datasets}
    names = {
        document.file
        for (layer, name), document in policies.documents.items()
        if (layer.value, name) in wanted
    }
    return {name: policies.files[name] for name in sorted(names) if name in policies.files}
