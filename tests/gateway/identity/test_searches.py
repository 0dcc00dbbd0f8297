from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.errors import RequestError
from gateway.identity.accounts import Accounts
from gateway.identity.searches import SavedSearch, SavedSearches


def search(name: str, **fields: str) -> SavedSearch:
    return SavedSearch(name=name, fields=fields)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "accounts.sqlite"


def test_searches_outlast_the_process_and_are_sorted_by_name(path: Path) -> None:
    first = SavedSearches(path)
    first.keep("vera", search("b", kind="query"))
    first.keep("vera", search("a"))
    first.keep("vito", search("c"))

    assert SavedSearches(path).of_user("vera") == (search("a"), search("b", kind="query"))


def test_a_search_of_the_same_name_replaces_the_first(path: Path) -> None:
    searches = SavedSearches(path)
    searches.keep("vera", search("a", kind="query"))
    searches.keep("vera", search("a", code="POL-"))

    assert searches.of_user("vera") == (search("a", code="POL-"),)


def test_a_search_is_forgotten_by_its_owner_alone(path: Path) -> None:
    searches = SavedSearches(path)
    searches.keep("vera", search("a"))
    searches.forget("vito", "a")
    searches.forget("vera", "none")
    assert searches.of_user("vera") == (search("a"),)
    searches.forget("vera", "a")

    assert searches.of_user("vera") == ()


def test_nobody_keeps_more_than_fifty_but_may_replace_one(path: Path) -> None:
    searches = SavedSearches(path)
    for number in range(50):
        searches.keep("vera", search(f"{number}"))
    searches.keep("vera", search("7", kind="query"))
    with pytest.raises(RequestError, match="50 named searches"):
        searches.keep("vera", search("another"))

    assert len(searches.of_user("vera")) == 50


def test_a_file_of_an_earlier_version_is_given_the_table(path: Path) -> None:
    Accounts(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE saved_search")
    searches = SavedSearches(path)
    searches.keep("vera", search("a"))

    assert searches.of_user("vera") == (search("a"),)
