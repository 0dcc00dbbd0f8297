"""A question as Python that asks it again through the client."""

from __future__ import annotations

from gateway.bodies import QuestionBody

__all__ = ["python_snippet"]


def python_snippet(url: str, project: str, body: QuestionBody) -> str:
    """Return a program of a few lines; its reader puts the key in the environment."""
    options = {
        "dataset": body.dataset,
        "purpose": body.purpose,
        "epsilon": body.epsilon,
        "rho": body.rho,
        "accuracy": None if body.accuracy is None else {"within": body.accuracy.within},
        "max_groups": body.max_groups,
        "max_rows_per_group": body.max_rows_per_group,
        "bounding": body.bounding,
    }
    given = [
        f"    {name}={_literal(value)},\n" for name, value in options.items() if value is not None
    ]
    return (
        "import os\n\n"
        "from gateway.client import Gateway\n\n"
        f'gateway = Gateway({url!r}, api_key=os.environ["GATEWAY_API_KEY"])\n'
        "answer = gateway.query(\n"
        f"    {project!r},\n"
        f"    {_text(body.sql)},\n"
        f"{''.join(given)}"
        ")\n"
        "answer.to_pandas()\n"
    )


def _text(sql: str) -> str:
    """The SQL as it was written, over several lines where Python can hold it so."""
    lines = sql.replace("\r\n", "\n")
    if any(not (one.isprintable() or one in "\n\t") for one in lines):
        return repr(sql)
    escaped = lines.replace("\\", "\\\\")
    if '"""' in lines or lines.endswith('"'):
        escaped = escaped.replace('"', '\\"')
    return f'"""{escaped}"""'


def _literal(value: object) -> str:
    return repr(value) if isinstance(value, int | dict) else repr(str(value))
