from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from anonymizers.risk import Criteria
from anonymizers.tables.release import release_table
from anonymizers.tables.report import About, report_document, report_page
from anonymizers.tables.report.document import Document
from anonymizers.tables.report.plots import bars
from tests.anonymizers.tables.ward import KEYS, PATIENTS, name_of, plan, ward

ABOUT = About(
    source="visits <2021>.csv",
    project="a & b",
    made=datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
    plan_digest="ab" * 32,
    version="1.0",
)


class Outline(HTMLParser):
    """Checks that tags close in order, and collects the names of tags and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def document() -> Document:
    planned = plan(criteria=Criteria(k=5, l=2, suppression=0.1))
    return report_document(release_table(ward(), planned, KEYS), planned, ABOUT)


def test_the_page_stands_for_itself(document: Document) -> None:
    page = report_page(document)
    outline = Outline()
    outline.feed(page)

    assert not outline.open
    assert not outline.tags & {"script", "link", "img", "iframe", "object"}
    assert not {name for name in outline.attributes if name.startswith("on")}
    assert not re.search(r"https?://|@import|url\(", page)
    assert page.count("<svg") == 2
    assert "visits &lt;2021&gt;.csv" in page
    assert "a &amp; b" in page


def test_the_page_says_who_it_is_for(document: Document) -> None:
    assert "Internal" in report_page(document)
    assert "not to be passed on" in document["notice"]


def test_the_report_holds_no_value_of_the_table(document: Document) -> None:
    text = report_page(document) + json.dumps(document)

    for patient in range(PATIENTS):
        assert name_of(patient) not in text
        assert f"P{patient:03}" not in text
    assert "02139" not in text
    assert "copd" not in text


def test_the_document_adds_up(document: Document) -> None:
    before, after = document["before"], document["after"]

    assert before["rows"] == after["rows"] + after["rows_left_out"] == 2 * PATIENTS
    assert sum(one["rows"] for one in before["class_sizes"]) == before["rows"]
    assert sum(one["rows"] for one in after["class_sizes"]) == after["rows"]
    assert sum(one["share"] for one in after["class_sizes"]) == pytest.approx(1)
    assert after["k"] >= 5
    assert after["attackers"][0]["highest"] == pytest.approx(1 / after["k"])
    assert {one["name"]: one["done"] for one in document["columns"]}["name"] == "left out"
    assert 0 < document["loss"] < 1
    assert json.loads(json.dumps(document)) == document


def test_bars_are_as_high_as_their_shares() -> None:
    plot = bars("Two", [("a", 1.0, 0.5), ("b", 0.0, 0.004)], axis="letters", line=(0.25, "limit"))
    heights = [float(one) for one in re.findall(r'<rect [^>]*height="([\d.]+)"', plot)]

    assert heights[1] == heights[0] / 2
    assert heights[2] == 0
    assert "&lt;1%" in plot or "<1%" in plot
    assert "limit" in plot
