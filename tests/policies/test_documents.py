from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.documents import MAX_BYTES, Document, Tree, parse_document
from policies.errors import DeclarationError, Position

REFUSED = [
    ("a: 1\nb: 2\na: 3\n", "YAML-DUP", (3, 1)),
    ("a:\n  b: {c: 1, c: 2}\n", "YAML-DUP", (2, 13)),
    ("a: &x 1\n", "YAML-ALIAS", (1, 4)),
    ("a: *x\n", "YAML-ALIAS", (1, 4)),
    ("a: {<<: {b: 1}}\n", "YAML-ALIAS", (1, 5)),
    ("a: !!str 5\n", "YAML-TAG", (1, 4)),
    ("a: ! foo\n", "YAML-TAG", (1, 4)),
    ("a: !x {}\n", "YAML-TAG", (1, 4)),
    ("%YAML 1.1\n---\na: 1\n", "YAML-DIRECTIVE", (2, 1)),
    ("%TAG ! tag:x,2000:\n---\na: 1\n", "YAML-DIRECTIVE", (2, 1)),
    ("a: 1\n---\nb: 1\n", "YAML-MANY", (2, 1)),
    ("a: 1\nb:\t1\n", "YAML-TAB", (2, 3)),
    ("\ta: 1\n", "YAML-TAB", (1, 1)),
    ("1: 2\n", "YAML-KEY", (1, 1)),
    ("true: 2\n", "YAML-KEY", (1, 1)),
    (": 2\n", "YAML-KEY", (1, 1)),
    ("? [a]\n: 1\n", "YAML-KEY", (1, 3)),
    ("? {a: 1}\n: 1\n", "YAML-KEY", (1, 3)),
    ('"a\\nb": 1\n', "YAML-KEY", (1, 1)),
    (f"{'k' * 129}: 1\n", "YAML-KEY", (1, 1)),
    ("[a]\n", "YAML-ROOT", (1, 1)),
    ("word\n", "YAML-ROOT", (1, 1)),
    ("", "YAML-ROOT", (1, 1)),
    ("# only a comment\n", "YAML-ROOT", (1, 1)),
    ("zip: 00601\n", "YAML-LEADING-ZERO", (1, 6)),
    ("a: 0x1F\n", "YAML-NUMBER", (1, 4)),
    ("a: 0o17\n", "YAML-NUMBER", (1, 4)),
    ("a: 1_000\n", "YAML-NUMBER", (1, 4)),
    ("a: .inf\n", "YAML-NUMBER", (1, 4)),
    ("a: .NaN\n", "YAML-NUMBER", (1, 4)),
    ("a: 1e999\n", "YAML-NUMBER", (1, 4)),
    ("a: 1234567890123456\n", "YAML-NUMBER", (1, 4)),
    ('a: "\\ud800"\n', "YAML-TEXT", (1, 4)),
    ('a: "\\u202e"\n', "YAML-TEXT", (1, 4)),
    ("a: x # \u202e\n", "YAML-TEXT", (1, 8)),
    ("a: 1\nb: [1, 2\n", "YAML-SYNTAX", (3, 1)),
    ("a: b: c\n", "YAML-SYNTAX", (1, 5)),
    ("a: " + "[" * 12 + "]" * 12 + "\n", "YAML-DEPTH", (1, 15)),
]


def read(text: str) -> Document:
    return parse_document(text.encode(), "file.yaml")


@pytest.mark.parametrize(("text", "code", "place"), REFUSED)
def test_refuses_with_code_and_place(text: str, code: str, place: tuple[int, int]) -> None:
    with pytest.raises(DeclarationError) as caught:
        read(text)

    assert caught.value.code == code
    assert caught.value.position == Position(*place)
    assert caught.value.file == "file.yaml"
    assert caught.value.remedy
    assert "\n" not in str(caught.value)


def test_the_table_of_refusals_names_every_yaml_code_that_has_a_place() -> None:
    assert len({code for _, code, _ in REFUSED}) == 13


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"a: \xff\n", "YAML-UTF8"),
        (b"#" * (MAX_BYTES + 1), "YAML-SIZE"),
        (b"a: \x00\n", "YAML-TEXT"),
        (b'a: "\\U00110000"\n', "YAML-SYNTAX"),
    ],
)
def test_refuses_bytes_that_are_no_text(raw: bytes, code: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        parse_document(raw, "file.yaml")

    assert caught.value.code == code


def test_the_largest_file_is_read() -> None:
    raw = b"a: 1\n"
    assert parse_document(raw + b"#" * (MAX_BYTES - len(raw)), "f").tree == {"a": 1}


def test_the_deepest_file_is_read() -> None:
    assert read("a: " + "[" * 11 + "]" * 11).tree["a"]


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("NO", "NO"),
        ("yes", "yes"),
        ("12:30", "12:30"),
        ("2026-01-31", "2026-01-31"),
        ("1e-7", 1e-7),
        ("-0.5", -0.5),
        (".5", 0.5),
        ("+7", 7),
        ("0", 0),
        ("0.10", 0.1),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("", None),
        ("'00601'", "00601"),
        ('"1"', "1"),
        ("E11", "E11"),
        ("007-b", "007-b"),
        ("1_x", "1_x"),
        ('"\\t"', "\t"),
        ("|\n  two\n  lines", "two\nlines\n"),
    ],
)
def test_words_mean_what_the_core_schema_says(word: str, value: object) -> None:
    found = read(f"a: {word}\n").tree["a"]

    assert found == value
    assert type(found) is type(value)


def test_a_quoted_merge_key_is_an_ordinary_key() -> None:
    assert read('"<<": 1\n').tree == {"<<": 1}


def test_a_byte_order_mark_and_an_explicit_start_are_read() -> None:
    assert parse_document(b"\xef\xbb\xbf---\r\na: 1\r\n...\r\n", "f").tree == {"a": 1}


def test_positions_are_those_of_keys_and_values() -> None:
    document = read("a:\n  b: [x, {c: y}]\n")

    assert document.tree == {"a": {"b": ["x", {"c": "y"}]}}
    assert document.position(("a",), key=True) == Position(1, 1)
    assert document.position(("a", "b"), key=True) == Position(2, 3)
    assert document.position(("a", "b")) == Position(2, 6)
    assert document.position(("a", "b", 1, "c")) == Position(2, 14)
    assert document.position(("a", "b", 0), key=True) == Position(2, 7)


def test_equal_files_are_equal_documents_of_their_own() -> None:
    one = parse_document(b"a: {b: [1]}", "one.yaml")
    assert isinstance(one.tree["a"], dict)
    one.tree["a"]["b"] = "changed"
    other = parse_document(b"a: {b: [1]}", "other.yaml")

    assert (one.file, other.file) == ("one.yaml", "other.yaml")
    assert other.tree == {"a": {"b": [1]}}


def test_a_refusal_names_the_file_that_was_given() -> None:
    for file in ("one.yaml", "other.yaml"):
        with pytest.raises(DeclarationError) as refused:
            parse_document(b"a: *b", file)

        assert refused.value.file == file


def test_the_position_of_what_is_missing_is_that_of_what_is_around_it() -> None:
    document = read("a:\n  b: 1\n")

    assert document.position(("a", "z", 3)) == Position(2, 3)
    assert document.position(("q",), key=True) == Position(1, 1)


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=60),
        st.text(alphabet=st.sampled_from("ab:- ?[]{}#&*!|>'\"%@`,\n\\0x1<~.\u0085"), max_size=40),
        st.text(max_size=40),
    )
)
def test_any_bytes_give_a_document_or_a_declaration_error(source: bytes | str) -> None:
    raw = source if isinstance(source, bytes) else source.encode("utf-8", "surrogatepass")
    try:
        found: Document | DeclarationError = parse_document(raw, "f")
    except DeclarationError as error:
        found = error

    if isinstance(found, DeclarationError):
        assert found.code.startswith("YAML-")
        assert "\n" not in str(found)
    else:
        assert isinstance(found.tree, dict)


NAMES = st.text(alphabet=string.ascii_letters, min_size=1, max_size=8)
TREES: st.SearchStrategy[Tree] = st.recursive(
    st.one_of(
        st.booleans(),
        st.none(),
        st.integers(-(10**14), 10**14),
        st.text(alphabet=string.printable.translate({11: "", 12: "", 13: ""}), max_size=10),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=8,
)


def flow(tree: Tree) -> str:
    """Write a tree as YAML on one line, all text quoted."""
    match tree:
        case dict():
            return "{" + ", ".join(f'"{key}": {flow(value)}' for key, value in tree.items()) + "}"
        case list():
            return "[" + ", ".join(map(flow, tree)) + "]"
        case str():
            return '"' + "".join(f"\\x{ord(character):02x}" for character in tree) + '"'
        case bool():
            return str(tree).lower()
        case _:
            return "null" if tree is None else str(tree)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(NAMES, TREES, max_size=4))
def test_what_is_written_is_read_back(tree: dict[str, Tree]) -> None:
    document = read(flow(tree))

    assert document.tree == tree
    assert {path[0] for path in document.keys if len(path) == 1} == set(tree)
