"""Reading the word lists and tables that the hospital is made of; all are written for it."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

__all__ = ["records", "words"]


@cache
def words(name: str) -> tuple[str, ...]:
    """Return the lines of a word list such as ``family``, in file order."""
    text = (files("gateway.demo.hospital") / "lists" / f"{name}.txt").read_text(encoding="utf-8")
    return tuple(text.splitlines())


@cache
def records(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of a table such as ``drugs``, in file order, by column name."""
    text = (files("gateway.demo.hospital") / "lists" / f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
