"""Which of the answers that were paid for are given again."""

from __future__ import annotations

from datetime import datetime

from policies.active import PolicySet

__all__ = ["is_given"]


def is_given(
    policies: PolicySet, project: str, dataset: str, *, asked: datetime, now: datetime
) -> bool:
    """Say whether the answer to a question is given: not of what is suspended, nor for ever.

    Args:
        policies: Declarations in force, which say for how long.
        project: Whose question it was.
        dataset: What was asked.
        asked: When.
        now: The time.
    """
    if policies.suspended & {f"project/{project}", f"dataset/{dataset}"}:
        return False
    declared = policies.datasets.get(dataset)
    return declared is None or declared.spec.retention.gives(asked, now)
