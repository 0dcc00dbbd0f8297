"""The demo: a made-up hospital goes in, a researcher gets answers, an auditor checks the log."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from gateway.app import create_app
from gateway.audit.verify import verify_log
from gateway.client import Gateway
from gateway.demo.hospital import write_hospital
from gateway.demo.pages import Pages
from gateway.demo.people import make_people
from gateway.demo.questions import FORBIDDEN, PROJECT, PURPOSE, QUESTIONS, options_of
from gateway.demo.records import request_records
from gateway.demo.site import DATASET, DemoSite, make_site, note_before_and_after
from gateway.deployment import Deployment
from gateway.errors import OperatorError
from gateway.identity.accounts import Accounts
from gateway.ingest.progress import progress_for
from gateway.intake import ingest_dataset
from gateway.keyring import KeyRing
from gateway.opening import checkpoint_path
from gateway.operations_log import operations_log
from gateway.pages import DemoAccount
from gateway.serving import serve as serve_until_stopped
from policies.errors import RefusalError

__all__ = ["run_demo"]

_KEY_DAYS: Final = 30
_MOST_WORKERS: Final = 8


def run_demo(*, patients: int, seed: int, serve: bool, port: int, folder: Path | None) -> None:
    """Tell the whole story on a hospital that does not exist.

    Args:
        patients: Size of the hospital; 1 to 200,000.
        seed: Of the hospital, and of nothing else: noise is never seeded.
        serve: Whether the service stays up afterwards.
        port: TCP port on which it then serves; 0 for any free one.
        folder: Where everything goes and stays; None for one that is removed at the end.

    Raises:
        OperatorError: If the folder is taken, or the audit log does not verify.
    """
    started = time.monotonic()
    pages = Pages()
    with _folder(folder) as root:
        site = make_site(root, port=port)
        pages.chapter("A made-up hospital")
        pages.hospital(write_hospital(site.source, patients=patients, seed=seed))
        _ingest(site, pages)
        pages.chapter("A planner asks for records")
        pages.records(request_records(site))
        people = make_people(
            Accounts(site.settings.accounts), expires=datetime.now(UTC) + timedelta(days=_KEY_DAYS)
        )
        with _serving(site) as url, Gateway(url, people[0].key) as researcher:
            _ask(researcher, site, pages)
        _verify(site, pages)
        pages.end(time.monotonic() - started)
        if serve:
            _stay(site, people, pages)
        else:
            pages.how_to_serve(folder)


def _ingest(site: DemoSite, pages: Pages) -> None:
    pages.chapter("Ingest: de-identified, minimized, sealed")
    report = ingest_dataset(
        site.settings,
        DATASET,
        site.source,
        workers=min(os.cpu_count() or 1, _MOST_WORKERS),
        progress=progress_for(sys.stderr),
    )
    pages.ingest(report)
    pages.chapter("One note, as it was written and as it is stored")
    pages.note(note_before_and_after(site))


def _ask(researcher: Gateway, site: DemoSite, pages: Pages) -> None:
    pages.chapter("A researcher asks")
    for question in QUESTIONS:
        asked = options_of(question)
        quote = researcher.quote(PROJECT, question.sql, **asked)
        result = researcher.query(PROJECT, question.sql, **asked)
        pages.answer(question, quote, result.answer, question.exact(site.source))
    first = QUESTIONS[0]
    again = researcher.query(PROJECT, first.sql, **options_of(first))
    pages.repeat(again.answer)
    pages.chapter("A question about one person")
    try:
        researcher.query(PROJECT, FORBIDDEN, purpose=PURPOSE)
    except RefusalError as refusal:
        pages.refusal(FORBIDDEN, refusal)
    pages.chapter("What is left of the budget")
    pages.budget(researcher.budget(PROJECT)[DATASET])


def _verify(site: DemoSite, pages: Pages) -> None:
    pages.chapter("The auditor checks the log")
    settings = site.settings
    report = verify_log(
        settings.ledger,
        key=KeyRing.open(settings.keys).signer(settings.id).verifier,
        checkpoint=checkpoint_path(settings),
    )
    pages.lines(report.lines())
    if report.exit_code:
        raise OperatorError("the audit log of the demo does not verify", remedy="report this")


def _stay(site: DemoSite, people: Sequence[DemoAccount], pages: Pages) -> None:
    with Deployment.open(site.folder) as deployment:
        log = operations_log()
        serve_until_stopped(
            create_app(deployment, log=log, demo=people),
            deployment.settings.service,
            lambda port: pages.serving(f"http://127.0.0.1:{port}", people[0].key, PROJECT),
        )


@contextmanager
def _serving(site: DemoSite) -> Iterator[str]:
    """Serve in a process of its own, as a hospital would, while the story is told."""
    command = [sys.executable, "-m", "gateway", "serve", str(site.folder), "--port", "0"]
    with subprocess.Popen(  # noqa: S603  this very program
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as service:
        try:
            url = service.stdout.readline().strip() if service.stdout else ""
            if not url:
                raise OperatorError(
                    "the demo's service did not start", remedy=f"run gateway serve {site.folder}"
                )
            yield url
        finally:
            service.terminate()


@contextmanager
def _folder(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="gateway-demo-") as temporary:
        yield Path(temporary)
