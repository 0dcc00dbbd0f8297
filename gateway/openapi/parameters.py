"""Parameters of addresses and queries; the routes read them by these very types."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gateway.openapi.operations import Parameter
from policies.model import Identifier
from query.practice import MAX_UNITS

__all__ = [
    "DATASET",
    "FORMAT",
    "OLD",
    "PROJECT",
    "QUERY",
    "RECEIPT",
    "TILE",
    "UNITS",
    "EntryNumber",
    "FileForm",
    "LogSize",
    "QueryId",
    "Units",
]

EntryNumber = Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,15})$")]
FileForm = Literal["csv", "parquet"]
LogSize = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,15}$")]
QueryId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Units = Annotated[int, Field(ge=1, le=MAX_UNITS)]

PROJECT = Parameter(name="project_id", model=Identifier, means="Id of a project.")
DATASET = Parameter(name="dataset_id", model=Identifier, means="Id of a dataset of the project.")
QUERY = Parameter(name="query_id", model=QueryId, means="The query_id of an answer.")
RECEIPT = Parameter(name="index", model=EntryNumber, means="Number of an entry of the audit log.")
TILE = Parameter(
    name="rest",
    model=Annotated[str, Field(min_length=1)],  # OpenAPI has no slashes in a parameter
    means="What follows tile/ in C2SP tlog-tiles, such as 0/000.p/17.",
)
OLD = Parameter(name="old", model=LogSize, means="Size of a head that you kept.", place="query")
FORMAT = Parameter(
    name="format", model=FileForm, means="Of the tables.", place="query", needed=False
)
UNITS = Parameter(
    name="units", model=Units, means="Privacy units to make up.", place="query", needed=False
)
