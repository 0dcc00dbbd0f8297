"""Readings that are asked for at the pages: computed once for each policy, beside the requests."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from functools import cache
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Final, TypeAlias

from anonymizers.evaluation import Gold, parse_gold
from anonymizers.presidio import engine_text
from gateway.demo.hospital.histories import gold_notes
from gateway.errors import NotFoundError
from gateway.gold_files import check_gold
from gateway.oversight.columns import NotesColumn, ThrowawayKeys
from gateway.oversight.reading import Sheet, read_sheet
from gateway.settings import Settings
from policies.errors import SourceError

__all__ = ["SHEET", "GoldSet", "Readings", "TextSource"]

SHEET: Final = 20
"""Texts that are read together."""
_MADE_UP: Final = 60
_SEED: Final = 26_112_204
"""Of a hospital that nobody makes for any other end."""
_MOST_KEPT: Final = 8
_WAIT_SECONDS: Final = 5.0
_MOST_BYTES: Final = 16 << 20

_Key: TypeAlias = tuple[str, str, str, str, str, int]


class TextSource(Enum):
    """Where the texts are from that are shown."""

    MADE_UP = "made-up"
    GOLD = "gold"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldSet:
    """Texts that may be shown.

    Attributes:
        texts: All of them.
        digest: SHA-256 of their file; empty where they were made up.
        state: What tells it from the same set after a change.
    """

    texts: tuple[Gold, ...]
    digest: str = ""
    state: object = None


class Readings:
    """What became of texts whose identifiers are known; safe among threads.

    One worker reads, so that a slow model holds no thread of the service for long.

    Args:
        settings: Of the deployment.
        wait_seconds: How long a request waits for its sheet.
    """

    def __init__(self, settings: Settings, *, wait_seconds: float = _WAIT_SECONDS) -> None:
        self._settings = settings
        self._wait = wait_seconds
        self._keys = ThrowawayKeys()
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="readings")
        self._kept: OrderedDict[_Key, Future[Sheet]] = OrderedDict()
        self._lock = Lock()
        self._gold: GoldSet | None = None

    def texts(self, source: TextSource) -> GoldSet:
        """Return the texts of a source.

        Raises:
            NotFoundError: If the settings name no consented gold set.
            SourceError: ``SRC-GOLD`` if its file is no gold set.
        """
        if source is TextSource.MADE_UP:
            return _made_up()
        consented = self._settings.gold
        if consented is None:
            raise NotFoundError(
                "no consented gold set is set up here",
                remedy="name one in gateway.toml, deidentify.gold; docs/settings.md says how",
            )
        state = _state(consented.file)
        with self._lock:
            if self._gold is None or self._gold.state != state:
                self._gold = _consented(consented.file, state)
            return self._gold

    def sheet(self, policy: str, column: NotesColumn, gold: GoldSet, number: int) -> Sheet | None:
        """Return a sheet of texts, read; None where texts are being read and it is not done yet.

        Args:
            policy: Digest of the declarations in force.
            column: As which column of notes they are read.
            gold: All texts, as ``texts`` gave them to whoever asks.
            number: Which sheet, from 0.

        Raises:
            DeclarationError: If the configured engine is not installed.
        """
        some = gold.texts[number * SHEET : (number + 1) * SHEET]
        name = (column.dataset.id, column.table, column.name)
        found = self._asked((policy, *name, gold.digest, number), lambda: self._read(some, column))
        try:
            return None if found is None else found.result(timeout=self._wait)
        except (TimeoutError, CancelledError):
            return None

    def close(self) -> None:
        """End the worker once it is done with the sheet that it reads; the others are not read."""
        self._worker.shutdown(wait=True, cancel_futures=True)

    def _asked(self, key: _Key, read: Callable[[], Sheet]) -> Future[Sheet] | None:
        """Return a sheet, or what will be it; None where as many as are kept are yet to be read."""
        with self._lock:
            found = self._kept.get(key)
            if found is None or (found.done() and (found.cancelled() or found.exception())):
                self._kept.pop(key, None)
                if not self._has_room():
                    return None
                found = self._kept[key] = self._worker.submit(read)
            self._kept.move_to_end(key)
        return found

    def _has_room(self) -> bool:
        """Let go of the sheet that was wanted longest ago; never of one that somebody waits for."""
        if len(self._kept) >= _MOST_KEPT:
            oldest = next((key for key, one in self._kept.items() if one.done()), None)
            if oldest is None:
                return False
            del self._kept[oldest]
        return True

    def _read(self, gold: tuple[Gold, ...], column: NotesColumn) -> Sheet:
        engine_text(self._settings.text_engine)  # one that is not installed fails here, by name
        return read_sheet(gold, column.pipeline(self._settings, self._keys))


@cache
def _made_up() -> GoldSet:
    return GoldSet(texts=gold_notes(_MADE_UP, _SEED))


def _state(file: Path) -> tuple[int, int]:
    try:
        found = file.stat()
    except OSError:
        raise _unreadable(file) from None
    if found.st_size > _MOST_BYTES:
        raise SourceError(
            f"the consented gold set has more than {_MOST_BYTES >> 20} MiB",
            code="SRC-GOLD",
            remedy="name fewer texts",
            file=file.name,
        )
    return found.st_mtime_ns, found.st_size


def _consented(file: Path, state: object) -> GoldSet:
    try:
        raw = file.read_bytes()
        lines = raw.decode("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError):
        raise _unreadable(file) from None
    texts = tuple(parse_gold(lines))
    check_gold(texts, file.name)
    return GoldSet(texts=texts, digest=f"sha256:{sha256(raw).hexdigest()}", state=state)


def _unreadable(file: Path) -> SourceError:
    return SourceError(
        "the consented gold set cannot be read as UTF-8 text",
        code="SRC-GOLD",
        remedy="check the file that gateway.toml names, deidentify.gold.file",
        file=file.name,
    )
