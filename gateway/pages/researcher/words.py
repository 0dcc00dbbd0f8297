"""What the editor completes: the SQL that is answered, and the tables of the catalog."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

__all__ = ["FUNCTIONS", "KEYWORDS", "editor_words"]

KEYWORDS: Final = (
    "select from where group by having order limit as and or not in is null like ilike between "
    "case when then else end with join left inner on using union all distinct over partition asc "
    "desc interval cast filter true false exists"
)
FUNCTIONS: Final = (
    "count sum avg min max median quantile_cont stddev_samp var_samp corr covar_samp "
    "clamp age_band date_trunc date_part date_diff year month day coalesce nullif round floor ceil "
    "abs lower upper length substring left right replace starts_with contains greatest least "
    "rank row_number lag lead"
)
_TYPES: Final = "integer bigint double decimal varchar boolean date timestamp"


def editor_words(catalog: Mapping[str, Any]) -> dict[str, Any]:
    """Return keywords, functions, types and the columns of each table, from a catalog."""
    return {
        "keywords": KEYWORDS,
        "functions": FUNCTIONS,
        "types": _TYPES,
        "tables": {
            table["name"]: [column["name"] for column in table["columns"]]
            for dataset in catalog["datasets"]
            for table in dataset["tables"]
        },
    }
