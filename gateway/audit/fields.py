"""The allow list of the audit log: every field that an entry may have, and what it may hold.

A field's name and meaning never change; new ones are added. There is no field for a value, for the
text of a note, for an error's words or for a number of rows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias

__all__ = ["FIELDS", "MAX_INTEGER", "FieldRule", "Number", "Text"]

MAX_INTEGER: Final = 2**53 - 1
"""Largest integer that every JSON reader keeps exact (RFC 8785, section 3.2.2.3)."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a closed form.

    Attributes:
        form: Regular expression that the whole text fits.
        form_in_words: The same, for the documentation.
        meaning: What it says.
    """

    form: str
    form_in_words: str
    meaning: str

    def allows(self, value: object) -> bool:
        """Say whether the field may hold the value."""
        return isinstance(value, str) and re.fullmatch(self.form, value) is not None


@dataclass(frozen=True, slots=True)
class Number:
    """An integer from ``least`` to ``most``.

    Attributes:
        least: Smallest value.
        meaning: What it says.
        most: Largest value.
    """

    least: int
    meaning: str
    most: int = MAX_INTEGER

    @property
    def form_in_words(self) -> str:
        """The form, for the documentation."""
        if self.most < MAX_INTEGER:
            return f"integer, {self.least} to {self.most}"
        return f"integer, {self.least} or more"

    def allows(self, value: object) -> bool:
        """Say whether the field may hold the value."""
        return type(value) is int and self.least <= value <= self.most


FieldRule: TypeAlias = Text | Number


def _digest(meaning: str) -> Text:
    return Text(r"sha256:[0-9a-f]{64}", "`sha256:` and 64 hex digits", meaning)


def _vkey(meaning: str) -> Text:
    return Text(r"[^\s+]{1,255}\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}", "C2SP signed-note vkey", meaning)


def _id(meaning: str) -> Text:
    return Text(r"[a-z0-9][a-z0-9-]{0,62}", "lower case, digits, hyphens; at most 63", meaning)


def _id_or_unknown(meaning: str) -> Text:
    return Text(
        r"[a-z0-9][a-z0-9-]{0,62}|\(unknown\)",
        "lower case, digits, hyphens; at most 63; or `(unknown)`",
        meaning,
    )


def _word(meaning: str) -> Text:
    return Text(r"[^\x00-\x1f\x7f-\x9f]{1,200}", "1 to 200 printing characters", meaning)


def _units(meaning: str) -> Text:
    return Text(r"0|[1-9][0-9]{0,17}", "decimal digits: units of 1e-18", meaning)


_TIME: Final = r"\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-6]\d\.\d{6}Z"
_TIME_IN_WORDS: Final = "RFC 3339, UTC, microseconds"

FIELDS: Final[Mapping[str, FieldRule]] = MappingProxyType(
    {
        # of every entry
        "v": Number(1, "version of the form of entries; from 2 on they have a salt", most=2),
        "salt": Text(
            r"[0-9a-f]{32}",
            "32 hex digits",
            "random, so that the entry's hash does not tell what it says",
        ),
        "seq": Number(0, "number of the entry, from 0, without gaps"),
        "time": Text(
            _TIME,
            _TIME_IN_WORDS,
            "when it was appended, by the host's clock, never before the entry before",
        ),
        "behind_ms": Number(0, "by how much the host's clock stood before the entry before"),
        "boot": Text(r"[0-9a-f]{32}", "32 hex digits", "the process that appended it"),
        "mono": Number(0, "the host's monotonic clock, milliseconds; never falls within a boot"),
        "kind": Text(r"[a-z]+\.[a-z]+", "`area.event`", "which event"),
        # who, why, what
        "actor": _word("opaque id of the person or program that did it"),
        "project": _id("whose permit was used"),
        "named_project": _id_or_unknown("the project that the refused request named"),
        "purpose": _word("why, as the policy words it"),
        "named_purpose": Text(
            r"[a-z0-9][a-z0-9_.:-]{0,62}|\(unlisted\)",
            "lower case, digits, `_.:-`; at most 63; or `(unlisted)`",
            "the purpose that the refused request named",
        ),
        "dataset": _id("which dataset"),
        "named_dataset": _id_or_unknown("the dataset that the refused request named"),
        "snapshot": _word("which state of the dataset"),
        "policy": _digest("digest of the declarations in force"),
        "approvals": Text(
            r"required|none",
            "a closed set",
            "whether what is in force from here on is changed by signatures only",
        ),
        "change": Text(
            r"widens|narrows|neutral",
            "a closed set",
            "what the change does to what is allowed; undecided widens",
        ),
        "signers": Text(
            r"[0-9a-f]{16}( [0-9a-f]{16}){0,15}",
            "key ids, 16 hex digits each, one for each person",
            "the keys whose signatures approved it",
        ),
        "replaces": _digest("digest of the declarations that were in force before"),
        "suspended": Text(
            r"(dataset|project)/[a-z0-9][a-z0-9-]{0,62}",
            "`dataset/ID` or `project/ID`",
            "what was stopped or goes on",
        ),
        "because": Text(
            r"incident|breach|error|review|request|expiry",
            "a closed set",
            "why it was stopped, or somebody was erased",
        ),
        "generation": Number(1, "how often the list of whose data may not be stored was changed"),
        "erased": Number(
            0, "generation of the list of whose data may not be stored, as the records were made"
        ),
        "tombstones": _digest("SHA-256 of that list of keyed digests, without its last line"),
        "request": Text(
            r"(?s).{0,49152}",
            "text",
            "the query in canonical form, literals outside public domains masked; "
            "empty where it could not be read or is too long",
        ),
        "request_digest": _digest("digest of the canonical query, also where it is too long"),
        "asked": Text(_TIME, _TIME_IN_WORDS, "when the request came, by the host's clock"),
        "query_id": Text(r"[0-9a-f]{32}", "32 hex digits", "random id of the request"),
        "cache_key": Text(
            r"[0-9a-f]{64}", "64 hex digits", "equal for equal questions over equal data"
        ),
        # the budget
        "scope": Text(r"pool|project|researcher", "a closed set", "what a cap is set for"),
        "pool": _id("the pool of patients' budget"),
        "capped_project": Text(
            r"([a-z0-9][a-z0-9-]{0,62})?",
            "lower case, digits, hyphens; at most 63",
            "the project whose cap it is; empty for a pool",
        ),
        "capped_researcher": Text(
            r"[^\x00-\x1f\x7f-\x9f]{0,200}",
            "at most 200 printing characters",
            "the researcher whose cap it is; empty for pool and project",
        ),
        "measure": Text(
            r"pure|zcdp", "a closed set", "how losses add up: amounts are 1e-6 epsilon or 1e-9 rho"
        ),
        "amount": Number(1, "what was charged to pool, project and researcher, in units"),
        "delta": _units("delta charged beside the amount"),
        "cap": Number(0, "allowance, in the measure's units"),
        "cap_delta": _units("allowance of delta"),
        # references and outcomes
        "ref": Number(0, "number of the entry that this one closes or repeats"),
        "answer": _digest("SHA-256 over a secret salt of 32 bytes and the answer's bytes"),
        "told": _digest("SHA-256 over another secret salt and the answer as it was told"),
        "reason": Text(
            r"failed|recovered|cancelled",
            "a closed set",
            "no answer because computing failed, because the process ended before it, or because"
            " who asked no longer wanted it",
        ),
        "code": Text(r"[A-Z][A-Z0-9-]{0,62}", "upper case, digits, hyphens", "why it was refused"),
        "rule": Text(r"[a-z0-9_.]{0,100}", "a module's name", "the rule that refused, if one did"),
        "at": Text(
            r"[\x20-\x7e]{0,500}", "JSON Pointer", "the place in the declaration that decided"
        ),
        # de-identification
        "text_engine": Text(
            r"(builtin|(spacy|hf):[A-Za-z0-9_.+-]{1,100})@[A-Za-z0-9_.+-]{1,64}|",
            "kind, name, `@`, version; or empty",
            "the model that looked for identifiers in texts",
        ),
        "text_profile": Text(
            r"(strict|standard|utility)?", "a closed set", "least strict operating point of texts"
        ),
        "column": _word("the declared column, `table.column`, that lets its text be brought back"),
        "label": Text(
            "NAME|LOCATION|HOSPITAL|PROFESSION|DATE|AGE|PHONE_FAX|EMAIL|URL_IP|ID|OTHER",
            "a closed set",
            "what the values are",
        ),
        "revealed": Number(0, "how many values were brought back; never which"),
        # releases of records
        "plan": _digest("SHA-256 of the plan of a release"),
        "table": _word("which declared table"),
        "sample": Number(0, "texts that a person has to read before, as declared"),
        "verdict": Text(
            r"passed|failed",
            "a closed set",
            "whether no more of the drawn texts identify somebody than is declared",
        ),
        "release": Text(r"[0-9a-f]{32}", "32 hex digits", "random id of a release"),
        "recipient": _word("opaque id of who gets the records"),
        "manifest": _digest("SHA-256 of a release's manifest, which has the digests of its files"),
        "until": Text(
            r"\d{4}-[01]\d-[0-3]\d", "ISO 8601", "last day, after which all copies are destroyed"
        ),
        "scorecard": _digest("SHA-256 of the scorecard that let free text leave"),
        "min_k": Number(1, "privacy units that every class has at least, as declared"),
        "min_l": Number(1, "sensitive values that every class has at least, as declared"),
        "max_t": Text(
            r"(0|0\.[0-9]{1,18}|1)?",
            "decimal from 0 to 1, or empty",
            "distance to the whole table that every class has at most, as declared",
        ),
        "max_left_out": Text(
            r"0|0\.[0-9]{1,18}|1",
            "decimal from 0 to 1",
            "share of rows that may be left out at most, as declared",
        ),
        # who came
        "role": Text(
            r"researcher|steward|auditor|administrator", "a closed set", "in which role they act"
        ),
        "method": Text(r"key|oidc", "a closed set", "how they proved who they are"),
        "session": Text(r"[0-9a-f]{16}", "16 hex digits", "random id of a session; opens nothing"),
        "attempts": Number(1, "how many keys, sessions or sign-ins were refused"),
        # the auditor's review
        "flag": Text(
            r"burst|differencing|probing|shared-question|spending|new-purpose|clock",
            "a closed set",
            "which rule found what was looked into",
        ),
        "settled": Text(
            r"expected|explained|followed-up|false-alarm", "a closed set", "what came of it"
        ),
        # the log's key
        "former_vkey": _vkey("public key that signed the log before this entry"),
        "vkey": _vkey("public key that signs the log from this entry on"),
        "size": Number(0, "how many entries the former key has signed at most"),
        # texts of persons who agreed
        "gold": _digest("SHA-256 of the consented gold set"),
        "text": Number(1, "place of a text in the consented gold set"),
        # the system
        "sealed": _digest("SHA-256 of the sealed snapshot's file"),
        "software": _word("name and version of this software"),
        "postgresql": Text(
            r"(\d+\.\d+)?", "`x.y`, or empty", "version of the PostgreSQL server, where it is one"
        ),
        "sqlite": Text(r"\d+\.\d+\.\d+", "`x.y.z`", "version of SQLite"),
        "abandoned": Number(1, "how many reservations of ended processes were closed"),
    }
)
"""All fields by name."""
