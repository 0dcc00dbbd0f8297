"""The description itself: addresses, and their models as the JSON Schemas of pydantic."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final

from pydantic import TypeAdapter

from gateway.openapi.operations import FAMILIES, JSON, PROBLEM, Operation, Parameter, Reply
from gateway.openapi.problems import ProblemReply
from query.fields import Document

__all__ = ["Address", "openapi_document"]

_REFERENCE: Final = "#/components/schemas/{model}"
_SECURITY: Final = "apiKey"
_TITLES: Final = {
    400: "The request is not as documented",
    401: "Who calls is not known",
    403: "A policy or the budget says no",
    404: "There is no such thing, or not for this caller",
    406: "The reply has no such form",
    409: "The request does not fit the present state",
    413: "The body is too large",
    415: "The body is not JSON",
    422: "The SQL or the body cannot be answered",
    429: "Too many requests",
    500: "Internal error; only an incident id is told",
    503: "The gateway is not ready",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One method of one address.

    Attributes:
        method: In lower case.
        path: With parameters in braces.
        name: Unique among all.
        operation: What it does.
    """

    method: str
    path: str
    name: str
    operation: Operation


class _Schemas:
    """Collects the schemas that others refer to."""

    def __init__(self) -> None:
        self.named: Document = {}

    def of(self, model: Any) -> Document:  # noqa: ANN401  a type of any form, as pydantic takes it
        """Return the schema of a model; what it refers to is kept."""
        schema = TypeAdapter(model).json_schema(ref_template=_REFERENCE, mode="validation")
        self.named.update(schema.pop("$defs", {}))
        title = schema.get("title")
        if schema.get("type") != "object" or not isinstance(title, str):
            return schema
        self.named[title] = schema
        return {"$ref": _REFERENCE.format(model=title)}


def openapi_document(addresses: Iterable[Address]) -> Document:
    """Return the description of some addresses as an OpenAPI 3.1 document.

    It is a function of the program alone: it holds nothing of a deployment.
    """
    schemas = _Schemas()
    schemas.of(ProblemReply)
    paths: Document = {}
    for address in sorted(addresses, key=lambda one: (one.path, one.method)):
        paths.setdefault(address.path, {})[address.method] = _operation(address, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Clinical data gateway",
            "version": version("clinical-gateway"),
            "summary": "Differentially private answers about clinical data, at a price told before",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas.named,
            "securitySchemes": {
                _SECURITY: {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "gw_<16 hex digits>_<64 hex digits>",
                    "description": "An API key, as 'gateway key create' makes them.",
                }
            },
        },
    }


def _operation(address: Address, schemas: _Schemas) -> Document:
    operation = address.operation
    described: Document = {
        "operationId": address.name,
        "tags": [address.name.partition("_")[0]],
        "summary": operation.summary,
        "responses": {str(reply.status): _reply(reply, schemas) for reply in operation.replies},
        "security": [] if operation.open_to_all else [{_SECURITY: []}],
    }
    for status in sorted(operation.statuses - {reply.status for reply in operation.replies}):
        described["responses"][str(status)] = _problem(status)
    if operation.parameters:
        described["parameters"] = [_parameter(one, schemas) for one in operation.parameters]
    if operation.body is not None:
        content: Document = {"schema": schemas.of(operation.body)}
        if operation.examples:
            content["examples"] = {
                name: {"value": value} for name, value in operation.examples.items()
            }
        described["requestBody"] = {"required": True, "content": {JSON: content}}
    return described


def _parameter(parameter: Parameter, schemas: _Schemas) -> Document:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.needed,
        "description": parameter.means,
        "schema": schemas.of(parameter.model),
    }


def _reply(reply: Reply, schemas: _Schemas) -> Document:
    told: Document = {"description": reply.means}
    told["content"] = {
        media: {} if model is None else {"schema": schemas.of(model)}
        for media, model in reply.media.items()
    }
    if reply.headers:
        told["headers"] = {
            name: {"description": means, "schema": {"type": "string"}}
            for name, means in reply.headers.items()
        }
    return told


def _problem(status: int) -> Document:
    codes = "|".join(FAMILIES[status])
    schema = {
        "allOf": [
            {"$ref": _REFERENCE.format(model="ProblemReply")},
            {
                "properties": {
                    "status": {"const": status},
                    "code": {"pattern": f"^({codes})-[A-Z0-9-]+$"},
                }
            },
        ]
    }
    return {"description": _TITLES[status], "content": {PROBLEM: {"schema": schema}}}
