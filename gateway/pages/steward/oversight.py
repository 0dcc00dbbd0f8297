"""Pages of ingests, of the risk of releases, and of how notes are read; exact counts are here."""

from __future__ import annotations

from flask import Blueprint, Response, request

from gateway.audit.review_events import ConsentedTextRead
from gateway.errors import NotFoundError
from gateway.ingest.report import IngestReport
from gateway.oversight.columns import NotesColumn, notes_columns
from gateway.oversight.readings import SHEET, Readings, TextSource
from gateway.oversight.releases import release_risk
from gateway.oversight.runs import ingest_report, ingest_runs
from gateway.pages.site import page_reply
from gateway.pages.steward.risk import risk_chart, risk_figures, size_bins, together_words
from gateway.ports import Service
from gateway.routes.callers import current_principal
from policies.errors import DeclarationError, SourceError

__all__ = ["add_oversight"]


def add_oversight(pages: Blueprint, service: Service) -> None:
    """Add the pages to the studio."""
    _ingests(pages, service)
    _releases(pages, service)
    _readings(pages, service)


def _ingests(pages: Blueprint, service: Service) -> None:
    @pages.get("/studio/ingests")
    def ingests() -> Response:
        """List all snapshots that came in force, by dataset."""
        return page_reply("steward/ingests.html", runs=ingest_runs(service.settings))

    @pages.get("/studio/ingests/<int:entry>")
    def ingest(entry: int) -> Response:
        """Show what an ingest did, in exact numbers."""
        runs = ingest_runs(service.settings)
        run = next((one for one in runs if one.entry == entry), None)
        if run is None:
            raise NotFoundError("no such ingest is in the log", remedy="choose one of the list")
        report = ingest_report(service.settings, run)
        return page_reply(
            "steward/ingest.html",
            run=run,
            report=report,
            rejected=_counts(report, "rejected"),
            clamped=_counts(report, "clamped"),
            nulled=_counts(report, "nulled"),
        )


def _counts(report: IngestReport | None, kind: str) -> list[tuple[str, str, int]]:
    """Return what happened to rows or values: table, rule or column, and how often."""
    tables = () if report is None else report.tables
    return [
        (one.table, name, count)
        for one in tables
        for name, count in getattr(one, kind).items()
        if count
    ]


def _releases(pages: Blueprint, service: Service) -> None:
    @pages.get("/studio/releases/<release_id>")
    def release(release_id: str) -> Response:
        """Show the risk of a release, before and after."""
        risk = release_risk(service.settings, service.releases(), release_id)
        if risk is None:
            raise NotFoundError("there is no such release", remedy="choose one of the list")
        bins = () if risk.report is None else size_bins(risk.report)
        return page_reply(
            "steward/release.html",
            risk=risk,
            together_words=together_words,
            one=risk.state.request,
            figures=() if risk.report is None else risk_figures(risk.report),
            bins=bins,
            chart=risk_chart(bins) if bins else None,
        )


def _readings(pages: Blueprint, service: Service) -> None:
    read = Readings(service.settings)
    service.before_closing(read.close)

    @pages.get("/studio/readings")
    def readings() -> Response:
        """List the columns of notes that are declared, and the texts to see them read on."""
        return page_reply(
            "steward/readings.html",
            columns=tuple(notes_columns(service.policies, service.settings)),
            engine=service.settings.text_engine,
            gold=service.settings.gold,
        )

    @pages.get("/studio/readings/<dataset_id>/<table>/<column>")
    def reading(dataset_id: str, table: str, column: str) -> Response:
        """Show a text before and after, with how well its sheet was read."""
        found, source = _column(service, (dataset_id, table, column)), _source()
        try:
            return _reading(service, read, found, source)
        except (SourceError, DeclarationError) as error:
            return page_reply(
                "steward/reading.html", status=409, column=found, source=source, error=error
            )


def _reading(service: Service, read: Readings, column: NotesColumn, source: TextSource) -> Response:
    texts = read.texts(source)
    place = _place(len(texts.texts))
    sheet = read.sheet(service.policies.digest, column, texts, (place - 1) // SHEET)
    if sheet is not None and source is TextSource.GOLD:
        user = current_principal().user
        service.record(ConsentedTextRead(actor=user, gold=texts.digest, text=place))
    return page_reply(
        "steward/reading.html",
        column=column,
        source=source,
        consent=None if service.settings.gold is None else service.settings.gold.consent,
        sheet=sheet,
        text=None if sheet is None else sheet.texts[(place - 1) % SHEET],
        place=place,
        first=(place - 1) // SHEET * SHEET + 1,
        most=len(texts.texts),
    )


def _column(service: Service, named: tuple[str, str, str]) -> NotesColumn:
    for one in notes_columns(service.policies, service.settings):
        if (one.dataset.id, one.table, one.name) == named:
            return one
    raise NotFoundError("no such column of notes is in force", remedy="choose one of the list")


def _source() -> TextSource:
    try:
        return TextSource(request.args.get("of", TextSource.MADE_UP.value))
    except ValueError:
        raise NotFoundError("there are no such texts", remedy="choose one of the list") from None


def _place(most: int) -> int:
    """Return which text is looked at, from 1."""
    asked = request.args.get("text", "1")
    place = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 10 else 0  # noqa: PLR2004  digits
    if not 1 <= place <= most:
        raise NotFoundError("there is no such text", remedy="choose one of the list")
    return place
