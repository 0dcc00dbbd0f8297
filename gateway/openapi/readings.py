"""What the addresses that only read say of themselves; all of them are free."""

from __future__ import annotations

from typing import Any, Final

from gateway.openapi.catalogs import CatalogReply
from gateway.openapi.operations import JSON, MEMBERS, Operation, Reply
from gateway.openapi.parameters import DATASET, FORMAT, OLD, PROJECT, RECEIPT, TILE, UNITS
from gateway.openapi.projects import (
    BudgetReply,
    CallerReply,
    LiveReply,
    ProjectReply,
    ReadyReply,
)

__all__ = [
    "BUDGET",
    "CATALOG",
    "CHECKPOINT",
    "DESCRIPTION",
    "GROWTH",
    "LIVE",
    "ME",
    "PRACTICE",
    "PROJECT_ITSELF",
    "READY",
    "RECEIPT_TEXT",
    "TILES",
]

_TEXT: Final[dict[str, Any]] = {"text/plain": None}

LIVE: Final = Operation(
    summary="Say that the process serves.",
    replies=(Reply(means="It does.", media={JSON: LiveReply}),),
    open_to_all=True,
)
READY: Final = Operation(
    summary="Say whether questions would be answered.",
    replies=(
        Reply(means="They would.", media={JSON: ReadyReply}),
        Reply(means="They would not; checks tells why.", media={JSON: ReadyReply}, status=503),
    ),
    open_to_all=True,
)
DESCRIPTION: Final = Operation(
    summary="Give this description.",
    replies=(Reply(means="OpenAPI 3.1.", media={JSON: dict[str, Any]}),),
)
ME: Final = Operation(
    summary="Tell the caller who they are, and where they may ask.",
    replies=(Reply(means="Who calls.", media={JSON: CallerReply}),),
)
PROJECT_ITSELF: Final = Operation(
    summary="Tell a member about a project.",
    parameters=(PROJECT,),
    replies=(Reply(means="The project.", media={JSON: ProjectReply}),),
    problems=MEMBERS,
)
CATALOG: Final = Operation(
    summary="Tell a member what may be asked.",
    parameters=(PROJECT,),
    replies=(Reply(means="The catalog.", media={JSON: CatalogReply}),),
    problems=MEMBERS,
)
BUDGET: Final = Operation(
    summary="Tell a member what is left to spend.",
    parameters=(PROJECT,),
    replies=(Reply(means="The balances.", media={JSON: BudgetReply}),),
    problems=MEMBERS,
)
PRACTICE: Final = Operation(
    summary="Give a member made-up tables to try queries on.",
    parameters=(PROJECT, DATASET, FORMAT, UNITS),
    replies=(Reply(means="A file a table.", media={"application/zip": None}),),
    problems=(*MEMBERS, 404),
)
RECEIPT_TEXT: Final = Operation(
    summary="Give the receipt of an entry of the audit log.",
    parameters=(RECEIPT,),
    replies=(Reply(means="C2SP tlog-proof text.", media=_TEXT),),
    problems=(403, 404),
)
CHECKPOINT: Final = Operation(
    summary="Give the last signed checkpoint of the audit log.",
    replies=(Reply(means="C2SP tlog-checkpoint text.", media=_TEXT),),
)
GROWTH: Final = Operation(
    summary="Say why the audit log grew from a size.",
    parameters=(OLD,),
    replies=(Reply(means="The body of C2SP tlog-witness add-checkpoint.", media=_TEXT),),
    problems=(404,),
)
TILES: Final = Operation(
    summary="Give a tile of hashes, or to auditors a bundle of entries.",
    parameters=(TILE,),
    replies=(Reply(means="C2SP tlog-tiles.", media={"application/octet-stream": None}),),
    problems=(404,),
)
