"""The files of a first declaration, as text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from textwrap import wrap
from typing import Final

from gateway.drafting.columns import DraftedColumn
from gateway.drafting.relations import Placed, Unit
from policies.datasets import Ownership, Source
from policies.kinds import SCHEMA_FILE
from policies.text_files import TextFiles

__all__ = ["Heading", "dataset_text", "gateway_text", "project_text", "tests_text"]

_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_WORDS: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_WIDTH: Final = 100
_MODELINE: Final = f"# yaml-language-server: $schema=../{SCHEMA_FILE}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What all files say of themselves.

    Attributes:
        name: Id of dataset, lineage, pool and project.
        owner: Who answers for them.
        purpose: The one purpose.
        today: First day in force.
    """

    name: str
    owner: str
    purpose: str
    today: date

    def lines(self, title: str) -> Iterator[str]:
        """Give ``metadata``."""
        yield "metadata:"
        yield f"  id: {self.name}"
        yield "  version: 1"
        yield f"  title: {title}"
        yield f"  owner: {_text(self.owner)}"
        yield f"  effective_from: {self.today}"
        yield f"  expires_at: {self.today + timedelta(days=365)}"
        yield f"  review_by: {self.today + timedelta(days=182)}"


def dataset_text(
    heading: Heading,
    source: Source,
    unit: Unit,
    tables: Sequence[tuple[Placed, Sequence[DraftedColumn]]],
) -> str:
    """Return the dataset's declaration.

    Args:
        heading: What it says of itself.
        source: How the files are written.
        unit: Whose presence is protected.
        tables: With their columns, in order.
    """
    lines = [
        _MODELINE,
        "# A draft, from names and from what values look like; it holds no value of the data.",
        "# Nothing may be asked yet: every dp is none. Above each column stands why it has its",
        "# role; correct what is wrong first, then declare domains from public facts.",
        "apiVersion: gateway.policy/v1",
        "kind: DatasetPolicy",
        *heading.lines("Draft"),
        "spec:",
        *_source_lines(heading, source),
        f"  privacy_unit: {{table: {unit.table}, column: {_key(unit.column)}, name: patient}}",
        "  tables:",
        *(line for placed, columns in tables for line in _table_lines(placed, columns)),
        "  # What nothing else allows, this does not either.",
        "  queries:",
        f"    purposes: [{_text(heading.purpose)}]",
        "    aggregates: [count, count_distinct, mean, quantile]",
        "    suppress_below: 11",
        '    max_loss_per_query: "0.1"',
        '    default_loss: "0.05"',
        "  # For the life of these patients' data: what is spent does not come back.",
        "  budget:",
        f"    pool: {heading.name}",
        '    epsilon: "1"',
        '    per_project: "0.5"',
    ]
    return "\n".join(lines) + "\n"


def project_text(heading: Heading, granted: Mapping[str, Sequence[str]]) -> str:
    """Return a project without members.

    Args:
        heading: What it says of itself.
        granted: From table to the columns that it may use.
    """
    lines = [
        _MODELINE,
        "# Who may ask which columns, why, until when and for how much. Nobody may yet: add",
        "# columns that have a dp, and members such as",
        '# {user: "uni|ann", role: researcher, until: DAY}.',
        "apiVersion: gateway.policy/v1",
        "kind: ProjectPolicy",
        *heading.lines("Draft of a project"),
        "spec:",
        "  datasets:",
        f"    - id: {heading.name}",
        "      tables:",
        *(
            f"        {name}: [{', '.join(map(_key, columns))}]"
            for name, columns in granted.items()
        ),
        f"  purposes: [{_text(heading.purpose)}]",
        "  members: []",
        '  budget: {epsilon: "0.5"}',
    ]
    return "\n".join(lines) + "\n"


def gateway_text(heading: Heading) -> str:
    """Return strict ceilings over everything."""
    lines = [
        f"# yaml-language-server: $schema={SCHEMA_FILE}",
        "# Ceilings over all datasets and projects: none of them rises above these.",
        "apiVersion: gateway.policy/v1",
        "kind: GatewayPolicy",
        "metadata: {id: gateway, version: 1, title: Ceilings, owner: " + _text(heading.owner) + "}",
        "spec:",
        "  budget:",
        '    epsilon: "1"',
        '    per_project: "0.5"',
        "  queries:",
        '    max_epsilon_per_query: "0.1"',
        '    max_rho_per_query: "0.005"',
        "    suppress_below: 11",
        "    private_keys: denied",
        "  releases: {allowed: denied}",
    ]
    return "\n".join(lines) + "\n"


def tests_text(heading: Heading) -> str:
    """Return a first test: that nobody gets in who is no member."""
    return f"""\
# What is to be answered and what not; 'gateway policy test' asks, without data.
apiVersion: gateway.policy/v1
kind: PolicyTest
metadata: {{id: {heading.name}-tests}}
cases:
  - name: who is no member is refused
    as: {{user: nobody, project: {heading.name}, purpose: {_text(heading.purpose)}}}
    at: {heading.today}
    query: SELECT 1
    expect: {{decision: deny, code: PRJ-NOT-MEMBER}}
"""


def _source_lines(heading: Heading, source: Source) -> Iterator[str]:
    yield "  source:"
    yield f"    format: {source.format}"
    if source.path != ".":
        yield f"    path: {_text(source.path)}"
    if source.format == "csv":
        yield f"    encoding: {source.encoding}"
        yield f"    delimiter: {_text(source.delimiter)}"
        yield f"    null_tokens: {json.dumps(list(source.null_tokens), ensure_ascii=False)}"
    yield f'    snapshot: "{source.snapshot}"'
    yield f"    lineage: {heading.name}"


def _text_files(texts: TextFiles | None) -> Iterator[str]:
    if texts is not None:
        said = f"named_by: {_text(texts.named_by)}, folder: {_text(texts.folder)}"
        yield f"      texts: {{{said}, column: {_text(texts.column)}}}"


def _table_lines(placed: Placed, columns: Sequence[DraftedColumn]) -> Iterator[str]:
    table = placed.surveyed.table
    yield from _comment(placed.reason, 4)
    if placed.ownership is Ownership.DIRECTORY:
        yield from _comment(
            "what identifies in it is searched for in all notes. If it is a list of codes, the "
            "same whoever is a patient, write ownership: public",
            4,
        )
    yield f"    {table.name}:"
    if placed.ownership is Ownership.DIRECTORY:
        yield "      ownership: directory"
    if table.file is not None:
        yield f"      file: {_text(table.file)}"
    yield from _text_files(table.data.texts)
    if placed.key is not None:
        yield f"      key: {_key(placed.key)}"
    for link in placed.links:
        yield from _comment(f"{link.column}: {link.reason}", 6)
    if placed.links:
        told = (f"{_key(link.column)}: {_text(link.target)}" for link in placed.links)
        yield f"      foreign_keys: {{{', '.join(told)}}}"
    if placed.ownership is Ownership.PRIVATE:
        yield from _bound_lines(placed)
    yield "      columns:"
    for column in columns:
        for comment in column.comments:
            yield from _comment(comment, 8)
        told = (f"{key}: {value}" for key, value in column.fields.items())
        yield f"        {_key(column.name)}: {{{', '.join(told)}}}"


def _bound_lines(placed: Placed) -> Iterator[str]:
    unit = placed.unit
    if unit is not None and placed.surveyed.table.is_unique(unit):
        yield "      max_rows_per_unit: 1"
    else:
        yield from _comment(
            "how much of one patient counts in an answer: more costs more noise, less loses rows",
            6,
        )
    yield "      contribution: {max_groups: 1, max_rows_per_group: 1}"
    if placed.orphans:
        yield from _comment("rows of patients who are not in the list are left out", 6)
        yield "      bad_rows: reject"


def _comment(text: str, indent: int) -> Iterator[str]:
    mark = f"{' ' * indent}# "
    yield from (
        f"{mark}{line}"
        for line in wrap(text, _WIDTH - len(mark), break_long_words=False, break_on_hyphens=False)
    )


def _key(name: str) -> str:
    plain = _PLAIN.fullmatch(name) and name.lower() not in _WORDS
    return name if plain else json.dumps(name, ensure_ascii=False)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
