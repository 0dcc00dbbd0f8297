"""The description of the HTTP API (OpenAPI 3.1), made from the routes and from their models."""

from gateway.openapi.document import Address, openapi_document
from gateway.openapi.operations import Operation, Parameter, Reply, described, operation_of

__all__ = [
    "Address",
    "Operation",
    "Parameter",
    "Reply",
    "described",
    "openapi_document",
    "operation_of",
]
