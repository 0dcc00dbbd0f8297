"""The researcher's client: ask from Python, get numbers with their errors.

    from gateway.client import Gateway

    with Gateway("https://gateway.example", api_key) as gateway:
        result = gateway.query("heart", "SELECT COUNT(*) AS n FROM patients", epsilon="0.2")
        result.to_pandas()
        result.plot()

Refusals are raised as the errors of ``policies.errors`` and ``gateway.errors``, with the code, the
remedy and the position that the gateway told. Tables and charts load their libraries where they are
wanted: pyarrow, and pandas, polars or matplotlib as extras.
"""

from gateway.answers.results import Result
from gateway.client.gateway import Gateway
from gateway.client.jobs import Job
from gateway.client.options import QuestionOptions, question_body

__all__ = ["Gateway", "Job", "QuestionOptions", "Result", "question_body"]
