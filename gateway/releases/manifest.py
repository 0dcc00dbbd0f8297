"""What a release is: the document that is reviewed, signed for, and leaves beside the records."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from gateway.errors import OperatorError
from policies.model import STRICT, QuotedDecimal
from policies.record_facts import RecordCriteria, RecordRole, ReleaseFacts, Scorecard, TextReading
from policies.releases import Standard
from policies.text_operators import Profile

__all__ = [
    "Criteria",
    "EarlierRelease",
    "Manifest",
    "ReleasedFile",
    "ReleasedText",
    "digest_of",
    "notice_of",
    "read_manifest",
]

Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
NOTICE: Final = (
    "Records without differential privacy. Stand-ins bear the mark of this release and its "
    "recipient. Destroy all copies by the day of 'until'."
)
_UNLINKED: Final = (
    " Each row has a stand-in of its own: rows of one unit cannot be linked, and the criteria hold "
    "of each row alone."
)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ReleasedFile:
    """One file that leaves.

    Attributes:
        name: In the release's folder.
        sha256: Of its bytes.
        bytes: How many.
    """

    name: Annotated[str, Field(pattern=r"^records\.(csv|parquet)$")]
    sha256: Digest
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Criteria:
    """What every class has, as ``policies.record_facts.RecordCriteria``."""

    k: int
    l: int  # noqa: E741  its name in the literature
    t: QuotedDecimal | None
    suppression: QuotedDecimal


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ReleasedText:
    """How the free text was read, and what was measured of that.

    Attributes:
        engine: Kind, name and version of the model.
        profile: Operating point.
        scorecard: SHA-256 of the scorecard's file.
        on: Name of its gold set.
        gold: SHA-256 of the gold set.
        scored_profile: Operating point that was scored.
        entities: What identifies in the gold set.
        found: How much of it was found whole.
        texts: Texts in the gold set.
        leaking: Of those, texts with anything identifying that was not found.
        sample: Texts of this release that a person has to read before anybody approves it; 0 for
            none.
        sampled: Digest of the file of those texts; None for none.
    """

    engine: str
    profile: Profile
    scorecard: Digest
    on: str
    gold: Digest
    scored_profile: Profile
    entities: int
    found: int
    texts: int = 0
    leaking: int = 0
    sample: int = 0
    sampled: Digest | None = None


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class EarlierRelease:
    """What the same project or person was given, or is about to be, of the same dataset.

    Attributes:
        release: Its id.
        table: Which table; empty where an earlier version logged one that was destroyed.
        project: For which project.
        recipient: To whom.
        state: ``requested`` or ``exported``; ``destroyed`` where it left, and somebody said that
            no copy is left.
        until: Its last day.
        coding: How coarse each of its quasi-identifiers is; empty where a destroyed one's manifest
            is not kept.
    """

    release: str
    table: str
    project: str
    recipient: str
    state: str
    until: date
    coding: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Manifest:
    """One release; whoever signs its digest signs for every file in it.

    Attributes:
        v: Version of the form.
        release: Random id, 32 hex digits.
        project: For which project.
        dataset: Of which dataset.
        table: Which of its tables.
        snapshot: Which state of it.
        purpose: Why, in the words of the policy.
        requester: Who asked.
        recipient: Who gets it.
        policy: Digest of the declarations under which it was made.
        layout: Digest of what they say of the stored tables.
        requested: When, UTC.
        until: Last day; all copies are destroyed by then.
        plan: Digest of the plan.
        columns: What leaves, and as what.
        rows: How many of them leave.
        criteria: What every class has.
        standard: On what the claim of de-identification rests.
        determination: The expert's report, where it rests on that.
        text: How free text was read; None where none leaves.
        obligations: What the recipient owes.
        files: What leaves beside this document.
        coding: How coarse each quasi-identifier is: the step of its hierarchy.
        classes: Digest of the file that says which row is in which class, which does not leave;
            None where an earlier version made the release.
        earlier: What the project or the recipient has of the dataset already, or had. Those of
            this table that are not destroyed have at least ``criteria.k`` units in each class that
            they have together with it.
        notice: What to know of it.
    """

    v: Literal[1] = 1
    release: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    project: str
    dataset: str
    table: str
    snapshot: str
    purpose: str
    requester: str
    recipient: str
    policy: Digest
    layout: Digest
    requested: datetime
    until: date
    plan: Digest
    columns: Mapping[str, RecordRole]
    rows: int
    criteria: Criteria
    standard: Standard
    determination: str | None
    text: ReleasedText | None
    obligations: tuple[str, ...]
    files: tuple[ReleasedFile, ...]
    coding: Mapping[str, str] = field(default_factory=dict)
    classes: Digest | None = None
    earlier: tuple[EarlierRelease, ...] = ()
    notice: str = NOTICE

    def to_bytes(self) -> bytes:
        """Return the document as JSON, keys sorted, with a final newline."""
        return json.dumps(asdict(self), sort_keys=True, indent=2, default=_plain).encode() + b"\n"

    @property
    def facts(self) -> ReleaseFacts:
        """What a policy decides upon, again before the records leave."""
        text = self.text
        reading = None if text is None else TextReading(engine=text.engine, profile=text.profile)
        shown = None
        if text is not None:
            scored = TextReading(engine=text.engine, profile=text.scored_profile)
            shown = Scorecard(
                on=text.on,
                gold=text.gold,
                reading=scored,
                entities=text.entities,
                found=text.found,
                texts=text.texts,
                leaking=text.leaking,
            )
        criteria = self.criteria
        return ReleaseFacts(
            table=self.table,
            columns=self.columns,
            criteria=RecordCriteria(
                k=criteria.k, l=criteria.l, t=criteria.t, suppression=criteria.suppression
            ),
            recipient=self.recipient,
            text=reading,
            scorecard=shown,
        )


def read_manifest(file: Path, digest: str) -> tuple[Manifest, bytes]:
    """Read a manifest that has a known digest, and its bytes.

    Raises:
        OperatorError: ``REL-CHANGED`` if it is gone, or is not the one that was asked for.
    """
    try:
        raw = file.read_bytes()
        manifest = TypeAdapter(Manifest).validate_json(raw)
    except (OSError, ValidationError):
        raw, manifest = b"", None
    if manifest is None or digest_of(raw) != digest:
        raise OperatorError(
            "the release's manifest is gone, or is not the one that was asked for",
            code="REL-CHANGED",
            remedy="destroy the release, and request it again",
            file=str(file),
        )
    return manifest, raw


def notice_of(columns: Mapping[str, RecordRole]) -> str:
    """Return what to know of a release of these columns."""
    unlinked = RecordRole.COUNTED_UNIT in columns.values()
    return NOTICE + _UNLINKED if unlinked else NOTICE


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of bytes, as the log has it."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _plain(value: Any) -> str:  # noqa: ANN401  whatever JSON has no form for
    if isinstance(value, RecordRole):
        return value.value
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value.isoformat()
