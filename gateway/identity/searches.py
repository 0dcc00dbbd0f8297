"""Searches of the audit log that somebody named, to look again; everybody has their own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.errors import RequestError
from gateway.identity.accounts_file import AccountsFile

__all__ = ["MAX_NAME_CHARS", "SavedSearch", "SavedSearches"]

MAX_NAME_CHARS: Final = 60
_MOST: Final = 50
_MOST_CHARS: Final = 200
"""Of each field of a search."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSearch:
    """One search that was named.

    Attributes:
        name: As its owner calls it.
        fields: What is looked for, by field; those that are empty are left out.
    """

    name: str
    fields: Mapping[str, str]


class SavedSearches:
    """The named searches of all users; safe for threads and for several processes.

    Args:
        path: The SQLite file of accounts.
    """

    def __init__(self, path: Path) -> None:
        self._file = AccountsFile(path)

    def of_user(self, user: str) -> tuple[SavedSearch, ...]:
        """Return the searches of one user, sorted by name."""
        with self._file.connection() as connection:
            rows = connection.execute(
                "SELECT name, search FROM saved_search WHERE user = ? ORDER BY name", (user,)
            ).fetchall()
        return tuple(SavedSearch(name=name, fields=json.loads(text)) for name, text in rows)

    def keep(self, user: str, search: SavedSearch) -> None:
        """Keep a search; one of the same name is replaced.

        Raises:
            RequestError: If its name or a field cannot be kept, or the user has too many.
        """
        _check(search)
        with self._file.connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            names = {
                name
                for (name,) in connection.execute(
                    "SELECT name FROM saved_search WHERE user = ?", (user,)
                )
            }
            if len(names | {search.name}) > _MOST:
                raise RequestError(
                    f"there are {_MOST} named searches already", remedy="remove one of them first"
                )
            connection.execute(
                "INSERT OR REPLACE INTO saved_search(user, name, search) VALUES (?, ?, ?)",
                (user, search.name, json.dumps(dict(search.fields), sort_keys=True)),
            )

    def forget(self, user: str, name: str) -> None:
        """Remove a search; where there is none of that name, nothing changes."""
        with self._file.connection() as connection:
            connection.execute("DELETE FROM saved_search WHERE user = ? AND name = ?", (user, name))


def _check(search: SavedSearch) -> None:
    name = search.name
    if not (1 <= len(name) <= MAX_NAME_CHARS and name.isprintable() and name == name.strip()):
        raise RequestError(
            f"a search has a name of 1 to {MAX_NAME_CHARS} printing characters",
            remedy="give it a short name",
        )
    if any(len(said) > _MOST_CHARS or not said.isprintable() for said in search.fields.values()):
        raise RequestError(
            f"a field of a search has at most {_MOST_CHARS} printing characters",
            remedy="look for something shorter",
        )
