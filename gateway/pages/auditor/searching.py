"""The search among the entries of the log, and the searches that an auditor named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, Response, request, url_for

from gateway.audit.overview import LogOverview
from gateway.errors import RequestError
from gateway.identity.searches import MAX_NAME_CHARS, SavedSearch, SavedSearches
from gateway.pages.auditor.entries import Filter, Found, search
from gateway.pages.auditor.times import parse_period
from gateway.pages.site import page_reply, see_other
from gateway.ports import Service
from gateway.problems import problem_of
from gateway.routes.callers import current_principal

__all__ = ["add_search"]

_ROWS: Final = 50


def add_search(pages: Blueprint, service: Service, overview: LogOverview) -> None:
    """Add the search, and what is kept of it."""
    searches = SavedSearches(service.settings.accounts)

    @pages.get("/audit/entries")
    def entries() -> Response:
        """List the entries that are looked for, the newest first."""
        known, refused = overview.read(), None
        before = min(request.args.get("before", known.size, type=int), known.size)
        try:
            wanted = _wanted(request.args)
            found = search(service.leaves, wanted, before=before, limit=_ROWS)
        except RequestError as error:
            wanted, found = Filter(**_typed(request.args)), Found(rows=(), before=None)
            refused = error
        return page_reply(
            "auditor/entries.html",
            status=200 if refused is None else problem_of(refused).status,
            refused=refused,
            found=found,
            wanted=wanted,
            search_fields=_said(wanted),
            offered={"kind": known.kinds, **known.names},
            unknown=wanted.unknown(known),
            kept=searches.of_user(current_principal().user),
            max_name_chars=MAX_NAME_CHARS,
        )

    @pages.post("/audit/searches")
    def keep() -> Response:
        """Keep a search under a name of one's own; nobody else sees it."""
        fields = _said(_wanted(request.form))
        named = SavedSearch(name=request.form.get("name", "").strip(), fields=fields)
        searches.keep(current_principal().user, named)
        return see_other(f"{url_for('audit.entries')}?{urlencode(fields)}#kept")

    @pages.post("/audit/searches/removal")
    def forget() -> Response:
        """Remove a search of one's own."""
        searches.forget(current_principal().user, request.form.get("name", ""))
        return see_other(url_for("audit.entries") + "#kept")


def _wanted(form: Mapping[str, str]) -> Filter:
    """Return what a form looks for.

    Raises:
        RequestError: If a time in it cannot be read.
    """
    fields = _typed(form)
    return Filter(**fields | asdict(parse_period(fields["since"], fields["until"])))


def _typed(form: Mapping[str, str]) -> dict[str, str]:
    return {name: form.get(name, "").strip() for name in asdict(Filter())}


def _said(wanted: Filter) -> dict[str, str]:
    return {name: said for name, said in asdict(wanted).items() if said}
