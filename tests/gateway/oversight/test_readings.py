from __future__ import annotations

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event
from time import sleep

import pytest

from anonymizers.engines import EngineName
from gateway.errors import NotFoundError
from gateway.gold_files import ConsentedGold
from gateway.oversight import readings
from gateway.oversight.columns import NotesColumn, notes_columns
from gateway.oversight.reading import Sheet, read_sheet
from gateway.oversight.readings import SHEET, Readings, TextSource
from gateway.settings import Settings
from policies.active import PolicySet
from policies.errors import DeclarationError, SourceError
from policies.load import load_policies
from tests.gateway.clinic import GOLD
from tests.gateway.made_up import make_settings
from tests.gateway.record_site import make_record_site
from tests.limits import PATIENCE

MADE_UP, CONSENTED = TextSource.MADE_UP, TextSource.GOLD


@pytest.fixture
def policies(tmp_path: Path) -> PolicySet:
    return load_policies(make_record_site(tmp_path) / "policies")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    file = tmp_path / "gold.jsonl"
    file.write_text(GOLD, encoding="utf-8")
    return replace(make_settings(tmp_path), gold=ConsentedGold(file=file, consent="IRB 7"))


@pytest.fixture
def column(policies: PolicySet, settings: Settings) -> NotesColumn:
    return next(notes_columns(policies, settings))


@pytest.fixture
def read(settings: Settings) -> Iterator[Readings]:
    opened = Readings(settings, wait_seconds=60)
    yield opened
    opened.close()


def test_each_column_of_notes_is_read_as_it_is_declared(
    policies: PolicySet, settings: Settings
) -> None:
    found = {one.name: one for one in notes_columns(policies, settings)}
    strict = next(notes_columns(policies, replace(settings, least_profile="strict")))

    assert set(found) == {"text", "plain"}
    assert found["text"].profile == found["text"].transform.profile
    assert strict.profile == "strict"


def test_a_sheet_is_read_once_for_each_policy(
    read: Readings, column: NotesColumn, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = read.sheet("sha256:a", column, read.texts(MADE_UP), 0)
    again = read.sheet("sha256:a", column, read.texts(MADE_UP), 0)
    monkeypatch.setattr(readings, "_MOST_KEPT", 1)
    other = read.sheet("sha256:b", column, read.texts(MADE_UP), 0)
    anew = read.sheet("sha256:a", column, read.texts(MADE_UP), 0)

    assert first is not None
    assert len(first.texts) == SHEET
    assert again is first
    assert other is not first
    assert anew is not first


def test_a_slow_model_holds_no_request_for_long(
    settings: Settings, column: NotesColumn, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = Event()

    def slow(*parts: object) -> Sheet:
        done.wait(PATIENCE)
        return read_sheet(*parts)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(readings, "read_sheet", slow)
    read = Readings(settings, wait_seconds=0.01)
    early = read.sheet("sha256:a", column, read.texts(CONSENTED), 0)
    done.set()
    read.close()
    late = read.sheet("sha256:a", column, read.texts(CONSENTED), 0)

    assert early is None
    assert late is not None
    assert len(late.texts) == 3


def test_a_sheet_that_somebody_waits_for_is_not_given_up_for_another(
    settings: Settings, column: NotesColumn, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, done = Event(), Event()

    def slow(*parts: object) -> Sheet:
        begun.set()
        done.wait(PATIENCE)
        return read_sheet(*parts)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(readings, "read_sheet", slow)
    monkeypatch.setattr(readings, "_MOST_KEPT", 2)
    read = Readings(settings, wait_seconds=60)
    gold = read.texts(CONSENTED)
    with ThreadPoolExecutor(max_workers=2) as people:
        waiting = people.submit(read.sheet, "sha256:a", column, gold, 0)
        begun.wait(PATIENCE)
        queued = people.submit(read.sheet, "sha256:b", column, gold, 0)
        while len(read._kept) < 2:
            sleep(0.01)
        full = read.sheet("sha256:c", column, gold, 0)
        done.set()
        both = waiting.result(60), queued.result(60)
    later = read.sheet("sha256:c", column, gold, 0)
    read.close()

    assert full is None
    assert all(both)
    assert later is not None


def test_whoever_waits_while_the_service_stops_is_told_to_look_again(
    settings: Settings, column: NotesColumn, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, done = Event(), Event()
    opened: list[str] = []

    def slow(*_: object) -> Sheet:
        opened.append("one")
        begun.set()
        done.wait(PATIENCE)
        raise SourceError("no more of it", code="SRC-GOLD")

    monkeypatch.setattr(readings, "read_sheet", slow)
    read = Readings(settings, wait_seconds=60)
    gold = read.texts(CONSENTED)
    with ThreadPoolExecutor(max_workers=3) as people:
        people.submit(read.sheet, "sha256:a", column, gold, 0)
        begun.wait(PATIENCE)
        queued = people.submit(read.sheet, "sha256:b", column, gold, 0)
        while len(read._kept) < 2:
            sleep(0.01)
        closing = people.submit(read.close)
        told = queued.result(60)
        done.set()
        closing.result(60)

    assert told is None
    assert opened == ["one"]


def test_an_engine_that_is_not_installed_is_told_each_time(
    settings: Settings, column: NotesColumn
) -> None:
    engine = EngineName(kind="spacy", place="no_such_package", languages=("en",))
    read = Readings(replace(settings, text_engine=engine), wait_seconds=60)
    for _ in range(2):
        with pytest.raises(DeclarationError):
            read.sheet("sha256:a", column, read.texts(MADE_UP), 0)
    read.close()


def test_a_consented_set_is_read_anew_when_its_file_changes(
    read: Readings, settings: Settings, column: NotesColumn
) -> None:
    assert settings.gold is not None
    first = read.texts(CONSENTED)
    same = read.texts(CONSENTED)
    line = json.dumps({"id": "9", "text": "Seen.", "spans": []})
    settings.gold.file.write_text(GOLD + line, encoding="utf-8")
    changed = read.texts(CONSENTED)

    # What one person began to look at is not another set, because the file changed meanwhile.
    sheet = read.sheet("sha256:a", column, first, 0)
    assert sheet is not None
    assert len(sheet.texts) == 3
    assert same is first
    assert first.digest.startswith("sha256:")
    assert (len(first.texts), len(changed.texts)) == (3, 4)
    assert changed.digest != first.digest


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe",
        b"{}",
        b"[" * 200_000,
        b'{"id": "1", "text": "a", "spans": [{"start": 0, "end": 9, "label": "NAME"}]}',
    ],
)
def test_what_is_no_gold_set_is_told_without_its_text(
    read: Readings, settings: Settings, content: bytes
) -> None:
    assert settings.gold is not None
    settings.gold.file.write_bytes(content)
    with pytest.raises(SourceError) as error:
        read.texts(CONSENTED)

    assert error.value.code == "SRC-GOLD"


def test_a_gold_set_that_is_gone_or_too_large_is_told(read: Readings, settings: Settings) -> None:
    assert settings.gold is not None
    os.truncate(settings.gold.file, (16 << 20) + 1)
    with pytest.raises(SourceError, match="16 MiB"):
        read.texts(CONSENTED)
    settings.gold.file.unlink()
    with pytest.raises(SourceError, match="cannot be read"):
        read.texts(CONSENTED)


def test_without_a_consented_set_there_is_none_to_see(settings: Settings) -> None:
    read = Readings(replace(settings, gold=None))
    with pytest.raises(NotFoundError):
        read.texts(CONSENTED)
    read.close()


def test_stand_ins_are_under_keys_of_no_dataset(settings: Settings, column: NotesColumn) -> None:
    pair = [Readings(settings, wait_seconds=60) for _ in range(2)]
    one, other = (read.sheet("sha256:a", column, read.texts(MADE_UP), 0) for read in pair)
    for read in pair:
        read.close()

    assert one is not None
    assert other is not None
    assert [text.before for text in one.texts] == [text.before for text in other.texts]
    assert one.texts != other.texts
