"""Records that the demo's planner asks for, so that stewards have releases to look at."""

from __future__ import annotations

from typing import Final, Literal

from gateway.cli.identified_files import read_plan
from gateway.demo.site import DATASET, DemoSite
from gateway.records import Asked, record_door
from gateway.releases.making import Wanted
from gateway.releases.plans import plan_lines
from gateway.releases.requests import Requested, request_release

__all__ = ["request_records"]

_PROJECT: Final = "demo-service-planning"
_PLANNER: Final = "demo|planner"
_TABLE: Final = "patients"
_FORMS: Final[tuple[Literal["csv", "parquet"], ...]] = ("csv", "parquet")


def request_records(site: DemoSite) -> tuple[Requested, ...]:
    """Ask for the same records twice, in two forms; both wait for two signatures.

    What one recipient gets of one table is counted together, which the second shows.

    Raises:
        GatewayError: If the declarations of the demo do not allow it.
    """
    plan_file = site.root / "plan.yaml"
    with record_door(site.settings) as door:
        plan_file.write_text(
            "\n".join(plan_lines(door.policies, _PROJECT, DATASET, _TABLE)) + "\n", encoding="utf-8"
        )
        plan, _ = read_plan(plan_file)
        asked = Asked(user=_PLANNER, project=_PROJECT, dataset=DATASET, purpose="service_planning")
        return tuple(
            request_release(
                door,
                Wanted(
                    asked=asked,
                    recipient=_PLANNER,
                    table=_TABLE,
                    plan=plan,
                    plan_file=plan_file.read_bytes(),
                    form=form,
                ),
            )
            for form in _FORMS
        )
