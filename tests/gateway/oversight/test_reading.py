from __future__ import annotations

from anonymizers.evaluation import Gold
from anonymizers.known import KnownIdentifiers
from anonymizers.operators import REVERSIBLE_KEY_BYTES
from anonymizers.spans import Label, Source, Span
from anonymizers.text import TextDeidentifier
from gateway.demo.hospital.histories import gold_notes
from gateway.oversight.marks import Fate
from gateway.oversight.reading import read_sheet
from policies.text_operators import Encrypt

EMPTY = KnownIdentifiers()
PIPELINE = TextDeidentifier(key=bytes(32), operator="redact")
SPANISH = (
    "El paciente fue visto en la consulta por dolor en el pecho desde hace dos semanas y no "
    "tiene fiebre ni tos, pero refiere que le cuesta dormir por las noches y está cansado."
)


def gold(text: str, *parts: str) -> Gold:
    spans = tuple(
        Span(
            start=text.index(part),
            end=text.index(part) + len(part),
            label=Label.NAME,
            score=1.0,
            source=Source.KNOWN,
        )
        for part in parts
    )
    return Gold(id=text[:9], text=text, spans=spans)


def test_a_sheet_counts_by_kind_and_in_all() -> None:
    seen = gold("Seen by Dr. Miller at home.", "Miller", "home")
    clean = gold("No complaints; pain 8/10.")
    sheet = read_sheet([seen, clean], PIPELINE)
    (names, total) = sheet.figures

    assert (names.label, total.label) == (Label.NAME, None)
    assert (total.tally.gold, total.tally.found) == (2, 1)
    assert (total.tally.predicted, total.tally.right) == (1, 1)
    assert (sheet.leaking, sheet.withheld) == (1, 0)
    assert 0.5 < sheet.missed_at_most < 1
    assert (sheet.texts[0].missed, sheet.texts[0].needless) == (1, 0)
    assert "[NAME]" in [one.text for one in sheet.texts[0].after or ()]


def test_what_the_pipeline_refuses_is_withheld_and_counted_by_no_figure() -> None:
    sheet = read_sheet([gold(SPANISH), gold("Seen by Dr. Miller.", "Miller")], PIPELINE)
    withheld, read = sheet.texts

    assert sheet.withheld == 1
    assert withheld.after is None
    assert (withheld.missed, withheld.needless) == (0, 0)
    assert "".join(one.text for one in withheld.before) == SPANISH
    assert read.after is not None
    assert sheet.figures[-1].tally.gold == 1


def test_the_result_is_what_the_pipeline_would_store() -> None:
    pipeline = TextDeidentifier(key=bytes(range(32)))
    notes = gold_notes(6, 7)
    for note, read in zip(notes, read_sheet(notes, pipeline).texts, strict=True):
        assert read.after is not None
        from_page = "".join(one.text for one in read.after)
        assert from_page == pipeline.deidentify(note.text, note.id, EMPTY).text
        assert "".join(one.text for one in read.before) == note.text


def test_operators_by_kind_are_those_of_the_pipeline() -> None:
    pipeline = TextDeidentifier(
        key=bytes(32), operators={Label.NAME: Encrypt()}, reversible=bytes(REVERSIBLE_KEY_BYTES)
    )
    (text,) = read_sheet([gold("Seen by Dr. Miller.", "Miller")], pipeline).texts
    (written,) = (one for one in text.after or () if one.fate is Fate.FOUND)

    assert "Miller" not in written.text
    assert len(written.text) > len("Miller")
