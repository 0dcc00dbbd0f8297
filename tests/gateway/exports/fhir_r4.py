"""FHIR R4's AuditEvent, written from the table of its specification: names, cardinalities, values.

https://hl7.org/fhir/R4/auditevent.html; only what the gateway may write, and nothing else.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, model_validator

Text = Annotated[str, Field(min_length=1, pattern=r"\S")]
Uri = Annotated[str, Field(pattern=r"^[a-z]+:\S+$")]


class Element(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Coding(Element):
    system: Uri
    code: Annotated[str, Field(pattern=r"^[^\s]+(\s[^\s]+)*$")]
    display: Text | None = None


class CodeableConcept(Element):
    coding: list[Coding] | None = None
    text: Text | None = None


class Identifier(Element):
    system: Uri
    value: Text


class Reference(Element):
    identifier: Identifier
    type: Text | None = None


class Agent(Element):
    who: Reference | None = None
    requestor: bool


class Source(Element):
    observer: Reference
    type: list[Coding] | None = None


class Detail(Element):
    type: Text
    valueString: Text  # noqa: N815  the name that FHIR has


class Entity(Element):
    what: Reference | None = None
    name: Text | None = None
    query: Base64Bytes | None = None
    detail: list[Detail] | None = None

    @model_validator(mode="after")
    def sev_1(self) -> Entity:
        """Either a name or a query, not both."""
        assert self.name is None or self.query is None
        return self


class AuditEvent(Element):
    resourceType: Literal["AuditEvent"]  # noqa: N815  the same
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9\-.]{1,64}$")]
    type: Coding
    subtype: list[Coding] | None = None
    action: Literal["C", "R", "U", "D", "E"] | None = None
    recorded: Annotated[
        str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")
    ]
    outcome: Literal["0", "4", "8", "12"] | None = None
    outcomeDesc: Text | None = None  # noqa: N815  the same
    purposeOfEvent: list[CodeableConcept] | None = None  # noqa: N815  the same
    agent: Annotated[list[Agent], Field(min_length=1)]
    source: Source
    entity: list[Entity] | None = None
