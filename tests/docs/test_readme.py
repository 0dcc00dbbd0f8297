"""What the README says is so."""

from __future__ import annotations

import re
from pathlib import Path

from query.functions import FUNCTIONS

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_readme_has_two_set_up_commands_each_on_a_line_of_its_own() -> None:
    commands = re.findall(r"^python3 -m venv .*$", README, flags=re.MULTILINE)

    assert len(commands) == 2
    assert commands[0].endswith("gateway demo")
    assert commands[1].endswith("pytest")


def test_readme_names_only_what_exists() -> None:
    named = re.findall(r"(?:\]\(|`)((?:docs|policies|benchmarks)/[\w./-]*)", README)

    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_readme_python_block_compiles_and_uses_the_client_as_it_is() -> None:
    (block,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)

    compile(block, "README.md", "exec")
    assert "from gateway.client import Gateway" in block


def test_every_function_of_the_allow_list_is_documented() -> None:
    page = (ROOT / "docs" / "sql.md").read_text(encoding="utf-8").lower()
    words = {
        "add": "`+`", "subtract": "`-`", "multiply": "`*`", "divide": "`/`",
        "floor_divide": "`//`", "modulo": "`%`", "negate": "`-`", "eq": "`=`", "ne": "`<>`",
        "lt": "`<`", "le": "`<=`", "gt": "`>`", "ge": "`>=`", "is_null": "is null",
        "null_if": "nullif", "part": "extract", "truncate": "date_trunc",
        "moved": "interval", "same": "is not distinct from",
        "pipe": "&#124;&#124;", "age_years": "age(later, earlier)",
        **{name: f"`{name.removeprefix('to_')}" for name in FUNCTIONS if name.startswith("to_")},
        "to_text": "`varchar`", "to_real": "`double`", "to_day": "`date`",
        "to_date": "cast(t as date)",
    }  # fmt: skip

    missing = [name for name in FUNCTIONS if words.get(name, name) not in page]
    assert missing == []
