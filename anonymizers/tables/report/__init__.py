"""What a privacy officer files about a release: one JSON document, and one page to print."""

from anonymizers.tables.report.document import (
    KIND,
    About,
    Attacker,
    Bin,
    Document,
    State,
    report_document,
)
from anonymizers.tables.report.page import report_page

__all__ = [
    "KIND",
    "About",
    "Attacker",
    "Bin",
    "Document",
    "State",
    "report_document",
    "report_page",
]
