"""A dataset under the gateway's ceilings: the same declaration with every cap lowered to them.

Whoever reads a dataset that is in force reads it so, without having to think of the ceilings.
"""

from __future__ import annotations

from dataclasses import replace

from policies.datasets import DatasetPolicy
from policies.gateway import GatewayBudget, GatewayPolicy, GatewayQueries
from policies.releases import KAnonymity, Releases
from policies.terms import Budget, QueryRules

__all__ = ["under_ceilings"]


def under_ceilings(dataset: DatasetPolicy, gateway: GatewayPolicy | None) -> DatasetPolicy:
    """Return the dataset with no cap above the gateway's and no threshold below it.

    Args:
        dataset: As it is declared.
        gateway: The ceilings; None leaves the dataset as it is.
    """
    if gateway is None:
        return dataset
    spec, ceilings = dataset.spec, gateway.spec
    lowered = replace(
        spec,
        queries=_queries(spec.queries, ceilings.queries),
        budget=_budget(spec.budget, ceilings.budget),
        releases=_releases(spec.releases, gateway),
    )
    return replace(dataset, spec=lowered)


def _queries(queries: QueryRules, ceilings: GatewayQueries) -> QueryRules:
    _, most = ceilings.max_loss(queries.measure)
    most = min(queries.max_loss_per_query, most)
    keyed = "allowed" == queries.private_keys == ceilings.private_keys
    return replace(
        queries,
        aggregates=tuple(
            one for one in queries.aggregates if one not in ceilings.forbid_aggregates
        ),
        max_group_columns=min(queries.max_group_columns, ceilings.max_group_columns),
        max_cells=min(queries.max_cells, ceilings.max_cells),
        suppress_below=max(queries.suppress_below, ceilings.suppress_below),
        max_loss_per_query=most,
        default_loss=min(queries.default_loss, most),
        private_keys="allowed" if keyed else "denied",
        keys_delta_per_query=min(queries.keys_delta_per_query, ceilings.max_keys_delta_per_query),
    )


def _budget(budget: Budget, ceilings: GatewayBudget) -> Budget:
    epsilon = min(budget.epsilon, ceilings.epsilon)
    parts = [
        [one for one in pair if one is not None]
        for pair in (
            (budget.per_project, ceilings.per_project),
            (budget.per_researcher, ceilings.per_researcher),
        )
    ]
    per_project, per_researcher = (min([epsilon, *part]) if part else None for part in parts)
    return replace(budget, epsilon=epsilon, per_project=per_project, per_researcher=per_researcher)


def _releases(releases: Releases, gateway: GatewayPolicy) -> Releases:
    ceilings, declared = gateway.spec.releases, releases.k_anonymity
    counted = (
        None
        if declared is None
        else KAnonymity(k=max(declared.k, ceilings.min_k), suppress_max=declared.suppress_max)
    )
    is_open = "allowed" == releases.allowed == ceilings.allowed
    return replace(
        releases,
        allowed="allowed" if is_open else "denied",
        k_anonymity=counted,
        max_rows=min(releases.max_rows, ceilings.max_rows),
    )
