from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator

from policies.errors import GatewayError
from tests.architecture.sources import PACKAGES, ROOT, modules, tree

# Upper-case names with hyphens that standards gave, and that are no codes of errors.
NOT_CODES = re.compile(
    r"(AES|SHA|SHA1|SHA2|SHA3|HMAC|HKDF|UTF|ISO|RFC|ICD|US|UTC|ES|EC|RSA|ASCII|CP|ED|FIPS)-.*"
)
LITERAL = re.compile(r"[A-Z]{2,5}-[A-Z0-9-]*[A-Z0-9]")
PAGE = ROOT / "docs" / "errors.md"


def documented() -> dict[str, list[str]]:
    """Return each row of the page's tables that starts with a code: its other cells."""
    rows = re.findall(r"^\| `([A-Z0-9-]+)` \|(.*)\|$", PAGE.read_text("utf-8"), re.MULTILINE)
    return {code: [cell.strip() for cell in rest.split("|")] for code, rest in rows}


def literals() -> Iterator[tuple[str, str]]:
    """Give each text in our packages that has the form of a code, with its file."""
    for path in modules(*PACKAGES):
        for node in ast.walk(tree(path)):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and LITERAL.fullmatch(node.value)
                and not NOT_CODES.fullmatch(node.value)
            ):
                yield node.value, f"{path.relative_to(ROOT)}:{node.lineno}"


def leaves(root: type[GatewayError]) -> Iterator[type[GatewayError]]:
    yield root
    for leaf in root.__subclasses__():
        yield from leaves(leaf)


def test_every_code_is_documented() -> None:
    found = dict(literals())
    assert len(found) >= 60
    assert {code: place for code, place in found.items() if code not in documented()} == {}


def test_every_documented_code_is_used() -> None:
    assert set(documented()) <= {code for code, _ in literals()}


def test_every_row_says_what_it_means_and_what_to_do() -> None:
    assert all(len(cells) == 2 and all(cells) for cells in documented().values())


def test_codes_are_sorted_in_their_tables() -> None:
    for section in PAGE.read_text("utf-8").split("\n## ")[1:]:
        codes = re.findall(r"^\| `([A-Z0-9-]+)` \|", section, re.MULTILINE)
        assert codes == sorted(codes)


def test_every_error_class_has_a_code_of_its_family_and_is_documented() -> None:
    for path in modules(*PACKAGES):
        if path.name == "errors.py":
            importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    ours = [leaf for leaf in leaves(GatewayError) if leaf.__module__.split(".")[0] in PACKAGES]
    page = PAGE.read_text("utf-8")

    assert len(ours) >= 9
    for leaf in ours:
        assert leaf.code in documented(), leaf
        assert f"`{leaf.__name__}`" in page, leaf
        assert leaf.__doc__
