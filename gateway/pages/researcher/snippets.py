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
    }
    given = [
        f"    {name}={_literal(value)},\n" for name, value in options.items() if value is not None
    ]
    quoted = body.sql.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return (
        "import os\n\n"
        "from gateway.client import Gateway\n\n"
        f'gateway = Gateway({url!r}, api_key=os.environ["GATEWAY_API_KEY"])\n'
        "answer = gateway.query(\n"
        f"    {project!r},\n"
        f'    """{quoted}""",\n'
        f"{''.join(given)}"
        ")\n"
        "answer.to_pandas()\n"
    )


def _literal(value: object) -> str:
    return repr(value) if isinstance(value, int | dict) else repr(str(value))
