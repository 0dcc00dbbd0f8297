"""Parameters of a query, read by the types that the description of the API has."""

from __future__ import annotations

from typing import TypeVar, cast

from flask import request
from pydantic import TypeAdapter, ValidationError

from gateway.errors import RequestError
from gateway.openapi import Operation, Parameter

__all__ = ["check_arguments", "read_argument"]

_Value = TypeVar("_Value")


def check_arguments(operation: Operation) -> None:
    """Check that a request has parameters of its address only, and each once.

    Raises:
        RequestError: If there is another one; its name is not repeated.
    """
    known = {one.name for one in operation.parameters if one.place == "query"}
    if all(name in known and len(given) == 1 for name, given in request.args.lists()):
        return
    raise RequestError(
        "the query has a parameter that this address does not have, or one twice",
        remedy=f"send these only, each once: {', '.join(sorted(known)) or 'none'}",
    )


def read_argument(parameter: Parameter, default: _Value) -> _Value:
    """Return a parameter of the query, or the default where it was not sent.

    Raises:
        RequestError: If it is not of the described type.
    """
    text = request.args.get(parameter.name)
    if text is None:
        return default
    try:
        return cast("_Value", TypeAdapter(parameter.model).validate_strings(text))
    except ValidationError as error:
        allowed = error.errors(include_url=False, include_input=False)[0]["msg"]
        raise RequestError(
            f"the parameter {parameter.name} is not as described", remedy=f"correct it: {allowed}"
        ) from None
